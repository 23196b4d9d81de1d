import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  DETECTORS_VERSION,
  findOwn,
  parseRuleset,
  rulesetDigest,
  testRuleset,
  withoutExamples,
} from '../../../src/classify/ruleset.ts';

const PATTERN = {
  kind: 'personal.employee_number',
  confidence: 0.9,
  pattern: '\\bEMP-[0-9]{6}\\b',
  examples: ['badge EMP-104211'],
  counterexamples: ['EMP-1042', 'TEMP-104211'],
};
const withPattern = (change: object): unknown => ({ patterns: { staff: { ...PATTERN, ...change } } });
const WORDS = { kind: 'proprietary.project', confidence: 0.8, words: ['Nightjar'] };
const REGIME = { title: 'T', citation: 'C', when: [{ kinds: ['personal'] }] };

test('nothing given: nothing but what is built in', () => {
  const rules = parseRuleset(undefined);
  expect(findOwn('EMP-104211', rules)).toEqual([]);
  expect(rules.regimes).toEqual([]);
  expect(rules.digest).toBe(parseRuleset({}).digest);
});

test.each<[string, unknown, string]>([
  ['no object', [], 'classify: expected an object'],
  [
    'an unknown key',
    { pattern: {} },
    'classify: expected one of patterns, words, known_examples, regimes, got "pattern"',
  ],
  ['a bad name', { patterns: { 'A b': PATTERN } }, 'classify.patterns.A b: expected a name'],
  ['an unknown field', withPattern({ validater: 'luhn' }), 'classify.patterns.staff: expected one of kind,'],
  ['another stage’s kind', withPattern({ kind: 'prompt_injection' }), 'staff.kind: expected a kind such as'],
  ['a kind that only begins like one', withPattern({ kind: 'personality' }), 'staff.kind: expected a kind such as'],
  ['no confidence', withPattern({ confidence: 0 }), 'staff.confidence: expected a number from 0.01 to 1'],
  ['thousandths', withPattern({ confidence: 0.555 }), 'staff.confidence: expected a number from 0.01 to 1'],
  ['not RE2', withPattern({ pattern: '(a' }), "staff.pattern: expected a pattern in RE2's syntax"],
  ['a back-reference', withPattern({ pattern: '(a)\\1' }), "staff.pattern: expected a pattern in RE2's syntax"],
  ['look-behind', withPattern({ pattern: '(?<=a)b' }), "staff.pattern: expected a pattern in RE2's syntax"],
  ['a star', withPattern({ pattern: 'a.*b' }), 'expected a pattern whose repetitions have an upper bound'],
  ['a plus', withPattern({ pattern: 'EMP-[0-9]+' }), 'expected a pattern whose repetitions have an upper bound'],
  ['a lazy star', withPattern({ pattern: '(?:ab)*?c' }), 'expected a pattern whose repetitions have an upper bound'],
  ['no upper bound', withPattern({ pattern: 'a{3,}' }), 'expected a pattern whose repetitions have an upper bound'],
  ['a program too large', withPattern({ pattern: '[a-z]{600}' }), 'staff.pattern: expected a pattern of at most 500'],
  [
    'an empty match',
    withPattern({ pattern: 'a?' }),
    'staff.pattern: expected a pattern that does not match an empty text',
  ],
  [
    'a long pattern',
    withPattern({ pattern: 'a'.repeat(501) }),
    'staff.pattern: expected a text of 1 to 500 characters',
  ],
  ['an unknown validator', withPattern({ validator: 'sum' }), 'staff.validator: expected one of luhn, mod97,'],
  ['no examples', withPattern({ examples: [] }), 'staff.examples: expected a list of 1 to 20 texts'],
  ['no counterexamples', withPattern({ counterexamples: undefined }), 'staff.counterexamples: expected a list of'],
  [
    'a word too short',
    { words: { a: { ...WORDS, words: ['x'] } } },
    'classify.words.a.words[0]: expected a word of 2 to 100',
  ],
  [
    'spaces around a word',
    { words: { a: { ...WORDS, words: ['ok', ' no'] } } },
    'classify.words.a.words[1]: expected a word',
  ],
  [
    'an unknown case',
    { words: { a: { ...WORDS, case: 'upper' } } },
    'classify.words.a.case: expected one of exact, ignore',
  ],
  ['examples that are no texts', { known_examples: [4111] }, 'classify.known_examples[0]: expected a text'],
  [
    'a regime for everything',
    { regimes: { x: { ...REGIME, when: [{}] } } },
    'classify.regimes.x.when[0]: expected at least one of',
  ],
  [
    'a regime without when',
    { regimes: { x: { ...REGIME, when: [] } } },
    'classify.regimes.x.when: expected a list of 1 to 20',
  ],
  [
    'a misspelt condition',
    { regimes: { x: { ...REGIME, when: [{ kind: ['a'] }] } } },
    'classify.regimes.x.when[0]: expected one of',
  ],
  [
    'a country’s name',
    { regimes: { x: { ...REGIME, when: [{ jurisdictions: ['Germany'] }] } } },
    'expected an ISO 3166 code',
  ],
  [
    'Norway without quotes',
    { regimes: { x: { ...REGIME, when: [{ jurisdictions: [false] }] } } },
    'expected an ISO 3166 code',
  ],
])('refused: %s', (_, data, message) => {
  expect(() => parseRuleset(data)).toThrow(message);
  expect(() => parseRuleset(data)).toThrow(expect.objectContaining({ code: 'RULESET_INVALID' }));
});

