import { move } from '../place.ts';
import { environmentOf } from './environment.ts';
import { type Field, scriptOf, tail, UNKNOWN } from './field.ts';
import { redefinesListing } from './listing.ts';
import { type Frame, type Shell, within } from './shell.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;
/** Builtins that set the variables which their words name. */
const SETTERS = new Set(
  'read export declare typeset local readonly unset mapfile readarray getopts let printf vared integer float wait'.split(
    ' ',
  ),
);
/** Builtins by which a name comes to mean another program, or code is kept for later, out of sight. */
const REDEFINERS: [string, RegExp][] = [
  ['hash', /^-p/],
  ['enable', /^-[a-z]*f/],
  ['complete', /^-[a-zA-Z]*[CF]/],
  ['compgen', /^-[a-zA-Z]*[CF]/],
  ['bind', /^-x/],
  ['mapfile', /^-[a-zA-Z]*C/],
  ['readarray', /^-[a-zA-Z]*C/],
  ['alias', /^-[a-zA-Z]*[gs]/],
  ['zmodload', /^/],
  ['autoload', /^/],
  ['emulate', /^-c/],
  ['zle', /^/],
  ['sched', /^/],
  ['fc', /^/],
];

/** What the shell's own commands do to the shell, and to the commands behind them. */
export function runBuiltin(program: string, fields: Field[], shell: Shell, frame: Frame): void {
  if (SETTERS.has(program)) setVariables(program, fields, shell, frame);
  if (evaluates(program, fields)) shell.ledger.evaluate();
  // `set -a`: whatever is set from here on.
  if (program === 'set' && fields.some((field) => /^-[a-zA-Z]*a|^allexport$/.test(field.text)))
    shell.ledger.opaque('environment');
  const redefines = REDEFINERS.some(
    ([name, option]) => name === program && fields.some((field) => option.test(field.text)),
  );
  if (redefines) shell.ledger.opaque('dynamic_script');
  switch (program) {
    case 'cd':
    case 'chdir':
    case 'pushd':
    case 'popd':
      changeFolder(program, fields, shell, frame);
      return;
    case 'alias':
      fields.forEach((field) => {
        defineAlias(field, shell, frame);
      });
      return;
    case 'trap':
      trap(fields, shell, frame);
      return;
    case '.':
    case 'source':
      if (fields[0]?.stream || fields[0]?.text === '/dev/stdin') shell.ledger.opaque('code_from_pipe');
      return;
  }
}

/** Whether an alias or a function of that name decides if the folder changes. */
export const redefinesFolder = (name: string): boolean => ['cd', 'pushd', 'popd'].includes(name);

export const isSetter = (field: Field): boolean => SETTERS.has(field.text) || field.text === 'eval';

/** Commands that take a word for a variable with an index, or for a number that may be one. */
function evaluates(program: string, fields: Field[]): boolean {
  if (program === 'test' || program === '[')
    return fields.some(({ text, dynamic }) => dynamic || /^-([vR]|eq|ne|[gl][te])$/.test(text));
  if (program === 'let') return true;
  return SETTERS.has(program) && fields.some(({ text, dynamic }) => dynamic || /^[-+][a-zA-Z]*i/.test(text));
}

/** What builtins set, for the programs behind them. `printf` and `wait` set what their option names. */
function setEnvironment(program: string, fields: Field[], shell: Shell, frame: Frame): void {
  if (program === 'unset') return;
  const isExported =
    program === 'export' || fields.some((field) => /^-[a-zA-Z]*x/.test(field.text) && program !== 'read');
  const refers = /^(declare|typeset|local)$/.test(program) && fields.some((field) => /^-[a-zA-Z]*n/.test(field.text));
  if (refers) shell.variables.setAny();
  const option = program === 'printf' ? /^-v/ : program === 'wait' ? /^-[a-z]*p/ : undefined;
  fields.forEach((field, i) => {
    const [attached = ''] = option?.exec(field.text) ?? [];
    if (option !== undefined && attached === '' && !option.test(fields[i - 1]?.text ?? '')) return;
    const word = attached === '' ? field : tail(field, attached.length);
    const [whole, name, set] = /^([A-Za-z_]\w*)(?:\[.*?\])?(\+?=)?/s.exec(word.text) ?? [];
    if (whole === undefined || name === undefined) {
      if (word.dynamic && !word.text.startsWith('-')) shell.ledger.opaque('environment');
      return;
    }
    const value = set === '=' ? tail(word, whole.length) : UNKNOWN;
    if (word.dynamic && set === undefined) shell.ledger.opaque('environment');
    environmentOf(refers ? value.text : name, refers ? UNKNOWN : value, isExported, shell, frame);
    if (refers && value.dynamic) shell.ledger.opaque('environment');
  });
}

function setVariables(program: string, fields: Field[], shell: Shell, frame: Frame): void {
  setEnvironment(program, fields, shell, frame);
  for (const { text, dynamic } of fields) {
    const name = NAME.exec(text)?.[0];
    // An index is arithmetic, in which even a quoted substitution runs.
    if (/\$\(|`/.test(text)) shell.ledger.opaque('dynamic_script');
    if (name !== undefined && name.length < text.length && text[name.length] !== '=')
      shell.variables.set(name, undefined);
    if (name === text) shell.variables.set(name, undefined);
    if (dynamic && !NAME.test(text)) shell.variables.setAny();
    // `printf -vname`, `read -aname`
    const attached = /^-[A-Za-z]([A-Za-z_]\w*)$/.exec(text)?.[1];
    if (attached !== undefined) shell.variables.set(attached, undefined);
  }
}

function changeFolder(program: string, fields: Field[], shell: Shell, frame: Frame): void {
  if (frame.remote) return;
  const operand = fields.find((field) => !/^-./.test(field.text));
  if (operand === undefined && program === 'cd' && fields.length === 0) {
    shell.ground = move(shell.ground, '~', shell.known.folder);
    return;
  }
  const varies = operand === undefined || operand.dynamic !== false || program === 'popd' || /^[-+]/.test(operand.text);
  shell.ground = move(shell.ground, operand?.text ?? '', varies || shell.known.folder);
}

function defineAlias(field: Field, shell: Shell, frame: Frame): void {
  const at = field.text.indexOf('=');
  if (at <= 0) return;
  const name = field.text.slice(0, at);
  const value = field.text.slice(at + 1);
  if (redefinesFolder(name)) shell.found.folder = true;
  if (redefinesListing(name)) shell.found.all = true;
  if (!field.dynamic) shell.aliases.set(name, value);
  // What it stands for is told where it is made, too: it may be used where that can't be seen.
  shell.child(scriptOf([{ ...field, text: value }]), within(frame, 'alias', { stdin: undefined }));
}

function trap(fields: Field[], shell: Shell, frame: Frame): void {
  const operands = fields.filter((field) => !/^-./.test(field.text));
  const action = operands.length > 1 ? operands[0] : undefined;
  if (action === undefined || action.text === '-' || action.text === '') return;
  const { ground } = shell;
  shell.script(scriptOf([action]), within(frame, 'trap', { stdin: undefined }));
  shell.ground = ground;
}
