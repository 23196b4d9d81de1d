import { DEFAULT_LIMITS, type JsonDocument, type JsonValue, parse } from '../json/index.ts';
import { McpError } from './error.ts';

const LONGEST_NAME = 256;
const LONGEST_URI = 4096;

/** A part of a text that was checked already is exact: nothing but its own brackets is left to bound. */
const PART_LIMITS = { ...DEFAULT_LIMITS, maxBytes: Number.POSITIVE_INFINITY };

/** As the JSON room folds keys. */
const fold = (key: string): string => key.toUpperCase().toLowerCase();

/**
 * Refuses keys that differ from a known one only in case. Go's decoder, for one, takes `Arguments` for `arguments`: what
 * policy does not see under its own name, no peer must see under another.
 */
export function keyGuard(known: readonly string[]): (value: JsonValue, path: string) => void {
  const exact = new Set(known);
  const folded = new Set(known.map(fold));
  return (value, path) => {
    for (const [key] of value.entries()) {
      if (!exact.has(key) && folded.has(fold(key))) {
        throw new McpError('PARAMS_INVALID', `keys of ${path} in the case that the protocol has`);
      }
    }
  };
}

export function readObject(value: JsonValue | undefined, path: string): JsonValue {
  if (value?.kind !== 'object') throw new McpError('PARAMS_INVALID', `an object at ${path}`);
  return value;
}

/** As readObject; undefined if absent. Null is not absent. */
export function readOptionalObject(value: JsonValue | undefined, path: string): JsonValue | undefined {
  return value === undefined ? undefined : readObject(value, path);
}

export function readName(value: JsonValue | undefined, path: string): string {
  return readText(value, path, LONGEST_NAME);
}

export function readUri(value: JsonValue | undefined, path: string): string {
  return readText(value, path, LONGEST_URI);
}

function readText(value: JsonValue | undefined, path: string, longest: number): string {
  const text = value?.string();
  if (!text || text.length > longest) {
    throw new McpError('PARAMS_INVALID', `a string of 1 to ${longest} characters at ${path}`);
  }
  return text;
}

/** The value as a text of its own: its bytes are those that were sent. */
export function documentOf(value: JsonValue): JsonDocument {
  return parse(value.raw(), PART_LIMITS);
}

/** An object of some of a message's values; each value's bytes are those that were sent. */
export function objectOf(entries: readonly (readonly [string, JsonValue])[]): JsonDocument {
  const parts: Uint8Array[] = [Buffer.from('{')];
  for (const [index, [key, value]] of entries.entries()) {
    parts.push(Buffer.from(`${index === 0 ? '' : ','}${JSON.stringify(key)}:`), value.raw());
  }
  parts.push(Buffer.from('}'));
  return parse(Buffer.concat(parts), PART_LIMITS);
}

/** An object without some of its keys. */
export function objectWithout(value: JsonValue | undefined, keys: readonly string[]): JsonDocument {
  return objectOf((value?.entries() ?? []).filter(([key]) => !keys.includes(key)));
}
