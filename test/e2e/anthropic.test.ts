import Anthropic from '@anthropic-ai/sdk';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ANTHROPIC_KEY, ANTHROPIC_MODELS } from '../upstream/index.ts';
import { codes, MESSAGE_BODY, Stand } from './harness.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.open();
});
afterAll(() => stand.close());
afterEach(() => stand.forgetRequests());

/** The SDK's exception for a call. */
async function refusal(call: Promise<unknown>): Promise<InstanceType<typeof Anthropic.APIError>> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Anthropic.APIError)) throw new Error(`expected an APIError, got ${error}`);
  return error;
}

/** What the gateway says in the fields that Anthropic's errors have. */
const details = (error: { error: unknown }) => (error.error as { error: { type: string; details: object } }).error;

describe('an allowed call', () => {
  test('reaches the vendor as it was sent, with its key alone', async () => {
    const { value, decision, outcome } = await stand.decided(() =>
      stand.claude().messages.create(MESSAGE_BODY).withResponse(),
    );
    expect(value.data.content).toEqual([{ type: 'text', text: 'Hello from the simulator' }]);
    expect(value.response.headers.get('x-verdict-decision')).toBe(decision.id);
    const [received] = stand.anthropic.requests;
    expect(received).toMatchObject({ method: 'POST', target: '/v1/messages' });
    expect(received?.body.toString()).toBe(JSON.stringify(MESSAGE_BODY));
    expect(received?.headers['x-api-key']).toBe(ANTHROPIC_KEY);
    expect(received?.headers.authorization).toBeUndefined();
    expect(received?.headers['anthropic-version']).toBe('2026-10-21');
    expect(decision).toMatchObject({
      route: 'support',
      result: { effect: 'allow' },
      input: {
        call: { provider: 'anthropic', dialect: 'anthropic-messages', endpoint: 'messages', model: 'claude-haiku-4-5' },
      },
    });
    expect(outcome).toMatchObject({
      decision: decision.id,
      status: 200,
      upstream_request_id: value.request_id,
      ended: 'complete',
      usage: { output_tokens: 3 },
      finish: ['end_turn'],
    });
  });

  test('streams', async () => {
    stand.anthropic.next({
      pieceBytes: 5,
      text: ['Grüße', ', ', '😀'],
      toolCalls: [{ name: 'lookup_order', arguments: '{"id":"42"}' }],
    });
    const { value, outcome } = await stand.decided(() =>
      stand
        .claude()
        .messages.stream({ ...MESSAGE_BODY, tools: [{ name: 'lookup_order', input_schema: { type: 'object' } }] })
        .finalMessage(),
    );
    expect(value.content).toMatchObject([
      { type: 'text', text: 'Grüße, 😀' },
      { type: 'tool_use', name: 'lookup_order', input: { id: '42' } },
    ]);
    expect(outcome).toMatchObject({
      ended: 'complete',
      finish: ['tool_use'],
      tool_calls: [{ name: 'lookup_order', released: true }],
      not_inspected: ['response_text'],
    });
  });

  test('takes its token from either header', async () => {
    const version = { 'anthropic-version': '2023-06-01', 'content-type': 'application/json' };
    const post = (headers: Record<string, string>) =>
      fetch(`${stand.url}/support/v1/messages`, {
        method: 'POST',
        headers: { ...version, ...headers },
        body: JSON.stringify(MESSAGE_BODY),
      });
    expect((await post({ 'x-api-key': stand.site.token })).status).toBe(200);
    expect((await post({ authorization: `Bearer ${stand.site.token}` })).status).toBe(200);
    expect(stand.anthropic.requests.map(({ headers }) => [headers['x-api-key'], headers.authorization])).toEqual([
      [ANTHROPIC_KEY, undefined],
      [ANTHROPIC_KEY, undefined],
    ]);
  });

  test('lists models page by page, query and all', async () => {
    const ids: string[] = [];
    for await (const { id } of stand.claude().models.list({ limit: 3 })) ids.push(id);
    expect(ids).toEqual(ANTHROPIC_MODELS);
    expect(stand.anthropic.requests.map(({ target }) => target)).toEqual([
      '/v1/models?limit=3',
      '/v1/models?limit=3&after_id=claude-sonnet-5',
    ]);
    expect(stand.openai.requests).toHaveLength(0);
  });
});

