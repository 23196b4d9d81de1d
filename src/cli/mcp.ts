import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { Command } from 'commander';
import { McpError } from '../mcp/index.ts';
import { CliError, EXIT } from './exit.ts';
import { readApprovals } from './hook-approvals.ts';
import { hookPath } from './hook-gateway.ts';
import { addHookOptions, asUsage, type HookOptions, parseTimeout, readGateway } from './hook-options.ts';
import { ClientEnd } from './mcp-client-end.ts';
import { McpJudge } from './mcp-judge.ts';
import { ServerEnd } from './mcp-server-end.ts';
import { openSession, type Send } from './mcp-session.ts';
import { printable } from './print.ts';

const LONGEST_LINE = 8 * 1024 * 1024;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** What a shell makes of a process that a signal ended. */
const SIGNALLED = 128;

const HELP = `
Runs an MCP server that speaks on standard input and output, and stands between it and its client: each message of the
client is asked about at POST /v1/hooks/mcp of the gateway before the server gets it, and so is what the server lists
and asks in return. What is refused is a JSON-RPC error with the decision; without an answer of the gateway nothing passes.

Exit codes: the server's own; 128 and the number of the signal that ended it; 2 usage, 3 could not run.

Example, as the command of a server in a desktop agent's settings:
  verdict mcp --server tickets --url https://verdict.example --token-file ~/.config/verdict/token -- npx tickets-mcp`;

interface McpOptions extends HookOptions {
  server: string;
}

export function register(program: Command): void {
  const mcp = program
    .command('mcp')
    .summary('govern an MCP server that a desktop agent runs')
    .description('Stands between an agent and an MCP server on standard input and output.')
    .argument('<command>', 'the server')
    .argument('[args...]', 'its arguments')
    .requiredOption('--server <name>', 'the name that policies know the server by')
    .addHelpText('after', HELP)
    .action(run);
  addHookOptions(mcp);
}

async function run(command: string, args: string[], options: McpOptions): Promise<void> {
  const judge = openJudge(options);
  const child = await start(command, args);
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  const exited = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const isFollowed = await relay(child, judge, options.server);
  if (!isFollowed) child.kill();
  const [code, signal] = await exited;
  process.stdin.destroy(); // nothing more is read for it
  if (!isFollowed) throw new CliError(EXIT.unable, 'what the server or its client writes cannot be followed');
  process.exitCode = code ?? SIGNALLED + (signal ? constants.signals[signal] : 0);
}

function openJudge(options: McpOptions): McpJudge {
  const { VERDICT_APPROVAL: variable } = process.env;
  const approvals = (): string | undefined => readApprovals(options.approvalsFile, variable);
  return asUsage(() => {
    const gateway = readGateway(options, hookPath('mcp'));
    return new McpJudge(options.server, gateway, { timeoutMs: parseTimeout(options.timeout), approvals, note });
  });
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** Without the gateway's token: that is not for the server. */
async function start(command: string, args: readonly string[]): Promise<Child> {
  const { VERDICT_TOKEN: _, VERDICT_APPROVAL: __, ...env } = process.env;
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await once(child, 'spawn');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError(EXIT.unable, `${printable(command)} cannot be run (${code})`);
  }
  return child;
}

/** Passes messages both ways until the server is done; false if one of the two could not be followed. */
async function relay(child: Child, judge: McpJudge, server: string): Promise<boolean> {
  const session = openSession(server);
  const ends = { session, judge, toServer: sender(child.stdin), toClient: sender(process.stdout), note };
  const serverEnd = new ServerEnd({ ...ends, output: child.stdout, maxBytes: 2 * LONGEST_LINE });
  const clientEnd = new ClientEnd({ ...ends, maxBytes: LONGEST_LINE });
  serverEnd.pass();
  const client = readClient(clientEnd, child.stdin);
  return await Promise.race([serverEnd.done, client.then((isFollowed) => isFollowed && serverEnd.done)]);
}

async function readClient(end: ClientEnd, input: Writable): Promise<boolean> {
  try {
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) await end.take(chunk);
  } catch (error) {
    if (!(error instanceof McpError)) return true; // the client is gone
    note(error.message);
    return false;
  } finally {
    await end.settled();
    input.end();
  }
  return true;
}

function sender(stream: Writable): Send {
  let gone = false;
  stream.on('error', () => {
    gone = true; // that nobody reads any more is no fault of ours
  });
  return async (bytes) => {
    if (gone || stream.destroyed || stream.writableEnded || stream.write(bytes)) return;
    await Promise.race([once(stream, 'drain'), once(stream, 'close')]).catch(() => {});
  };
}

function note(text: string): void {
  process.stderr.write(`verdict: ${printable(text)}\n`);
}
