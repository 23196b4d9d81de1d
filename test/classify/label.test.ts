import { expect, test } from '@jest/globals';
import { inspect, parseRuleset } from '../../src/classify/index.ts';
import { Labels } from '../../src/classify/label.ts';
import type { Text } from '../../src/classify/text.ts';
import { parse } from '../../src/json/index.ts';

const finding = (kind: string, at: number) => ({ kind, start: at, end: at + 1, confidence: 1, rule: 'r' });

/** A text that counts how often it is asked where something stands. */
function asked(): { text: Text; count: () => number } {
  let count = 0;
  const places: Text['places'] = (spans) => {
    count += spans.length;
    return spans.map((span) => ({ ...span, raw: span }));
  };
  return { text: { pointer: '/a', role: 'user', isKey: false, text: 'x', places }, count: () => count };
}

test('what is neither listed nor marked is counted, and not looked for in the body', () => {
  const { text, count } = asked();
  const labels = new Labels('digest', (kind) => kind === 'b');
  const many = Array.from({ length: 120 }, (_, at) => [finding('a', at), finding('b', at)]).flat();
  labels.add('risk', text, many);
  labels.add('risk', text, [finding('a', 120)]);
  expect(count()).toBe(50 + 120);
  expect(labels.all.map(({ kind }) => kind).filter((kind) => kind === 'a')).toHaveLength(50);
  expect(labels.all.filter(({ more }) => more).map(({ kind, more }) => [kind, more])).toEqual([
    ['a', 71],
    ['b', 70],
  ]);
  expect(labels.marks.filter(({ kind }) => kind === 'b')).toHaveLength(120);
});

test('every secret is masked, however many there are', () => {
  const tokens = Array.from({ length: 80 }, (_, i) => `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7'}${10 + i}`);
  const body = parse(Buffer.from(JSON.stringify({ input: tokens.join(' ') })));
  const options = { rules: parseRuleset({}), context: { route: null, tenant: null, jurisdiction: null } };
  const { masked } = inspect(body, { ...options, mask: ['secret'] });
  expect(masked?.count).toBe(80);
});
