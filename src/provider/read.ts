import { hash } from 'node:crypto';
import type { Message, Role, Tool } from '../input/index.ts';
import type { JsonValue } from '../json/index.ts';
import { ProviderError } from './error.ts';

// Readers for the parts that the dialects share. What a vendor might read in another way than policy does, such as a
// number in a string, is refused: a limit must not be passed by a value that policy did not understand.

const LONGEST_NAME = 256;

export function readObject(value: JsonValue | undefined, path: string): JsonValue {
  if (value?.kind !== 'object') throw new ProviderError(path, 'an object');
  return value;
}

export function readArray(value: JsonValue | undefined, path: string): JsonValue[] {
  if (value?.kind !== 'array') throw new ProviderError(path, 'an array');
  return value.items();
}

/** As readArray; none if the value is absent or null. */
export function readOptionalArray(value: JsonValue | undefined, path: string): JsonValue[] {
  return isAbsent(value) ? [] : readArray(value, path);
}

/** A name: 1 to 256 characters. */
export function readName(value: JsonValue | undefined, path: string): string {
  const name = value?.string();
  if (!name || name.length > LONGEST_NAME) throw new ProviderError(path, `a string of 1 to ${LONGEST_NAME} characters`);
  return name;
}

export function readFlag(value: JsonValue | undefined, path: string): boolean {
  if (isAbsent(value)) return false;
  const flag = value?.boolean();
  if (flag === undefined) throw new ProviderError(path, 'true, false or null');
  return flag;
}

export function readNumber(value: JsonValue | undefined, path: string): number | undefined {
  if (isAbsent(value)) return undefined;
  const number = value?.number();
  if (number === undefined) throw new ProviderError(path, 'a number or null');
  return number;
}

/** The largest of numbers that may be absent. Takes an array: a caller's list may be longer than arguments can be. */
export function largest(numbers: (number | undefined)[]): number | undefined {
  return numbers.reduce((one, other) => (other === undefined || (one ?? other) > other ? one : other), undefined);
}

export function isAbsent(value: JsonValue | undefined): boolean {
  return value === undefined || value.kind === 'null';
}

export function message(role: Role, kinds: ReadonlySet<string>, raw: Uint8Array, digests: boolean): Message {
  const view: Message = { role, kinds: [...kinds], bytes: raw.length };
  if (digests) view.sha256 = sha256(raw);
  return view;
}

export function tool(name: string, type: string, value: JsonValue, digests: boolean): Tool {
  return digests ? { name, type, sha256: sha256(value.raw()) } : { name, type };
}

function sha256(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

/** Only what is there: an absent parameter is absent in policy's input too. */
export function defined<T extends object>(parameters: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined)) as T;
}
