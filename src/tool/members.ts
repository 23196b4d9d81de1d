import type { JsonValue } from '../json/index.ts';

/** Thrown where a tool's argument is missing, or of another type than the tool takes. */
export class Unexpected extends Error {
  constructor() {
    super('expected an argument of the type that the tool takes');
  }
}

/** The string under the first of the names that is there. @throws Unexpected if it is no string */
export function stringOf(value: JsonValue, names: readonly string[]): string | undefined {
  return stringsUnder(value, names)[0];
}

/** The strings under all of the names. @throws Unexpected if one is neither string nor null */
export function stringsUnder(value: JsonValue, names: readonly string[]): string[] {
  const found: string[] = [];
  for (const name of names) {
    const member = value.get(name);
    if (member === undefined || member.kind === 'null') continue;
    found.push(asString(member));
  }
  return found;
}

/** The strings of the arrays under all of the names. @throws Unexpected if one is no array of strings */
export function listsUnder(value: JsonValue, names: readonly string[]): string[] {
  const found: string[] = [];
  for (const name of names) {
    const member = value.get(name);
    if (member === undefined || member.kind === 'null') continue;
    if (member.kind !== 'array') throw new Unexpected();
    for (const item of member.items()) found.push(asString(item));
  }
  return found;
}

export function asString(value: JsonValue): string {
  const text = value.string();
  if (text === undefined) throw new Unexpected();
  return text;
}
