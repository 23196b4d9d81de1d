import type Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type OpenAI from 'openai';
import { Hand } from './hand.ts';
import { CHAT_BODY, codes, MESSAGE_BODY, Stand } from './harness.ts';
import { ROUTES } from './site.ts';

// Tool calls that models propose, through the built gateway, by the vendors' own SDKs.

const ALLOWED = { name: 'lookup_order', arguments: '{"order":"A-17"}' };
const SECRET = 'planted-5f1c9e';
const DENIED = { name: 'delete_order', arguments: `{"order":"${SECRET}"}` };
const CHAT_TOOLS = [ALLOWED, DENIED].map(({ name }) => ({ type: 'function' as const, function: { name } }));
const OFFERED = CHAT_TOOLS.slice(0, 1);
const CLAUDE_TOOLS = [{ name: 'lookup_order', input_schema: { type: 'object' as const } }];
const RESPONSE_TOOLS = [{ type: 'function' as const, name: 'lookup_order', parameters: {}, strict: false }];

let stand: Stand;

beforeAll(async () => {
  const strip = { id: 'strip', match: { path: '/strip' }, policy: 'support', on_denied_tool: 'strip' };
  stand = await Stand.open({ routes: [...ROUTES, strip], limits: { tool_argument_bytes: 1000, tool_calls: 4 } });
});

afterAll(() => stand.close());

describe.each(['json', 'stream'])('OpenAI Chat Completions, %s', (form) => {
  const ask = (route: string): Promise<OpenAI.ChatCompletion> => {
    const body = { ...CHAT_BODY, tools: OFFERED };
    const { completions } = stand.gpt({ route }).chat;
    return form === 'json' ? completions.create(body) : completions.stream(body).finalChatCompletion();
  };

  test('an allowed call is released, decided and told of', async () => {
    stand.openai.next({ toolCalls: [ALLOWED], pieceBytes: 9 });
    const { value, outcome, decision, tools } = await stand.decided(() => ask('support'));
    expect(value.choices[0]?.message.tool_calls).toMatchObject([{ function: ALLOWED }]);
    expect(tools).toHaveLength(1);
    expect(tools[0]).toMatchObject({
      phase: 'tool',
      entrypoint: 'verdict/tool',
      subject: decision.subject,
      route: 'support',
      effect_enforced: 'forward',
      input: { tool: { name: 'lookup_order', origin: 'model', parent: decision.id, arguments: { order: 'A-17' } } },
    });
    expect(outcome.tool_calls).toEqual([{ decision: tools[0].id, name: 'lookup_order', released: true, more: 0 }]);
  });

  test('a denied call never reaches the client, whose SDK raises an error with the decision', async () => {
    stand.openai.next({ toolCalls: [ALLOWED, DENIED], pieceBytes: 9 });
    const { value, outcome, tools } = await stand.decided(() =>
      ask('support').then(
        () => 'no error',
        (error: Error) => error.message,
      ),
    );
    const refused = tools.find(({ input }) => input.tool.name === 'delete_order');
    expect(codes(refused)).toContain('TOOL_NOT_ALLOWED');
    expect(value).toContain('TOOL_NOT_ALLOWED');
    expect(value).toContain(refused.id);
    expect(value).not.toContain(SECRET);
    expect(outcome.tool_calls.map(({ released }: { released: boolean }) => released)).toEqual([false, false]);
  });

  test('or is taken out where the route says so', async () => {
    stand.openai.next({ toolCalls: [DENIED, ALLOWED], pieceBytes: 9 });
    const { value, outcome, tools } = await stand.decided(() => ask('strip'));
    const { message, finish_reason } = value.choices[0] as (typeof value.choices)[0];
    expect(message.tool_calls).toMatchObject([{ function: ALLOWED }]);
    expect(finish_reason).toBe('tool_calls');
    expect(message.content).toContain(tools.find(({ input }) => input.tool.name === 'delete_order').id);
    expect(JSON.stringify(value)).not.toContain(SECRET);
    expect(outcome.tool_calls).toMatchObject([
      { name: 'delete_order', released: false },
      { name: 'lookup_order', released: true },
    ]);
  });

  test.each([
    ['no JSON', '{"order":', 'TOOL_ARGUMENTS_INVALID'],
    ['a key twice', '{"order":"1","order":"2"}', 'TOOL_ARGUMENTS_INVALID'],
    ['keys that differ in case', '{"order":"1","Order":"2"}', 'TOOL_ARGUMENTS_INVALID'],
    ['too large', JSON.stringify({ order: 'x'.repeat(2000) }), 'TOOL_ARGUMENTS_TOO_LARGE'],
  ])('arguments that are %s', async (_, text, code) => {
    stand.openai.next({ toolCalls: [{ name: 'lookup_order', arguments: text }] });
    const { value, tools } = await stand.decided(() => ask('support').catch((error: Error) => error.message));
    expect(value).toContain(code);
    expect(tools.map(codes)).toEqual([[code]]);
    expect(tools[0]).toMatchObject({
      entrypoint: null,
      effect_enforced: 'refuse',
      input: { tool: { arguments: null } },
    });
  });

  test('more calls than the limit', async () => {
    stand.openai.next({ toolCalls: Array.from({ length: 5 }, () => ALLOWED) });
    const { value, outcome } = await stand.decided(() => ask('support').catch((error: Error) => error.message));
    expect(value).toContain('TOOL_CALLS_TOO_MANY');
    expect(outcome.tool_calls.every(({ released }: { released: boolean }) => !released)).toBe(true);
  });

  test('in shadow everything passes, and what would have happened is recorded', async () => {
    stand.openai.next({ toolCalls: [DENIED] });
    const { value, outcome, tools } = await stand.decided(() => ask('shadow'));
    expect(value).toMatchObject({ choices: [{ message: { tool_calls: [{ function: DENIED }] } }] });
    expect(tools.map(codes)).toEqual([expect.arrayContaining(['TOOL_NOT_ALLOWED'])]);
    expect(outcome).toMatchObject({ tool_calls: [{ name: 'delete_order', released: true }] });
  });
});

