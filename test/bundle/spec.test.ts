import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseSpec } from '../../src/bundle/index.ts';
import { SPEC } from './support.ts';

const text = readFileSync(SPEC, 'utf8');

test('the default bundle', () => {
  expect(parseSpec(text)).toMatchObject({ name: 'default', sequence: 1, sources: ['../policies'], coverage: 100 });
});

test('moments', () => {
  const spec = parseSpec(`${text}\nnot_before: "2027-01-01T00:00:00Z"\nnot_after: "2028-01-01T00:00:00.000Z"\n`);
  expect(spec.notBefore).toEqual(new Date('2027-01-01T00:00:00Z'));
  expect(spec.notAfter).toEqual(new Date('2028-01-01T00:00:00Z'));
});

describe('refused with line and expectation', () => {
  test.each([
    ['not a mapping', '- a\n', 'line 1: expected a mapping'],
    ['bad YAML', 'name: [\n', 'line '],
    ['a key twice', `${text}\nname: again\n`, 'Map keys must be unique'],
    ['an unknown key', `${text}\nsecuence: 2\n`, 'expected one of name, revision'],
    ['a name that leaves the folder', text.replace('name: default', 'name: ../default'), 'line 2: expected name'],
    ['a sequence of 0', text.replace('sequence: 1', 'sequence: 0'), 'expected sequence as an integer from 1'],
    ['a sequence in words', text.replace('sequence: 1', 'sequence: one'), 'expected sequence as an integer'],
    ['no sequence', text.replace('sequence: 1', ''), 'expected sequence'],
    ['a number as revision', text.replace('"0.1.0"', '0.1'), 'expected revision as a text'],
    ['no sources', text.replace('[../policies]', '[]'), 'expected sources as a list'],
    ['an entrypoint that is an option', text.replace('verdict/tool', '--help'), 'expected entrypoints as a list'],
    ['a coverage of 101', text.replace('coverage: 100', 'coverage: 101'), 'from 0 to 100'],
    ['a moment without a zone', `${text}\nnot_after: "2027-01-01T00:00:00"\n`, 'RFC 3339 in UTC'],
    ['a moment that does not exist', `${text}\nnot_after: "2027-02-31T25:00:00Z"\n`, 'RFC 3339 in UTC'],
  ])('%s', (_name, changedText, expected) => {
    expect(() => parseSpec(changedText)).toThrow(/^BUNDLE_SPEC_INVALID: line \d+: /);
    expect(() => parseSpec(changedText)).toThrow(expected);
  });
});
