import { RE2JS, RE2JSException, RE2Set } from 're2js';
import type { Finding } from './finding.ts';
import { readKind } from './ruleset-kind.ts';
import type { Reader } from './ruleset-read.ts';
import { checkBounded, type Needed, neededLiteral } from './ruleset-syntax.ts';
import { isLuhn, isMod11And10, isVerhoeff, mod97 } from './sensitivity/check-digit.ts';

/** A pattern of the operator's. RE2's engine, unlike JavaScript's, takes linear time whatever pattern and text. */
export interface Pattern {
  name: string;
  kind: string;
  confidence: number;
  expression: RE2JS;
  needed: Needed | undefined;
  isValid: (digits: string) => boolean;
  examples: readonly string[];
  counterexamples: readonly string[];
}

/** By name; each gets the digits and capital letters of what matched. */
const VALIDATORS = {
  luhn: (text: string) => /^\d{2,}$/.test(text) && isLuhn(text),
  mod97: (text: string) => text.length > 2 && mod97(text) === 1,
  iban: (text: string) => text.length > 4 && mod97(text.slice(4) + text.slice(0, 4)) === 1,
  verhoeff: (text: string) => /^\d{2,}$/.test(text) && isVerhoeff(text),
  mod11_10: (text: string) => /^\d{2,}$/.test(text) && isMod11And10(text),
} satisfies Record<string, (text: string) => boolean>;

const MOST_PATTERNS = 50;
const LONGEST_PATTERN = 500;
/** In instructions, each of which takes at most one character of a match. */
const LARGEST_PROGRAM = 500;

function readPattern(name: string, reader: Reader): Pattern {
  const fields = reader.members('kind', 'confidence', 'pattern', 'validator', 'examples', 'counterexamples');
  const source = fields.pattern.text(LONGEST_PATTERN);
  checkBounded(fields.pattern, source);
  const validator = fields.validator.optional((field) =>
    field.oneOf(Object.keys(VALIDATORS) as (keyof typeof VALIDATORS)[]),
  );
  return {
    name,
    kind: readKind(fields.kind),
    confidence: fields.confidence.confidence(),
    expression: compile(fields.pattern, source),
    needed: neededLiteral(source),
    isValid: validator === undefined ? () => true : VALIDATORS[validator],
    examples: fields.examples.texts(1, 20, 1000),
    counterexamples: fields.counterexamples.texts(1, 20, 1000),
  };
}

function compile(reader: Reader, source: string): RE2JS {
  let expression: RE2JS;
  try {
    expression = RE2JS.compile(source);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return reader.fail(`a pattern in RE2's syntax, got ${error.message.slice(0, 200)}`);
  }
  const size = expression.programSize();
  if (size > LARGEST_PROGRAM) reader.fail(`a pattern of at most ${LARGEST_PROGRAM} instructions, got ${size}`);
  if (expression.test('')) reader.fail('a pattern that does not match an empty text');
  return expression;
}

/** Characters that are looked at together; a match may reach beyond by its longest. */
const CHUNK = 4096;
/** Up to so many, each for itself is faster than all at once. */
const FEW = 2;

/** In instructions of all patterns together: what their common automaton is made of. */
const LARGEST_SET = 5000;

export function readPatterns(reader: Reader): Patterns {
  const list = reader.entries(MOST_PATTERNS).map(([name, entry]) => readPattern(name, entry));
  const size = list.reduce((sum, { expression }) => sum + expression.programSize(), 0);
  if (size > LARGEST_SET) reader.fail(`patterns of at most ${LARGEST_SET} instructions together, got ${size}`);
  return new Patterns(list);
}

/** All patterns of a rule set. */
export class Patterns {
  readonly list: readonly Pattern[];
  private readonly set = new RE2Set();
  private readonly reach: number;

  constructor(list: readonly Pattern[]) {
    this.list = list;
    for (const { expression } of list) this.set.add(expression.pattern());
    this.set.compile();
    // An instruction takes a code point, which is up to two code units; one more for what an assertion looks at.
    this.reach = 2 * Math.max(0, ...list.map(({ expression }) => expression.programSize())) + 2;
  }

  /**
   * What the patterns find, leftmost first and without overlaps within a pattern. One pass of an automaton says which of them
   * match somewhere in a chunk, since finding where is ten times slower.
   */
  find(text: string): Finding[] {
    const tried = candidates(this.list, text);
    if (tried.length === 0) return [];
    const found: Finding[] = [];
    const next = new Map<Pattern, number>();
    for (let from = 0, end = 0; from < text.length; from = end) {
      end = chunkEnd(text, from);
      // The character before is there for \b and ^, what follows for a match that begins in this chunk.
      const base = Math.max(0, from - 1);
      const window = text.slice(base, end + this.reach);
      for (const pattern of this.matching(tried, window)) {
        const start = Math.max(next.get(pattern) ?? 0, from);
        next.set(pattern, findOne(pattern, window, base, start, end, found));
      }
    }
    return found.sort((a, b) => a.start - b.start || a.end - b.end);
  }

  private matching(tried: readonly Pattern[], window: string): readonly Pattern[] {
    if (tried.length <= FEW) return tried.filter(({ expression }) => expression.test(window));
    const matching = new Set(this.set.match(window).map((i) => this.list[i]));
    return tried.filter((pattern) => matching.has(pattern));
  }
}

/** Not between the halves of a pair: `.` would match one of them. */
function chunkEnd(text: string, from: number): number {
  const end = from + CHUNK;
  const next = text.charCodeAt(end);
  return next >= 0xdc00 && next <= 0xdfff ? end + 1 : end;
}

function candidates(list: readonly Pattern[], text: string): Pattern[] {
  // The long s and the Kelvin sign are s and k to a pattern that ignores case.
  let lower: string | undefined;
  return list.filter(({ needed }) => {
    if (needed === undefined) return true;
    if (!needed.ignoreCase) return text.includes(needed.literal);
    lower ??= text.toLowerCase().replaceAll('\u017F', 's');
    return lower.includes(needed.literal);
  });
}

/** @returns where the next match may begin */
function findOne(pattern: Pattern, window: string, base: number, start: number, end: number, found: Finding[]): number {
  const matcher = pattern.expression.matcher(window);
  let at = start;
  while (at - base <= window.length && matcher.find(at - base)) {
    const from = base + matcher.start();
    if (from >= end) break;
    const to = base + matcher.end();
    at = Math.max(to, from + 1);
    if (to > from && pattern.isValid(window.slice(from - base, to - base).replace(/[^A-Z0-9]/g, ''))) {
      const { kind, confidence, name } = pattern;
      found.push({ kind, start: from, end: to, confidence, rule: `own/pattern/${name}` });
    }
  }
  return at;
}
