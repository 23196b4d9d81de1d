import { PkiError, type PkiErrorCode } from './error.ts';

/** Universal tags, and the context tags that X.509 and CMS use (X.690 section 8.1.2). */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  /** Constructed, context class: [n]. */
  context: (n: number): number => 0xa0 | n,
  /** Primitive, context class: [n]. */
  contextPrimitive: (n: number): number => 0x80 | n,
} as const;

/** One element: its tag, the whole encoding, and the contents alone. Both are views, not copies. */
export interface Element {
  readonly tag: number;
  readonly der: Buffer;
  readonly contents: Buffer;
}

/**
 * Reads DER strictly (X.690 section 10): definite and shortest lengths only, single-byte tags, everything in bounds.
 * BER's freedoms would let one certificate or signature have many encodings, and so many digests.
 */
export class DerReader {
  private at = 0;
  private readonly bytes: Buffer;
  private readonly code: PkiErrorCode;

  /** @param code what a malformed encoding is reported as */
  constructor(bytes: Uint8Array, code: PkiErrorCode) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.code = code;
  }

  get done(): boolean {
    return this.at === this.bytes.length;
  }

  /** The tag that comes next, or undefined at the end. */
  peek(): number | undefined {
    return this.bytes[this.at];
  }

  /** The next element, whatever its tag. */
  any(): Element {
    const start = this.at;
    const tag = this.bytes[start];
    const first = this.bytes[start + 1];
    if (tag === undefined || first === undefined) this.fail('an element, but the encoding ends');
    if ((tag & 0x1f) === 0x1f) this.fail(`a single-byte tag, got 0x${tag.toString(16)}`);
    let length = first;
    let contents = start + 2;
    if (first >= 0x80) {
      const size = first & 0x7f;
      if (size === 0 || size > 4 || contents + size > this.bytes.length) this.fail('a definite length within bounds');
      length = this.bytes.readUIntBE(contents, size);
      if (length < 0x80 || length < 2 ** (8 * (size - 1))) this.fail('the shortest form of a length');
      contents += size;
    }
    const end = contents + length;
    if (end > this.bytes.length) this.fail(`${length} bytes of contents, but the encoding ends`);
    this.at = end;
    return { tag, der: this.bytes.subarray(start, end), contents: this.bytes.subarray(contents, end) };
  }

  read(tag: number): Element {
    if (this.peek() !== tag) this.fail(`tag 0x${tag.toString(16)}, got 0x${(this.peek() ?? 0).toString(16)}`);
    return this.any();
  }

  /** The next element if it has this tag. */
  optional(tag: number): Element | undefined {
    return this.peek() === tag ? this.any() : undefined;
  }

  /** A reader over the contents of the next element, which must have this tag. */
  enter(tag: number): DerReader {
    return new DerReader(this.read(tag).contents, this.code);
  }

  /** A whole INTEGER element that is not negative and has no padding. */
  unsigned(): Element {
    const element = this.read(TAG.integer);
    const [first, second] = element.contents;
    if (first === undefined || first >= 0x80) this.fail('an integer that is not negative');
    if (first === 0 && second !== undefined && second < 0x80) this.fail('an integer without padding');
    return element;
  }

  /** A small INTEGER: at most 2^31. */
  small(): number {
    const { contents } = this.unsigned();
    if (contents.length > 4) this.fail('a small integer');
    return contents.readUIntBE(0, contents.length);
  }

  /** A BOOLEAN DEFAULT FALSE: DER writes it only when it is true, as 0xff. */
  flag(): boolean {
    const element = this.optional(TAG.boolean);
    if (element === undefined) return false;
    if (element.contents.length !== 1 || element.contents[0] !== 0xff) this.fail('TRUE, as FALSE is the default');
    return true;
  }

  oid(): string {
    return decodeOid(this.read(TAG.oid).contents, this.code);
  }

  /** A BIT STRING of whole bytes. */
  octetBits(): Buffer {
    const { contents } = this.read(TAG.bitString);
    if (contents[0] !== 0) this.fail('a bit string of whole bytes');
    return contents.subarray(1);
  }

  end(): void {
    if (!this.done) this.fail(`the end, got ${this.bytes.length - this.at} more bytes`);
  }

  fail(expected: string): never {
    throw new PkiError(this.code, `not DER of the expected form at byte ${this.at}: expected ${expected}`);
  }
}

function decodeOid(contents: Buffer, code: PkiErrorCode): string {
  const arcs: bigint[] = [];
  let arc = 0n;
  let fresh = true;
  for (const byte of contents) {
    if (fresh && byte === 0x80) throw new PkiError(code, 'expected an object identifier without padding');
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    fresh = byte < 0x80;
    if (!fresh) continue;
    if (arcs.length === 0) {
      const top = arc < 80n ? arc / 40n : 2n;
      arcs.push(top, arc - top * 40n);
    } else arcs.push(arc);
    arc = 0n;
  }
  // 64 bytes hold any object identifier in use, a UUID's included; more would only cost time (arcs grow quadratically).
  if (!fresh || arcs.length === 0 || contents.length > 64) throw new PkiError(code, 'expected an object identifier');
  return arcs.join('.');
}

/** One element from its tag and the pieces of its contents. */
export function encode(tag: number, ...pieces: Uint8Array[]): Buffer {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  const header = length < 0x80 ? [tag, length] : [tag, 0x80 | octets.length, ...octets];
  return Buffer.concat([Buffer.from(header), ...pieces]);
}

export function encodeOid(dotted: string): Buffer {
  const [top = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt);
  const octets: number[] = [];
  for (const arc of [top * 40n + second, ...rest]) {
    const group = [Number(arc & 0x7fn)];
    for (let left = arc >> 7n; left > 0n; left >>= 7n) group.unshift(Number(left & 0x7fn) | 0x80);
    octets.push(...group);
  }
  return encode(TAG.oid, Buffer.from(octets));
}

export function encodeInteger(value: number): Buffer {
  return encode(TAG.integer, Buffer.from([value]));
}

/** SET OF: DER sorts the elements by their encodings (X.690 section 11.6). */
export function encodeSetOf(tag: number, elements: Uint8Array[]): Buffer {
  return encode(tag, ...elements.toSorted(Buffer.compare));
}
