import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findOwn, parseRuleset } from '../../../src/classify/ruleset.ts';

const pattern = (source: string, more: object = {}): object => ({
  ...{ kind: 'proprietary.x', confidence: 0.7, pattern: source, examples: ['-'], counterexamples: ['-'] },
  ...more,
});
const rulesOf = (...sources: string[]) =>
  parseRuleset({ patterns: Object.fromEntries(sources.map((source, i) => [`p${i}`, pattern(source)])) });
const whats = (text: string, ...sources: string[]): string[] =>
  findOwn(text, rulesOf(...sources)).map(({ start, end }) => text.slice(start, end));

test('a finding says what, where, how sure, and by which rule', () => {
  const rules = parseRuleset({
    patterns: { staff: pattern('EMP-[0-9]{3}', { kind: 'personal.staff', confidence: 0.95 }) },
  });
  expect(findOwn('x EMP-123', rules)).toEqual([
    { kind: 'personal.staff', start: 2, end: 9, confidence: 0.95, rule: 'own/pattern/staff' },
  ]);
});

test.each<[string, string, string[]]>([
  ['EMP-[0-9]{3}', 'EMP-123EMP-456 EMP-7', ['EMP-123', 'EMP-456']],
  ['(?i)emp-[0-9]{3}', 'Emp-123 eMP-456', ['Emp-123', 'eMP-456']],
  ['(?i)mask-[0-9]', 'MAſK-1', ['MAſK-1']],
  ['(?i)kiwi-[0-9]', '\u212Aiwi-1', ['\u212Aiwi-1']],
  ['(?:emp|staff)-[0-9]', 'emp-1 staff-2', ['emp-1', 'staff-2']],
  ['^abc[0-9]', 'abc1 abc2\nabc3', ['abc1']],
  ['(?m)^abc[0-9]$', 'abc1 abc2\nabc3', ['abc3']],
  ['[0-9]{2}€', 'ein 😀 Preis: 12€', ['12€']],
  ['.{1,2}x', '😀😀x', ['😀😀x']],
])('%s in %j: %j', (source, text, expected) => {
  expect(whats(text, source)).toEqual(expected);
});

test.each<[string, string, string]>([
  ['luhn', '4111 1111 1111 1111', '4111 1111 1111 1112'],
  ['mod97', '1234567890 12345 62', '1234567890 12345 63'],
  ['iban', 'DE89 3704 0044 0532 0130 00', 'DE89 3704 0044 0532 0130 01'],
  ['verhoeff', '2363', '2364'],
  ['mod11_10', '86095742719', '86095742718'],
])('validator %s', (validator, right, wrong) => {
  const rules = parseRuleset({ patterns: { p: pattern('[A-Z0-9 ]{4,40}', { validator }) } });
  const found = (text: string): number => findOwn(text, rules).length;
  expect([found(right), found(wrong)]).toEqual([1, 0]);
});

describe('a text in many chunks', () => {
  // More than two patterns are tried together, fewer one by one; with a literal that is needed, and without.
  const OTHERS = ['never1[0-9]', '[x-z]{3}never2', '(?i)never[0-9]{9}'];

  test.each([[[]], [OTHERS]])('finds the same as JavaScript, with %j beside', (others: string[]) => {
    const unit = fc.constantFrom(
      'a',
      'b',
      '1',
      ' ',
      '-',
      '\n',
      '😀',
      'ab1-',
      'x'.repeat(1500),
      ' '.repeat(4090),
      '😀'.repeat(2044),
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 40 }), (parts) => {
        const text = parts.join('');
        for (const source of ['\\b[ab]{1,3}[0-9]-?', '.[ab]', '(?:ab|b1)', 'x{20,30}', 'a1']) {
          const expected = [...text.matchAll(new RegExp(source, 'gu'))].map(({ 0: what, index }) => `${index} ${what}`);
          const rules = rulesOf(source, ...others);
          const got = findOwn(text, rules).filter(({ rule }) => rule === 'own/pattern/p0');
          expect(got.map(({ start, end }) => `${start} ${text.slice(start, end)}`)).toEqual(expected);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('what stands before a chunk, or on its border, is seen', () => {
    expect(whats(`${'x'.repeat(4096)}EMP-123`, '\\bEMP-[0-9]{3}')).toEqual([]);
    expect(whats(`${' '.repeat(4095)}😀x ax`, '[^\\x{1F600}]x')).toEqual(['ax']);
  });

  test('a match across the border of two chunks is found once', () => {
    for (let shift = 0; shift < 12; shift++) {
      const text = `${' '.repeat(4090 + shift)}EMP-123 tail`;
      expect(whats(text, 'EMP-[0-9]{3}\\b')).toEqual(['EMP-123']);
    }
  });
});

test.each(['a', 'ab', 'EMP-', 'EMP-1 ', 'Nightjar ', 'ni'])('linear: %j', (unit) => {
  const rules = parseRuleset({
    patterns: { a: pattern('EMP-[0-9]{6}'), b: pattern('a{1,100}b'), c: pattern('[a-z]{2,50}[0-9]') },
    words: { w: { kind: 'proprietary', confidence: 1, words: ['Nightjar', 'ni ni', 'aa', `${'a'.repeat(99)}b`] } },
  });
  const timeOf = (size: number): number => {
    const text = unit.repeat(size / unit.length);
    const start = performance.now();
    findOwn(text, rules);
    return performance.now() - start;
  };
  const ratios: number[] = [];
  do ratios.push(timeOf(200_000) / Math.max(timeOf(50_000), 5));
  while ((ratios.at(-1) as number) >= 12 && ratios.length < 5);
  expect(Math.min(...ratios)).toBeLessThan(12);
});
