import { isUtf8 } from 'node:buffer';
import { JsonError, type JsonErrorCode } from './error.ts';

export interface Limits {
  /** Largest text, in bytes. */
  maxBytes: number;
  /** Deepest nesting of arrays and objects; a scalar has depth 0. */
  maxDepth: number;
  /** Refuse keys of one object that differ only in case: parsers that fold case would read another value than policy did. */
  refuseCaseCollisions: boolean;
}

export const DEFAULT_LIMITS: Limits = { maxBytes: 10 * 1024 * 1024, maxDepth: 64, refuseCaseCollisions: true };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const LONGEST_NUMBER = 400;
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/**
 * Checks that bytes are one exact JSON text (RFC 8259, held to I-JSON, RFC 7493): UTF-8 without BOM, no duplicate
 * key, no lone surrogate, no number that a double cannot hold, no integer beyond ±(2^53 − 1). Builds no value.
 * Takes time linear in the text and no stack per level of nesting.
 *
 * @throws JsonError with a code and a byte offset
 */
export function check(bytes: Uint8Array, limits: Limits = DEFAULT_LIMITS): void {
  if (bytes.length > limits.maxBytes) {
    throw new JsonError('JSON_SIZE', limits.maxBytes, `expected at most ${limits.maxBytes} bytes, got ${bytes.length}`);
  }
  if (!isUtf8(bytes)) throw new JsonError('JSON_UTF8', 0, 'expected UTF-8');
  new Checker(bytes, limits).text();
}

/** Keys seen in the objects that are open; null stands for an open array. */
type Open = Set<string> | null;

class Checker {
  private at = 0;
  private readonly open: Open[] = [];
  private readonly bytes: Buffer;
  private readonly limits: Limits;

