import { describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import { openJsonGate } from '../../../src/provider/gate/open.ts';
import { allowAll, bytesOf, denyAll, OPTIONS, rechunk, run, STRIP, type When, wire } from './run.ts';

// Servers that tell the tokens of a choice tell those of its calls too.

const CANARY = 'rm-canary';
const tokensOf = (...texts: string[]) => ({
  content: texts.map((token) => ({ token, logprob: -0.1, bytes: [...Buffer.from(token)], top_logprobs: [] })),
});
const call = (pieces: object) => ({ index: 0, ...pieces });
const chunk = (delta: object, more: object = {}, finish: string | null = null): object => ({
  ...{ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm' },
  choices: [{ index: 0, delta, ...more, finish_reason: finish }],
});
const streamOf = (...events: object[]): string =>
  `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`;

const FIRST = call({ id: 'x', type: 'function', function: { name: 'f', arguments: '' } });
const ARGUMENTS = JSON.stringify({ a: CANARY });

const STREAMS: Record<string, string> = {
  'logprobs with the pieces of a call': streamOf(
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: 'Hi' }, { logprobs: tokensOf('Hi') }),
    chunk({ tool_calls: [FIRST] }, { logprobs: tokensOf('f') }),
    chunk({ tool_calls: [call({ function: { arguments: ARGUMENTS } })] }, { logprobs: tokensOf(CANARY) }),
    chunk({}, {}, 'tool_calls'),
  ),
  'logprobs in chunks of their own, before the call': streamOf(
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: '' }, { logprobs: tokensOf('{"a":"', CANARY) }),
    chunk({ tool_calls: [FIRST] }),
    chunk({ tool_calls: [call({ function: { arguments: ARGUMENTS } })] }),
    chunk({}, {}, 'tool_calls'),
  ),
  'logprobs that say more than the text beside them': streamOf(
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: 'Hi' }, { logprobs: tokensOf('Hi', CANARY) }),
    chunk({ tool_calls: [FIRST] }),
    chunk({ tool_calls: [call({ function: { arguments: ARGUMENTS } })] }),
    chunk({}, {}, 'tool_calls'),
  ),
  'token ids, and a field of another name': streamOf(
    chunk({ role: 'assistant', content: '' }),
    chunk({ tool_calls: [FIRST] }, { token_ids: [7, 7, 4242] }),
    chunk({ tool_calls: [call({ function: { arguments: ARGUMENTS } })] }, { raw_output: CANARY }),
    chunk({}, {}, 'tool_calls'),
  ),
};

describe.each(Object.entries(STREAMS))('a stream with %s', (_, stream) => {
  const cuts = [[1], [7, 40], [10_000]];
  const whens: When[] = ['at once', 'late'];

  test('lets nothing of a refused call out by them', () => {
    expect(stream.includes(CANARY)).toBe(true);
    for (const sizes of cuts)
      for (const when of whens)
        for (const options of [OPTIONS, STRIP]) {
          const { out, proposals } = run('openai-chat', rechunk(bytesOf(stream), sizes), denyAll, options, when);
          expect(proposals).toHaveLength(1);
          expect(out).not.toContain(CANARY);
          expect(out).not.toContain('4242');
          expect(out).not.toContain('[114,109,45'); // the same in bytes
        }
  });

  test('comes as it was sent if the call is allowed', () => {
    for (const sizes of cuts)
      for (const when of whens)
        expect(run('openai-chat', rechunk(bytesOf(stream), sizes), allowAll, STRIP, when).out).toBe(wire(stream));
  });

  test('stays one that the SDK reads', async () => {
    const { out } = run('openai-chat', [bytesOf(stream)], denyAll, STRIP);
    const fetch = async () =>
      new Response(Buffer.from(out, 'latin1'), { headers: { 'content-type': 'text/event-stream' } });
    const client = new OpenAI({ apiKey: 'k', maxRetries: 0, fetch });
    const final = await client.chat.completions.stream({ model: 'm', messages: [] }).finalChatCompletion();
    expect(final.choices[0]?.message.tool_calls ?? []).toEqual([]);
    expect(final.choices[0]?.message.content).toContain('A tool call was withheld');
  });
});

test('tokens that say what the text says do not wait for its end', () => {
  const events = [
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: 'Hi' }, { logprobs: tokensOf('H', 'i') }),
    chunk({ content: '😀' }, { logprobs: tokensOf('😀') }),
  ];
  const start = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
  const endless = bytesOf(`${start}data: ${JSON.stringify(chunk({ tool_calls: [FIRST] }))}\n\n`);
  // The call is never finished; all before it has gone out.
  expect(run('openai-chat', [endless], denyAll, OPTIONS).out.startsWith(wire(start))).toBe(true);
});

describe('a whole response', () => {
  const message = (more: object) => ({
    role: 'assistant',
    content: 'Hi',
    tool_calls: [{ id: 'x', type: 'function', function: { name: 'f', arguments: ARGUMENTS } }],
    ...more,
  });
  const responseOf = (choice: object) =>
    bytesOf(JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [choice] }));
  const render = (body: Buffer, rule: typeof denyAll): string => {
    const gate = openJsonGate('openai-chat', body, STRIP);
    const { body: out } = gate.render(new Map(gate.proposals.map((proposal) => [proposal.key, rule(proposal)])));
    return Buffer.from(out).toString();
  };

  test.each([
    ['logprobs', { message: message({}), logprobs: tokensOf('Hi', CANARY) }],
    ['token ids', { message: message({}), token_ids: [4242, 7] }],
    ['a field of another name', { message: message({}), raw_output: CANARY }],
  ])('with %s: they go with the call that is taken out, and stay with one that is allowed', (_, parts) => {
    const body = responseOf({ index: 0, ...parts, finish_reason: 'tool_calls' });
    const stripped = render(body, denyAll);
    expect(stripped).not.toContain(CANARY);
    expect(stripped).not.toContain('4242');
    expect(JSON.parse(stripped).choices[0].message.content).toMatch(/^Hi\n\n\[A tool call was withheld/);
    expect(render(body, allowAll)).toBe(body.toString());
  });

  test('keeps logprobs that say what the text says', () => {
    const body = responseOf({ index: 0, message: message({}), logprobs: tokensOf('Hi'), finish_reason: 'tool_calls' });
    expect(JSON.parse(render(body, denyAll)).choices[0].logprobs).toEqual(tokensOf('Hi'));
  });
});
