import type { JsonValue } from '../json/index.ts';

/** A value in the form of RFC 8785: no space, keys sorted by their UTF-16 code units. Two texts of one value give the same. */
export function canonicalText(value: JsonValue): string {
  if (value.kind === 'array') return `[${value.items().map(canonicalText).join(',')}]`;
  if (value.kind !== 'object') return JSON.stringify(value.value());
  const entries = value.entries().sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, child]) => `${JSON.stringify(key)}:${canonicalText(child)}`).join(',')}}`;
}
