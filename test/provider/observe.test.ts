import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Observed, observeResponse } from '../../src/provider/index.ts';

type Dialect = Parameters<typeof observeResponse>[0];

const SSE = 'text/event-stream; charset=utf-8';
const NOTHING: Observed = { usage: null, finish: [], tool_calls: 0 };

function observe(dialect: Dialect, type: string, chunks: (Uint8Array | string)[], status = 200): Observed {
  const observer = observeResponse(dialect, type, status);
  for (const chunk of chunks) observer.chunk(Buffer.from(chunk));
  return observer.end();
}

const chatSse = (chunks: unknown[]) =>
  [...chunks, '[DONE]'].map((c) => `data: ${typeof c === 'string' ? c : JSON.stringify(c)}\n\n`).join('');
const anthropicSse = (events: { type: string }[]) =>
  events.map((e) => `event: ${e.type}\ndata: ${JSON.stringify(e)}\n\n`).join('');

const delta = (d: object, finish: string | null = null, index = 0) => ({
  id: 'c',
  object: 'chat.completion.chunk',
  choices: [{ index, delta: d, finish_reason: finish }],
  usage: null,
});
const call = (index: number, part: object) => delta({ tool_calls: [{ index, ...part }] });

const CHAT_STREAM = chatSse([
  delta({ role: 'assistant', content: '' }),
  delta({ content: 'Grüße 😀 "usage": {"prompt_tokens": 1}' }),
  call(0, { id: 'a', type: 'function', function: { name: 'f', arguments: '' } }),
  call(0, { function: { arguments: '{"x":' } }),
  call(1, { id: 'b', type: 'function', function: { name: 'g', arguments: '' } }),
  call(0, { function: { arguments: '1}' } }),
  delta({}, 'tool_calls'),
  { choices: [], usage: { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 } },
]);
const CHAT_RESULT: Observed = { usage: { input_tokens: 10, output_tokens: 20 }, finish: ['tool_calls'], tool_calls: 2 };

const start = (usage: object) => ({
  type: 'message_start',
  message: { type: 'message', content: [], stop_reason: null, usage },
});
const block = (index: number, type: string) => ({ type: 'content_block_start', index, content_block: { type } });
const MESSAGE_STREAM = anthropicSse([
  start({ input_tokens: 10, cache_creation_input_tokens: 3, cache_read_input_tokens: 4, output_tokens: 1 }),
  block(0, 'text'),
  { type: 'ping' },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Grüße "message_start" 😀' } } as {
    type: string;
  },
  block(1, 'tool_use'),
  block(2, 'server_tool_use'),
  block(3, 'mcp_tool_use'),
  block(4, 'web_search_tool_result'),
  { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { input_tokens: null, output_tokens: 20 } } as {
    type: string;
  },
  { type: 'message_stop' },
]);
const MESSAGE_RESULT: Observed = {
  usage: { input_tokens: 17, output_tokens: 20 },
  finish: ['tool_use'],
  tool_calls: 3,
};

const added = (output_index: number, id: string, type: string, name = 'added') => ({
  type: `response.output_item.${name}`,
  output_index,
  item: { id, type, status: 'in_progress' },
});
const RESPONSE = {
  id: 'resp',
  object: 'response',
  status: 'completed',
  incomplete_details: null,
  output: [
    { type: 'message' },
    { type: 'function_call' },
    { type: 'web_search_call' },
    { type: 'mcp_approval_request' },
  ],
  usage: { input_tokens: 10, output_tokens: 20, total_tokens: 30 },
};
const RESPONSE_RESULT: Observed = {
  usage: { input_tokens: 10, output_tokens: 20 },
  finish: ['completed'],
  tool_calls: 3,
};
const RESPONSES_STREAM = anthropicSse([
  { type: 'response.created', response: { ...RESPONSE, status: 'in_progress', output: [], usage: null } },
  { type: 'response.output_text.delta', delta: 'Grüße 😀 "response.completed" "usage": {"input_tokens": 1}' },
  added(0, 'msg', 'message'),
  added(1, 'a', 'function_call'),
  { type: 'response.function_call_arguments.delta', output_index: 1, delta: '{"type":"response.failed"}' },
  added(2, 'b', 'web_search_call'),
  added(1, 'another id', 'function_call', 'done'),
  added(3, 'c', 'mcp_approval_request'),
  { type: 'response.completed', response: RESPONSE },
] as { type: string }[]);

