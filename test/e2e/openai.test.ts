import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import { OPENAI_KEY, OPENAI_MODELS } from '../upstream/index.ts';
import { CHAT_BODY, codes, Stand } from './harness.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.open();
});
afterAll(() => stand.close());
afterEach(() => stand.forgetRequests());

/** The SDK's exception for a call. */
async function refusal(call: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof OpenAI.APIError)) throw new Error(`expected an APIError, got ${error}`);
  return error;
}

describe('an allowed call', () => {
  test('reaches the vendor as it was sent, and comes back as the vendor answered', async () => {
    const { value, decision, outcome } = await stand.decided(() =>
      stand.gpt().chat.completions.create(CHAT_BODY).withResponse(),
    );
    expect(value.data.choices[0]?.message.content).toBe('Hello from the simulator');
    expect(value.request_id).toMatch(/^req_/);
    expect(value.response.headers.get('x-verdict-decision')).toBe(decision.id);
    const [received] = stand.openai.requests;
    expect(received).toMatchObject({ method: 'POST', target: '/v1/chat/completions' });
    expect(received?.body.toString()).toBe(JSON.stringify(CHAT_BODY));
    expect(received?.headers.authorization).toBe(`Bearer ${OPENAI_KEY}`);
    expect(decision).toMatchObject({
      phase: 'request',
      mode: 'enforce',
      route: 'support',
      subject: { id: 'developer', method: 'token', issuer: 'verdict', roles: ['developer'], tenant: null },
      entrypoint: 'verdict/request',
      bundle: { revision: '0.1.0', sequence: 1 },
      result: { effect: 'allow', reasons: [], obligations: [] },
      effect_enforced: 'forward',
      body_bytes: JSON.stringify(CHAT_BODY).length,
      input_form: 'full',
      input: {
        v: 1,
        phase: 'request',
        route: { id: 'support', policy: 'support', mode: 'enforce' },
        http: { method: 'POST', path: '/support/v1/chat/completions' },
        call: {
          provider: 'openai',
          dialect: 'openai-chat',
          endpoint: 'chat.completions',
          model: 'gpt-5-mini',
          stream: false,
          parameters: { max_tokens: 100 },
          messages: [{ role: 'user', kinds: ['text'] }],
        },
        body: CHAT_BODY,
      },
    });
    expect(decision.input.subject).toEqual(decision.subject);
    expect(outcome).toMatchObject({
      decision: decision.id,
      status: 200,
      upstream_status: 200,
      upstream_request_id: value.request_id,
      ended: 'complete',
      usage: { input_tokens: 19, output_tokens: 3 },
      finish: ['stop'],
      tool_calls: [],
      not_inspected: ['response_text'],
    });
    expect(outcome.seq).toBeGreaterThan(decision.seq);
  });

  test('streams', async () => {
    stand.openai.next({ pieceBytes: 7, text: ['Grüße', ', ', '😀'] });
    const { value, outcome } = await stand.decided(() =>
      stand
        .gpt()
        .chat.completions.stream({ ...CHAT_BODY, stream_options: { include_usage: true } })
        .finalChatCompletion(),
    );
    expect(value.choices[0]?.message.content).toBe('Grüße, 😀');
    expect(outcome).toMatchObject({
      status: 200,
      ended: 'complete',
      usage: { input_tokens: 19, output_tokens: 3 },
      finish: ['stop'],
    });
  });

  test('offers the tools that the route lets it, and the outcome tells what became of the call that was proposed', async () => {
    const tools = ['lookup_order', 'create_ticket'].map((name) => ({ type: 'function' as const, function: { name } }));
    stand.openai.next({ toolCalls: [{ name: 'lookup_order', arguments: '{"id":"42"}' }] });
    const {
      value,
      decision,
      outcome,
      tools: proposed,
    } = await stand.decided(() => stand.gpt().chat.completions.create({ ...CHAT_BODY, tools }));
    expect(value.choices[0]?.message.tool_calls).toHaveLength(1);
    expect(decision.input.call.tools).toEqual(tools.map(({ function: { name } }) => ({ name, type: 'function' })));
    expect(outcome).toMatchObject({
      tool_calls: [{ decision: proposed[0].id, name: 'lookup_order', released: true }],
      finish: ['tool_calls'],
      not_inspected: ['response_text'],
    });
  });

  test('lists models, and one', async () => {
    const { value, records } = await stand.during(async () => [
      (await stand.gpt().models.list()).data.map(({ id }) => id),
      (await stand.gpt().models.retrieve('gpt-5-mini')).id,
    ]);
    expect(value).toEqual([OPENAI_MODELS, 'gpt-5-mini']);
    expect(records.map(({ type }) => type)).toEqual(['decision', 'outcome', 'decision', 'outcome']);
    expect(records[0].input.call).toMatchObject({
      dialect: 'openai-models',
      endpoint: 'models',
      model: null,
      messages: [],
    });
    expect(records[0]).toMatchObject({ body_sha256: null, body_bytes: 0 });
    expect(records[2].input.call.model).toBe('gpt-5-mini');
  });
});

