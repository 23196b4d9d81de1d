import { move } from '../place.ts';
import { tableOf } from '../table.ts';
import { environmentWord } from './environment.ts';
import { type Field, scriptOf, UNKNOWN } from './field.ts';
import { has, type Options, type Reading, readOptions, valueGiven } from './options.ts';
import { type Frame, type Shell, within } from './shell.ts';

/** A program that runs the program which its own words name. */
interface Wrapper extends Options {
  /** Operands in front of the command. */
  skip?: number;
  /** Whether `NAME=value` may stand in front of the command. */
  assigns?: boolean;
  /** Whether the command runs in the same shell. */
  inShell?: boolean;
  /** Options whose value is a script, and those that make a script of the words. */
  script?: string[];
  joins?: string[] | 'always';
  /** The option that names the folder where it runs. */
  folder?: string[];
  /** Whether words that only the run can tell are added, and what stands for them. */
  appends?: boolean;
  replaces?: string;
  /** Options with which nothing is run. */
  idle?: string[];
}

const WRAPPERS = tableOf<Wrapper>({
  sudo: {
    bare: 'AbBEeHiKklNnPSsVv',
    valued: 'CcDghpRrTtUu',
    names: [
      'askpass',
      'background',
      'login',
      'non-interactive',
      'preserve-env',
      'reset-timestamp',
      'set-home',
      'shell',
      'stdin',
    ],
    valuedNames: ['user', 'group', 'host', 'prompt', 'close-from', 'chdir', 'chroot', 'role', 'type', 'other-user'],
    assigns: true,
    folder: ['D', 'chdir'],
    joins: ['s', 'i', 'shell', 'login'],
    idle: ['K', 'k', 'l', 'V', 'v'],
  },
  doas: { bare: 'Lns', valued: 'aCu', assigns: true },
  'env genv': {
    bare: 'i0v',
    valued: 'uCSPa',
    names: [
      'ignore-environment',
      'null',
      'debug',
      'block-signal',
      'default-signal',
      'ignore-signal',
      'list-signal-handling',
    ],
    valuedNames: ['unset', 'chdir', 'split-string', 'argv0'],
    assigns: true,
    folder: ['C', 'chdir'],
    script: ['S', 'split-string'],
  },
  command: { bare: 'pvV', valued: '', inShell: true, idle: ['v', 'V'] },
  'builtin noglob nocorrect -': { bare: '', valued: '', inShell: true },
  exec: { bare: 'cl', valued: 'a', inShell: true },
  'nohup fakeroot busybox toybox': { bare: '', valued: '' },
  setsid: { bare: 'cfw', valued: '', names: ['ctty', 'fork', 'wait'] },
  'nice gnice': { bare: '0123456789', valued: 'n', valuedNames: ['adjustment'] },
  ionice: { bare: 't', valued: 'cnpPu', names: ['ignore'], valuedNames: ['class', 'classdata', 'pid'] },
  chrt: { bare: 'abdefGiomrRv', valued: 'TPD', skip: 1 },
  taskset: { bare: 'ac', valued: '', names: ['all-tasks', 'cpu-list'], skip: 1 },
  'time gtime': {
    bare: 'apqvV',
    valued: 'fo',
    names: ['append', 'portability', 'verbose', 'quiet'],
    valuedNames: ['format', 'output'],
  },
  'timeout gtimeout': {
    bare: 'fpv',
    valued: 'ks',
    names: ['foreground', 'preserve-status', 'verbose'],
    valuedNames: ['kill-after', 'signal'],
    skip: 1,
  },
  stdbuf: { bare: '', valued: 'ioe', valuedNames: ['input', 'output', 'error'] },
  unbuffer: { bare: 'p', valued: '' },
  chronic: { bare: 'ev', valued: '' },
  caffeinate: { bare: 'dimsu', valued: 'tw' },
  strace: { bare: 'cCdDfFhiknNqrtTvVwxyYzZ', valued: 'abeEIoOpPsSuUX' },
  ltrace: { bare: 'bcCfhiLrStTV', valued: 'aAdDeFlnopsuwx' },
  chroot: { bare: '', valued: '', names: ['skip-chdir'], valuedNames: ['userspec', 'groups'], skip: 1 },
  unshare: { bare: 'CTUcfimnpru', valued: 'GRSwl', names: ['map-root-user', 'fork', 'net', 'mount', 'pid', 'user'] },
  flock: {
    bare: 'sxeunoFv',
    valued: 'wE',
    names: ['shared', 'exclusive', 'nonblock', 'no-fork', 'close'],
    valuedNames: ['wait', 'timeout', 'conflict-exit-code'],
    skip: 1,
  },
  watch: {
    bare: 'bcCdegprtxw',
    valued: 'nqs',
    names: ['beep', 'color', 'differences', 'errexit', 'chgexit', 'no-title', 'precise', 'exec'],
    valuedNames: ['interval'],
    joins: 'always',
  },
  script: {
    bare: 'aefqr',
    valued: 'cEIOBTmo',
    names: ['quiet', 'flush', 'append'],
    valuedNames: ['command'],
    script: ['c', 'command'],
  },
  'su runuser': {
    bare: 'flmpP',
    valued: 'cCgGsTw',
    names: ['login', 'preserve-environment', 'pty'],
    valuedNames: ['command', 'session-command', 'group', 'supp-group', 'shell'],
    script: ['c', 'C', 'command', 'session-command'],
  },
  'xargs gxargs': {
    bare: '0oprtxeil',
    valued: 'aEILnPsdRSJ',
    names: ['null', 'no-run-if-empty', 'verbose', 'interactive', 'exit', 'open-tty'],
    valuedNames: ['arg-file', 'delimiter', 'max-args', 'max-procs', 'max-lines', 'max-chars', 'replace'],
    appends: true,
    replaces: '{}',
  },
  parallel: {
    bare: '0kmXtuvq',
    valued: 'aIjLnNPdCES',
    names: [
      'bar',
      'keep-order',
      'progress',
      'dry-run',
      'verbose',
      'no-notice',
      'will-cite',
      'null',
      'line-buffer',
      'ungroup',
      'tag',
    ],
    valuedNames: [
      'jobs',
      'arg-file',
      'colsep',
      'delay',
      'timeout',
      'max-args',
      'max-procs',
      'joblog',
      'retries',
      'halt',
    ],
    joins: 'always',
    appends: true,
    replaces: '{}',
  },
});
/** A program's loader, which takes the program as its word. */
const LOADER = /^ld(-linux.*|-musl.*|\.so.*)$/;

