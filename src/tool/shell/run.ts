import { patchFiles } from '../patch.ts';
import { runBuiltin } from './builtins.ts';
import { readCode, runOptions, scriptIn } from './codes.ts';
import { type Field, plain, programOf, scriptOf } from './field.ts';
import { touchFiles } from './files.ts';
import { fd, find } from './find.ts';
import { list } from './listing.ts';
import { gitConfig, reach } from './network.ts';
import { type Frame, type Shell, touch, within } from './shell.ts';
import { unwrap, wrapperOf } from './wrappers.ts';

const APPLETS = new Set(['busybox', 'toybox']);

/**
 * Notes what a command does, by its words. One that only carries shell text which can be read (`sh -c`, `eval`) is not
 * noted itself: what stands in the text is.
 */
export function run(fields: Field[], shell: Shell, frame: Frame): void {
  const [name, ...rest] = fields;
  if (name === undefined) return;
  const program = name.dynamic ? '' : programOf(name);
  if (program === 'eval') {
    evaluate(rest, shell, frame);
    return;
  }
  const script = scriptIn(program, rest);
  if (script === undefined) {
    note(fields, shell, frame);
    if (program !== '') follow(program, rest, shell, frame);
    return;
  }
  if (script.dynamic) note(fields, shell, frame);
  else readCode(program, rest, shell, frame);
  shell.child(scriptOf([script]), within(frame, 'sh -c'));
}

function note(fields: Field[], shell: Shell, frame: Frame): void {
  shell.ledger.charge(fields.reduce((sum, field) => sum + field.text.length + 1, 0));
  shell.ledger.add({
    kind: 'command',
    words: fields.map((field) => field.text),
    via: frame.via,
    dynamic: fields.some((field) => field.dynamic !== false),
    piped: frame.stdin?.kind === 'pipe' || fields.some((field) => field.stream),
  });
}

function evaluate(fields: Field[], shell: Shell, frame: Frame): void {
  if (fields.some((field) => field.dynamic)) note([plain('eval'), ...fields], shell, frame);
  if (fields.length > 0) shell.script(scriptOf(fields), within(frame, 'eval'));
}

function follow(program: string, fields: Field[], shell: Shell, frame: Frame): void {
  const again = (words: Field[], inner: Frame): void => run(words, shell, inner);
  const wrapper = wrapperOf(program);
  if (wrapper !== undefined) {
    if (APPLETS.has(program) && fields[0]?.text.startsWith('-')) return;
    unwrap(program, wrapper, fields, shell, frame, again);
    return;
  }
  if (program === 'find' || program === 'gfind') {
    find(fields, shell, frame, again);
    return;
  }
  if (program === 'fd' || program === 'fdfind') {
    fd(fields, shell, frame, again);
    return;
  }
  if (program === 'apply_patch' || program === 'applypatch') {
    patch(fields, shell, frame);
    return;
  }
  list(program, fields, shell, frame);
  if (program === 'git') gitConfig(fields, shell, frame);
  if (program === 'sudoedit') for (const field of fields) touch('write', field, shell, frame);
  runBuiltin(program, fields, shell, frame);
  readCode(program, fields, shell, frame);
  runOptions(program, fields, shell, frame);
  touchFiles(program, fields, shell, frame);
  reach(program, fields, shell, frame);
}

/** Codex's own command: the patch is its word, or comes as a here-document. */
function patch(fields: Field[], shell: Shell, frame: Frame): void {
  const text = fields[0] ?? (frame.stdin?.kind === 'text' ? frame.stdin.text : undefined);
  const files = text === undefined ? undefined : patchFiles(text.text);
  if (files === undefined || text?.dynamic) shell.ledger.opaque('patch_syntax');
  for (const { access, path } of files ?? [])
    touch(access, { ...plain(path), dynamic: text?.dynamic ?? false }, shell, frame);
}

/** The frame of a script that nothing runs but the tool itself. */
export function outermost(): Frame {
  return { via: [], stdin: undefined, depth: 0, remote: false, expanding: [] };
}
