import { type Scan, STRIDE } from './scan.ts';
import { decodeString } from './string.ts';

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

const KINDS: Record<string, JsonKind> = {
  '{': 'object',
  '[': 'array',
  '"': 'string',
  t: 'boolean',
  f: 'boolean',
  n: 'null',
};
const KIND_OF_BYTE: JsonKind[] = Array.from({ length: 256 }, (_, byte) => KINDS[String.fromCharCode(byte)] ?? 'number');

/** One value of a checked text: a place in the text, from which parts can be read. Reading copies nothing but strings. */
export class JsonValue {
  protected readonly scan: Scan;
  private readonly node: number;

  constructor(scan: Scan, node: number) {
    this.scan = scan;
    this.node = node;
  }

  get kind(): JsonKind {
    return KIND_OF_BYTE[this.scan.bytes[this.start] as number] as JsonKind;
  }

  /** Offset of the value's first byte in the text. */
  get start(): number {
    return this.scan.tape[this.node] as number;
  }

  /** Offset after the value's last byte. */
  get end(): number {
    return this.scan.tape[this.node + 1] as number;
  }

  /** The value under an object's key; undefined if there is none, or this is no object. */
  get(key: string): JsonValue | undefined {
    if (this.kind !== 'object') return undefined;
    const { tape } = this.scan;
    const end = tape[this.node + 2] as number;
    for (let node = this.node + STRIDE; node < end; ) {
      const value = node + STRIDE;
      if (this.isKey(node, key)) return new JsonValue(this.scan, value);
      node = tape[value + 2] as number;
    }
    return undefined;
  }

  /** The values of an array; none if this is no array. */
  items(): JsonValue[] {
    if (this.kind !== 'array') return [];
    const { tape } = this.scan;
    const end = tape[this.node + 2] as number;
    const items: JsonValue[] = [];
    for (let node = this.node + STRIDE; node < end; node = tape[node + 2] as number) {
      items.push(new JsonValue(this.scan, node));
    }
    return items;
  }

  /** The keys and values of an object, in the order of the text; none if this is no object. */
  entries(): [string, JsonValue][] {
    if (this.kind !== 'object') return [];
    const { tape } = this.scan;
    const end = tape[this.node + 2] as number;
    const entries: [string, JsonValue][] = [];
    for (let node = this.node + STRIDE; node < end; ) {
      const value = node + STRIDE;
      entries.push([this.decode(node), new JsonValue(this.scan, value)]);
      node = tape[value + 2] as number;
    }
    return entries;
  }

  /** The keys, as the strings that they are, and the values of an object, in the order of the text; none if this is no object. */
  members(): [JsonValue, JsonValue][] {
    if (this.kind !== 'object') return [];
    const { tape } = this.scan;
    const end = tape[this.node + 2] as number;
    const members: [JsonValue, JsonValue][] = [];
    for (let node = this.node + STRIDE; node < end; ) {
      const value = node + STRIDE;
      members.push([new JsonValue(this.scan, node), new JsonValue(this.scan, value)]);
      node = tape[value + 2] as number;
    }
    return members;
  }

  string(): string | undefined {
    return this.kind === 'string' ? this.decode(this.node) : undefined;
  }

  number(): number | undefined {
    return this.kind === 'number' ? Number(this.scan.bytes.toString('latin1', this.start, this.end)) : undefined;
  }

  boolean(): boolean | undefined {
    return this.kind === 'boolean' ? this.scan.bytes[this.start] === 0x74 : undefined;
  }

  /** The value's own bytes in the text, not copied. */
  raw(): Uint8Array {
    return this.scan.bytes.subarray(this.start, this.end);
  }

  /** The value as JSON.parse makes it. */
  value(): unknown {
    return JSON.parse(this.scan.bytes.toString('utf8', this.start, this.end));
  }

  private decode(node: number): string {
    const { bytes, tape } = this.scan;
    return decodeString(bytes, tape[node] as number, tape[node + 1] as number);
  }

  /** Compares the bytes first; only a key with an escape or beyond ASCII is made a string. */
  private isKey(node: number, key: string): boolean {
    const { bytes, tape } = this.scan;
    const start = tape[node] as number;
    const length = (tape[node + 1] as number) - start - 2;
    for (let i = 0; i < length; i++) {
      const byte = bytes[start + 1 + i] as number;
      if (byte === 0x5c || byte > 0x7e) return this.decode(node) === key;
      if (byte !== key.charCodeAt(i)) return false;
    }
    return length === key.length;
  }
}

/** A whole checked text; as a value, the one value that it holds. */
export class JsonDocument extends JsonValue {
  /** Whether a raw TAB, LF or CR stands between the tokens of the value: a line format must have them blanked. */
  readonly hasLineBreaks: boolean;

  constructor(scan: Scan) {
    super(scan, 0);
    this.hasLineBreaks = scan.hasLineBreaks;
  }

  /** The whole text, with any space around its value. */
  get text(): Uint8Array {
    return this.scan.bytes;
  }
}