export function wrapperOf(program: string): Wrapper | undefined {
  return WRAPPERS.get(program) ?? (LOADER.test(program) ? { bare: '', valued: '' } : undefined);
}

/**
 * Finds what a wrapper runs.
 *
 * @param run runs the words that are found
 */
export function unwrap(
  program: string,
  wrapper: Wrapper,
  fields: Field[],
  shell: Shell,
  frame: Frame,
  run: (fields: Field[], frame: Frame) => void,
): void {
  // `su user -c …` has its options behind its operands too.
  const isSu = wrapper.script?.includes('session-command') === true;
  const reading = readOptions(fields, wrapper, !isSu);
  if (!reading.isSure) shell.ledger.opaque('wrapper_option');
  if (has(reading, ...(wrapper.idle ?? []))) return;
  let rest = reading.operands;
  if (program === 'env' && rest[0]?.text === '-') rest = rest.slice(1);
  const assigned = wrapper.assigns ? rest.findIndex((field) => !/^[A-Za-z_]\w*\+?=/.test(field.text)) : 0;
  const settings = rest.slice(0, assigned < 0 ? rest.length : assigned);
  for (const field of settings) environmentWord(field, shell, frame);
  rest = rest.slice(settings.length);
  rest = rest.slice(wrapper.skip ?? 0);
  const inner = within(frame, program);
  inFolder(wrapper, reading, shell, () => {
    const script = valueGiven(reading, ...(wrapper.script ?? []));
    if (script !== undefined) return shell.child(scriptOf([script, ...(program === 'env' ? rest : [])]), inner);
    if (isSu) return;
    if (program === 'flock' && rest[0]?.text === '-c') return shell.child(scriptOf(rest.slice(1)), inner);
    const isFed = frame.stdin?.kind === 'pipe' && !has(reading, 'a', 'arg-file');
    const names = (isFed && frame.stdin?.kind === 'pipe' && frame.stdin.names) || UNKNOWN;
    if (wrapper.appends) rest = withAdded(program, rest, wrapper, reading, names);
    if (rest.length === 0) return;
    const joins = wrapper.joins === 'always' || has(reading, ...(wrapper.joins ?? []));
    if (joins) shell.child(scriptOf(rest), inner);
    else run(rest, inner);
  });
}

function inFolder(wrapper: Wrapper, reading: Reading, shell: Shell, walk: () => void): void {
  const folder = wrapper.folder === undefined ? undefined : valueGiven(reading, ...wrapper.folder);
  const { ground } = shell;
  if (folder !== undefined) shell.ground = move(ground, folder.text, folder.dynamic !== false || folder.home);
  walk();
  if (!wrapper.inShell) shell.ground = ground;
}

/** The words that come from the input (or behind `:::`) are known only by the run. */
function withAdded(program: string, rest: Field[], wrapper: Wrapper, reading: Reading, names: Field): Field[] {
  const marker = valueGiven(reading, 'I', 'J', 'replace')?.text ?? wrapper.replaces ?? '{}';
  const end = rest.findIndex((field) => /^::::?\+?$/.test(field.text));
  const command = program === 'parallel' && end >= 0 ? rest.slice(0, end) : rest;
  const known = program === 'parallel' && end >= 0 ? rest.slice(end + 1) : [];
  // Without a command, each line of the input is one.
  if (program === 'parallel' && command.length === 0) return known.length === 1 ? known : [UNKNOWN];
  if (command.length === 0) return [];
  const replaced = command.map((field) => {
    if (field.text === marker) return names;
    const text = field.text.replaceAll(marker, '$');
    return text === field.text ? field : { ...field, text, dynamic: true };
  });
  return replaced.some((field, i) => field !== command[i]) ? replaced : [...replaced, names];
}
