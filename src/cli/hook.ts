import { writeSync } from 'node:fs';
import type { Command } from 'commander';
import { AGENTS, type Agent, agentOf, answerHook, HookError } from '../hook/index.ts';
import { check, JsonError, parse } from '../json/index.ts';
import { readApprovals } from './hook-approvals.ts';
import { askGateway, hookPath, NoAnswer } from './hook-gateway.ts';
import * as install from './hook-install.ts';
import { addHookOptions, type HookOptions, parseTimeout, readGateway } from './hook-options.ts';

const MOST_INPUT = 10 * 1024 * 1024;

const HELP = `
Reads the agent's payload from standard input, asks POST /v1/hooks/AGENT of the gateway, prints the answer for the agent.
Whatever goes wrong blocks: a reason on standard error and exit code 2, the one code that all agents take as a block.
Proxy variables are not heard.

A call that policy wants an approval for is denied with the command that a colleague runs (verdict approve ID). What that prints
goes into the approvals file; the same call then passes, once.

Exit codes: 0 no objection, or a question to the person; 2 denied, or no answer.

Examples:
  verdict hook claude-code --url http://127.0.0.1:8080 --token-file ~/.config/verdict/token < payload.json
  verdict hook install claude-code --url https://verdict.example --token-file ~/.config/verdict/token`;

export function register(program: Command): void {
  const hook = program
    .command('hook')
    .summary("ask the gateway about a coding agent's tool call")
    .description("The command that a coding agent's hook runs before each tool call.")
    .argument('<agent>', [...AGENTS.keys()].join(', '))
    .addHelpText('after', HELP)
    .action(run);
  addHookOptions(hook);
  install.register(hook);
}

async function run(name: string, options: HookOptions): Promise<void> {
  const agent = AGENTS.get(name);
  const block = (reason: string): never => end(agent, reason);
  process.on('uncaughtException', (error) => block(`unexpected failure (${describe(error)})`));
  process.on('unhandledRejection', (error) => block(`unexpected failure (${describe(error)})`));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => block(`ended by ${signal}`));
  try {
    const timeout = parseTimeout(options.timeout);
    setTimeout(() => block(`no answer within ${options.timeout}`), timeout);
    agentOf(name);
    const gateway = readGateway(options, hookPath(name));
    const approvals = readApprovals(options.approvalsFile, process.env.VERDICT_APPROVAL);
    const { body, exitCode } = await askGateway({ ...gateway, approvals, payload: await readInput() });
    // Never empty on a denial: Codex would run the tool.
    const reason = exitCode === 0 ? '' : agent?.reason(parse(body))?.trim() || 'Verdict: denied';
    leave(exitCode, body.toString(), reason);
  } catch (error) {
    block(known(error) ? error.message : `unexpected failure (${describe(error)})`);
  }
}

/** Errors whose messages are ours, without payload or token. */
function known(error: unknown): error is Error {
  return error instanceof NoAnswer || error instanceof HookError;
}

/** No message: others' may hold what they were at. */
function describe(error: unknown): string {
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.name) : typeof error;
}

/** The denial in the agent's schema too: Gemini reads what is printed before it looks at the exit code. */
function end(agent: Agent | undefined, reason: string): never {
  if (!agent) return leave(2, '', `Verdict: ${reason}`);
  const { stdout, stderr } = answerHook(agent.name, { effect: 'deny', message: reason, decisionId: null }, null);
  return leave(2, stdout, stderr);
}

/** Ends the process once all is written; an answer that cannot be written is a denial. */
function leave(exitCode: 0 | 2, stdout: string, stderr: string): never {
  try {
    if (stderr !== '') writeWhole(2, `${stderr}\n`);
    if (stdout !== '') writeWhole(1, `${stdout}\n`);
  } catch {
    process.exit(2);
  }
  process.exit(exitCode);
}

function writeWhole(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

async function readInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_INPUT) throw new NoAnswer(`expected at most ${MOST_INPUT} bytes on standard input`);
    chunks.push(chunk);
  }
  const input = Buffer.concat(chunks);
  try {
    check(input);
  } catch (error) {
    if (error instanceof JsonError) throw new NoAnswer(`expected the agent's JSON on standard input: ${error.message}`);
    throw error;
  }
  return input;
}
