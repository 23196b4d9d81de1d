import { isUtf8 } from 'node:buffer';
import { JsonError } from './error.ts';
import { Keys } from './keys.ts';
import type { Limits } from './limits.ts';
import { scanNumber } from './number.ts';
import { scanString } from './string.ts';
import { type Text, textOf } from './text.ts';

/** Numbers per value on the tape: where it starts, where it ends (bytes), and the tape index after it and all inside it. */
export const STRIDE = 3;

/** What one pass over a text found out. */
export interface Scan {
  readonly bytes: Buffer;
  /** The values in the order of the text; in an object, keys and values take turns. */
  readonly tape: Int32Array;
  /** Whether a TAB, LF or CR stands between tokens; inside strings they cannot. */
  readonly hasLineBreaks: boolean;
}

/** The tape is filled in one buffer that is kept from call to call (scanning is synchronous), then copied at its size. */
let scratch = new Int32Array(STRIDE * 1024);
const LARGEST_KEPT_SCRATCH = STRIDE * 64 * 1024;

/**
 * Checks that bytes are one exact JSON text (RFC 8259, held to I-JSON, RFC 7493): UTF-8 without BOM, no duplicate
 * key, no lone surrogate, no number that a double cannot hold, no integer beyond ±(2^53 − 1). Builds no value.
 * Takes time linear in the text and no stack per level of nesting.
 *
 * @throws JsonError with a code and a byte offset
 */
export function scan(bytes: Uint8Array, limits: Limits): Scan {
  if (bytes.length > limits.maxBytes) {
    throw new JsonError('JSON_SIZE', limits.maxBytes, `expected at most ${limits.maxBytes} bytes, got ${bytes.length}`);
  }
  if (!isUtf8(bytes)) throw new JsonError('JSON_UTF8', 0, 'expected UTF-8');
  try {
    return new Scanner(textOf(bytes), limits).run();
  } finally {
    if (scratch.length > LARGEST_KEPT_SCRATCH) scratch = new Int32Array(LARGEST_KEPT_SCRATCH);
  }
}

class Scanner {
  private at = 0;
  private nodes = 0;
  private lineBreaks = false;
  /** Tape indexes of the arrays and objects that are open. */
  private readonly open: number[] = [];
  private readonly keys: Keys;
  private readonly text: Text;
  private readonly bytes: Buffer;
  private readonly limits: Limits;
  private readonly mostNodes: number;

  constructor(text: Text, limits: Limits) {
    this.text = text;
    this.bytes = text.bytes;
    this.limits = limits;
    this.mostNodes = (limits.maxValues ?? Number.POSITIVE_INFINITY) * STRIDE;
    this.keys = new Keys(text, limits.refuseCaseCollisions);
  }

  run(): Scan {
    this.space();
    this.lineBreaks = false; // what stands around the value is not part of it
    while (this.value() || this.next());
    const { lineBreaks } = this;
    this.space();
    if (this.at !== this.bytes.length) this.fail('expected the end after one value');
    return { bytes: this.bytes, tape: scratch.slice(0, this.nodes), hasLineBreaks: lineBreaks };
  }

  /** Reads a scalar, an empty container, or the opening of one; true if a value must follow inside it. */
  private value(): boolean {
    const { at } = this;
    switch (this.bytes[at]) {
      case 0x22:
        this.scalar(scanString(this.text, at));
        return false;
      case 0x7b:
        this.enter();
        this.keys.open();
        if (this.bytes[this.at] === 0x7d) return this.leave(true);
        this.key();
        return true;
      case 0x5b:
        this.enter();
        return this.bytes[this.at] === 0x5d ? this.leave(false) : true;
      case 0x74:
        this.scalar(this.word('true'));
        return false;
      case 0x66:
        this.scalar(this.word('false'));
        return false;
      case 0x6e:
        this.scalar(this.word('null'));
        return false;
      default:
        this.scalar(scanNumber(this.bytes, at));
        return false;
    }
  }

  /** After a value: closes what ends here; true if another value follows. */
  private next(): boolean {
    const { open, bytes } = this;
    while (open.length > 0) {
      const inObject = bytes[scratch[open[open.length - 1] as number] as number] === 0x7b;
      this.space();
      const byte = bytes[this.at];
      if (byte === 0x2c) {
        this.at++;
        this.space();
        if (inObject) this.key();
        return true;
      }
      if (byte !== (inObject ? 0x7d : 0x5d)) this.fail(`expected ',' or '${inObject ? '}' : ']'}'`);
      this.leave(inObject);
    }
    return false;
  }

  private key(): void {
    const start = this.at;
    if (this.bytes[start] !== 0x22) this.fail('expected a key in double quotes');
    this.keys.add(start);
    this.scalar(this.keys.end);
    this.space();
    if (this.bytes[this.at] !== 0x3a) this.fail("expected ':' after a key");
    this.at++;
    this.space();
  }

  /** Puts the value from here to `end` on the tape. */
  private scalar(end: number): void {
    const node = this.node();
    scratch[node + 1] = end;
    scratch[node + 2] = this.nodes;
    this.at = end;
  }

  private enter(): void {
    if (this.open.length >= this.limits.maxDepth) {
      throw new JsonError('JSON_DEPTH', this.at, `expected at most ${this.limits.maxDepth} levels`);
    }
    this.open.push(this.node());
    this.at++;
    this.space();
  }

  private leave(isObject: boolean): false {
    const node = this.open.pop() as number;
    this.at++;
    scratch[node + 1] = this.at;
    scratch[node + 2] = this.nodes;
    if (isObject) this.keys.close();
    return false;
  }

  private node(): number {
    const node = this.nodes;
    this.nodes = node + STRIDE;
    if (this.nodes > this.mostNodes) {
      throw new JsonError('JSON_SIZE', this.at, `expected at most ${this.limits.maxValues} values and keys`);
    }
    if (this.nodes > scratch.length) {
      const larger = new Int32Array(scratch.length * 2);
      larger.set(scratch);
      scratch = larger;
    }
    scratch[node] = this.at;
    return node;
  }

  private word(word: string): number {
    for (let i = 0; i < word.length; i++) {
      if (this.bytes[this.at + i] !== word.charCodeAt(i)) this.fail(`expected ${word}`);
    }
    return this.at + word.length;
  }

  private space(): void {
    const { bytes } = this;
    const end = bytes.length;
    let at = this.at;
    for (; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte > 0x20) break;
      if (byte === 0x20) continue;
      if (byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
      this.lineBreaks = true;
    }
    this.at = at;
  }

  private fail(expected: string): never {
    throw new JsonError('JSON_SYNTAX', this.at, expected);
  }
}
