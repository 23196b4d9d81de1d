import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import { createSandbox } from '../../src/provider/index.ts';

let server: Server;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  server = createServer(createSandbox({ eventDelayMs: 0 }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  openai = new OpenAI({ apiKey: 'any', baseURL: `${url}/v1`, maxRetries: 0 });
  anthropic = new Anthropic({ apiKey: 'any', baseURL: url, maxRetries: 0 });
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

const MESSAGES = [{ role: 'user' as const, content: 'hello' }];

describe('the sandbox answers the OpenAI SDK', () => {
  test('with a completion', async () => {
    const completion = await openai.chat.completions.create({ model: 'gpt-5-mini', messages: MESSAGES });
    expect(completion.choices[0]?.message.content).toContain('no model was asked');
    expect(completion.choices[0]?.finish_reason).toBe('stop');
    expect(completion.model).toBe('gpt-5-mini');
    expect(completion.usage?.total_tokens).toBeGreaterThan(0);
    expect(completion._request_id).toMatch(/^sandbox-\d+$/);
  });

  test('with a stream that says the same', async () => {
    const whole = await openai.chat.completions.create({ model: 'm', messages: MESSAGES, stream: false });
    const stream = openai.chat.completions.stream({
      model: 'm',
      messages: MESSAGES,
      stream_options: { include_usage: true },
    });
    let chunks = 0;
    for await (const _ of stream) chunks++;
    const final = await stream.finalChatCompletion();
    const words = (text: string | null | undefined) => text?.replace(/\d+ bytes/, '');
    expect(words(final.choices[0]?.message.content)).toBe(words(whole.choices[0]?.message.content));
    expect(chunks).toBeGreaterThan(10);
    expect((await stream.totalUsage()).completion_tokens).toBe(whole.usage?.completion_tokens);
  });

  test('cut at the token limit', async () => {
    const completion = await openai.chat.completions.create({ model: 'm', messages: MESSAGES, max_tokens: 3 });
    expect(completion.choices[0]).toMatchObject({ message: { content: "This is Verdict's" }, finish_reason: 'length' });
  });

  test('with its models', async () => {
    const models = await openai.models.list();
    expect(models.data.map(({ id }) => id)).toContain('gpt-5-mini');
    expect((await openai.models.retrieve('gpt-5-mini')).object).toBe('model');
    await expect(openai.models.retrieve('gpt-none')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  test('with its errors', async () => {
    await expect(openai.embeddings.create({ model: 'm', input: 'x' })).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    const invalid = openai.chat.completions.create({ model: '', messages: MESSAGES });
    await expect(invalid).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  });
});

describe('the sandbox answers the OpenAI SDK on Responses', () => {
  test('with a response', async () => {
    const response = await openai.responses.create({ model: 'gpt-5-mini', input: 'hello' });
    expect(response.output_text).toContain('no model was asked');
    expect(response).toMatchObject({ status: 'completed', model: 'gpt-5-mini', store: false });
    expect(response.usage?.total_tokens).toBeGreaterThan(0);
  });

  test('with a stream that says the same', async () => {
    const whole = await openai.responses.create({ model: 'm', input: 'hello', stream: false });
    const stream = openai.responses.stream({ model: 'm', input: 'hello' });
    let text = '';
    stream.on('response.output_text.delta', ({ delta }) => {
      text += delta;
    });
    const final = await stream.finalResponse();
    const words = (said: string) => said.replace(/\d+ bytes/, '');
    expect(words(final.output_text)).toBe(words(whole.output_text));
    expect(text).toBe(final.output_text);
    expect(final.usage?.output_tokens).toBe(whole.usage?.output_tokens);
  });

  test('cut at the token limit', async () => {
    const cut = await openai.responses.create({ model: 'm', input: 'hello', max_output_tokens: 3 });
    expect(cut).toMatchObject({
      output_text: "This is Verdict's",
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    });
    let last = '';
    for await (const { type } of await openai.responses.create({
      model: 'm',
      input: 'hello',
      max_output_tokens: 3,
      stream: true,
    })) {
      last = type;
    }
    expect(last).toBe('response.incomplete');
  });
});

describe('the sandbox calls a tool when it is asked to', () => {
  const parameters = { type: 'object' as const };
  const JSON_TEXT = '{"id": "42", "note": "größer 😀 }"}';
  const asked = (name: string) => `please call ${name} ${JSON_TEXT}, thanks`;
  const chat = (content: string) => ({
    model: 'm',
    messages: [{ role: 'user' as const, content }],
    tools: [
      { type: 'function' as const, function: { name: 'lookup_order', parameters } },
      { type: 'custom' as const, custom: { name: 'note' } },
    ],
  });
  const responses = (input: OpenAI.Responses.ResponseInput | string) => ({
    model: 'm',
    input,
    tools: [
      { type: 'function' as const, name: 'lookup_order', parameters, strict: false },
      { type: 'custom' as const, name: 'note' },
      { type: 'shell' as const },
    ],
  });
  const messages = (content: string) => ({
    model: 'm',
    max_tokens: 100,
    messages: [{ role: 'user' as const, content }],
    tools: [{ name: 'lookup_order', input_schema: parameters }],
  });

  test('in Chat Completions', async () => {
    const call = { type: 'function', function: { name: 'lookup_order', arguments: JSON_TEXT } };
    const { choices } = await openai.chat.completions.create(chat(asked('lookup_order')));
    expect(choices[0]).toMatchObject({ message: { tool_calls: [call] }, finish_reason: 'tool_calls' });
    let deltas = 0;
    const stream = openai.chat.completions.stream(chat(asked('lookup_order')));
    for await (const chunk of stream) if (chunk.choices[0]?.delta.tool_calls) deltas++;
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]).toMatchObject({ message: { tool_calls: [call] }, finish_reason: 'tool_calls' });
    expect(final.choices[0]?.message.content).toContain('lookup_order');
    expect(deltas).toBeGreaterThan(3);
    const custom = await openai.chat.completions.create(chat(asked('note')));
    expect(custom.choices[0]?.message.tool_calls).toMatchObject([{ custom: { name: 'note', input: JSON_TEXT } }]);
  });

  test('in Responses', async () => {
    const call = { type: 'function_call', name: 'lookup_order', arguments: JSON_TEXT, status: 'completed' };
    const { output } = await openai.responses.create(responses(asked('lookup_order')));
    expect(output).toMatchObject([{ type: 'message' }, call]);
    for (const [name, expected] of [
      ['lookup_order', call],
      ['note', { type: 'custom_tool_call', name: 'note', input: JSON_TEXT }],
    ] as const) {
      let deltas = 0;
      const stream = openai.responses.stream(responses([{ role: 'user', content: asked(name) }]));
      for await (const { type } of stream) if (/(?:arguments|input)\.delta$/.test(type)) deltas++;
      expect((await stream.finalResponse()).output[1]).toMatchObject(expected);
      expect(deltas).toBeGreaterThan(3);
    }
  });

  test('in Messages', async () => {
    const call = { type: 'tool_use', name: 'lookup_order', input: JSON.parse(JSON_TEXT) };
    const whole = await anthropic.messages.create(messages(asked('lookup_order')));
    expect(whole).toMatchObject({ content: [{ type: 'text' }, call], stop_reason: 'tool_use' });
    const stream = anthropic.messages.stream(messages(asked('lookup_order')));
    let deltas = 0;
    stream.on('inputJson', () => deltas++);
    expect(await stream.finalMessage()).toMatchObject({ content: [{ type: 'text' }, call], stop_reason: 'tool_use' });
    expect(deltas).toBeGreaterThan(3);
  });

  test('but no tool that is not offered, none by other words, and none after its result', async () => {
    const results: OpenAI.Responses.ResponseInput = [
      { role: 'user', content: asked('lookup_order') },
      { type: 'function_call', call_id: 'c', name: 'lookup_order', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c', output: 'done' },
    ];
    for (const input of [asked('drop_table'), asked('shell'), 'call lookup_order', 'call lookup_order {id}', results]) {
      const { output } = await openai.responses.create(responses(input));
      expect(output.map(({ type }) => type)).toEqual(['message']);
    }
  });
});

describe('the sandbox answers the Anthropic SDK', () => {
  test('with a message', async () => {
    const message = await anthropic.messages.create({ model: 'claude-haiku-4-5', max_tokens: 100, messages: MESSAGES });
    expect(message.content[0]).toMatchObject({ type: 'text', text: expect.stringContaining('no model was asked') });
    expect(message.stop_reason).toBe('end_turn');
    expect(message.usage.input_tokens).toBeGreaterThan(0);
  });

  test('with a stream', async () => {
    const stream = anthropic.messages.stream({ model: 'claude-haiku-4-5', max_tokens: 100, messages: MESSAGES });
    const message = await stream.finalMessage();
    expect(await stream.finalText()).toContain('no model was asked');
    expect(message.stop_reason).toBe('end_turn');
    expect(message.usage.output_tokens).toBeGreaterThan(1);
  });

  test('with its models', async () => {
    const models = await anthropic.models.list();
    expect(models.data.map(({ id }) => id)).toContain('claude-haiku-4-5');
    expect((await anthropic.models.retrieve('claude-haiku-4-5')).type).toBe('model');
    await expect(anthropic.models.retrieve('claude-none')).rejects.toBeInstanceOf(Anthropic.NotFoundError);
  });

  test('with its errors', async () => {
    const invalid = anthropic.messages.create({ model: '', max_tokens: 1, messages: MESSAGES });
    await expect(invalid).rejects.toBeInstanceOf(Anthropic.BadRequestError);
  });
});
