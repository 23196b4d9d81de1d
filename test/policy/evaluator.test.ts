import { describe, expect, test } from '@jest/globals';
import { Evaluator, PolicyError } from '../../src/policy/index.ts';
import { compile } from '../support/opa.ts';

const REGO = `package t

import rego.v1

decision := {"effect": "allow", "reasons": [], "obligations": []} if input.kind == "allow"

decision := {"effect": "deny", "reasons": [{"code": "NO", "message": "no"}], "obligations": []} if input.kind == "deny"

decision := input.result if input.kind == "echo"

# Denies what it knows and allows the rest: such a policy must not meet an undefined input.
denylist := {"effect": "deny", "reasons": [{"code": "NO", "message": "no"}], "obligations": []} if input.bad

else := {"effect": "allow", "reasons": [], "obligations": []}

formatted := {"effect": "allow", "reasons": [{"code": "OK", "message": sprintf(input.format, [input.argument])}], "obligations": []}

sorted := {"effect": "deny", "reasons": {{"code": c, "message": "m"} | some c in input.codes}, "obligations": []}
`;
const ENTRYPOINTS = ['t/decision', 't/denylist', 't/formatted', 't/sorted'];
const source = compile(REGO, ENTRYPOINTS);
const evaluator = new Evaluator(source);
const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
const codes = (entrypoint: string, input: Uint8Array): string[] =>
  evaluator.decide(entrypoint, input).reasons.map((reason) => reason.code);

test('a decision comes with its exact text, the same every time', () => {
  const first = evaluator.decide('t/sorted', json({ codes: ['BB', 'CC', 'AA'] }));
  expect(first.json).toBe(
    '{"effect":"deny","obligations":[],"reasons":[{"code":"AA","message":"m"},{"code":"BB","message":"m"},{"code":"CC","message":"m"}]}',
  );
  const second = new Evaluator(source).decide('t/sorted', json({ codes: ['CC', 'AA', 'BB', 'AA'] }));
  expect(second.json).toBe(first.json);
  expect(first.fault).toBe(false);
});

test('the entrypoints are those that were compiled', () => {
  expect(evaluator.entrypoints.toSorted()).toEqual(ENTRYPOINTS.toSorted());
});

test('an undefined result is a denial', () => {
  expect(evaluator.decide('t/decision', json({ kind: 'other' }))).toMatchObject({
    effect: 'deny',
    fault: true,
    reasons: [{ code: 'POLICY_UNDEFINED' }],
  });
});

describe('a result that is no decision is a denial', () => {
  const reason = { code: 'NO', message: 'no' };
  test.each([
    true,
    null,
    'allow',
    [],
    {},
    { effect: 'allow' },
    { effect: 'allow', reasons: [] },
    { effect: 'ALLOW', reasons: [], obligations: [] },
    { effect: 'allow', reasons: [], obligations: [], more: 1 },
    { effect: 'deny', reasons: [], obligations: [] },
    { effect: 'escalate', reasons: [], obligations: [] },
    { effect: 'deny', reasons: [{ code: 'lower', message: '' }], obligations: [] },
    { effect: 'deny', reasons: [{ code: 'NO' }], obligations: [] },
    { effect: 'deny', reasons: [{ ...reason, more: 1 }], obligations: [] },
    { effect: 'allow', reasons: [], obligations: [{ no: 'type' }] },
  ])('%j', (result) => {
    expect(codes('t/decision', json({ kind: 'echo', result }))).toEqual(['POLICY_RESULT_INVALID']);
  });
});

test.each(['', '{"bad":true', '{"bad":true}}', '{"bad":true,"bad":false}', '\ufeff{"bad":true}', '{"bad":tru}'])(
  'bytes that are not one exact JSON text never reach policy: %j',
  (text) => {
    expect(codes('t/denylist', Buffer.from(text))).toEqual(['POLICY_ERROR']);
  },
);

test.each(['false', '0', '""', 'null'])('a falsy document is an input like any other: %s', (text) => {
  expect(evaluator.decide('t/denylist', Buffer.from(text)).effect).toBe('allow');
});

test('a view into a larger buffer is read at its own bounds', () => {
  const padded = Buffer.from('{"bad":false}{"kind":"deny"}]]]');
  expect(evaluator.decide('t/decision', padded.subarray(13, 28)).reasons).toMatchObject([{ code: 'NO' }]);
});

test('each input is read to its own end, whatever came before it', () => {
  const other = new Evaluator(source);
  const sizes = [0, 900_000, 1, 1024 * 1024 - 500, 30, 1_200_000, 2, 5_000_000, 3, 70_000];
  for (const [index, size] of sizes.entries()) {
    for (const one of [evaluator, other]) {
      const result = { effect: 'deny', reasons: [{ code: 'NO', message: `${index}` }], obligations: [] };
      const text = JSON.stringify({ kind: 'echo', result, pad: 'x'.repeat(size) });
      const shared = Buffer.from(new SharedArrayBuffer(text.length + 64), 32, text.length); // as the gateway's are
      shared.write(text);
      expect(one.decide('t/decision', shared).reasons).toEqual(result.reasons);
    }
  }
});

test('an unknown entrypoint is a denial', () => {
  expect(codes('t/none', json({}))).toEqual(['POLICY_ERROR']);
});

test('after thousands of evaluations that throw, the next decision is right', () => {
  const hostile = json({ format: '%(', argument: 1 });
  // One that is kept fails for good after about a thousand.
  const attacked = new Evaluator(source, 4 * 1024 * 1024);
  for (let i = 0; i < 2500; i++) {
    if (attacked.decide('t/formatted', hostile).reasons[0]?.code !== 'POLICY_ERROR') throw new Error('did not throw');
  }
  expect(attacked.decide('t/formatted', json({ format: '%d!', argument: 7 })).reasons).toEqual([
    { code: 'OK', message: '7!' },
  ]);
});

test('memory is bounded: what does not fit is a denial, the next call is not', () => {
  const small = new Evaluator(source, 2 * 1024 * 1024);
  const big = json({ kind: 'allow', pad: Array(200_000).fill(1) });
  expect(small.decide('t/decision', big).reasons).toMatchObject([{ code: 'POLICY_ERROR' }]);
  expect(small.decide('t/decision', json({ kind: 'allow' })).effect).toBe('allow');
  expect(evaluator.decide('t/decision', big).effect).toBe('allow');
});

test.each(['yaml.marshal(input)', 'regex.split(input.pattern, "a")', 'http.send(input)'])(
  'a policy that needs a builtin which the host does not offer is refused when it is loaded: %s',
  (call) => {
    const rego = `package t\n\nimport rego.v1\n\ndecision := {"effect": "allow", "reasons": [], "obligations": [], "x": ${call}}\n`;
    expect(() => new Evaluator(compile(rego, ['t/decision']))).toThrow(
      expect.objectContaining({ name: 'PolicyError', code: 'POLICY_BUILTIN_MISSING' }) as unknown as PolicyError,
    );
  },
);

test('what is no policy is refused when it is loaded', () => {
  const load = (wasm: Uint8Array, data: Uint8Array) => () => new Evaluator({ wasm, data });
  expect(load(Buffer.from('no wasm'), source.data)).toThrow(PolicyError);
  expect(load(source.wasm, Buffer.from('{"a":1'))).toThrow(PolicyError);
});
