import Anthropic from '@anthropic-ai/sdk';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import {
  ANTHROPIC_KEY,
  ANTHROPIC_MODELS,
  type Behaviour,
  OPENAI_KEY,
  OPENAI_MODELS,
  type SimulatedCall,
  startAnthropic,
  startOpenAi,
  type Upstream,
} from './index.ts';

let vendors: { openai: Upstream; anthropic: Upstream };

beforeAll(async () => {
  vendors = { openai: await startOpenAi(), anthropic: await startAnthropic() };
});
afterAll(() => Promise.all([vendors.openai.close(), vendors.anthropic.close()]));
afterEach(() => {
  vendors.openai.requests.length = 0;
  vendors.anthropic.requests.length = 0;
});

const openai = (apiKey = OPENAI_KEY) => new OpenAI({ apiKey, baseURL: `${vendors.openai.url}/v1`, maxRetries: 0 });
const anthropic = (apiKey = ANTHROPIC_KEY, version?: string) =>
  new Anthropic({
    apiKey,
    baseURL: vendors.anthropic.url,
    maxRetries: 0,
    ...(version ? { defaultHeaders: { 'anthropic-version': version } } : {}),
  });
const MESSAGES = [{ role: 'user' as const, content: 'hello' }];
const CHAT = { model: 'gpt-5-mini', messages: MESSAGES };
const MESSAGE = { model: 'claude-haiku-4-5', max_tokens: 100, messages: MESSAGES };
const TOOL_CALLS = [
  { name: 'lookup_order', arguments: '{"id":"42"}' },
  { name: 'create_ticket', arguments: '{}' },
];

