import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { AGENTS, type Agent, agentOf, HookError, PATIENCE_SECONDS, type Scope } from '../hook/index.ts';
import { CliError, EXIT } from './exit.ts';
import { gatewayUrl, hookPath, NoAnswer } from './hook-gateway.ts';
import { type HookOptions, parseTimeout, readOption } from './hook-options.ts';
import { type Printer, printable, terminal } from './print.ts';

const HELP = `
Shows what it would change in the agent's settings, asks, and writes; everything else in the file stays as it is.
The command that it writes blocks even where verdict itself has gone. To commit it with a project, --command verdict
leaves it to each machine's PATH.

Exit codes: 0 done, or nothing to do; 1 the answer was no, so nothing was written; 2 usage, or settings that cannot be read as
such; 3 a file cannot be read or written.

Examples:
  verdict hook install claude-code --url https://verdict.example --token-file ~/.config/verdict/token
  verdict hook install cursor --scope project --url http://127.0.0.1:8080 --print`;

const CONTEXT_LINES = 3;

export interface InstallOptions extends HookOptions {
  scope: Scope;
  command?: string;
  print?: boolean;
  yes?: boolean;
}

export function register(hook: Command, printer: () => Printer = terminal): void {
  hook
    .command('install')
    .configureHelp({ showGlobalOptions: true }) // those of `hook`, which it writes down
    .description("Write the hook into a coding agent's settings.")
    .argument('<agent>', [...AGENTS.keys()].join(', '))
    .addOption(new Option('--scope <scope>', 'whose settings').choices(['user', 'project']).default('user'))
    .option('--command <program>', 'how the hook calls verdict (default: this one, by its path)')
    .option('--print', 'print the settings as they would be, and change nothing')
    .option('--yes', 'do not ask')
    .addHelpText('after', HELP)
    .action((agent: string, _: unknown, self: Command) =>
      install(agent, self.optsWithGlobals<InstallOptions>(), printer()),
    );
}

async function install(name: string, options: InstallOptions, printer: Printer): Promise<void> {
  const { agent, command } = prepare(name, options);
  const root = options.scope === 'user' ? homedir() : process.cwd();
  const path = await followLinks(join(root, agent.settings.file[options.scope]));
  const before = await readSettings(path);
  const after = await edit(path, before ?? '', agent, options.scope, command);
  if (options.print) {
    await printer.line(after.replace(/\n$/, ''));
    return;
  }
  if (after === before) {
    await printer.line(`${path}: the hook is there already`);
    return;
  }
  for (const line of difference(path, before ?? '', after)) await printer.line(printable(line));
  if (!options.yes && !(await confirmed())) throw new CliError(EXIT.finding, 'nothing was written');
  if ((await readSettings(path)) !== before)
    throw new CliError(EXIT.unable, `${path}: somebody changed it meanwhile; try again`);
  await replace(path, after);
  await printer.line(`${path}: written. ${agent.settings.note ?? ''}`.trim());
}

/** Checks what the hook would check at every call: it would then block them all. */
function prepare(name: string, options: InstallOptions): { agent: Agent; command: string } {
  try {
    const agent = agentOf(name);
    gatewayUrl(options.url ?? '', hookPath(name), options.insecureHttp ?? false);
    if (parseTimeout(options.timeout) >= PATIENCE_SECONDS * 1000)
      throw new NoAnswer(`expected --timeout below ${PATIENCE_SECONDS}s, which is how long the agent waits`);
    if (options.tokenFile !== undefined) readOption('--token-file', options.tokenFile);
    if (options.ca !== undefined) readOption('--ca', options.ca);
    return { agent, command: commandLine(name, options) };
  } catch (error) {
    if (error instanceof HookError || error instanceof NoAnswer) throw new CliError(EXIT.usage, error.message);
    throw error;
  }
}

/** A line for a POSIX shell. Whatever keeps the program from running ends in 2 as well: agents go on after a 127 or a signal. */
export function commandLine(name: string, options: HookOptions & { command?: string }): string {
  const program = options.command
    ? [options.command]
    : [process.execPath, join(import.meta.dirname, `main${EXTENSION}`)];
  const words = [...program, 'hook', name, '--url', options.url ?? ''];
  if (options.tokenFile !== undefined) words.push('--token-file', resolve(options.tokenFile));
  if (options.approvalsFile !== undefined) words.push('--approvals-file', resolve(options.approvalsFile));
  if (options.ca !== undefined) words.push('--ca', resolve(options.ca));
  if (options.timeout !== '10s') words.push('--timeout', options.timeout);
  if (options.insecureHttp) words.push('--insecure-http');
  return `${words.map(quote).join(' ')} || { [ $? -eq 2 ] || echo 'Verdict: the hook could not run' >&2; exit 2; }`;
}

const EXTENSION = extname(import.meta.filename);

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

async function edit(path: string, before: string, agent: Agent, scope: Scope, command: string): Promise<string> {
  const { editSettings } = await import('./hook-settings.ts'); // not loaded for every hook
  try {
    return editSettings(before, agent, scope, command);
  } catch (error) {
    if (error instanceof CliError) throw new CliError(error.exitCode, `${path}: ${error.message}; it is left as it is`);
    throw error;
  }
}

/** What lies behind a link is changed, not the link: people keep such files elsewhere. */
async function followLinks(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

/** Undefined if it is not there. */
async function readSettings(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unable(path, 'read', error);
  }
}

async function replace(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, text, { flag: 'wx', flush: true });
    const mode = await stat(path).then(
      (found) => found.mode & 0o777,
      () => undefined,
    );
    if (mode !== undefined) await chmod(temporary, mode);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw unable(path, 'written', error);
  }
}

async function confirmed(): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new CliError(EXIT.usage, 'expected --yes, or a terminal to ask on; nothing was written');
  const { createInterface } = await import('node:readline/promises');
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await asked.question('Write this? [y/N] ')).trim());
  } finally {
    asked.close();
  }
}

/** One hunk from the first line that differs to the last, as `diff -u` shows it. */
export function difference(path: string, before: string, after: string): string[] {
  const old = before === '' ? [] : before.replace(/\n$/, '').split('\n');
  const now = after.replace(/\n$/, '').split('\n');
  const most = Math.min(old.length, now.length);
  let head = 0;
  while (head < most && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < most - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
  const from = Math.max(0, head - CONTEXT_LINES);
  const context = Math.min(tail, CONTEXT_LINES);
  const kept = (lines: string[]) => lines.map((line) => ` ${line}`);
  return [
    `--- ${old.length === 0 ? '/dev/null' : path}`,
    `+++ ${path}`,
    ...kept(now.slice(from, head)),
    ...old.slice(head, old.length - tail).map((line) => `-${line}`),
    ...now.slice(head, now.length - tail).map((line) => `+${line}`),
    ...kept(now.slice(now.length - tail, now.length - tail + context)),
  ];
}

function unable(path: string, done: string, error: unknown): CliError {
  return new CliError(
    EXIT.unable,
    `${path}: cannot be ${done} (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
  );
}
