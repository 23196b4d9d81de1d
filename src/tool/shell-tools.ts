import type { JsonValue } from '../json/index.ts';
import { Ledger, type Why } from './ledger.ts';
import { asString, listsUnder, stringOf, Unexpected } from './members.ts';
import { enter, type Ground } from './place.ts';
import { environmentOf } from './shell/environment.ts';
import { plain, programOf, quote } from './shell/field.ts';
import { outermost, run } from './shell/run.ts';
import { inspect } from './shell/script.ts';
import type { Shell } from './shell/shell.ts';
import { tableOf } from './table.ts';

/** Tools that run shell commands, by `keyOf` of their names. */
const NAMES = new Set(
  [
    'bash shell sh zsh terminal command cmd exec execute console',
    // Claude Code's second
    'monitor',
    // Codex, OpenAI Responses
    'localshell localshellcall shellcall shellcommand execcommand containerexec',
    // Gemini CLI, Cursor, Copilot, Windsurf, Cline, MCP servers
    'runshellcommand shelltool runterminalcmd runterminalcommand runinterminal runcommand executecommand executebash',
    'executeshell executeshellcommand executeterminalcommand bashcommand runbash runshell runbashcommand shellexec startprocess',
    'bashcodeexecution bashtool terminalexecute terminalcommand runincontainer sandboxexec',
  ].flatMap((names) => names.split(' ')),
);
const OPAQUE = tableOf<Why>({
  'powershell pwsh runpowershell powershelltool executepowershell': 'powershell',
  'writestdin sendkeys sendinput interactwithprocess sendtoterminal sendterminalinput': 'terminal_input',
  'writepowershell writebash': 'terminal_input',
  'python pythonexec runpython executepython ipython codeinterpreter codeinterpretercall': 'inline_code',
  'codeexecution executecode runcode repl nodejs': 'inline_code',
});

const COMMANDS = ['command', 'cmd', 'script', 'commandLine', 'command_line', 'CommandLine', 'input'] as const;
const LISTS = ['commands'] as const;
const WORDS = ['args', 'arguments', 'argv'] as const;
const FOLDERS = [
  'workdir',
  'cwd',
  'working_directory',
  'workingDirectory',
  'directory',
  'dir_path',
  'dir',
  'Cwd',
  'folder',
];
const SHELLS = ['shell', 'shell_path', 'shellPath'];

export function isShellTool(key: string): boolean {
  return NAMES.has(key) || OPAQUE.has(key);
}

/** What a tool that runs shell commands would do. @throws Unexpected, Overflow */
export function runTool(key: string, value: JsonValue, ground: Ground, isForeign: boolean): Ledger {
  const why = OPAQUE.get(key);
  if (why !== undefined) {
    const ledger = new Ledger();
    ledger.opaque(why);
    return ledger;
  }
  const text = value.string();
  if (text !== undefined) return inspect(ground, (shell) => shell.script(plain(text), outermost()));
  const holders = [value.get('action'), value].filter((one) => one?.kind === 'object') as JsonValue[];
  if (holders.length === 0) throw new Unexpected();
  const [holder = value] = holders;
  const commands = holders.flatMap(commandsOf);
  const isIdle = value.get('restart')?.boolean() === true || isForeign;
  if (commands.length === 0 && !isIdle) throw new Unexpected();
  const base = baseOf(holders, ground);
  return inspect(base, (shell) => {
    checkShell(holder, shell);
    readEnvironment(holder, shell);
    for (const command of commands) runCommand(command, shell, base);
  });
}

type Command = { text: string } | { words: string[] };

/** Each command that an object holds: as text, or as words. */
function commandsOf(holder: JsonValue): Command[] {
  const found: Command[] = listsUnder(holder, LISTS).map((text) => ({ text }));
  const words = WORDS.flatMap((name) => (holder.get(name)?.kind === 'array' ? listsUnder(holder, [name]) : []));
  for (const name of COMMANDS) {
    const member = holder.get(name);
    if (member === undefined || member.kind === 'null') continue;
    if (member.kind === 'array') found.push({ words: [...member.items().map(asString), ...words] });
    else found.push({ text: [asString(member), ...words.map((word) => quote(plain(word)))].join(' ') });
  }
  return found;
}

function runCommand(command: Command, shell: Shell, ground: Ground): void {
  shell.ground = shell.known.folder ? { ...ground, bases: undefined } : ground;
  if ('text' in command) shell.child(plain(command.text), outermost());
  else run(command.words.map(plain), shell, outermost());
}

/** Where the tool is told to run. */
function baseOf(holders: JsonValue[], ground: Ground): Ground {
  const folder = holders.map((holder) => stringOf(holder, FOLDERS)).find((one) => one !== undefined && one !== '');
  return enter(ground, folder);
}

/** Codex names the shell to run it with. */
function checkShell(holder: JsonValue, shell: Shell): void {
  const path = holder.get('shell')?.kind === 'boolean' ? undefined : stringOf(holder, SHELLS);
  if (path === undefined || path === '') return;
  const program = programOf(plain(path));
  if (/^(powershell|pwsh)$/.test(program)) shell.ledger.opaque('powershell');
  else if (program === 'cmd') shell.ledger.opaque('windows_shell');
  else if (!/^(ba|z|da|a|k|mk)?sh$/.test(program)) shell.ledger.opaque('shell_dialect');
}

function readEnvironment(holder: JsonValue, shell: Shell): void {
  const env = holder.get('env');
  if (env === undefined || env.kind === 'null') return;
  if (env.kind !== 'object') throw new Unexpected();
  for (const [name, value] of env.entries()) environmentOf(name, plain(asString(value)), true, shell, outermost());
}
