import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import type { GateOptions, Proposal, Ruling } from '../../../src/provider/gate/gate.ts';
import { openJsonGate } from '../../../src/provider/gate/open.ts';
import { allowAll, denyAll, describeProposal, type GateDialect, NOTICE, OPTIONS, ruleBy, STRIP } from './run.ts';

interface Rendered {
  body: string;
  status: number | undefined;
  proposals: string[];
  fault: string | undefined;
}

function judge(
  dialect: GateDialect,
  value: unknown,
  rule: (proposal: Proposal) => Ruling = allowAll,
  options: GateOptions = OPTIONS,
): Rendered {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 1);
  const gate = openJsonGate(dialect, Buffer.from(text), options);
  const rulings = new Map(gate.proposals.map((proposal) => [proposal.key, rule(proposal)]));
  const { body, status } = gate.render(rulings);
  return {
    body: Buffer.from(body).toString(),
    status,
    proposals: gate.proposals.map(describeProposal),
    fault: gate.fault,
  };
}

const call = (id: string, name: string, text = '{"canary":1}'): object => ({
  id,
  type: 'function',
  function: { name, arguments: text },
});
const completion = (...choices: object[]): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'gpt-x',
  choices: choices.map((choice, index) => ({ index, logprobs: null, ...choice })),
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
});
const calling = (message: object, finish = 'tool_calls'): object => ({
  message: { role: 'assistant', content: null, refusal: null, ...message },
  finish_reason: finish,
});
const COMPLETION = completion(
  calling({ content: 'Grüße 😀', tool_calls: [call('a', 'read', '{}'), call('b', 'remove')] }),
  calling({ tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'sh', input: 'canary' } }] }),
  calling({ function_call: { name: 'old', arguments: '{"canary":1}' } }, 'function_call'),
);

