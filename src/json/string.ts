import { JsonError } from './error.ts';
import type { Text } from './text.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

/** 1 where a byte ends the plain part of a string: a quote, a backslash, a control character. */
const STOPS = new Uint8Array(256);
STOPS.fill(1, 0, 0x20);
STOPS[QUOTE] = 1;
STOPS[BACKSLASH] = 1;

/** 1 for what may follow a backslash (RFC 8259, section 7), 'u' aside. */
const ESCAPED = new Uint8Array(256);
for (const letter of '"\\/bfnrt') ESCAPED[letter.charCodeAt(0)] = 1;

/** Takes the offset of a string's opening quote; returns the offset after its closing one. */
export function scanString(text: Text, start: number): number {
  const bytes = text.bytes;
  const end = bytes.length;
  let at = start + 1;
  for (;;) {
    at = plainEnd(text, at);
    if (at >= end) throw new JsonError('JSON_SYNTAX', end, 'expected a closing double quote');
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte !== BACKSLASH) throw new JsonError('JSON_SYNTAX', at, 'expected control characters to be escaped');
    at = ESCAPED[bytes[at + 1] ?? 0] === 1 ? at + 2 : unicodeEnd(bytes, at);
  }
}

/** The value of a string that was checked; start and end are those of its quotes. */
export function decodeString(bytes: Buffer, start: number, end: number): string {
  const inner = bytes.toString('utf8', start + 1, end - 1);
  return inner.includes('\\') ? JSON.parse(`"${inner}"`) : inner;
}

/**
 * The first stop at or after `at`, or the end of the text. Words are tested whole: (x - n) & ~x has a byte's top bit
 * set if that byte is below n (Mycroft); XOR first turns "equal" into "below one". A borrow may report a word that
 * holds no stop, never miss one, and the bytes are looked at then.
 */
function plainEnd(text: Text, from: number): number {
  const { bytes, words, base } = text;
  const end = bytes.length;
  let at = from;
  for (;;) {
    const aligned = Math.min(end, at + (-(base + at) & 3));
    for (; at < aligned; at++) if (STOPS[bytes[at] as number] === 1) return at;
    for (; at + 4 <= end; at += 4) {
      const x = words[(base + at) >> 2] as number;
      const quote = x ^ 0x22222222;
      const slash = x ^ 0x5c5c5c5c;
      const below = ((x - 0x20202020) & ~x) | ((quote - 0x01010101) & ~quote) | ((slash - 0x01010101) & ~slash);
      if ((below & 0x80808080) !== 0) break;
    }
    const last = Math.min(end, at + 4);
    for (; at < last; at++) if (STOPS[bytes[at] as number] === 1) return at;
    if (at >= end) return end;
  }
}

/** The offset after a \u escape at `at`; a surrogate pair counts as one. */
function unicodeEnd(bytes: Buffer, at: number): number {
  if (bytes[at + 1] !== LETTER_U) throw new JsonError('JSON_SYNTAX', at, 'expected an escape of RFC 8259, section 7');
  const unit = hex(bytes, at + 2);
  if (unit < 0xd800 || unit > 0xdfff) return at + 6;
  const paired = unit < 0xdc00 && bytes[at + 6] === BACKSLASH && bytes[at + 7] === LETTER_U;
  const low = paired ? hex(bytes, at + 8) : 0;
  if (low < 0xdc00 || low > 0xdfff) throw new JsonError('JSON_LONE_SURROGATE', at, 'expected a surrogate pair');
  return at + 12;
}

function hex(bytes: Buffer, at: number): number {
  let value = 0;
  for (let i = at; i < at + 4; i++) {
    const byte = i < bytes.length ? (bytes[i] as number) : 0;
    const lower = byte | 0x20;
    const digit = byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
    if (digit < 0) throw new JsonError('JSON_SYNTAX', at, 'expected four hexadecimal digits');
    value = value * 16 + digit;
  }
  return value;
}
