import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Labels } from '../../src/classify/label.ts';
import { isOfKind, maskBody } from '../../src/classify/mask.ts';
import { textsOf } from '../../src/classify/text.ts';
import { parse } from '../../src/json/index.ts';

const RULESET = '0'.repeat(64);

/** Finds each of these in a body, and masks the kinds. */
function masked(body: string, found: [kind: string, text: string][], kinds: string[]): string {
  const bytes = Buffer.from(body);
  const labels = new Labels(RULESET);
  for (const text of textsOf(parse(bytes)).texts) {
    const findings = found.flatMap(([kind, what]) => {
      const start = text.text.indexOf(what);
      return start < 0 ? [] : [{ kind, start, end: start + what.length, confidence: 1, rule: 'test' }];
    });
    labels.add('sensitivity', text, findings);
  }
  return Buffer.from(maskBody(bytes, labels.marks, kinds)?.bytes ?? bytes).toString();
}

test('a kind stands for all kinds below it, and for no other', () => {
  expect(isOfKind('secret.github', ['secret'])).toBe(true);
  expect(isOfKind('secret', ['secret'])).toBe(true);
  expect(isOfKind('secrets', ['secret'])).toBe(false);
  expect(isOfKind('personal.email', ['secret', 'personal.phone'])).toBe(false);
});

test('what is masked is replaced by its kind, and all else stays as it was written', () => {
  const body = '{ "a" : "key \\u0041BC, mail x@y.z" ,"n":1e2}';
  const found: [string, string][] = [
    ['secret.key', 'ABC'],
    ['personal.email', 'x@y.z'],
  ];
  expect(masked(body, found, ['secret'])).toBe('{ "a" : "key __secret.key__, mail x@y.z" ,"n":1e2}');
  expect(masked(body, found, ['secret', 'personal'])).toBe(
    '{ "a" : "key __secret.key__, mail __personal.email__" ,"n":1e2}',
  );
  expect(masked(body, found, ['health'])).toBe(body);
});

test('where two overlap, both go', () => {
  const found: [string, string][] = [
    ['secret.uri', 'p://u:pw@h'],
    ['secret.password', 'pw'],
    ['personal.email', 'pw@h.example'],
  ];
  expect(masked('{"a":"see p://u:pw@h.example now"}', found, ['secret', 'personal'])).toBe(
    '{"a":"see __secret.uri__ now"}',
  );
});

test('nothing of what is masked is left, however it was written, and the body is the same but for it', () => {
  const plain = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', 'é', '😀', ' '), maxLength: 12 });
  fc.assert(
    fc.property(plain, plain, fc.boolean(), (before, after, nested) => {
      const secret = 'S"ecret\\é😀';
      const inner = nested ? JSON.stringify({ k: before + secret + after, other: 'x\n' }) : before + secret + after;
      const body = JSON.stringify({
        messages: [
          { role: 'user', content: inner },
          { role: 'tool', content: after },
        ],
      });
      const result = JSON.parse(masked(body, [['secret.s', secret]], ['secret']));
      const expected = `${before}__secret.s__${after}`;
      const { content } = result.messages[0];
      expect(nested ? JSON.parse(content).k : content).toBe(expected);
      expect(result.messages[1].content).toBe(after);
    }),
  );
});

test('labels of one kind beyond fifty are counted, not listed; all of them are masked', () => {
  const labels = new Labels(RULESET);
  const bytes = Buffer.from(JSON.stringify({ a: 'k '.repeat(120) }));
  const [text] = textsOf(parse(bytes)).texts;
  if (!text) throw new Error('expected a text');
  const findings = Array.from({ length: 120 }, (_, i) => ({
    ...{ kind: 'secret.k', start: 2 * i, end: 2 * i + 1 },
    ...{ confidence: 1, rule: 'test' },
  }));
  labels.add('sensitivity', text, findings);
  expect(labels.all).toHaveLength(50);
  expect(labels.all.at(-1)).toMatchObject({ more: 70 });
  expect(Buffer.from(maskBody(bytes, labels.marks, ['secret'])?.bytes ?? bytes).toString()).not.toContain('k ');
});
