import { JsonError } from './error.ts';
import { decodeString, scanString } from './string.ts';
import type { Text } from './text.ts';

const QUOTE = 0x22;

/** Up to so many keys an object's keys are compared with each other; beyond, they go into a set. */
const FEW = 16;

/**
 * Upper then lower also joins what simple folding leaves apart, such as 'ſ' and 's' (Go's decoder equates those).
 */
const fold = (key: string): string => key.toUpperCase().toLowerCase();

/**
 * The keys of the objects that are open, to find one that comes twice. Most keys are short ASCII, and most objects have
 * few: those are remembered as a hash and an offset, in two stacks, and no string is made. The hash (FNV-1a over the
 * folded key) is no defence against collisions, and need not be: more than a few keys go into a Set, whose hash is seeded.
 */
export class Keys {
  /** Offset after the key that was added last. */
  end = 0;

  private readonly text: Text;
  private readonly foldCase: boolean;
  private readonly hashes: number[] = [];
  private readonly starts: number[] = [];
  /** For each open object, where its keys begin in the stacks, and its set once it has many. */
  private readonly bases: number[] = [];
  private readonly sets: (Set<string> | undefined)[] = [];

  constructor(text: Text, foldCase: boolean) {
    this.text = text;
    this.foldCase = foldCase;
  }

  open(): void {
    this.bases.push(this.hashes.length);
    this.sets.push(undefined);
  }

  close(): void {
    const base = this.bases.pop() ?? 0;
    this.sets.pop();
    this.hashes.length = base;
    this.starts.length = base;
  }

  /** Reads the key whose opening quote is at `start` into the innermost open object. */
  add(start: number): void {
    const hash = this.read(start);
    const top = this.bases.length - 1;
    const base = this.bases[top] as number;
    const set = this.sets[top];
    if (set) {
      this.remember(set, start);
      return;
    }
    const { hashes, starts } = this;
    for (let i = base; i < hashes.length; i++) {
      if (hashes[i] === hash) this.compare(starts[i] as number, start);
    }
    hashes.push(hash);
    starts.push(start);
    if (hashes.length - base > FEW) this.sets[top] = this.gather(base);
  }

  /** Sets `end` and returns the hash of the folded key. */
  private read(start: number): number {
    const bytes = this.text.bytes;
    const length = bytes.length;
    let hash = 0x811c9dc5;
    for (let at = start + 1; at < length; at++) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) {
        this.end = at + 1;
        return hash;
      }
      if (byte < 0x20 || byte > 0x7e || byte === 0x5c) break;
      hash = Math.imul(hash ^ (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte), 0x01000193);
    }
    return this.readUnusual(start);
  }

  /** A key with escapes or beyond ASCII. It may still fold to an ASCII key, so it is hashed the same way. */
  private readUnusual(start: number): number {
    this.end = scanString(this.text, start);
    const folded = fold(this.decode(start));
    let hash = 0x811c9dc5;
    for (let i = 0; i < folded.length; i++) hash = Math.imul(hash ^ folded.charCodeAt(i), 0x01000193);
    return hash;
  }

  private compare(earlier: number, start: number): void {
    const one = this.decode(earlier);
    const other = this.decode(start);
    if (one === other) this.duplicate(start);
    if (this.foldCase && fold(one) === fold(other)) this.collision(start);
  }

  private gather(base: number): Set<string> {
    const set = new Set<string>();
    for (let i = base; i < this.starts.length; i++) this.remember(set, this.starts[i] as number);
    this.hashes.length = base;
    this.starts.length = base;
    return set;
  }

  /** '=' and '~' keep the exact and the folded spelling apart in one set. */
  private remember(set: Set<string>, start: number): void {
    const key = this.decode(start);
    if (set.has(`=${key}`)) this.duplicate(start);
    set.add(`=${key}`);
    if (!this.foldCase) return;
    const folded = `~${fold(key)}`;
    if (set.has(folded)) this.collision(start);
    set.add(folded);
  }

  private decode(start: number): string {
    return decodeString(this.text.bytes, start, scanString(this.text, start));
  }

  private duplicate(start: number): never {
    throw new JsonError('JSON_DUPLICATE_KEY', start, 'expected each key once');
  }

  private collision(start: number): never {
    throw new JsonError('JSON_CASE_COLLISION', start, 'expected keys that differ in more than case');
  }
}
