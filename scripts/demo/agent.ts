import { execFile } from 'node:child_process';
import type { Answer } from './ask.ts';
import { type Access, type DemoCall, type Expected, onTool } from './calls.ts';
import { MAIN } from './gateway.ts';

const WORKSPACE = '/home/dev/project';

/** What Claude Code asks its hook before it runs a tool: the hook is `verdict hook claude-code`, as it is installed. */
export function agentCalls(access: Access): DemoCall[] {
  const call = (asked: string, tool: string, input: object, status: number, ...codes: string[]): DemoCall => {
    const decisions: Expected[] = [onTool(tool, ...codes)];
    return { who: 'claude-code', asked, send: () => hook(access, tool, input), expected: { status, decisions } };
  };
  const bash = (command: string, status: number, ...codes: string[]): DemoCall =>
    call(command, 'Bash', { command }, status, ...codes);
  return [
    bash('git status', 0),
    bash('rm -rf /', 2, 'DELETION_TOO_WIDE', 'WRITE_OUTSIDE_WORKSPACE'),
    bash('sh -c \'cat .en"v"\'', 2, 'SECRET_FILE'),
    call('reads .env', 'Read', { file_path: `${WORKSPACE}/.env` }, 2, 'SECRET_FILE'),
  ];
}

/** Runs the hook with the agent's payload on standard input; exit code 2 blocks the tool, and standard error is why. */
function hook({ url, token }: Access, tool_name: string, tool_input: object): Promise<Answer> {
  const payload = {
    session_id: 'demo',
    transcript_path: '/home/dev/.claude/transcript.jsonl',
    cwd: WORKSPACE,
    permission_mode: 'default',
    hook_event_name: 'PreToolUse',
    tool_name,
    tool_input,
    tool_use_id: 'toolu_demo',
  };
  const env = { ...process.env, HOME: '/nowhere', VERDICT_TOKEN: token, VERDICT_APPROVAL: '' };
  return new Promise((resolve) => {
    const args = [MAIN, 'hook', 'claude-code', '--url', url];
    const child = execFile(process.execPath, args, { env }, (error, _, text) => {
      const decision = /\(decision ([0-9a-f-]{36})\)/.exec(text)?.[1];
      resolve({ status: error ? Number(error.code) : 0, text, calls: '', pieces: 0, ...(decision && { decision }) });
    });
    child.stdin?.end(JSON.stringify(payload));
  });
}
