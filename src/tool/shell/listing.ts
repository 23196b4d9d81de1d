import type { Field } from './field.ts';
import type { Frame, Shell } from './shell.ts';

/** Tests of `find` that only leave out: with a value, and without. */
const VALUED = /^-(i?name|i?path|type|maxdepth|mindepth|size|[amc]time|[amc]min)$/;
const BARE = /^-(print0?|empty)$/;
/** Filters that pass on some of the names which they read, with these options. */
const FILTERS = /^(head|tail) (-\d+ )*$|^(sort|uniq) (-[fru]+ )*$/;

/** Whether such programs are others once a name is defined. */
export const redefinesListing = (name: string): boolean => /^(g?find|head|tail|sort|uniq)$/.test(name);

/** What `find` passes on, if it is names below one folder that all end alike. Tests after `-o` or `!` may let others pass. */
export function namesFound(roots: readonly Field[], tests: readonly Field[]): Field | undefined {
  const [root] = roots;
  const isKnown = root !== undefined && roots.length === 1 && root.dynamic === false && !root.home;
  if (!isKnown || tests.some((field) => field.dynamic !== false)) return undefined;
  let ending: string | undefined;
  for (let i = 0; i < tests.length; i++) {
    const { text } = tests[i] as Field;
    if (/^(!|-not)$/.test(text) && /^-i?(path|name)$/.test(tests[i + 1]?.text ?? '')) i += 2;
    else if (VALUED.test(text)) {
      const value = tests[++i]?.text ?? '';
      if (text === '-name') ending ??= /^[^[\]\\]*(\.\w+)$/.exec(value)?.[1];
    } else if (!BARE.test(text)) return undefined;
  }
  if (ending === undefined) return undefined;
  return { ...root, text: `${root.text.replace(/\/+$/, '')}/$${ending}`, dynamic: 'pattern' };
}

/** Notes which names a command writes, for the one that reads them. */
export function list(program: string, fields: readonly Field[], shell: Shell, frame: Frame): void {
  const names = frame.stdin?.kind === 'pipe' ? frame.stdin.names : undefined;
  if (names === undefined) return;
  const words = fields.map((field) => `${field.text} `);
  if (FILTERS.test(`${program} ${words.join('')}`)) shell.listed = names;
}
