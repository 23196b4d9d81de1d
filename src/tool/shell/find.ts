import { type Field, plain, UNKNOWN } from './field.ts';
import { namesFound } from './listing.ts';
import { type Frame, type Shell, touch, within } from './shell.ts';

const EXECUTES = /^-(exec|execdir|ok|okdir)$/;
const WRITES = /^-(fprint|fprint0|fprintf|fls)$/;
const LEADS = /^-([HLPEXdsx]|O\d|D)$/;

/** `find`, and what it runs on what it finds. */
export function find(fields: Field[], shell: Shell, frame: Frame, run: (fields: Field[], frame: Frame) => void): void {
  let i = 0;
  while (LEADS.test(fields[i]?.text ?? '')) i++;
  const roots: Field[] = [];
  while (i < fields.length && !/^[-(!,]/.test(fields[i]?.text ?? '')) roots.push(fields[i++] as Field);
  if (roots.length === 0) roots.push(plain('.'));
  const deletes = fields.some((field) => field.text === '-delete');
  for (const root of roots) touch(deletes ? 'delete' : 'read', root, shell, frame);
  const first = fields.findIndex((field, at) => at >= i && EXECUTES.test(field.text));
  // Only the first is run for what passes the tests in front of it: with `-o` before the next, that is for all others.
  let names = namesFound(roots, fields.slice(i, first < 0 ? undefined : first));
  if (first < 0) shell.listed = names;
  for (; i < fields.length; i++) {
    const { text } = fields[i] as Field;
    if (WRITES.test(text) && fields[i + 1] !== undefined) touch('write', fields[i + 1] as Field, shell, frame);
    if (!EXECUTES.test(text)) continue;
    const from = i + 1;
    const length = fields
      .slice(from)
      .findIndex((field, at, all) => field.text === ';' || (field.text === '+' && all[at - 1]?.text === '{}'));
    i = length < 0 ? fields.length : from + length;
    const words = fields.slice(from, i);
    const passed = /dir$/.test(text) ? undefined : names;
    run(
      words.map((field) => (field.text === '{}' && passed !== undefined ? passed : found(field))),
      within(frame, 'find -exec', { stdin: undefined }),
    );
    names = undefined;
  }
}

/** `fd` has its own options for that, up to the end of the words. */
export function fd(fields: Field[], shell: Shell, frame: Frame, run: (fields: Field[], frame: Frame) => void): void {
  const at = fields.findIndex((field) => /^(-[a-zA-Z]*[xX]|--exec|--exec-batch)$/.test(field.text));
  const operands = (at < 0 ? fields : fields.slice(0, at)).filter((field) => !field.text.startsWith('-'));
  for (const root of operands.slice(1)) touch('read', root, shell, frame);
  if (operands.length < 2) touch('read', plain('.'), shell, frame);
  if (at < 0) return;
  const words = fields.slice(at + 1).map(found);
  const named = words.some((word) => word.dynamic !== false);
  run(named ? words : [...words, UNKNOWN], within(frame, 'find -exec', { stdin: undefined }));
}

/** `{}` in a word stands for what is found. */
function found(field: Field): Field {
  const marked = /\{(\/|\/\/|\.|\/\.)?\}/;
  return marked.test(field.text) ? { ...field, text: field.text.replace(marked, '$'), dynamic: true } : field;
}
