/** Bytes of a text to be replaced: everything around them stays as it was sent. */
export interface Edit {
  start: number;
  end: number;
  /** As Latin-1, each character a byte. */
  text: string;
}

/** Applies edits that do not overlap, in the order of the text. */
export function edited(bytes: Buffer, edits: Edit[]): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (const { start, end, text } of edits) {
    parts.push(bytes.subarray(at, start), Buffer.from(text, 'latin1'));
    at = end;
  }
  return Buffer.concat([...parts, bytes.subarray(at)]);
}

/** JSON in ASCII. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
