/** A small generator of numbers (mulberry32), so that a seed gives the same corpus on every machine and for ever. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** From 0 up to, but not including, 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Both ends may come. */
  int(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(list: readonly T[] | string): T {
    return list[this.int(0, list.length - 1)] as T;
  }

  /** Characters of an alphabet. */
  chars(length: number, alphabet: string): string {
    return Array.from({ length }, () => this.pick<string>(alphabet)).join('');
  }

  digits(length: number): string {
    return this.chars(length, '0123456789');
  }

  /** A number from a range, with leading zeros. */
  padded(from: number, to: number, width: number): string {
    return String(this.int(from, to)).padStart(width, '0');
  }
}

export const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
export const LOWER = 'abcdefghijklmnopqrstuvwxyz';
export const HEX = '0123456789abcdef';
export const BASE62 = `0123456789${UPPER}${LOWER}`;
export const BASE64 = `${BASE62}+/`;
export const BASE64URL = `${BASE62}-_`;