describe.each(['json', 'stream'])('Anthropic Messages, %s', (form) => {
  const ask = (route: string): Promise<Anthropic.Message> => {
    const body = { ...MESSAGE_BODY, tools: CLAUDE_TOOLS };
    const { messages } = stand.claude({ route });
    return form === 'json' ? messages.create(body) : messages.stream(body).finalMessage();
  };

  test('allowed, denied, taken out', async () => {
    stand.anthropic.next({ text: ['One moment.'], toolCalls: [ALLOWED], pieceBytes: 11 });
    const allowed = await stand.decided(() => ask('support'));
    expect(allowed.value.content.at(-1)).toMatchObject({
      type: 'tool_use',
      name: 'lookup_order',
      input: { order: 'A-17' },
    });
    stand.anthropic.next({ toolCalls: [DENIED], pieceBytes: 11 });
    const denied = await stand.decided(() => ask('support').catch((error: Error) => error.message));
    expect(denied.value).toContain('TOOL_NOT_ALLOWED');
    expect(JSON.stringify(denied.value)).not.toContain(SECRET);
    stand.anthropic.next({ toolCalls: [DENIED, ALLOWED], pieceBytes: 11 });
    const stripped = await stand.decided(() => ask('strip'));
    expect(stripped.value.content.slice(1)).toMatchObject([
      { type: 'text', text: expect.stringContaining(stripped.tools[0].id) },
      { type: 'tool_use', name: 'lookup_order' },
    ]);
    expect(JSON.stringify(stripped.value)).not.toContain(SECRET);
    expect(stripped.outcome.tool_calls).toMatchObject([{ released: false }, { released: true }]);
  });
});

describe.each(['json', 'stream'])('OpenAI Responses, %s', (form) => {
  const ask = async (route: string) => {
    const body = { model: 'gpt-5-mini', max_output_tokens: 100, input: 'Hello', tools: RESPONSE_TOOLS };
    const { responses } = stand.gpt({ route });
    return form === 'json' ? responses.create(body) : responses.stream(body).finalResponse();
  };

  test('allowed, denied, taken out', async () => {
    stand.openai.next({ toolCalls: [ALLOWED], pieceBytes: 11 });
    const allowed = await stand.decided(() => ask('support'));
    expect(allowed.value.output.at(-1)).toMatchObject({ type: 'function_call', name: 'lookup_order' });
    expect(allowed.decision.input.call).toMatchObject({ endpoint: 'responses', dialect: 'openai-responses' });
    expect(allowed.outcome.tool_calls).toMatchObject([{ name: 'lookup_order', released: true }]);
    stand.openai.next({ toolCalls: [DENIED], pieceBytes: 11 });
    const denied = await stand.decided(() => ask('support').catch((error: Error) => error.message));
    expect(denied.value).toContain('TOOL_NOT_ALLOWED');
    expect(JSON.stringify(denied.value)).not.toContain(SECRET);
    stand.openai.next({ toolCalls: [DENIED, ALLOWED], pieceBytes: 11 });
    const stripped = await stand.decided(() => ask('strip'));
    expect(stripped.value.output).toMatchObject([
      { type: 'message', content: [{ text: expect.stringContaining(stripped.tools[0].id) }] },
      { type: 'function_call', name: 'lookup_order' },
    ]);
    expect(JSON.stringify(stripped.value)).not.toContain(SECRET);
  });
});

test('a tool call in a redirection is judged all the same', async () => {
  const hand = await Hand.start();
  const other = await Stand.open({ providers: { openai: hand.url } });
  const answer = (type: string, body: string) =>
    other.decided(async () => {
      const asked = other.ask(other.chat());
      const { res } = await hand.next();
      res.writeHead(302, { 'content-type': type }).end(body);
      return asked;
    });
  try {
    const message = { role: 'assistant', content: null, tool_calls: [{ id: 'c', type: 'function', function: DENIED }] };
    const body = JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'tool_calls' }] });
    const { value, outcome } = await answer('application/json', body);
    expect(value.body.toString()).toContain('TOOL_NOT_ALLOWED');
    expect(value.body.toString()).not.toContain(SECRET);
    expect(outcome.tool_calls).toMatchObject([{ name: 'delete_order', released: false }]);
    const { value: page } = await answer('text/html', '<p>gone</p>');
    expect([page.status, page.headers.get('x-verdict-code')]).toEqual([502, 'RESPONSE_UNREADABLE']);
  } finally {
    await other.close();
    await hand.close();
  }
});