describe('a denied call raises the exception of the SDK, with code and decision', () => {
  const tool = (name: string) => ({ name, input_schema: { type: 'object' as const } });
  test.each([
    ['model', { model: 'claude-opus-5-5' }, 'MODEL_NOT_ALLOWED'],
    ['tool', { tools: [tool('shell')] }, 'TOOL_NOT_ALLOWED'],
    ['token limit', { max_tokens: 5000 }, 'TOKEN_LIMIT_EXCEEDED'],
    [
      "a tool of the vendor's own",
      { tools: [{ type: 'web_search_20250305', name: 'web_search' }] },
      'TOOL_NOT_ALLOWED',
    ],
    ['an MCP server', { mcp_servers: [{ type: 'url', url: 'https://mcp.invalid/', name: 'm' }] }, 'TOOL_NOT_ALLOWED'],
    ['a model in reserve', { fallbacks: [{ model: 'claude-opus-5-5' }] }, 'MODEL_NOT_ALLOWED'],
  ])('%s', async (_what, change, code) => {
    const { value, decision } = await stand.decided(() =>
      refusal(stand.claude().messages.create({ ...MESSAGE_BODY, ...change } as typeof MESSAGE_BODY)),
    );
    expect(value).toBeInstanceOf(Anthropic.PermissionDeniedError);
    expect(value.status).toBe(403);
    expect(details(value)).toMatchObject({
      type: 'permission_error',
      details: { error_code: code, decision_id: decision.id },
    });
    expect(value.message).toContain(code);
    expect(value.message).toContain(decision.id);
    expect(value.headers?.get('x-verdict-decision')).toBe(decision.id);
    expect(codes(decision)).toContain(code);
    expect(stand.forwarded).toBe(0);
  });

  test.each([
    [
      'counting tokens',
      (claude: Anthropic) =>
        claude.messages.countTokens({ model: MESSAGE_BODY.model, messages: MESSAGE_BODY.messages }),
    ],
    ['batches', (claude: Anthropic) => claude.messages.batches.list()],
  ])('ungoverned endpoint: %s', async (_what, call) => {
    const { value, decision } = await stand.decided(() => refusal(call(stand.claude()) as Promise<unknown>));
    expect(value).toBeInstanceOf(Anthropic.NotFoundError);
    expect(details(value)).toMatchObject({
      type: 'not_found_error',
      details: { error_code: 'ENDPOINT_NOT_GOVERNED', decision_id: decision.id },
    });
    expect(stand.forwarded).toBe(0);
  });

  test('unknown route', async () => {
    const { value, decision } = await stand.decided(() =>
      refusal(stand.claude({ route: 'elsewhere' }).messages.create(MESSAGE_BODY)),
    );
    expect(value).toBeInstanceOf(Anthropic.NotFoundError);
    expect(details(value)).toMatchObject({ details: { error_code: 'ROUTE_UNKNOWN', decision_id: decision.id } });
  });

  test('no identity, and a wrong one', async () => {
    for (const token of ['vdt_0123456789ab_0123456789012345678901234567890123456789012', 'sk-ant-something']) {
      const { value, decision } = await stand.decided(() =>
        refusal(stand.claude({ token }).messages.create(MESSAGE_BODY)),
      );
      expect(value).toBeInstanceOf(Anthropic.AuthenticationError);
      expect(details(value)).toMatchObject({
        type: 'authentication_error',
        details: { error_code: 'IDENTITY_INVALID', decision_id: decision.id },
      });
      expect(decision).toMatchObject({ route: 'support', subject: null, effect_enforced: 'refuse' });
    }
    expect(stand.forwarded).toBe(0);
  });
});

test('errors of the vendor pass as they are', async () => {
  for (const [status, type] of [
    [429, 'rate_limit_error'],
    [529, 'overloaded_error'],
  ] as const) {
    stand.anthropic.next({ status });
    const { value, outcome } = await stand.decided(() => refusal(stand.claude().messages.create(MESSAGE_BODY)));
    expect(value).toMatchObject({ status, type });
    expect(outcome).toMatchObject({ status, upstream_status: status, ended: 'complete' });
  }
});
