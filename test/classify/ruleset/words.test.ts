import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findOwn, parseRuleset } from '../../../src/classify/ruleset.ts';

const list = (words: string[], more: object = {}): object => ({
  kind: 'proprietary.project',
  confidence: 0.8,
  words,
  ...more,
});
const found = (text: string, words: string[], more: object = {}): string[] =>
  findOwn(text, parseRuleset({ words: { w: list(words, more) } })).map(({ start, end }) => text.slice(start, end));

test('a finding says what, where, how sure, and by which list', () => {
  const rules = parseRuleset({ words: { projects: list(['Blue Heron']) } });
  expect(findOwn('the blue heron', rules)).toEqual([
    { kind: 'proprietary.project', start: 4, end: 14, confidence: 0.8, rule: 'own/words/projects' },
  ]);
});

test.each<[string, string[], string[]]>([
  ['Nightjar, NIGHTJAR; nightjar', ['Nightjar'], ['Nightjar', 'NIGHTJAR', 'nightjar']],
  ['nightjars, anightjar, night_jar, nightjar_2', ['nightjar'], []],
  ['Blue Heron II', ['Blue', 'Blue Heron', 'Heron'], ['Blue Heron']],
  ['C++ and C', ['c++'], ['C++']],
  ['Überblick ÜBERBLICK', ['überblick'], ['Überblick', 'ÜBERBLICK']],
  ['本计划机密内容', ['机密'], ['机密']],
  ['İ nightjar', ['nightjar'], ['nightjar']],
  ['xx xx', ['xx'], ['xx', 'xx']],
  ['', ['xx'], []],
])('in %j of %j: %j', (text, words, expected) => {
  expect(found(text, words)).toEqual(expected);
});

test('with regard to case', () => {
  expect(found('Mercury mercury MERCURY', ['Mercury'], { case: 'exact' })).toEqual(['Mercury']);
});

test('as many words as there are, each is found where it stands', () => {
  const word = fc.stringMatching(/^[a-c]{2,5}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), fc.array(word, { maxLength: 40 }), (words, said) => {
      expect(found(said.join(' '), words)).toEqual(said.filter((one) => words.includes(one)));
    }),
  );
});
