import type { Decoded } from './decoded.ts';
import { decodeEscapes } from './escapes.ts';

/** Runs shorter than this hold too little to do harm, and are what identifiers look like. */
const SHORTEST = 24;
const BASE64 = 1;
const HEX = 2;

/** By code unit: of the alphabets of base64 (RFC 4648, both), of hexadecimal. */
const ALPHABET = ((): Uint8Array => {
  const table = new Uint8Array(0x80);
  for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_')
    table[char.charCodeAt(0)] = BASE64;
  for (const char of '0123456789abcdefABCDEF') table[char.charCodeAt(0)] = BASE64 | HEX;
  return table;
})();

const alphabetOf = (text: string, at: number): number => ALPHABET[text.charCodeAt(at)] ?? 0;

/**
 * What base64, hexadecimal and escapes in a text spell, as far as it is readable text: images, hashes, ids and keys decode to
 * bytes that aren't. Linear: long runs are found by looking at every 24th character only, and each is decoded once.
 */
export function decodePayloads(text: string): Decoded[] {
  return [...decodeRuns(text), ...decodeEscapes(text)].sort((a, b) => a.start - b.start);
}

function decodeRuns(text: string): Decoded[] {
  const found: Decoded[] = [];
  for (let at = SHORTEST - 1; at < text.length; at += SHORTEST) {
    if (alphabetOf(text, at) === 0) continue;
    let start = at;
    while (start > 0 && at - start < SHORTEST && alphabetOf(text, start - 1) !== 0) start -= 1;
    let end = at + 1;
    while (end < text.length && alphabetOf(text, end) !== 0) end += 1;
    if (end - start < SHORTEST) continue;
    end = wrapped(text, start, end);
    const decoded = decodeRun(text, start, end);
    if (decoded) found.push(decoded);
    at = end - 1;
  }
  return found;
}

/** Lines of a wrapped run (RFC 2045: 76 characters; PEM: 64) are one run, as long as each is as long as the first. */
function wrapped(text: string, start: number, end: number): number {
  const width = end - start;
  let last = end;
  for (;;) {
    let next = last;
    while (next - last < 16 && /[\r\n \t]/.test(text.charAt(next))) next += 1;
    if (next === last || !text.slice(last, next).includes('\n')) return last;
    const begin = next;
    while (next - begin < width && alphabetOf(text, next) !== 0) next += 1;
    if (next === begin || alphabetOf(text, next) !== 0) return last;
    last = next;
    if (next - begin < width) return last;
  }
}

function decodeRun(text: string, start: number, end: number): Decoded | undefined {
  const run = text.slice(start, end).replace(/\s+/g, '');
  let hex = run.length % 2 === 0;
  for (let i = 0; hex && i < run.length; i++) hex = (alphabetOf(run, i) & HEX) !== 0;
  if (hex) {
    const spelled = readable(Buffer.from(run, 'hex'));
    if (spelled !== undefined) return { start, end, encoding: 'hex', text: spelled, needless: spelled.length };
  }
  if (!looksReadable(run)) return undefined;
  const spelled = readable(Buffer.from(run, 'base64'));
  return spelled === undefined
    ? undefined
    : { start, end, encoding: 'base64', text: spelled, needless: spelled.length };
}

/** The first twelve letters say for nearly every run that is no text that it is none, without decoding it all. */
function looksReadable(run: string): boolean {
  return readable(Buffer.from(run.slice(0, 12), 'base64'), true) !== undefined;
}

/** The text of bytes, if they are UTF-8 without controls. */
function readable(bytes: Buffer, cut = false): string | undefined {
  for (const byte of bytes) {
    if (byte < 0x20 ? byte !== 0x0a && byte !== 0x0d && byte !== 0x09 : byte === 0x7f) return undefined;
  }
  const spelled = bytes.toString('utf8');
  const wrong = spelled.indexOf('\uFFFD');
  return wrong === -1 || (cut && wrong === spelled.length - 1) ? spelled : undefined;
}
