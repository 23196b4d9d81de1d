import type { JsonValue } from './value.ts';

const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

/**
 * Where places in a string's value stand in the text.
 * @param offsets in UTF-8 bytes of the value, ascending, at the bounds of characters
 * @returns byte offsets in the text
 */
export function rawOffsets(value: JsonValue, offsets: readonly number[]): number[] {
  const raw = value.raw();
  const escapes = raw.includes(BACKSLASH);
  let at = 1; // after the quote
  let done = 0;
  return offsets.map((offset) => {
    at = escapes ? advance(raw, at, offset - done) : at + offset - done;
    done = offset;
    return value.start + at;
  });
}

/** The offset in the text after so many more bytes of the value. An escape is never cut in two. */
function advance(raw: Uint8Array, from: number, bytes: number): number {
  let at = from;
  for (let left = bytes; left > 0; ) {
    if (raw[at] !== BACKSLASH) {
      at++;
      left--;
    } else if (raw[at + 1] !== LETTER_U) {
      at += 2;
      left--;
    } else {
      const unit = Number.parseInt(String.fromCharCode(...raw.subarray(at + 2, at + 6)), 16);
      const paired = unit >= 0xd800 && unit < 0xdc00;
      at += paired ? 12 : 6;
      left -= paired ? 4 : unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
    }
  }
  return at;
}
