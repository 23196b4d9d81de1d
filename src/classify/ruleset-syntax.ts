import type { Reader } from './ruleset-read.ts';

/** A piece of a pattern in RE2's syntax, as far as it matters here. */
const PIECE =
  /\\Q.*?(?:\\E|$)|\\[pPx]\{[^}]*\}|\\x[0-9A-Fa-f]{2}|\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]|\(\?[^:)]*[:)]?|[(|)]|[*+]|\{\d+(?:,\d*)?\}|\?|[.^$]|./gsu;
const GROUP = /^\(/;
const COUNTED = /^(?:[*+?]|\{\d+(?:,\d*)?\})$/;
const PLAIN = /^(?:\\[^A-Za-z0-9]|[^\\[(){}|*+?.^$])$/u;

/** What every text that matches holds. */
export interface Needed {
  literal: string;
  ignoreCase: boolean;
}

/**
 * Refuses what would make looking for all matches more than linear, although looking for one is: a match of any length. So a
 * match is no longer than its program.
 */
export function checkBounded(reader: Reader, pattern: string): void {
  for (const [piece] of pattern.matchAll(PIECE)) {
    if (!/^(?:[*+]|\{\d+,\})$/.test(piece)) continue;
    reader.fail(`a pattern whose repetitions have an upper bound, such as {0,20}, got ${piece}`);
  }
}

/** The longest stretch of plain characters outside of groups and alternatives: a cheap look tells most texts from a match. */
export function neededLiteral(pattern: string): Needed | undefined {
  const pieces = [...pattern.matchAll(PIECE)].map(([piece]) => piece);
  let [best, run, depth] = ['', '', 0];
  for (const [i, piece] of pieces.entries()) {
    if (piece === '|' && depth === 0) return undefined;
    if (GROUP.test(piece) && !piece.endsWith(')')) depth += 1;
    if (piece === ')') depth -= 1;
    const isPlain = depth === 0 && PLAIN.test(piece) && !COUNTED.test(pieces[i + 1] ?? '');
    run = isPlain ? run + piece.slice(-1) : '';
    if (run.length > best.length) best = run;
  }
  // A letter beyond ASCII may fold to another than in lower case.
  if (best.length < 3 || !/^[\x20-\x7e]+$/.test(best)) return undefined;
  const ignoreCase = /\(\?[a-zA-Z]*i/.test(pattern);
  return { literal: ignoreCase ? best.toLowerCase() : best, ignoreCase };
}