describe('a stream', () => {
  test.each([
    ['openai-chat', CHAT_STREAM, CHAT_RESULT],
    ['openai-responses', RESPONSES_STREAM, RESPONSE_RESULT],
    ['anthropic-messages', MESSAGE_STREAM, MESSAGE_RESULT],
  ] as const)('%s, cut at every byte, with each kind of line end', (dialect, stream, expected) => {
    for (const text of [stream, stream.replaceAll('\n', '\r\n'), stream.replaceAll('\n', '\r'), `\ufeff${stream}`]) {
      const bytes = Buffer.from(text);
      for (let cut = 0; cut <= bytes.length; cut++) {
        expect(observe(dialect, SSE, [bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(expected);
      }
      expect(
        observe(
          dialect,
          SSE,
          Array.from(bytes, (byte) => Uint8Array.of(byte)),
        ),
      ).toEqual(expected);
    }
  });

  test('broken off anywhere, says what there was', () => {
    for (const [dialect, stream] of [
      ['openai-chat', CHAT_STREAM],
      ['openai-responses', RESPONSES_STREAM],
      ['anthropic-messages', MESSAGE_STREAM],
    ] as const) {
      const bytes = Buffer.from(stream);
      for (let cut = 0; cut <= bytes.length; cut++) {
        const result = observe(dialect, SSE, [bytes.subarray(0, cut)]);
        expect(result.tool_calls).toBeLessThanOrEqual(3);
        expect(result.finish.length).toBeLessThanOrEqual(1);
      }
    }
  });

  test('counts each answer of several, and the older function call', () => {
    const stream = chatSse([
      delta({ function_call: { name: 'f', arguments: '' } }, null, 0),
      delta({ function_call: { arguments: '{}' } }, null, 0),
      delta({}, 'function_call', 0),
      delta({ tool_calls: [{ index: 0 }] }, null, 1),
      delta({ content: 'x' }, null, 2),
      delta({}, 'stop', 2),
    ]);
    expect(observe('openai-chat', SSE, [stream])).toEqual({
      usage: null,
      finish: ['function_call', 'stop'],
      tool_calls: 2,
    });
  });

  test('of a response that broke off says why, and counts what it only lists', () => {
    const ended = (type: string, change: object) =>
      observe('openai-responses', SSE, [
        anthropicSse([{ type, response: { ...RESPONSE, ...change } } as { type: string }]),
      ]);
    const cut = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
    expect(ended('response.incomplete', cut)).toEqual({ ...RESPONSE_RESULT, finish: ['max_output_tokens'] });
    expect(ended('response.failed', { status: 'failed', usage: null })).toEqual({
      usage: null,
      finish: ['failed'],
      tool_calls: 3,
    });
  });

  test('that begins again counts both messages', () => {
    const stream = anthropicSse([
      start({ input_tokens: 10, output_tokens: 5 }),
      block(0, 'tool_use'),
      start({ input_tokens: 10, output_tokens: 1 }),
      block(0, 'tool_use'),
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } } as { type: string },
    ]);
    expect(observe('anthropic-messages', SSE, [stream])).toEqual({
      usage: { input_tokens: 20, output_tokens: 12 },
      finish: ['end_turn'],
      tool_calls: 2,
    });
  });

  test('with an event beyond the bound is not read further', () => {
    const big = Buffer.alloc(300_000, 'x');
    const observer = observeResponse('openai-chat', SSE, 200);
    observer.chunk(Buffer.from('data: '));
    for (let i = 0; i < 1000; i++) observer.chunk(big);
    observer.chunk(Buffer.from(`\n\n${CHAT_STREAM}`));
    expect(observer.end()).toEqual(NOTHING);
  });

  test('repeats no text as a reason', () => {
    const stream = chatSse([delta({}, 'My password is canary')]);
    expect(observe('openai-chat', SSE, [stream]).finish).toEqual([]);
  });
});

describe('a JSON response', () => {
  const chat = {
    object: 'chat.completion',
    choices: [{ index: 0, message: { tool_calls: [{ id: 'a' }, { id: 'b' }] }, finish_reason: 'tool_calls' }],
    usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
  };
  const message = {
    type: 'message',
    content: [{ type: 'text', text: 'é' }, { type: 'tool_use' }],
    stop_reason: 'tool_use',
    usage: { input_tokens: 3, output_tokens: 4 },
  };

  test.each([
    ['openai-chat', chat, { usage: { input_tokens: 3, output_tokens: 4 }, finish: ['tool_calls'], tool_calls: 2 }],
    ['openai-responses', RESPONSE, RESPONSE_RESULT],
    [
      'anthropic-messages',
      message,
      { usage: { input_tokens: 3, output_tokens: 4 }, finish: ['tool_use'], tool_calls: 1 },
    ],
  ] as const)('%s, in any pieces', (dialect, body, expected) => {
    const bytes = Buffer.from(JSON.stringify(body));
    for (let cut = 0; cut <= bytes.length; cut++) {
      const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
      expect(observe(dialect, 'application/json', pieces)).toEqual(expected);
    }
    expect(observe(dialect, 'Application/JSON; charset=utf-8', [bytes])).toEqual(expected);
  });

  test('too large, of another type, of an error, of a list of models, broken: nothing is said', () => {
    const bytes = Buffer.from(JSON.stringify(chat));
    expect(observe('openai-chat', 'application/json', [bytes, Buffer.alloc(1 << 20, ' ')])).toEqual(NOTHING);
    expect(observe('openai-chat', 'text/plain', [bytes])).toEqual(NOTHING);
    expect(observe('openai-chat', 'application/json', [bytes], 400)).toEqual(NOTHING);
    expect(observe('openai-models', 'application/json', [bytes])).toEqual(NOTHING);
    expect(observe('openai-chat', 'application/json', [bytes.subarray(0, -1)])).toEqual(NOTHING);
    expect(observe('openai-chat', 'application/json', [])).toEqual(NOTHING);
    expect(observeResponse('openai-chat', undefined, 200).end()).toEqual(NOTHING);
  });

  test.each([-1, 1.5, 1e300, '3', null, {}])('counts that are no counts are not repeated: %j', (tokens) => {
    const usage = { prompt_tokens: tokens, completion_tokens: 4 };
    expect(observe('openai-chat', 'application/json', [JSON.stringify({ usage })]).usage).toBeNull();
  });
});

test('never throws, whatever comes', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .constantFrom(
        'data: ',
        'event: ',
        '\n',
        '\n\n',
        '\r',
        ':',
        '{"type":"message_start"',
        '"usage":{',
        '"tool_calls":[',
        '{"type":"response.completed","response":',
        '{"output":[',
        '}',
        ']',
      )
      .map((s) => Buffer.from(s)),
  );
  fc.assert(
    fc.property(
      fc.array(piece),
      fc.constantFrom('openai-chat', 'openai-responses', 'anthropic-messages'),
      fc.constantFrom(SSE, 'application/json'),
      (pieces, dialect, type) => {
        const { tool_calls } = observe(dialect as Dialect, type, pieces);
        expect(tool_calls).toBeGreaterThanOrEqual(0);
      },
    ),
    { numRuns: 1000 },
  );
});
