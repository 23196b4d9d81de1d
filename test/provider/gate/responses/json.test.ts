import { describe, expect, test } from '@jest/globals';
import { openResponsesJsonGate } from '../../../../src/provider/gate/responses/json.ts';
import { allowAll, deny, denyAll, NOTICE, ruleBy } from '../run.ts';
import { describeProposal, functionItem, type Item, messageItem, OPTIONS, response, STRIP } from './run.ts';

function render(body: string, rule = allowAll, options = OPTIONS) {
  const gate = openResponsesJsonGate(Buffer.from(body), options);
  const { body: bytes, status } = gate.render(new Map(gate.proposals.map((one) => [one.key, rule(one)])));
  const proposals = gate.proposals.map(describeProposal);
  return { out: Buffer.from(bytes).toString(), status, proposals, fault: gate.fault, observed: gate.observed() };
}

const items = (): Item[] => [
  messageItem(0, 'Grüße 😀'),
  { id: 'ws', type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'q' } },
  functionItem(2, 'read', '{"path":"ä"}'),
  functionItem(3, 'remove', '{"secret":"canary"}'),
];
const BODY = JSON.stringify(response('completed', items()), null, 2);

describe('a whole response', () => {
  test('leaves byte for byte when all is released', () => {
    expect(render(BODY)).toEqual({
      out: BODY,
      status: undefined,
      fault: undefined,
      proposals: ['function read call_2 {"path":"ä"}', 'function remove call_3 {"secret":"canary"}'],
      observed: { calls: 1, tools: [{ type: 'web_search_call', name: null, server: null }], abandoned: 0 },
    });
  });

  test("error: the vendor's own, with the status of the refusal", () => {
    const { out, status } = render(
      BODY,
      ruleBy((name) => name === 'remove'),
    );
    expect(status).toBe(403);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'TOOL_DENIED', decision_id: 'decision-1' } });
  });

  test('strip: a message in its place, every other byte as it came', () => {
    const { out, status } = render(
      BODY,
      ruleBy((name) => name === 'remove'),
      STRIP,
    );
    expect(status).toBeUndefined();
    expect(out).not.toContain('canary');
    const item = JSON.parse(out).output[3];
    expect(item).toMatchObject({
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ text: NOTICE }],
    });
    const [before, after] = out.split(JSON.stringify(item));
    expect(BODY.startsWith(before ?? '-')).toBe(true);
    expect(BODY.endsWith(after ?? '-')).toBe(true);
    const ids = JSON.parse(render(BODY, denyAll, STRIP).out).output.map(({ id }: Item) => id);
    expect(ids).toEqual(['msg_0', 'ws', 'msg_decision-1_0', 'msg_decision-1_1']);
  });

  test.each([
    ['nothing that runs', response('completed', [messageItem(0, 'x')])],
    ['a list yet to come', { object: 'response', status: 'queued' }],
    ['an error', { error: { message: 'm', code: 'x' } }],
  ])('without calls it leaves as it is: %s', (_, body) => {
    const text = JSON.stringify(body);
    expect(render(text)).toMatchObject({ out: text, status: undefined, proposals: [] });
  });

  test.each<[string, string, Item, string]>([
    ['incomplete', 'incomplete', functionItem(0, 'f', '{"a":', { status: 'incomplete' }), 'TOOL_CALL_INCOMPLETE'],
    ['of a response that failed', 'failed', functionItem(0, 'f', '', { status: undefined }), 'TOOL_CALL_INCOMPLETE'],
    ['no exact JSON', 'completed', functionItem(0, 'f', '{"a":1,"A":2}'), 'TOOL_ARGUMENTS_INVALID'],
    ['too large', 'completed', functionItem(0, 'f', `"${'x'.repeat(70_000)}"`), 'TOOL_ARGUMENTS_TOO_LARGE'],
    ['not known', 'completed', { type: 'teleport_call', id: 'x' }, 'TOOL_CALL_UNKNOWN'],
  ])('a call that cannot be judged: %s', (_, status, item, fault) => {
    const gate = openResponsesJsonGate(Buffer.from(JSON.stringify(response(status, [item]))), OPTIONS);
    expect(gate.proposals).toMatchObject([{ fault, calls: [{ arguments: undefined }] }]);
    expect(() => gate.render(new Map([[0, { release: true }]]))).toThrow(fault);
    expect(() => gate.render(new Map())).toThrow('a ruling on each proposal');
    expect(gate.render(new Map([[0, deny(fault)]])).status).toBe(403);
  });

  test('what was complete in a response that is not is judged as ever', () => {
    const body = JSON.stringify(response('incomplete', [functionItem(0, 'f', '{}')]));
    expect(render(body)).toMatchObject({ out: body, proposals: ['function f call_0 {}'] });
  });

  test.each([
    ['no JSON', '{"output":['],
    ['a list', '[]'],
    ['something else', '{"choices":[]}'],
    ['an output that is no list', '{"object":"response","output":{}}'],
    ['an item that is none', '{"object":"response","output":[1]}'],
    ['an output in another case', '{"object":"response","Output":[]}'],
    ['two outputs', '{"object":"response","output":[],"output":[]}'],
    ['half a character in a call', '{"output":[{"type":"function_call","name":"f","arguments":"{}","x":"\\ud83d"}]}'],
    ['a number in a call that no double holds', `{"output":[{"type":"shell_call","action":{"a":${'9'.repeat(20)}}}]}`],
    ['empty', ''],
  ])('cannot be followed: %s', (_, body) => {
    const { fault, status, proposals, out } = render(body);
    expect([fault, status, proposals]).toEqual(['RESPONSE_UNREADABLE', 502, []]);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'RESPONSE_UNREADABLE', decision_id: 'decision-0' } });
  });

  test('what is beside calls need not be exact', () => {
    const body = `{"output":[${JSON.stringify(functionItem(0, 'f', '{}'))}],"text":"\\ud83d","seed":${'9'.repeat(20)}}`;
    expect(render(body)).toMatchObject({ out: body, proposals: ['function f call_0 {}'] });
    expect(render(body, denyAll, STRIP).out).toMatch(
      /^\{"output":\[\{"id":"msg_decision-1_0".*\],"text":"\\ud83d","seed":9{20}\}$/,
    );
  });

  test('bounds', () => {
    const many = Array.from({ length: 5000 }, (_, i) => functionItem(i, `f${i}`, '{}'));
    const body = JSON.stringify(response('completed', many));
    const options = { ...STRIP, maxHeldBytes: 4 * 1024 * 1024 };
    const { proposals, out } = render(body, allowAll, options);
    expect(proposals).toHaveLength(33);
    expect(proposals.at(-1)).toBe('function f32 call_32  | TOOL_CALLS_TOO_MANY');
    const types = JSON.parse(out).output.map(({ type }: Item) => type);
    expect(types).toEqual(many.map((_, i) => (i < 32 ? 'function_call' : 'message')));
    expect(render(body, allowAll, { ...STRIP, maxHeldBytes: 1000 })).toMatchObject({
      fault: 'RESPONSE_TOO_LARGE',
      status: 502,
      proposals: [],
    });
  });
});
