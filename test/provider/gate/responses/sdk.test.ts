import { expect, test } from '@jest/globals';
import OpenAI from 'openai';
import type { GateOptions } from '../../../../src/provider/gate/gate.ts';
import { openResponsesJsonGate } from '../../../../src/provider/gate/responses/json.ts';
import { denyAll, NOTICE, ruleBy } from '../run.ts';
import {
  added,
  begun,
  done,
  type Event,
  ended,
  functionCall,
  functionItem,
  gated,
  type Item,
  message,
  messageItem,
  OPTIONS,
  response,
  STRIP,
  sse,
} from './run.ts';

const client = (body: string): OpenAI =>
  new OpenAI({
    apiKey: 'k',
    maxRetries: 0,
    fetch: async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }),
  });
const REQUEST = { model: 'gpt-x', input: 'hi' };
const final = (body: string) => client(body).responses.stream(REQUEST).finalResponse();

/** Nothing but this fixes what comes: a short call, shell and text around it, and more text after it. */
const shell: Item = {
  ...{ id: 'sh', type: 'shell_call', status: 'completed', call_id: 'call_s', environment: null },
  action: { commands: ['rm -rf canary'], timeout_ms: null, max_output_length: null },
};
const STREAM: Event[] = [
  ...begun,
  ...message(0, 'Grüße ', '😀').flat(),
  ...functionCall(1, 'read', '{"path":', '"ä"}'),
  added(2, { ...shell, status: 'in_progress' }),
  done(2, shell),
  ...message(3, 'after', 'wards').flat(),
  ended([messageItem(0, 'Grüße 😀'), functionItem(1, 'read', '{"path":"ä"}'), shell, messageItem(3, 'afterwards')]),
];

test('accepts what was released', async () => {
  const { output, output_text: text } = await final(gated(sse(STREAM)).out);
  expect(text).toBe('Grüße 😀afterwards');
  expect(output).toMatchObject([
    { type: 'message' },
    { type: 'function_call', name: 'read', arguments: '{"path":"ä"}' },
    { type: 'shell_call', action: { commands: ['rm -rf canary'] } },
    { type: 'message' },
  ]);
});

test.each([
  ['read', ['message', 'message', 'shell_call', 'message'], `Grüße 😀${NOTICE}afterwards`],
  ['shell', ['message', 'function_call', 'message', 'message'], `Grüße 😀${NOTICE}afterwards`],
  ['read or shell', ['message', 'message', 'message', 'message'], `Grüße 😀${NOTICE}${NOTICE}afterwards`],
])('accepts what was stripped: without %s', async (denied, types, text) => {
  const rule = ruleBy((name) => denied.includes(name));
  const { out } = gated(sse(STREAM), rule, STRIP);
  const response = await final(out);
  expect(response.output.map(({ type }) => type)).toEqual(types);
  expect(response.output_text).toBe(text);
  const stream = client(out).responses.stream(REQUEST);
  const numbers: number[] = [];
  const said: string[] = [];
  for await (const event of stream) {
    numbers.push(event.sequence_number);
    if (event.type === 'response.output_text.delta') said.push(event.delta);
  }
  expect(said.join('')).toBe(text);
  expect(numbers).toEqual(numbers.map((_, i) => i));
});

test.each<[string, Event[]]>([
  ['the response is incomplete', [ended([functionItem(0, 'f', '{"canary"', { status: 'incomplete' })], 'incomplete')]],
  [
    'the list is left out',
    [{ type: 'response.completed', response: { id: 'resp_1', object: 'response', status: 'completed' } }],
  ],
  ['the stream ends', []],
])('accepts a stripped call that never ended: %s', async (_, rest) => {
  const { out } = gated(sse([...begun, ...functionCall(0, 'f', '{"canary"').slice(0, 2), ...rest]), denyAll, STRIP);
  const { output, output_text: text } = await final(out);
  expect(output).toMatchObject([{ type: 'message', content: [{ type: 'output_text' }] }]);
  expect(text).toContain('TOOL_CALL_INCOMPLETE');
});

test('raises its usual error', async () => {
  const { out } = gated(sse(STREAM), denyAll, OPTIONS);
  const error = { code: 'TOOL_DENIED', message: expect.stringContaining('decision decision-1') };
  await expect(final(out)).rejects.toMatchObject(error);
  const seen: string[] = [];
  await expect(async () => {
    for await (const event of await client(out).responses.create({ ...REQUEST, stream: true })) seen.push(event.type);
  }).rejects.toMatchObject(error);
  expect(seen).toEqual(STREAM.slice(0, 9).map(({ type }) => type));
  const unreadable = gated(`${sse(begun)}data: {\n\n`).out;
  await expect(final(unreadable)).rejects.toMatchObject({ code: 'RESPONSE_UNREADABLE' });
});

test('a whole response: accepts what was stripped, raises its usual error', async () => {
  const body = Buffer.from(JSON.stringify(response('completed', [messageItem(0, 'a'), functionItem(1, 'f', '{}')])));
  const answer = (options: GateOptions) => {
    const gate = openResponsesJsonGate(body, options);
    const { body: bytes, status } = gate.render(new Map(gate.proposals.map((one) => [one.key, denyAll(one)])));
    const headers = { 'content-type': 'application/json' };
    const fetch = async () => new Response(Buffer.from(bytes), { status: status ?? 200, headers });
    return new OpenAI({ apiKey: 'k', maxRetries: 0, fetch }).responses.create(REQUEST);
  };
  await expect(answer(STRIP)).resolves.toMatchObject({ output_text: `a${NOTICE}` });
  await expect(answer(OPTIONS)).rejects.toBeInstanceOf(OpenAI.PermissionDeniedError);
});