const message = (content: object[], reason = 'tool_use'): object => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-x',
  content,
  stop_reason: reason,
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 2 },
});
const use = (name: string, input: object = { canary: 1 }): object => ({
  type: 'tool_use',
  id: `toolu_${name}`,
  name,
  input,
});
const MESSAGE = message([
  { type: 'thinking', thinking: 'hm', signature: 'c2ln' },
  { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
  { type: 'web_search_tool_result', tool_use_id: 's', content: [] },
  use('read', {}),
  use('remove'),
]);

describe('Chat Completions', () => {
  test('every call of every choice is proposed; what is allowed stays as it came', () => {
    const { body, status, proposals } = judge('openai-chat', COMPLETION);
    expect(proposals).toEqual([
      'function read a {}',
      'function remove b {"canary":1}',
      'custom sh c "canary"',
      'function old null {"canary":1}',
    ]);
    expect(body).toBe(JSON.stringify(COMPLETION, null, 1));
    expect(status).toBeUndefined();
  });

  test('one refused call: the error of the vendor', () => {
    const { body, status } = judge(
      'openai-chat',
      COMPLETION,
      ruleBy((name) => name === 'sh'),
    );
    expect(status).toBe(403);
    expect(JSON.parse(body).error).toMatchObject({ code: 'TOOL_DENIED', decision_id: 'decision-1' });
    expect(body).not.toContain('canary');
  });

  test('stripped: the calls are gone, a notice says so, the rest stays as it came', () => {
    const { body } = judge(
      'openai-chat',
      COMPLETION,
      ruleBy((name) => name === 'remove'),
      STRIP,
    );
    const [one, two, three] = JSON.parse(body).choices;
    expect(one.message).toEqual({
      role: 'assistant',
      content: `Grüße 😀\n\n${NOTICE}`,
      refusal: null,
      tool_calls: [call('a', 'read', '{}')],
    });
    expect(one.finish_reason).toBe('tool_calls');
    const text = JSON.stringify(COMPLETION, null, 1);
    expect(body.endsWith(text.slice(text.indexOf('"index": 1')))).toBe(true);
    expect([two, three]).toEqual(JSON.parse(text).choices.slice(1));
    const none = judge('openai-chat', COMPLETION, denyAll, STRIP).body;
    expect(none).not.toMatch(/canary|tool_calls|function_call/);
    for (const choice of JSON.parse(none).choices) expect(choice.finish_reason).toBe('stop');
    expect(JSON.parse(none).choices[1].message.content).toBe(NOTICE);
    const parts = completion(calling({ content: [{ type: 'text', text: 'a' }], tool_calls: [call('a', 'f')] }));
    expect(JSON.parse(judge('openai-chat', parts, denyAll, STRIP).body).choices[0].message.content).toEqual([
      { type: 'text', text: 'a' },
      { type: 'text', text: NOTICE },
    ]);
  });

  test('faults, and the limit of calls', () => {
    const faulty = completion(calling({ tool_calls: [call('a', 'f', '{"a":1,"a":2}'), call('b', 'f', '[]')] }));
    expect(
      judge(
        'openai-chat',
        faulty,
        ruleBy(() => false),
        STRIP,
      ).proposals,
    ).toEqual(['function f a undefined | TOOL_ARGUMENTS_INVALID', 'function f b []']);
    const gate = openJsonGate('openai-chat', Buffer.from(JSON.stringify(faulty)), OPTIONS);
    expect(() =>
      gate.render(
        new Map([
          [0, { release: true }],
          [1, { release: true }],
        ]),
      ),
    ).toThrow('expected a refusal');
    expect(() => gate.render(new Map())).toThrow('expected a ruling');
    const tool_calls = Array.from({ length: 5000 }, (_, i) => call(`${i}`, 'f', '{}'));
    const many = judge('openai-chat', completion(calling({ tool_calls })), allowAll, STRIP);
    expect(many.proposals).toHaveLength(OPTIONS.maxCalls + 1);
    expect(many.proposals.at(-1)).toContain('TOOL_CALLS_TOO_MANY');
    expect(JSON.parse(many.body).choices[0].message.tool_calls).toEqual(tool_calls.slice(0, OPTIONS.maxCalls));
    const large = completion(calling({ tool_calls: [call('a', 'f', `{"a":"${'x'.repeat(5 << 20)}"}`)] }));
    expect(
      judge(
        'openai-chat',
        large,
        ruleBy(() => false),
      ).proposals,
    ).toEqual(['function f a undefined | TOOL_ARGUMENTS_TOO_LARGE']);
  });

  test.each<[string, unknown]>([
    ['no JSON', '{"choices":[]'],
    ['no choices', { output: [] }],
    ['a key twice', '{"choices":[],"choices":[]}'],
    ['keys in other letters', completion({ Message: {} })],
    ['an unknown object', completion(calling({ calls: [call('a', 'canary')] }))],
    ['calls in a delta', completion({ ...calling({}), delta: { tool_calls: [call('a', 'canary')] } })],
    ['half a surrogate pair beside a call', JSON.stringify(COMPLETION).replace('Grüße', '\\ud83d')],
  ])('cannot be followed: %s', (_, value) => {
    const { body, status, fault, proposals } = judge('openai-chat', value);
    expect({ status, fault, proposals }).toEqual({ status: 502, fault: 'RESPONSE_UNREADABLE', proposals: [] });
    expect(JSON.parse(body).error).toMatchObject({ code: 'RESPONSE_UNREADABLE', decision_id: 'decision-0' });
  });

  test("the vendor's SDK takes what was stripped", async () => {
    const { body } = judge(
      'openai-chat',
      COMPLETION,
      ruleBy((name) => name === 'remove'),
      STRIP,
    );
    const fetch = async () => new Response(body, { headers: { 'content-type': 'application/json' } });
    const answer = await new OpenAI({ apiKey: 'k', fetch }).chat.completions.create({ model: 'm', messages: [] });
    expect(answer.choices[0]?.message.tool_calls).toEqual([call('a', 'read', '{}')]);
  });
});

describe('Messages', () => {
  test('every call is proposed, but those that ran at the provider; what is allowed stays as it came', () => {
    const { body, status, proposals } = judge('anthropic-messages', MESSAGE);
    expect(proposals).toEqual(['function read toolu_read {}', 'function remove toolu_remove {\n    "canary": 1\n   }']);
    expect(body).toBe(JSON.stringify(MESSAGE, null, 1));
    expect(status).toBeUndefined();
    const gate = openJsonGate('anthropic-messages', Buffer.from(JSON.stringify(MESSAGE)), OPTIONS);
    expect(gate.observed()).toMatchObject({ calls: 1, tools: [{ type: 'server_tool_use' }], abandoned: 0 });
  });

  test('one refused call: the error of the vendor', () => {
    const { body, status } = judge(
      'anthropic-messages',
      MESSAGE,
      ruleBy((name) => name === 'remove'),
    );
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({ type: 'error', error: { details: { error_code: 'TOOL_DENIED' } } });
    expect(body).not.toContain('canary');
  });

  test('stripped: its block is text, the rest stays as it came', async () => {
    const { body } = judge(
      'anthropic-messages',
      MESSAGE,
      ruleBy((name) => name === 'remove'),
      STRIP,
    );
    const block = /\{\s*"type": "tool_use",\s*"id": "toolu_remove"[^}]*\}[^}]*\}/;
    expect(body).toBe(JSON.stringify(MESSAGE, null, 1).replace(block, JSON.stringify({ type: 'text', text: NOTICE })));
    const none = judge('anthropic-messages', MESSAGE, denyAll, STRIP).body;
    expect(JSON.parse(none).stop_reason).toBe('end_turn');
    expect(none).not.toMatch(/canary|"tool_use"/);
    const fetch = async () => new Response(none, { headers: { 'content-type': 'application/json' } });
    const request = { model: 'm', max_tokens: 1, messages: [] };
    const answer = await new Anthropic({ apiKey: 'k', fetch }).messages.create(request);
    expect(answer.content.at(-1)).toEqual({ type: 'text', text: NOTICE });
  });

  test('faults, and the limit of calls', () => {
    const raw = JSON.stringify(message([use('f', { a: 'BIG' }), use('g')])).replace('"BIG"', '12345678901234567890');
    expect(
      judge(
        'anthropic-messages',
        raw,
        ruleBy(() => false),
        STRIP,
      ).proposals,
    ).toEqual(['function f toolu_f undefined | TOOL_ARGUMENTS_INVALID', 'function g toolu_g {"canary":1}']);
    const content = Array.from({ length: 5000 }, () => use('f'));
    const many = judge('anthropic-messages', message(content), allowAll, STRIP);
    expect(many.proposals).toHaveLength(OPTIONS.maxCalls + 1);
    expect(many.proposals.at(-1)).toContain('TOOL_CALLS_TOO_MANY');
    const types = JSON.parse(many.body).content.map(({ type }: { type: string }) => type);
    expect(types).toEqual([
      ...Array(OPTIONS.maxCalls).fill('tool_use'),
      ...Array(5000 - OPTIONS.maxCalls).fill('text'),
    ]);
  });

  test.each<[string, unknown]>([
    ['no JSON', '{"content":[]'],
    ['no content', { type: 'message' }],
    ['a block of unknown type', message([{ ...use('canary'), type: 'client_call' }])],
    ['a key in other letters', message([{ ...use('canary'), type: 'text', TYPE: 'tool_use' }])],
    [
      'a key twice in the input',
      '{"type":"message","content":[{"type":"tool_use","name":"canary","input":{"a":1,"a":2}}]}',
    ],
  ])('cannot be followed: %s', (_, value) => {
    const { body, status, fault, proposals } = judge('anthropic-messages', value);
    expect({ status, fault, proposals }).toEqual({ status: 502, fault: 'RESPONSE_UNREADABLE', proposals: [] });
    expect(body).not.toContain('canary');
    expect(JSON.parse(body)).toMatchObject({ type: 'error', error: { details: { decision_id: 'decision-0' } } });
  });
});
