/** The bytes of one text, seen as bytes and as 32-bit words: strings are scanned four bytes at a time. */
export interface Text {
  readonly bytes: Buffer;
  /** Aligned words of the whole underlying memory. */
  readonly words: Int32Array;
  /** Where `bytes` begins in that memory: byte i is in word (base + i) >> 2. */
  readonly base: number;
}

export function textOf(bytes: Uint8Array): Text {
  return {
    bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    words: new Int32Array(bytes.buffer, 0, bytes.buffer.byteLength >> 2),
    base: bytes.byteOffset,
  };
}