test('at most fifty patterns, and so much of them together', () => {
  const many = (count: number, pattern: string): unknown => ({
    patterns: Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, { ...PATTERN, pattern }])),
  });
  expect(() => parseRuleset(many(51, 'abc'))).toThrow('expected at most 50 entries, got 51');
  expect(() => parseRuleset(many(50, '[a-z]{400}'))).toThrow('expected patterns of at most 5000 instructions together');
});

test('signs of repetition that are none are no repetition', () => {
  for (const pattern of ['C\\+\\+[0-9]', '[*+]x', '\\Qa*b+\\E', 'x\\{3,\\}', '[^]*+]x', '[[:alpha:]*]x', '\\x{2b}x']) {
    expect(() => parseRuleset(withPattern({ pattern }))).not.toThrow();
  }
});

describe('the digest', () => {
  const digest = (data: unknown): string => rulesetDigest(parseRuleset(data));

  test('is of the data, not of how it is written', () => {
    const { kind, ...others } = PATTERN;
    expect(digest({ patterns: { staff: { ...others, kind } }, words: {} })).toBe(
      digest({ words: {}, patterns: { staff: PATTERN } }),
    );
    const canonical = `{"detectors":${DETECTORS_VERSION},"rules":{}}`;
    expect(digest({})).toBe(createHash('sha256').update(canonical).digest('hex'));
  });

  test('changes with every change', () => {
    const digests = [
      {},
      withPattern({}),
      withPattern({ confidence: 0.8 }),
      withPattern({ validator: 'luhn' }),
      { words: { a: WORDS } },
      { known_examples: ['4111'] },
      { regimes: { x: REGIME } },
    ].map(digest);
    expect(new Set(digests).size).toBe(digests.length);
  });
});

describe('examples', () => {
  test('that are as they say', () => {
    expect(testRuleset(parseRuleset(withPattern({})))).toEqual([]);
  });

  test('that are not', () => {
    const rules = parseRuleset(withPattern({ examples: ['EMP-1'], counterexamples: ['x EMP-104211 y', 'no'] }));
    expect(testRuleset(rules)).toEqual([
      { pattern: 'staff', example: 'EMP-1', expected: 'found', got: 'not found' },
      { pattern: 'staff', example: 'x EMP-104211 y', expected: 'not found', got: 'found' },
    ]);
  });

  test('are of their own pattern, whatever others find', () => {
    const rules = parseRuleset({
      patterns: { a: { ...PATTERN, pattern: 'zzz' }, b: PATTERN },
    });
    expect(testRuleset(rules).map(({ pattern }) => pattern)).toEqual(['a']);
  });
});

test('known examples are nobody’s, with or without spaces and hyphens', () => {
  const rules = parseRuleset({ known_examples: ['4111 1111 1111 1111'] });
  const text = '4111-1111-1111-1111 and 4222222222222';
  const [known, other] = [
    [0, 19],
    [24, 37],
  ].map(([start = 0, end = 0]) => ({ kind: 'payment.card', start, end, confidence: 1, rule: 'r' }));
  expect(known && other && withoutExamples(text, [known, other], rules)).toEqual([other]);
});
