import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { MAIN, type Ran } from './program.ts';

/** Hooks are asked about at one prefix, by the names of the agents. */
export const AGENTS_ROUTE = { id: 'agents', kind: 'hook', match: { path: '/v1/hooks' }, policy: 'coding' };

/** A session of a coding agent at a gateway. */
export interface Session {
  url: string;
  token: string;
  env?: NodeJS.ProcessEnv;
}

/** Runs the built `verdict hook AGENT …` as the agent does, with its payload on standard input. */
export async function hook(
  agent: string,
  payload: object | string,
  session: Session,
  more: string[] = [],
): Promise<Ran> {
  const { url, token, env } = session;
  const child = spawn(process.execPath, [MAIN, 'hook', agent, '--url', url, ...more], {
    env: { ...process.env, NODE_OPTIONS: '', HOME: '/nowhere', VERDICT_TOKEN: token, ...env },
  });
  const ran: Ran = { code: -1, stdout: '', stderr: '' };
  child.stdout.on('data', (data) => (ran.stdout += data));
  child.stderr.on('data', (data) => (ran.stderr += data));
  child.stdin.end(typeof payload === 'string' ? payload : JSON.stringify(payload));
  const [code] = await once(child, 'close');
  return { ...ran, code };
}

/** What Claude Code tells before it runs a command. */
export const bash = (command: string, cwd = '/home/dev/project') => ({
  session_id: 's-1',
  transcript_path: '/home/dev/.agent/t.jsonl',
  cwd,
  permission_mode: 'default',
  hook_event_name: 'PreToolUse',
  tool_name: 'Bash',
  tool_input: { command },
  tool_use_id: 'toolu_1',
});