describe('the simulated OpenAI satisfies the SDK', () => {
  test('with a completion, and records the request', async () => {
    const completion = await openai().chat.completions.create(CHAT);
    expect(completion.choices[0]?.message.content).toBe('Hello from the simulator');
    expect(completion._request_id).toMatch(/^req_/);
    const [request] = vendors.openai.requests;
    expect(request).toMatchObject({ method: 'POST', target: '/v1/chat/completions' });
    expect(request?.body.toString()).toBe(JSON.stringify(CHAT));
    expect(request?.rawHeaders).toContain(`Bearer ${OPENAI_KEY}`);
    expect(await request?.ended).toBe('complete');
  });

  test('with streams: text, usage, tool calls, cut in small pieces', async () => {
    vendors.openai.next({ pieceBytes: 3, text: ['é', '😀'] });
    const text = openai().chat.completions.stream({ ...CHAT, stream_options: { include_usage: true } });
    expect(await text.finalContent()).toBe('é😀');
    expect((await text.totalUsage()).total_tokens).toBe(21);
    vendors.openai.next({ toolCalls: TOOL_CALLS });
    const { choices } = await openai().chat.completions.stream(CHAT).finalChatCompletion();
    expect(choices[0]?.message.tool_calls?.map((call) => call.type === 'function' && call.function.arguments)).toEqual([
      '{"id":"42"}',
      '{}',
    ]);
    expect(choices[0]?.finish_reason).toBe('tool_calls');
  });

  test('with its models', async () => {
    expect((await openai().models.list()).data.map(({ id }) => id)).toEqual(OPENAI_MODELS);
    expect((await openai().models.retrieve('gpt-5-mini')).id).toBe('gpt-5-mini');
  });

  test('and is as strict as the vendor', async () => {
    await expect(openai('wrong').models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    const create = (body: object) => openai().chat.completions.create({ ...CHAT, ...body });
    await expect(create({ model: 'gpt-none' })).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    for (const body of [{ messages: [] }, { messages: [{ role: 'root' }] }, { max_tokens: 0 }, { prompt: 'x' }]) {
      await expect(create(body)).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    }
    await expect(openai().embeddings.create({ model: 'm', input: 'x' })).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    const unkeyed = await fetch(`${vendors.openai.url}/v1/models`);
    expect(unkeyed.status).toBe(401);
    const latin1 = Buffer.from(JSON.stringify({ ...CHAT, user: 'é' }), 'latin1');
    const headers = { authorization: `Bearer ${OPENAI_KEY}`, 'content-type': 'application/json' };
    const url = `${vendors.openai.url}/v1/chat/completions`;
    expect((await fetch(url, { method: 'POST', headers, body: latin1 })).status).toBe(400);
  });

  test('with its faults', async () => {
    vendors.openai.next({ status: 429 });
    await expect(openai().chat.completions.create(CHAT)).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    vendors.openai.next({ status: 500 });
    await expect(openai().chat.completions.create(CHAT)).rejects.toBeInstanceOf(OpenAI.InternalServerError);
    vendors.openai.next({ abortAfterEvents: 0 });
    await expect(openai().chat.completions.create(CHAT)).rejects.toBeInstanceOf(OpenAI.APIConnectionError);
    vendors.openai.next({ hang: true });
    const hung = openai().chat.completions.create(CHAT, { timeout: 100 });
    await expect(hung).rejects.toBeInstanceOf(OpenAI.APIConnectionError);
    expect(await vendors.openai.requests.at(-1)?.ended).toBe('aborted');
  });

  test('retried after a fault, as the SDK does', async () => {
    vendors.openai.next({ status: 500 });
    const client = new OpenAI({ apiKey: OPENAI_KEY, baseURL: `${vendors.openai.url}/v1`, maxRetries: 1 });
    await client.chat.completions.create(CHAT);
    expect(vendors.openai.requests.length).toBe(2);
  });
});

describe('the simulated OpenAI makes tool calls', () => {
  const chatTools = async (behaviour: Behaviour, body: object = {}) => {
    vendors.openai.next(behaviour);
    const { choices } = await openai().chat.completions.create({ ...CHAT, ...body, stream: false });
    vendors.openai.next({ ...behaviour, pieceBytes: 7 });
    const streamed = await openai()
      .chat.completions.stream({ ...CHAT, ...body })
      .finalChatCompletion();
    const said = (list: OpenAI.ChatCompletion.Choice[]) =>
      list.map(({ message: { content, tool_calls, function_call }, finish_reason }) =>
        JSON.parse(JSON.stringify({ content, tool_calls, function_call, finish_reason })),
      );
    return { whole: said(choices), streamed: said(streamed.choices) };
  };

  test('parallel, custom, interleaved, in every choice, the same in JSON and in a stream', async () => {
    const toolCalls = [...TOOL_CALLS, { name: 'sql', arguments: 'SELECT 1', type: 'custom' }];
    const calls = [
      { id: 'call_0', type: 'function', function: TOOL_CALLS[0] },
      { id: 'call_1', type: 'function', function: TOOL_CALLS[1] },
      { id: 'call_2', type: 'custom', custom: { name: 'sql', input: 'SELECT 1' } },
    ];
    const { whole } = await chatTools({ toolCalls });
    expect(whole).toMatchObject([{ tool_calls: calls, finish_reason: 'tool_calls', content: null }]);
    const both = await chatTools({ toolCalls: TOOL_CALLS, interleaved: true, text: ['first'] }, { n: 2 });
    expect(both.whole).toMatchObject([{ content: 'first', tool_calls: calls.slice(0, 2) }, { content: 'first' }]);
    expect(both.streamed).toMatchObject(both.whole);
  });

  test('in the older form', async () => {
    const call = { name: 'lookup_order', arguments: '{"id":"42"}' };
    const { whole, streamed } = await chatTools({ toolCalls: [{ ...call, type: 'function_call' }] });
    expect(whole).toMatchObject([{ function_call: call, finish_reason: 'function_call' }]);
    expect(streamed).toMatchObject([{ function_call: call, finish_reason: 'function_call' }]);
  });

  test('and breaks off in one', async () => {
    vendors.openai.next({ toolCalls: TOOL_CALLS.slice(0, 1), ending: 'incomplete' });
    const { choices } = await openai().chat.completions.create(CHAT);
    expect(choices[0]).toMatchObject({
      message: { tool_calls: [{ function: { arguments: '{"id"' } }] },
      finish_reason: 'length',
    });
    vendors.openai.next({ toolCalls: TOOL_CALLS.slice(0, 1), ending: 'failed' });
    await expect(openai().chat.completions.stream(CHAT).finalChatCompletion()).rejects.toBeInstanceOf(OpenAI.APIError);
  });
});

describe('the simulated OpenAI satisfies the SDK on Responses', () => {
  const RESPONSE = { model: 'gpt-5-mini', input: 'hello' };

  test('with a response and a stream, cut in small pieces', async () => {
    const response = await openai().responses.create(RESPONSE);
    expect(response).toMatchObject({ output_text: 'Hello from the simulator', status: 'completed', store: true });
    expect(vendors.openai.requests[0]?.target).toBe('/v1/responses');
    vendors.openai.next({ pieceBytes: 3, text: ['é', '😀'] });
    const stream = openai().responses.stream(RESPONSE);
    const deltas: string[] = [];
    stream.on('response.output_text.delta', ({ delta }) => deltas.push(delta));
    expect((await stream.finalResponse()).output_text).toBe('é😀');
    expect(deltas).toEqual(['é', '😀']);
  });

  const ITEMS: [SimulatedCall, object][] = [
    [
      { name: 'lookup_order', arguments: '{"id":"42"}' },
      { type: 'function_call', arguments: '{"id":"42"}' },
    ],
    [
      { name: 'sql', arguments: 'SELECT 1', type: 'custom' },
      { type: 'custom_tool_call', input: 'SELECT 1' },
    ],
    [{ name: '', arguments: '{"commands":["ls","pwd"]}', type: 'shell_call' }, { action: { commands: ['ls', 'pwd'] } }],
    [{ name: '', arguments: '{"command":["ls"]}', type: 'local_shell_call' }, { action: { command: ['ls'] } }],
    [{ name: '', arguments: '{"type":"click","x":1}', type: 'computer_call' }, { action: { type: 'click', x: 1 } }],
    [{ name: '', arguments: '{"query":"q"}', type: 'web_search_call' }, { action: { type: 'search', query: 'q' } }],
    [{ name: '', arguments: 'print(1)', type: 'code_interpreter_call' }, { code: 'print(1)' }],
    [
      { name: 'add', arguments: '{"a":1}', type: 'mcp_call', server: 'sums' },
      { type: 'mcp_call', name: 'add', server_label: 'sums', arguments: '{"a":1}' },
    ],
    [
      { name: 'add', arguments: '{"a":1}', type: 'mcp_approval_request', server: 'sums' },
      { type: 'mcp_approval_request', name: 'add', server_label: 'sums', arguments: '{"a":1}' },
    ],
  ];

  test('with every kind of call, in JSON and in a stream, one after the other and interleaved', async () => {
    const toolCalls = ITEMS.map(([call]) => call);
    const expected = ITEMS.map(([, item]) => item);
    vendors.openai.next({ toolCalls });
    expect((await openai().responses.create(RESPONSE)).output).toMatchObject(expected);
    for (const interleaved of [false, true]) {
      vendors.openai.next({ toolCalls, interleaved, pieceBytes: 11 });
      expect((await openai().responses.stream(RESPONSE).finalResponse()).output).toMatchObject(expected);
    }
  });

  test('with a patch, whose pieces the SDK does not know', async () => {
    const patch = { type: 'create_file', path: 'a.md', diff: '+# A list\n' };
    vendors.openai.next({ toolCalls: [{ name: '', arguments: JSON.stringify(patch), type: 'apply_patch_call' }] });
    let diff = '';
    let last: unknown;
    for await (const event of await openai().responses.create({ ...RESPONSE, stream: true })) {
      const { type, delta = '' } = event as { type: string; delta?: string };
      if (type === 'response.apply_patch_call_operation_diff.delta') diff += delta;
      last = event;
    }
    expect(diff).toBe(patch.diff);
    expect(last).toMatchObject({ type: 'response.completed', response: { output: [{ operation: patch }] } });
  });

  test('breaking off in a call: its part comes again in the last event', async () => {
    for (const ending of ['incomplete', 'failed'] as const) {
      vendors.openai.next({ toolCalls: TOOL_CALLS.slice(0, 1), ending });
      const response = await openai().responses.stream(RESPONSE).finalResponse();
      expect(response).toMatchObject({ status: ending, output: [{ arguments: '{"id"', status: 'incomplete' }] });
    }
  });

  test('and is as strict as the vendor', async () => {
    const create = (body: object) => openai().responses.create({ ...RESPONSE, ...body });
    for (const body of [
      { messages: [] },
      { input: undefined },
      { input: 7 },
      { input: [{ role: 'tool', content: '' }] },
      { max_output_tokens: 1 },
      { store: 'true' },
      { tools: [{ type: 'function', function: { name: 'f' } }] },
      { tools: [{ type: 'magic' }] },
      { previous_response_id: 'resp_of_others' },
    ]) {
      await expect(create(body)).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    }
    await expect(create({ model: 'gpt-none' })).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(openai().responses.retrieve('resp_simulated')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    expect(await create({ background: true })).toMatchObject({ status: 'queued', output: [] });
    expect((await create({ input: undefined, previous_response_id: 'resp_simulated' })).status).toBe('completed');
  });
});

describe('the simulated Anthropic makes tool calls', () => {
  const toolCalls: SimulatedCall[] = [
    ...TOOL_CALLS,
    { name: 'web_search', arguments: '{"query":"q"}', type: 'server_tool_use' },
    { name: 'add', arguments: '{"a":1}', type: 'mcp_tool_use', server: 'sums' },
  ];
  const content = [
    { type: 'tool_use', name: 'lookup_order', input: { id: '42' } },
    { type: 'tool_use', name: 'create_ticket', input: {} },
    { type: 'server_tool_use', name: 'web_search', input: { query: 'q' } },
    { type: 'mcp_tool_use', name: 'add', server_name: 'sums', input: { a: 1 } },
  ];

  test('its own and the vendor, without text, interleaved', async () => {
    vendors.anthropic.next({ toolCalls, text: [] });
    expect((await anthropic().messages.create(MESSAGE)).content).toMatchObject(content);
    for (const interleaved of [false, true]) {
      vendors.anthropic.next({ toolCalls, interleaved, text: [] });
      const message = await anthropic().beta.messages.stream(MESSAGE).finalMessage();
      expect(message.content).toMatchObject(content);
      expect(message.stop_reason).toBe('tool_use');
    }
  });

  test('and breaks off in one', async () => {
    const json: string[] = [];
    vendors.anthropic.next({ toolCalls: TOOL_CALLS.slice(0, 1), ending: 'incomplete' });
    for await (const event of anthropic().messages.stream(MESSAGE)) {
      if (event.type === 'content_block_delta' && event.delta.type === 'input_json_delta') {
        json.push(event.delta.partial_json);
      }
      if (event.type === 'message_delta') expect(event.delta.stop_reason).toBe('max_tokens');
    }
    expect(json.join('')).toBe('{"id"');
    vendors.anthropic.next({ toolCalls: TOOL_CALLS.slice(0, 1), ending: 'failed' });
    await expect(anthropic().messages.stream(MESSAGE).finalMessage()).rejects.toBeInstanceOf(Anthropic.APIError);
  });
});

describe('the simulated Anthropic satisfies the SDK', () => {
  test('with a message, and records the request', async () => {
    const message = await anthropic().messages.create(MESSAGE);
    expect(message.content).toEqual([{ type: 'text', text: 'Hello from the simulator' }]);
    expect(message._request_id).toMatch(/^req_/);
    const [request] = vendors.anthropic.requests;
    expect(request?.body.toString()).toBe(JSON.stringify(MESSAGE));
    expect(request?.headers.authorization).toBe(`Bearer ${ANTHROPIC_KEY}`);
  });

  test('with streams: text and tool calls, cut in small pieces', async () => {
    vendors.anthropic.next({ pieceBytes: 3, text: ['é', '😀'], toolCalls: TOOL_CALLS });
    const message = await anthropic().messages.stream(MESSAGE).finalMessage();
    expect(message.content).toMatchObject([
      { type: 'text', text: 'é😀' },
      { type: 'tool_use', name: 'lookup_order', input: { id: '42' } },
      { type: 'tool_use', name: 'create_ticket', input: {} },
    ]);
    expect(message.stop_reason).toBe('tool_use');
    expect(message.usage).toMatchObject({ input_tokens: 12, output_tokens: 2 });
  });

  test('with its models, page by page', async () => {
    const ids: string[] = [];
    for await (const { id } of anthropic().models.list({ limit: 3 })) ids.push(id);
    expect(ids).toEqual(ANTHROPIC_MODELS);
    expect(vendors.anthropic.requests.length).toBe(2);
    expect((await anthropic().models.retrieve('claude-sonnet-5')).id).toBe('claude-sonnet-5');
  });

  test('and is as strict as the vendor', async () => {
    await expect(anthropic('wrong').models.list()).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
    const create = (body: object, version?: string) =>
      anthropic(ANTHROPIC_KEY, version).messages.create({ ...MESSAGE, ...body });
    await expect(create({ model: 'claude-none' })).rejects.toBeInstanceOf(Anthropic.NotFoundError);
    for (const body of [{ messages: [] }, { max_tokens: undefined }, { n: 2 }, { temperature: 1 }]) {
      await expect(create(body)).rejects.toBeInstanceOf(Anthropic.BadRequestError);
    }
    await expect(create({ temperature: 1 }, '2023-06-01')).resolves.toMatchObject({ role: 'assistant' });
    await expect(create({}, '1999-01-01')).rejects.toBeInstanceOf(Anthropic.BadRequestError);
    const get = (headers: Record<string, string>) => fetch(`${vendors.anthropic.url}/v1/models`, { headers });
    expect((await get({ 'anthropic-version': '2023-06-01' })).status).toBe(401);
    expect((await get({ 'x-api-key': ANTHROPIC_KEY })).status).toBe(400);
    const keyed = { 'anthropic-version': '2023-06-01', 'x-api-key': ANTHROPIC_KEY };
    expect((await get(keyed)).status).toBe(200);
    expect((await get({ ...keyed, authorization: 'Bearer leaked' })).status).toBe(401);
  });

  test('with its faults', async () => {
    vendors.anthropic.next({ status: 429 });
    await expect(anthropic().messages.create(MESSAGE)).rejects.toBeInstanceOf(Anthropic.RateLimitError);
    vendors.anthropic.next({ status: 529 });
    await expect(anthropic().messages.create(MESSAGE)).rejects.toMatchObject({ status: 529, type: 'overloaded_error' });
    vendors.anthropic.next({ abortAfterEvents: 3 });
    await expect(anthropic().messages.stream(MESSAGE).finalMessage()).rejects.toBeInstanceOf(Anthropic.AnthropicError);
  });

  test('and sees a client go in mid-stream', async () => {
    vendors.anthropic.next({ stallAfterEvents: 4 });
    const stream = anthropic().messages.stream(MESSAGE);
    for await (const event of stream) if (event.type === 'content_block_delta') break;
    expect(await vendors.anthropic.requests.at(-1)?.ended).toBe('aborted');
  });
});
