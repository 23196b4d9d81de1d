import type { Mark } from './label.ts';

/** Whether a kind is one of these, or of a kind below one: `secret` stands for all secrets. */
export const isOfKind = (kind: string, kinds: readonly string[]): boolean =>
  kinds.some((listed) => kind === listed || kind.startsWith(`${listed}.`));

/**
 * What stands in the place of a masked text. It needs no escape in JSON, in JSON within JSON, or in a shell, so that what
 * reads the text around it is not led astray.
 */
export const placeholder = (kind: string): string => `__${kind}__`;

/** A body with placeholders. */
export interface Masked {
  bytes: Uint8Array;
  /** How many. */
  count: number;
}

/** Puts a placeholder for every text of these kinds; undefined if there is none. Where two overlap, both go. */
export function maskBody(body: Uint8Array, marks: readonly Mark[], kinds: readonly string[]): Masked | undefined {
  const hidden = merge(marks.filter(({ kind }) => isOfKind(kind, kinds)));
  if (hidden.length === 0) return undefined;
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const { kind, raw } of hidden) {
    pieces.push(body.subarray(at, raw.start), Buffer.from(placeholder(kind)));
    at = raw.end;
  }
  return { bytes: Buffer.concat([...pieces, body.subarray(at)]), count: hidden.length };
}

/** In the order of the body, each byte in one at most; it has the kind of the one that begins it, of those the longest. */
function merge(marks: Mark[]): Mark[] {
  const sorted = marks.toSorted((a, b) => a.raw.start - b.raw.start || b.raw.end - a.raw.end);
  const merged: Mark[] = [];
  for (const { kind, raw } of sorted) {
    const last = merged.at(-1);
    if (last && raw.start < last.raw.end) last.raw.end = Math.max(last.raw.end, raw.end);
    else merged.push({ kind, raw: { ...raw } });
  }
  return merged;
}
