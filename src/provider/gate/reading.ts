import { DEFAULT_LIMITS, type JsonDocument, JsonError, parse } from '../../json/index.ts';

/** A response, or one event of it, as JSON. */
export interface Reading {
  /** Of numbers beyond ±(2^53 − 1) it says null. The offsets are those of the bytes that were read. */
  body: JsonDocument;
  /** Whether its strings are as they were sent. If not, no call may be read from it. */
  exact: boolean;
}

/** Strings, to be kept, and numbers of many digits. */
const TOKENS = /"(?:[^"\\]|\\[\s\S])*(?:"|$)|-?[0-9][0-9.eE+-]{14,}/g;
const ESCAPES = /\\(?:u[0-9a-fA-F]{4}|[\s\S])/g;
const SURROGATE = /^\\u[dD][89a-fA-F]/;
const INTEGER = /^-?[0-9]+$/;

/**
 * The strict check, with two things let pass that vendors do send beside text: integers that no double holds (a `seed`),
 * and halves of a surrogate pair (an emoji that was cut in two). Undefined if it is no JSON that everybody reads alike.
 */
export function readResponse(bytes: Buffer): Reading | undefined {
  try {
    return { body: parseResponse(bytes), exact: true };
  } catch (error) {
    const code = error instanceof JsonError ? error.code : undefined;
    if (code !== 'JSON_NUMBER_RANGE' && code !== 'JSON_LONE_SURROGATE') return undefined;
  }
  let exact = true;
  const soften = (token: string): string => {
    if (!token.startsWith('"')) {
      return INTEGER.test(token) && !Number.isSafeInteger(Number(token)) ? 'null'.padEnd(token.length) : token;
    }
    return token.replace(ESCAPES, (unit) => {
      if (!SURROGATE.test(unit)) return unit;
      exact = false;
      return '\\ufffd';
    });
  };
  try {
    const body = parseResponse(Buffer.from(bytes.toString('latin1').replace(TOKENS, soften), 'latin1'));
    return { body, exact };
  } catch {
    return undefined;
  }
}

function parseResponse(bytes: Buffer): JsonDocument {
  return parse(bytes, { ...DEFAULT_LIMITS, maxBytes: bytes.length, refuseCaseCollisions: false });
}
