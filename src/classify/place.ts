import { type JsonValue, rawOffsets } from '../json/index.ts';

/** A part of a text: UTF-16 offsets, as in String.prototype.slice. */
export interface Span {
  start: number;
  end: number;
}

/** Where a part of a text stands. */
export interface Place {
  /** In UTF-8 bytes of the string's value. */
  start: number;
  end: number;
  /** In bytes of the body. */
  raw: Span;
}

/** Where parts of a string's value stand, in one pass over it. */
export function placesIn(value: JsonValue, text: string, spans: readonly Span[]): Place[] {
  const offsets = offsetsOf(spans);
  const bytes = running(offsets, (from, to) => Buffer.byteLength(text.slice(from, to)));
  const raw = rawOffsets(value, bytes);
  const at = new Map(offsets.map((offset, i) => [offset, i]));
  return spans.map(({ start, end }) => {
    const i = at.get(start) ?? 0;
    const j = at.get(end) ?? 0;
    return {
      start: bytes[i] as number,
      end: bytes[j] as number,
      raw: { start: raw[i] as number, end: raw[j] as number },
    };
  });
}

/** The same spans in UTF-16, from spans in UTF-8 bytes. */
export function textSpans(bytes: Buffer, spans: readonly Span[]): Span[] {
  const offsets = offsetsOf(spans);
  const lengths = running(offsets, (from, to) => bytes.toString('utf8', from, to).length);
  const at = new Map(offsets.map((offset, i) => [offset, lengths[i] as number]));
  return spans.map(({ start, end }) => ({ start: at.get(start) ?? 0, end: at.get(end) ?? 0 }));
}

const offsetsOf = (spans: readonly Span[]): number[] =>
  [...new Set(spans.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);

/** For each offset the sum of what lies before it. */
function running(offsets: readonly number[], measure: (from: number, to: number) => number): number[] {
  let sum = 0;
  let last = 0;
  return offsets.map((offset) => {
    sum += measure(last, offset);
    last = offset;
    return sum;
  });
}
