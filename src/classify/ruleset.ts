import { createHash } from 'node:crypto';
import type { Finding } from './finding.ts';
import type { Regime } from './regulation.ts';
import { type Patterns, readPatterns } from './ruleset-pattern.ts';
import { Reader } from './ruleset-read.ts';
import { readRegimes } from './ruleset-regimes.ts';
import { readWords, type Words } from './ruleset-words.ts';

/**
 * Which detectors are built in. Raise it with every change to what they find, so that labels of different detectors don't
 * bear the same digest.
 */
export const DETECTORS_VERSION = 1;

/** What the operator adds to the built-in detectors: `data.classify` of the policy bundle, read. */
export interface Ruleset {
  patterns: Patterns;
  words: Words;
  /** Values that are examples and nobody's, without spaces and hyphens. */
  examples: ReadonlySet<string>;
  regimes: readonly Regime[];
  /** SHA-256, lower-case hex, of the version of the built-in detectors and of the operator's data. */
  digest: string;
}

/** An example of a pattern that came out otherwise than it says. */
export interface Failed {
  pattern: string;
  example: string;
  expected: 'found' | 'not found';
  got: 'found' | 'not found';
}

/**
 * @param data `data.classify`; undefined: nothing beside the built-in detectors
 * @throws ClassifyError RULESET_INVALID with the entry, and what was expected of it
 */
export function parseRuleset(data: unknown): Ruleset {
  const reader = new Reader(data ?? {}, 'classify');
  const { patterns, words, known_examples, regimes } = reader.members('patterns', 'words', 'known_examples', 'regimes');
  return {
    patterns: readPatterns(patterns),
    words: readWords(words),
    examples: new Set(known_examples.optional((list) => list.texts(0, 1000, 200))?.map(compact)),
    regimes: readRegimes(regimes),
    digest: digestOf(data ?? {}),
  };
}

const compact = (value: string): string => value.replace(/[\s-]/g, '');

function digestOf(data: unknown): string {
  return createHash('sha256')
    .update(canonical({ detectors: DETECTORS_VERSION, rules: data }))
    .digest('hex');
}

/** RFC 8785 for what a rule set may hold: keys by code unit, no space. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`;
}

/** Names the rules behind a label: the same digest, text and version of Node give the same labels. */
export const rulesetDigest = ({ digest }: Ruleset): string => digest;

/** What the operator's own patterns and words find in a text. */
export function findOwn(text: string, rules: Ruleset): Finding[] {
  const found = [...rules.patterns.find(text), ...rules.words.find(text)];
  return withoutExamples(text, found, rules);
}

/** Leaves out what the operator has listed as an example, such as the card number in their own documentation. */
export function withoutExamples(text: string, found: readonly Finding[], { examples }: Ruleset): Finding[] {
  if (examples.size === 0) return [...found];
  return found.filter(({ start, end }) => end - start > 400 || !examples.has(compact(text.slice(start, end))));
}

/** Tries each pattern on its examples and counterexamples; empty if all is as they say. */
export function testRuleset({ patterns }: Ruleset): Failed[] {
  return patterns.list.flatMap(({ name, examples, counterexamples }) => {
    const rule = `own/pattern/${name}`;
    const isFound = (text: string): boolean => patterns.find(text).some((finding) => finding.rule === rule);
    return [
      ...examples.filter((example) => !isFound(example)).map((example) => failed(name, example, 'found', 'not found')),
      ...counterexamples.filter(isFound).map((example) => failed(name, example, 'not found', 'found')),
    ];
  });
}

const failed = (pattern: string, example: string, expected: Failed['expected'], got: Failed['got']): Failed => ({
  pattern,
  example,
  expected,
  got,
});
