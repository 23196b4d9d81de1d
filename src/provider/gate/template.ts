import { isUtf8 } from 'node:buffer';
import type { JsonValue } from '../../json/index.ts';
import { hidesField, type SseEvent, type SseFrame } from '../../sse/index.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const ESCAPED = new Set(Buffer.from('"\\/bfnrt'));
const HEAD = /^(?:event: ?[\x20-\x7e]*\r?\n)?data: ?/;
const TAIL = /^(?:\n\n|\r\n\r\n)$/;
const LONGEST_HEAD = 256;

/**
 * An event that was read and judged, with holes where strings stand that make no difference. Another event that has the
 * same bytes everywhere else, and valid JSON strings in the holes, has the same structure: it needs no reading. Most
 * events of a stream are pieces of text that differ from each other in just that. A test for what an event does not
 * hold, such as the word "tool_calls", would not do: JSON can write any letter of a key as an escape.
 */
export class Template {
  private readonly first: Buffer;
  /** What stands between the holes and after them, beginning at a closing quote. */
  private readonly rest: Buffer[];

  private constructor(first: Buffer, rest: Buffer[]) {
    this.first = first;
    this.rest = rest;
  }

  /** @param holes strings of the event's data, in their order */
  static of({ raw }: SseFrame, { data }: SseEvent, holes: JsonValue[]): Template | undefined {
    const head = HEAD.exec(raw.toString('latin1', 0, LONGEST_HEAD))?.[0].length ?? 0;
    const tail = head + data.length;
    if (head === 0 || holes.length === 0) return undefined;
    if (!raw.subarray(head, tail).equals(data) || !TAIL.test(raw.toString('latin1', tail, tail + 5))) return undefined;
    const cuts = holes.map(({ start, end }) => [head + start + 1, head + end - 1] as const);
    const ends = [...cuts.slice(1).map(([start]) => start), raw.length];
    const rest = cuts.map(([, end], i) => Buffer.from(raw.subarray(end, ends[i])));
    return new Template(Buffer.from(raw.subarray(0, cuts[0]?.[0])), rest);
  }

  matches(raw: Buffer): boolean {
    const { first, rest } = this;
    if (!startsWith(raw, first, 0)) return false;
    let at = first.length;
    for (const part of rest) {
      at = stringEnd(raw, at);
      if (at < 0 || !startsWith(raw, part, at)) return false;
      at += part.length;
    }
    return at === raw.length;
  }
}

function startsWith(raw: Buffer, part: Buffer, at: number): boolean {
  return raw.length - at >= part.length && raw.compare(part, 0, part.length, at, at + part.length) === 0;
}

/** Offset of the quote that closes the string whose inside begins at `from`; -1 if it is not plainly valid. */
function stringEnd(raw: Buffer, from: number): number {
  let ascii = true;
  let at = from;
  for (; at < raw.length; at++) {
    const byte = raw[at] as number;
    if (byte === QUOTE) return ascii || isPlainText(raw.subarray(from, at)) ? at : -1;
    if (byte < 0x20) return -1;
    if (byte >= 0x80) ascii = false;
    if (byte !== BACKSLASH) continue;
    at++;
    if (raw[at] === LETTER_U) {
      if (!isPlainUnit(raw, at + 1)) return -1;
      at += 4;
    } else if (!ESCAPED.has(raw[at] ?? 0)) {
      return -1;
    }
  }
  return -1;
}

function isPlainText(text: Buffer): boolean {
  return isUtf8(text) && !hidesField(text.toString('latin1'));
}

/** Four hexadecimal digits that are no surrogate: those have rules of their own. */
function isPlainUnit(raw: Buffer, at: number): boolean {
  return /^(?![dD][89a-fA-F])[0-9a-fA-F]{4}$/.test(raw.toString('latin1', at, at + 4));
}
