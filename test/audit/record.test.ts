import { expect, test } from '@jest/globals';
import { decision, event, outcome, plain, text } from '../../src/audit/record.ts';
import { allow } from './support.ts';

const TIME = '2026-11-24T20:20:46.123Z';
const ID = '0193602d-9c6b-7a52-9f1c-0123456789ab';

test('a decision is worded in the order of the format, in pieces around the digests', () => {
  const { input, ...rest } = allow();
  const [type, head, middle, body, start, end, evaluated, stored] = decision({ ...rest, id: ID, input }, TIME);
  expect(type).toBe('decision');
  expect(head).toBe(
    `"time":"${TIME}","id":"${ID}","phase":"request","mode":"enforce","route":"support",` +
      '"subject":{"id":"ada","method":"token","roles":["agent"]},"app":"support-bot","entrypoint":"verdict/request",' +
      `"engine":"opa-wasm/1.10.0","bundle":{"digest":"${'ab'.repeat(32)}","revision":"r1","sequence":7},` +
      '"result":{"effect":"allow","obligations":[],"reasons":[]},"effect_enforced":"forward","body_sha256":',
  );
  expect(middle).toBe(',"body_bytes":200,"latency_us":321,"input_form":"full","input_sha256":');
  expect([body, end - start, evaluated, stored]).toEqual([null, 200, input, null]);
});

test('null stands for what was not known', () => {
  const nothing = { route: null, subject: null, app: null, entrypoint: null, engine: null, bundle: null };
  const denial = {
    effect_enforced: 'refuse',
    result: '{"effect":"deny","obligations":[],"reasons":[{"code":"X"}]}',
  } as const;
  const [, head, middle] = decision({ ...allow(), ...nothing, ...denial }, TIME);
  expect(head).toContain(
    '"route":null,"subject":null,"app":null,"entrypoint":null,"engine":null,"bundle":null,"result"',
  );
  expect(middle).not.toBe('');
});

test('a shadow route forwards what policy refuses, an enforcing one never', () => {
  for (const effect of ['deny', 'escalate']) {
    const result = `{"effect":"${effect}","obligations":[],"reasons":[{"code":"X"}]}`;
    expect(() => decision({ ...allow(), mode: 'shadow', result }, TIME)).not.toThrow();
    expect(() => decision({ ...allow(), result }, TIME)).toThrow(
      `expected effect_enforced refuse after effect ${effect}`,
    );
  }
});

test('a person is asked only where policy escalated', () => {
  const asked = { ...allow(), effect_enforced: 'ask' as const };
  const result = '{"effect":"escalate","obligations":[],"reasons":[{"code":"X"}]}';
  expect(decision({ ...asked, result }, TIME)[1]).toContain(',"effect_enforced":"ask",');
  for (const other of [asked.result, result.replace('escalate', 'deny')])
    expect(() => decision({ ...asked, result: other }, TIME)).toThrow('expected effect_enforced ask only after');
  expect(() => decision({ ...asked, result, bundle: null }, TIME)).toThrow('expected entrypoint, engine and bundle');
});

test('the gateway by itself can only deny', () => {
  for (const missing of [{ entrypoint: null }, { engine: null }, { bundle: null }]) {
    expect(() => decision({ ...allow(), ...missing }, TIME)).toThrow('expected entrypoint, engine and bundle');
    expect(() => decision({ ...allow(), ...missing, effect_enforced: 'refuse' }, TIME)).toThrow('with effect allow');
    expect(() => decision({ ...allow(), ...missing, mode: 'shadow' }, TIME)).toThrow('expected entrypoint');
  }
});

test('texts are clipped and well-formed', () => {
  expect(text(null)).toBe('null');
  expect(text('a"\n\u2028')).toBe('"a\\"\\n\u2028"');
  expect(JSON.parse(text('x'.repeat(5000)))).toHaveLength(4096);
  // Clipping must not leave half a character: exact JSON would refuse it.
  expect(JSON.parse(text(`${'x'.repeat(4095)}🚀`))).toBe(`${'x'.repeat(4095)}\ufffd`);
  expect(text('\udc00')).toBe('"\ufffd"');
});

test('events and outcomes', () => {
  expect(event({ type: 'config_activated', config_sha256: 'ef' }, ID, TIME)).toEqual(
    plain('config_activated', `"time":"${TIME}","id":"${ID}","config_sha256":"ef"`),
  );
  const bundle = { digest: 'ab', revision: 'r2', sequence: 8 };
  expect(event({ type: 'bundle_activated', bundle, previous: 'cd', rollback: true }, ID, TIME)[1]).toBe(
    `"time":"${TIME}","id":"${ID}","bundle":{"digest":"ab","revision":"r2","sequence":8},"previous":"cd","rollback":true}`,
  );
  const draft = {
    status: 502,
    upstream_status: null,
    upstream_request_id: null,
    response_sha256: 'aa',
    response_bytes: 0,
    ended: 'upstream_unavailable',
    fault: null,
    usage: null,
    finish: ['a', 'b'],
    tool_calls: [],
    provider_tools: [],
    not_inspected: [],
    duration_us: 5,
  } as const;
  expect(outcome(ID, ID, draft, TIME)[1]).toBe(
    `"time":"${TIME}","id":"${ID}","decision":"${ID}","status":502,"upstream_status":null,"upstream_request_id":null,` +
      '"response_sha256":"aa","response_bytes":0,"ended":"upstream_unavailable","fault":null,"usage":null,"finish":["a","b"],' +
      '"tool_calls":[],"provider_tools":[],"not_inspected":[],"duration_us":5}',
  );
  const tool_calls = [{ decision: null, name: null, released: false, more: 2 }];
  const provider_tools = [{ type: 'mcp_call', name: 'f', server: null }];
  expect(outcome(ID, ID, { ...draft, fault: 'INTERNAL', tool_calls, provider_tools }, TIME)[1]).toMatch(
    /"fault":"INTERNAL".*"tool_calls":\[\{"decision":null,"name":null,"released":false,"more":2\}\],"provider_tools":\[\{"type":"mcp_call","name":"f","server":null\}\]/,
  );
  expect(() => outcome(ID, ID, { ...draft, status: Number.NaN }, TIME)).toThrow('expected a whole number, got NaN');
  expect(() => outcome(ID, ID, { ...draft, usage: { note: 'x'.repeat(300_000) } }, TIME)).toThrow(
    /at most 262144 characters/,
  );
});

test('an outcome has room for all that a provider calls its tools', () => {
  const name = '\u0001'.repeat(256);
  const tool_calls = Array.from({ length: 258 }, () => ({ decision: ID, name, released: false, more: 0 }));
  const provider_tools = Array.from({ length: 64 }, () => ({ type: name, name, server: name }));
  const draft = {
    status: 200,
    upstream_status: 200,
    upstream_request_id: null,
    response_sha256: 'aa',
    response_bytes: 0,
  };
  const rest = { ended: 'complete', fault: null, usage: null, finish: [], not_inspected: [], duration_us: 5 } as const;
  const [, text] = outcome(ID, ID, { ...draft, ...rest, tool_calls, provider_tools }, TIME);
  expect(JSON.parse(`{${text}`).tool_calls).toHaveLength(258);
});
