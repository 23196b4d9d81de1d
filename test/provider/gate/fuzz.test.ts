import { expect, test } from '@jest/globals';
import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import OpenAI from 'openai';
import { openJsonGate } from '../../../src/provider/gate/open.ts';
import { bytesOf, denyAll, type GateDialect, OPTIONS, rechunk, ruleBy, run, STRIP } from './run.ts';

// What a client finds in the bytes that a gate let out, told by a reader of our own that is laxer than any SDK: events as
// eventsource-parser gives them, JSON as JSON.parse takes it (of a key that comes twice, the last), keys in any letters.

const CALL_KEYS = new Set(['tool_calls', 'function_call']);
const CALL_TYPES = new Set<unknown>(['tool_use', 'function_call', 'response.function_call_arguments.delta']);

function findsCall(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  for (const [key, inner] of Object.entries(value)) {
    const folded = key.toUpperCase().toLowerCase();
    if (CALL_KEYS.has(folded) && inner !== null && Object.keys(inner as object).length > 0) return true;
    if (folded === 'type' && CALL_TYPES.has(inner)) return true;
    if (findsCall(inner)) return true;
  }
  return false;
}

function callsIn(out: string): string[] {
  const found: string[] = [];
  const parser = createParser({
    onEvent: ({ data }) => {
      let value: unknown;
      try {
        value = JSON.parse(data);
      } catch {
        return;
      }
      if (findsCall(value)) found.push(data);
    },
  });
  parser.feed(out.replace(/[\r\n]\ufeff|[\r\n]\u00ef\u00bb\u00bf/g, '\n')); // some skip it before any line
  parser.feed('\n\n');
  return found;
}