  constructor(bytes: Uint8Array, limits: Limits) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.limits = limits;
  }

  text(): void {
    for (;;) {
      this.space();
      if (this.value()) continue; // an array or object was opened: its first value comes next
      if (!this.next()) break;
    }
    this.space();
    if (this.at !== this.bytes.length) this.fail('JSON_SYNTAX', 'expected the end after one value');
  }

  /** Reads a scalar, an empty container, or the opening of one; true if a value must follow inside it. */
  private value(): boolean {
    switch (this.bytes[this.at]) {
      case 0x7b: {
        this.enter(new Set());
        if (this.closed(0x7d)) return false;
        this.key();
        return true;
      }
      case 0x5b:
        this.enter(null);
        return !this.closed(0x5d);
      case QUOTE:
        this.string();
        return false;
      case 0x74:
        this.word('true');
        return false;
      case 0x66:
        this.word('false');
        return false;
      case 0x6e:
        this.word('null');
        return false;
      default:
        this.number();
        return false;
    }
  }

  /** After a value: closes what ends here; true if another value follows. */
  private next(): boolean {
    while (this.open.length > 0) {
      const keys = this.open[this.open.length - 1];
      this.space();
      const byte = this.bytes[this.at];
      if (byte === COMMA) {
        this.at++;
        if (keys) {
          this.space();
          this.key();
        }
        return true;
      }
      if (byte !== (keys ? 0x7d : 0x5d)) this.fail('JSON_SYNTAX', `expected ',' or '${keys ? '}' : ']'}'`);
      this.at++;
      this.open.pop();
    }
    return false;
  }

  private enter(keys: Open): void {
    if (this.open.length >= this.limits.maxDepth) {
      this.fail('JSON_DEPTH', `expected at most ${this.limits.maxDepth} levels`);
    }
    this.open.push(keys);
    this.at++;
    this.space();
  }

  private closed(byte: number): boolean {
    if (this.bytes[this.at] !== byte) return false;
    this.at++;
    this.open.pop();
    return true;
  }

  private key(): void {
    const start = this.at;
    if (this.bytes[start] !== QUOTE) this.fail('JSON_SYNTAX', 'expected a key in double quotes');
    this.string();
    const key: string = JSON.parse(this.bytes.toString('utf8', start, this.at));
    const keys = this.open[this.open.length - 1];
    if (keys) this.remember(keys, key, start);
    this.space();
    if (this.bytes[this.at] !== COLON) this.fail('JSON_SYNTAX', "expected ':' after a key");
    this.at++;
  }

  private remember(keys: Set<string>, key: string, start: number): void {
    // '=' and '~' keep the exact and the folded spelling apart in one set.
    if (keys.has(`=${key}`)) this.fail('JSON_DUPLICATE_KEY', 'expected each key once', start);
    keys.add(`=${key}`);
    if (!this.limits.refuseCaseCollisions) return;
    // Upper then lower also joins what simple folding leaves apart, such as 'ſ' and 's' (Go's decoder equates those).
    const folded = `~${key.toUpperCase().toLowerCase()}`;
    if (keys.has(folded)) this.fail('JSON_CASE_COLLISION', 'expected keys that differ in more than case', start);
    keys.add(folded);
  }

  private string(): void {
    const bytes = this.bytes;
    let at = this.at + 1;
    for (;;) {
      const byte = bytes[at];
      if (byte === undefined) this.fail('JSON_SYNTAX', 'expected a closing double quote', at);
      if (byte === QUOTE) break;
      if (byte < 0x20) this.fail('JSON_SYNTAX', 'expected control characters to be escaped', at);
      at = byte === BACKSLASH ? this.escape(at) : at + 1;
    }
    this.at = at + 1;
  }

  /** Returns the offset after the escape at `at`; a surrogate pair counts as one. */
  private escape(at: number): number {
    const kind = this.bytes[at + 1];
    if (kind !== 0x75) {
      if (kind === undefined || !'"\\/bfnrt'.includes(String.fromCharCode(kind))) {
        this.fail('JSON_SYNTAX', 'expected an escape of RFC 8259, section 7', at);
      }
      return at + 2;
    }
    const unit = this.hex(at + 2);
    if (unit < 0xd800 || unit > 0xdfff) return at + 6;
    const paired = unit < 0xdc00 && this.bytes[at + 6] === BACKSLASH && this.bytes[at + 7] === 0x75;
    const low = paired ? this.hex(at + 8) : 0;
    if (low < 0xdc00 || low > 0xdfff) this.fail('JSON_LONE_SURROGATE', 'expected a surrogate pair', at);
    return at + 12;
  }

  private hex(at: number): number {
    const digits = this.bytes.toString('latin1', at, at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.fail('JSON_SYNTAX', 'expected four hexadecimal digits', at);
    return Number.parseInt(digits, 16);
  }

  private number(): void {
    const start = this.at;
    let end = start;
    while (end < this.bytes.length && '+-.0123456789Ee'.includes(String.fromCharCode(this.bytes[end] ?? 0))) {
      if (end - start > LONGEST_NUMBER) this.fail('JSON_NUMBER_RANGE', `expected at most ${LONGEST_NUMBER} digits`);
      end++;
    }
    const text = this.bytes.toString('latin1', start, end);
    if (!NUMBER.test(text)) this.fail('JSON_SYNTAX', 'expected a value');
    const value = Number(text);
    const exact = /[.eE]/.test(text) ? Number.isFinite(value) : Number.isSafeInteger(value);
    if (!exact) this.fail('JSON_NUMBER_RANGE', 'expected a finite number, and integers within ±(2^53 − 1)');
    this.at = end;
  }

  private word(word: string): void {
    if (this.bytes.toString('latin1', this.at, this.at + word.length) !== word) {
      this.fail('JSON_SYNTAX', `expected ${word}`);
    }
    this.at += word.length;
  }

  private space(): void {
    for (;;) {
      const byte = this.bytes[this.at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.at++;
    }
  }

  private fail(code: JsonErrorCode, expected: string, at: number = this.at): never {
    throw new JsonError(code, at, expected);
  }
}