describe('a denied call raises the exception of the SDK, with code and decision', () => {
  const tool = (name: string) => ({ type: 'function' as const, function: { name } });
  test.each([
    ['model', { model: 'gpt-5-pro' }, 'MODEL_NOT_ALLOWED'],
    ['tool', { tools: [tool('shell')] }, 'TOOL_NOT_ALLOWED'],
    ['token limit', { max_tokens: 5000 }, 'TOKEN_LIMIT_EXCEEDED'],
    ['token limit of all answers', { max_tokens: 1000, n: 2 }, 'TOKEN_LIMIT_EXCEEDED'],
    ['no token limit', { max_tokens: null }, 'TOKEN_LIMIT_REQUIRED'],
    ["a tool of the vendor's own", { web_search_options: {} }, 'TOOL_NOT_ALLOWED'],
  ])('%s', async (_what, change, code) => {
    const { value, decision } = await stand.decided(() =>
      refusal(stand.gpt().chat.completions.create({ ...CHAT_BODY, ...change } as typeof CHAT_BODY)),
    );
    expect(value).toBeInstanceOf(OpenAI.PermissionDeniedError);
    expect(value).toMatchObject({ status: 403, code, type: 'permission_error', error: { decision_id: decision.id } });
    expect(value.message).toContain(code);
    expect(value.message).toContain(decision.id);
    expect(value.headers?.get('x-verdict-decision')).toBe(decision.id);
    expect(value.headers?.get('x-verdict-code')).toBe(code);
    expect(codes(decision)).toContain(code);
    expect(decision).toMatchObject({
      effect_enforced: 'refuse',
      entrypoint: 'verdict/request',
      result: { effect: 'deny' },
    });
    expect(stand.forwarded).toBe(0);
  });

  test('even when it asked for a stream', async () => {
    const error = await refusal(
      stand.gpt().chat.completions.create({ ...CHAT_BODY, model: 'gpt-5-pro', stream: true }),
    );
    expect(error).toBeInstanceOf(OpenAI.PermissionDeniedError);
    expect(error.code).toBe('MODEL_NOT_ALLOWED');
  });

  test.each([
    ['embeddings', (gpt: OpenAI) => gpt.embeddings.create({ model: 'text-embedding-3-small', input: 'x' })],
    ['stored responses', (gpt: OpenAI) => gpt.responses.retrieve('resp_1')],
    ['files', (gpt: OpenAI) => gpt.files.list()],
    ['stored completions', (gpt: OpenAI) => gpt.chat.completions.retrieve('chatcmpl-1')],
  ])('ungoverned endpoint: %s', async (_what, call) => {
    const { value, decision } = await stand.decided(() => refusal(call(stand.gpt()) as Promise<unknown>));
    expect(value).toBeInstanceOf(OpenAI.NotFoundError);
    expect(value.code).toBe('ENDPOINT_NOT_GOVERNED');
    expect(decision).toMatchObject({
      route: 'support',
      entrypoint: null,
      engine: null,
      bundle: null,
      effect_enforced: 'refuse',
    });
    expect(codes(decision)).toEqual(['ENDPOINT_NOT_GOVERNED']);
    expect(stand.forwarded).toBe(0);
  });

  test('unknown route', async () => {
    const { value, decision } = await stand.decided(() =>
      refusal(stand.gpt({ route: 'elsewhere' }).chat.completions.create(CHAT_BODY)),
    );
    expect(value).toBeInstanceOf(OpenAI.NotFoundError);
    expect(value.code).toBe('ROUTE_UNKNOWN');
    expect(decision).toMatchObject({ route: null, subject: null, entrypoint: null });
    expect(stand.forwarded).toBe(0);
  });

  test('a body that is no call', async () => {
    const create = (body: object) =>
      refusal(stand.gpt().chat.completions.create({ ...CHAT_BODY, ...body } as typeof CHAT_BODY));
    for (const body of [
      { model: 7 },
      { messages: 'Hello' },
      { messages: [{ role: 'root', content: 'x' }] },
      { max_tokens: '100' },
    ]) {
      const { value, decision } = await stand.decided(() => create(body));
      expect(value).toBeInstanceOf(OpenAI.BadRequestError);
      expect(value.code).toBe('CALL_INVALID');
      expect(decision).toMatchObject({ route: 'support', subject: { id: 'developer' } });
    }
    expect(stand.forwarded).toBe(0);
  });
});

test('errors of the vendor pass as they are', async () => {
  for (const [status, kind] of [
    [429, OpenAI.RateLimitError],
    [500, OpenAI.InternalServerError],
    [503, OpenAI.InternalServerError],
  ] as const) {
    stand.openai.next({ status });
    const { value, outcome } = await stand.decided(() => refusal(stand.gpt().chat.completions.create(CHAT_BODY)));
    expect(value).toBeInstanceOf(kind);
    expect(value).toMatchObject({ status, code: 'simulated' });
    expect(value.headers?.get('x-verdict-code')).toBeNull(); // so that a client can tell whose error it is
    expect(outcome).toMatchObject({ status, upstream_status: status, ended: 'complete', usage: null });
  }
});

test("the SDK's own retry makes a second call with a second decision", async () => {
  stand.openai.next({ status: 500 });
  const { records } = await stand.during(() => stand.gpt({ maxRetries: 1 }).chat.completions.create(CHAT_BODY));
  const decisions = records.filter(({ type }) => type === 'decision');
  expect(decisions).toHaveLength(2);
  expect(new Set(decisions.map(({ id }) => id)).size).toBe(2);
});
