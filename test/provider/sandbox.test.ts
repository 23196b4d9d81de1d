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
