import type { JsonValue } from '../../json/index.ts';

// Servers repeat what the model wrote as a list of its tokens, beside what they make of it. Where they take a call out of the
// text, its tokens are in that list all the same. So tokens may go their way only as far as a text beside them says the same.

/** What stands for bytes that are no whole character. */
const BROKEN = /\ufffd/g;

/** Whether there is anything in a value that a text could be told with. */
export function saysAnything(value: JsonValue): boolean {
  if (value.kind === 'array') return value.items().some((item) => item.kind === 'number' || saysAnything(item));
  if (value.kind === 'object') return value.entries().some(([, member]) => saysAnything(member));
  return value.kind === 'string' && value.string() !== '';
}

/** Whether a list of tokens with their probabilities is the beginning of one of the texts. */
export function repeatsText(tokens: JsonValue, texts: readonly string[]): boolean {
  if (tokens.kind !== 'array') return !saysAnything(tokens);
  const spelled = tokens.items().map(spell);
  if (!spelled.every((bytes) => bytes !== undefined)) return false;
  const said = Buffer.concat(spelled).toString('utf8').replace(BROKEN, '');
  return said === '' || texts.some((text) => text.replace(BROKEN, '').startsWith(said));
}

/** A token may be a part of a character: its bytes are exact then, and its text is not. */
function spell(entry: JsonValue): Buffer | undefined {
  const bytes = entry.get('bytes');
  if (bytes?.kind === 'array' && bytes.items().length > 0) return Buffer.from(bytes.items().map(byteOf));
  const token = entry.get('token')?.string();
  return token === undefined ? undefined : Buffer.from(token);
}

const byteOf = (value: JsonValue): number => value.number() ?? 0;