const chunk = (delta: object, finish: string | null = null, index = 0): object => ({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index, delta, finish_reason: finish }],
});
const chatEvents = [
  chunk({ role: 'assistant', content: '' }),
  chunk({ content: 'a' }),
  chunk({ content: 'tool_calls' }),
  chunk({ tool_calls: [{ index: 0, id: 'x', type: 'function', function: { name: 'f', arguments: '{"a"' } }] }),
  chunk({ content: 'b' }, null, 1),
  chunk({ tool_calls: [{ index: 0, function: { arguments: ':1}' } }] }),
  chunk({ function_call: { name: 'g', arguments: '{}' } }, null, 1),
  chunk({}, 'tool_calls'),
  chunk({}, 'function_call', 1),
].map((event) => `data: ${JSON.stringify(event)}`);
const messageEvents = [
  { type: 'message_start', message: { type: 'message', content: [], usage: { input_tokens: 1 } } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'a' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'tool_use' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 'x', name: 'f', input: {} } },
  { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"a":1}' } },
  { type: 'content_block_stop', index: 1 },
  { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 1 } },
  { type: 'message_stop' },
].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}`);

const words = {
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: 'a' }],
};
const call = { type: 'function_call', id: 'i', call_id: 'x', name: 'f', arguments: '{"a":1}', status: 'completed' };
const response = { object: 'response', status: 'completed', output: [words, call] };
const responseEvents = [
  { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
  { type: 'response.output_item.added', output_index: 0, item: { ...words, content: [] } },
  { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'a' },
  { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'function_call' },
  { type: 'response.output_item.done', output_index: 0, item: words },
  { type: 'response.output_item.added', output_index: 1, item: { ...call, arguments: '', status: 'in_progress' } },
  { type: 'response.function_call_arguments.delta', output_index: 1, delta: '{"a":1}' },
  { type: 'response.output_item.done', output_index: 1, item: call },
  { type: 'response.completed', response },
].map((event, sequence_number) => `data: ${JSON.stringify({ ...event, sequence_number })}`);

/** What may happen to a stream: a place (as a share of it) and what is put in there, over so many bytes. */
const mutation = fc.tuple(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.oneof(
    fc.constantFrom(
      '\ufeff',
      '\n',
      '\r',
      '\n\n',
      '\r\n',
      'data: ',
      ':',
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ',',
      'null',
      '0',
      '-1',
    ),
    fc.constantFrom(
      '"delta":',
      '"content":',
      '"tool_calls":',
      '"Tool_Calls":',
      '"type":"text",',
      '"type":"tool_use",',
      '"type":"function_call",',
      '"index":0,',
    ),
    fc.constantFrom(
      '\\u0074ool_calls',
      '\\u0074ype',
      'tool_use',
      'text',
      'ſ',
      '\\ud83d',
      '12345678901234567890',
      'ping',
      'thread.x',
    ),
    fc.string({ maxLength: 3 }),
  ),
  fc.nat({ max: 12 }),
);

function mutate(text: string, mutations: [number, string, number][]): string {
  return mutations.reduce((now, [share, put, over]) => {
    const at = Math.floor(share * now.length);
    return now.slice(0, at) + put + now.slice(at + over);
  }, text);
}

test.each<[GateDialect, string[]]>([
  ['openai-chat', chatEvents],
  ['anthropic-messages', messageEvents],
  ['openai-responses', responseEvents],
])('%s: whatever a stream holds, no refused call comes out', (dialect, events) => {
  expect(callsIn(`${events.join('\n\n')}\n\n`).length).toBeGreaterThan(0);
  const shuffled = fc.oneof(
    fc.constant(events),
    fc.shuffledSubarray(events),
    fc.array(fc.constantFrom(...events), { maxLength: 12 }),
  );
  fc.assert(
    fc.property(
      shuffled,
      fc.array(mutation, { maxLength: 6 }),
      fc.integer({ min: 1, max: 200 }),
      fc.boolean(),
      (some, changes, size, strip) => {
        const text = mutate(`${some.join('\n\n')}\n\n`, changes);
        const whole = run(dialect, [bytesOf(text)], denyAll, strip ? STRIP : OPTIONS);
        expect(callsIn(whole.out)).toEqual([]);
        const cut = run(dialect, rechunk(bytesOf(text), [size]), denyAll, strip ? STRIP : OPTIONS);
        // After an error, more calls may have been proposed than when the rulings came in time.
        expect(strip ? cut : { ...cut, proposals: [] }).toEqual(strip ? whole : { ...whole, proposals: [] });
      },
    ),
    { numRuns: 1500 },
  );
});

test('whatever a whole response holds, no refused call comes out', () => {
  const bodies: [GateDialect, string][] = [
    [
      'openai-chat',
      JSON.stringify({
        choices: [
          {
            index: 0,
            message: {
              content: 'a',
              tool_calls: [{ id: 'x', type: 'function', function: { name: 'f', arguments: '{}' } }],
            },
            finish_reason: 'tool_calls',
          },
        ],
      }),
    ],
    [
      'anthropic-messages',
      JSON.stringify({
        type: 'message',
        content: [
          { type: 'text', text: 'a' },
          { type: 'tool_use', id: 'x', name: 'f', input: {} },
        ],
        stop_reason: 'tool_use',
      }),
    ],
    ['openai-responses', JSON.stringify(response)],
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...bodies),
      fc.array(mutation, { maxLength: 4 }),
      fc.boolean(),
      ([dialect, body], changes, strip) => {
        const gate = openJsonGate(dialect, bytesOf(mutate(body, changes)), strip ? STRIP : OPTIONS);
        const { body: out } = gate.render(new Map(gate.proposals.map((proposal) => [proposal.key, denyAll(proposal)])));
        expect(findsCall(JSON.parse(Buffer.from(out).toString()))).toBe(false);
      },
    ),
    { numRuns: 1500 },
  );
});

test('the SDK puts together what was judged, and of that only what was allowed', async () => {
  const name = fc.constantFrom('read', 'remove', 'list');
  const call = fc.record({
    name,
    value: fc.string({ maxLength: 12, unit: 'grapheme' }),
    cuts: fc.array(fc.nat({ max: 20 }), { maxLength: 3 }),
  });
  const answer = fc.record({
    text: fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 }),
    calls: fc.array(call, { maxLength: 4 }),
  });
  const rule = ruleBy((other) => other === 'remove');
  await fc.assert(
    fc.asyncProperty(
      fc.array(answer, { minLength: 1, maxLength: 3 }),
      fc.infiniteStream(fc.nat()),
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }),
      async (answers, picks, sizes) => {
        // For each answer its pieces, in queues that keep their order: one of the text, one of each call.
        const queues = answers.flatMap(({ text, calls }, choice) => [
          text.map((content) => chunk({ content }, null, choice)),
          ...calls.map((one, index) => {
            const json = JSON.stringify({ value: one.value });
            const ends = [...new Set(one.cuts.filter((cut) => cut < json.length))].sort((a, b) => a - b);
            const pieces = [0, ...ends].map((start, i) => json.slice(start, ends[i] ?? json.length).toWellFormed());
            if (pieces.join('') !== json) pieces.splice(0, pieces.length, json); // a cut within a surrogate pair
            return pieces.map((text, i) =>
              chunk(
                {
                  tool_calls: [
                    {
                      index,
                      ...(i === 0 ? { id: `${choice}.${index}`, type: 'function' } : {}),
                      function: i === 0 ? { name: one.name, arguments: text } : { arguments: text },
                    },
                  ],
                },
                null,
                choice,
              ),
            );
          }),
        ]);
        const events = answers.map((_, choice) => chunk({ role: 'assistant' }, null, choice));
        for (
          let left = queues.filter((queue) => queue.length > 0);
          left.length > 0;
          left = left.filter((queue) => queue.length > 0)
        ) {
          events.push(left[(picks.next().value as number) % left.length]?.shift() as object);
        }
        events.push(...answers.map(({ calls }, choice) => chunk({}, calls.length > 0 ? 'tool_calls' : 'stop', choice)));
        const stream = `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`;
        const { out, proposals } = run('openai-chat', rechunk(bytesOf(stream), sizes), rule, STRIP);
        expect(proposals).toHaveLength(answers.flatMap(({ calls }) => calls).length);
        const fetch = async () =>
          new Response(Buffer.from(out, 'latin1'), { headers: { 'content-type': 'text/event-stream' } });
        const client = new OpenAI({ apiKey: 'k', maxRetries: 0, fetch });
        const final = await client.chat.completions
          .stream({ model: 'm', messages: [], n: answers.length })
          .finalChatCompletion();
        const seen = final.choices.flatMap(({ message }) => message.tool_calls ?? []);
        const allowed = answers.flatMap(({ calls }, choice) =>
          calls.map((one, index) => ({ ...one, id: `${choice}.${index}` })),
        );
        const expected = allowed.filter((one) => one.name !== 'remove');
        expect(
          seen.map((one) => one.type === 'function' && [one.id, one.function.name, one.function.arguments]),
        ).toEqual(expected.map(({ id, name, value }) => [id, name, JSON.stringify({ value })]));
      },
    ),
    { numRuns: 300 },
  );
});
