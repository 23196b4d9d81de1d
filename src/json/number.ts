import { JsonError } from './error.ts';

const LONGEST_NUMBER = 400;
const ALWAYS_SAFE_DIGITS = 15;
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/** 1 for every byte that can be part of a number. */
const PART = new Uint8Array(256);
for (const letter of '+-.0123456789Ee') PART[letter.charCodeAt(0)] = 1;

/** Takes the offset where a number should begin; returns the offset after it. */
export function scanNumber(bytes: Buffer, start: number): number {
  const length = bytes.length;
  let end = start;
  while (end < length && PART[bytes[end] as number] === 1) {
    if (end - start >= LONGEST_NUMBER) {
      throw new JsonError('JSON_NUMBER_RANGE', start, `expected at most ${LONGEST_NUMBER} digits`);
    }
    end++;
  }
  if (!isSmallInteger(bytes, start, end)) checkNumber(bytes.toString('latin1', start, end), start);
  return end;
}

/** The common case, without making a string: up to 15 digits, no leading zero. */
function isSmallInteger(bytes: Buffer, start: number, end: number): boolean {
  let at = bytes[start] === 0x2d ? start + 1 : start;
  const digits = end - at;
  if (digits < 1 || digits > ALWAYS_SAFE_DIGITS || (bytes[at] === 0x30 && digits > 1)) return false;
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte < 0x30 || byte > 0x39) return false;
  }
  return true;
}

function checkNumber(text: string, start: number): void {
  if (!NUMBER.test(text)) throw new JsonError('JSON_SYNTAX', start, 'expected a value');
  const value = Number(text);
  const exact = /[.eE]/.test(text) ? Number.isFinite(value) : Number.isSafeInteger(value);
  if (exact) return;
  throw new JsonError('JSON_NUMBER_RANGE', start, 'expected a finite number, and integers within ±(2^53 − 1)');
}
