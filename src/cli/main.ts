#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { CliError, EXIT, type ExitCode } from './exit.ts';
import { VERSION } from './version.ts';

/**
 * Each command is loaded when it is asked for: a coding agent runs `verdict hook` before every tool call, and should not
 * wait for the gateway's modules.
 */
const COMMANDS: Record<string, () => Promise<{ register(program: Command): void }>> = {
  init: () => import('./init.ts'),
  build: () => import('./build.ts'),
  test: () => import('./test.ts'),
  bundle: () => import('./bundle.ts'),
  decide: () => import('./decide.ts'),
  classify: () => import('./classify.ts'),
  token: () => import('./token.ts'),
  start: () => import('./start.ts'),
  quickstart: () => import('./quickstart.ts'),
  verify: () => import('./verify.ts'),
  replay: () => import('./replay.ts'),
  show: () => import('./show.ts'),
  hook: () => import('./hook.ts'),
  mcp: () => import('./mcp.ts'),
  approve: () => import('./approve.ts'),
};

const HELP = `
Exit codes: 0 fine, 1 a finding, 2 usage or configuration, 3 could not run. For hook: 0 and 2 only. For mcp: those of the server.

Examples:
  verdict init demo && cd demo          a development set-up: keys, policies, configuration, a token
  verdict build bundles/default.yaml    test the policies and build a signed bundle of them
  verdict start                         govern calls as verdict.yaml says
  verdict hook install claude-code --url http://127.0.0.1:8080 --token-file token
  verdict verify audit --ca pki/root.pem
  verdict replay audit --bundles audit/bundles --ca pki/root.pem`;

/** As package.json says. */
const OLDEST_NODE = 24;

/** The program with the command of that name; with all of them if there is none. */
async function createProgram(name: string): Promise<Command> {
  const program = new Command('verdict')
    .description('A gateway and policy engine for AI calls: decided by Rego, signed before forwarding, replayable.')
    .version(VERSION)
    .showHelpAfterError('(try --help)')
    .addHelpText('after', HELP);
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  for (const command of await Promise.all((load ? [load] : Object.values(COMMANDS)).map((each) => each()))) {
    command.register(program);
  }
  return exitByThrowing(program);
}

/** Has commander throw where it would end the process, in every subcommand too: exit codes are ours. */
function exitByThrowing(command: Command): Command {
  command.exitOverride();
  command.commands.forEach(exitByThrowing);
  return command;
}

/** Whoever reads what is printed may have read enough, such as `head` or `grep -q`; that is no error. */
function outliveReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** An older one fails on the first module that it does not know, without saying why. */
function requireNode(): void {
  const [major] = process.versions.node.split('.').map(Number);
  if ((major ?? 0) >= OLDEST_NODE) return;
  throw new CliError(
    EXIT.unable,
    `expected Node.js ${OLDEST_NODE} or newer, got ${process.versions.node} (in a checkout, scripts/verdict finds the right one)`,
  );
}

async function main(): Promise<void> {
  process.stdout.on('error', outliveReader);
  process.stderr.on('error', outliveReader);
  const name = process.argv[2] ?? '';
  try {
    requireNode();
    await (await createProgram(name)).parseAsync();
  } catch (error) {
    const code = report(error);
    const isForAgent = name === 'hook' && process.argv[3] !== 'install';
    process.exitCode = isForAgent && code !== EXIT.fine ? EXIT.usage : code; // agents take any other for "go on"
  }
}

/** Prints what went wrong for a person; the code says whose turn it is. */
function report(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage; // it has printed by itself
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`verdict: ${message}\n`);
  if (error instanceof CliError) return error.exitCode;
  // By its name: its class is the gateway's, and that is loaded only if something there threw it.
  return error instanceof Error && error.name === 'ConfigError' ? EXIT.usage : EXIT.unable;
}

await main();
