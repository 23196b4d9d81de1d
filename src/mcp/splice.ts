import type { JsonValue } from '../json/index.ts';

/** Replaces the bytes from start to end. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

/** A text with its edits made: they do not overlap. Every byte outside them stays. */
export function applyEdits(text: Uint8Array, edits: readonly Edit[]): Uint8Array {
  if (edits.length === 0) return text;
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const edit of [...edits].sort((one, other) => one.start - other.start)) {
    parts.push(text.subarray(at, edit.start), Buffer.from(edit.text));
    at = edit.end;
  }
  parts.push(text.subarray(at));
  return Buffer.concat(parts);
}

/** Takes items out of their array: each run of them goes with the commas that it would leave behind. */
export function withoutItems(items: readonly JsonValue[], isOut: (index: number) => boolean): Edit[] {
  const edits: Edit[] = [];
  for (let first = 0; first < items.length; first++) {
    if (!isOut(first)) continue;
    let last = first;
    while (last + 1 < items.length && isOut(last + 1)) last++;
    const before = items[first - 1];
    const after = items[last + 1];
    const start = before?.end ?? (items[first] as JsonValue).start;
    const end = before === undefined && after !== undefined ? after.start : (items[last] as JsonValue).end;
    edits.push({ start, end, text: '' });
    first = last;
  }
  return edits;
}
