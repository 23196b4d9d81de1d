import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { CHAT_BODY, codes, MESSAGE_BODY, Stand } from './harness.ts';
import { run } from './program.ts';

let stand: Stand;
const tokens: Record<string, string> = {};
beforeAll(async () => {
  stand = await Stand.open({
    async prepare(site) {
      tokens.alpha = await site.issue({ subject: 'a', application: 'alpha' });
      tokens.beta = await site.issue({ subject: 'b', application: 'beta', roles: ['developer'] });
      tokens.gamma = await site.issue({ subject: 'c', application: 'gamma' });
      tokens.nobody = await site.issue({ subject: 'd' });
    },
  });
});
afterAll(() => stand.close());
afterEach(() => stand.forgetRequests());

const chat = (route: string, token?: string, change: object = {}) =>
  stand
    .gpt({ route, ...(token === undefined ? {} : { token }) })
    .chat.completions.create({ ...CHAT_BODY, ...change } as typeof CHAT_BODY)
    .then(
      () => 'allowed',
      (error: { code?: string }) => error.code,
    );
const message = (route: string, change: object = {}) =>
  stand
    .claude({ route })
    .messages.create({ ...MESSAGE_BODY, ...change } as typeof MESSAGE_BODY)
    .then(
      () => 'allowed',
      (error: { error?: { error?: { details?: { error_code?: string } } } }) => error.error?.error?.details?.error_code,
    );

describe('which route a call is on', () => {
  test('that of the longest prefix, whose policy alone decides', async () => {
    const { value, decision } = await stand.decided(() => chat('support/vip'));
    expect(value).toBe('MODEL_NOT_ALLOWED'); // route vip is judged by policy coding, which has other models
    expect(decision).toMatchObject({
      route: 'vip',
      input: { route: { id: 'vip', policy: 'coding', mode: 'enforce' } },
    });
    expect(await chat('support/vip', undefined, { model: 'gpt-5.2' })).toBe('allowed');
    expect(await chat('support', undefined, { model: 'gpt-5.2' })).toBe('MODEL_NOT_ALLOWED');
  });

  test("that of the caller's application", async () => {
    const { value, decision } = await stand.decided(() => chat('apps', tokens.alpha));
    expect(value).toBe('allowed');
    expect(decision).toMatchObject({
      route: 'alpha',
      app: 'alpha',
      input: { app: { id: 'alpha' }, subject: { application: 'alpha' } },
    });
    const other = await stand.decided(() => chat('apps', tokens.beta, { model: 'gpt-5.2' }));
    expect(other.value).toBe('allowed');
    expect(other.decision.route).toBe('beta');
  });

  test('none for an application that has none there, and no shorter prefix instead', async () => {
    for (const token of [tokens.gamma, tokens.nobody]) {
      const { value, decision } = await stand.decided(() => chat('apps', token));
      expect(value).toBe('ROUTE_UNKNOWN');
      expect(decision).toMatchObject({ route: null, entrypoint: null, effect_enforced: 'refuse' });
      expect(decision.subject).not.toBeNull();
    }
    expect(stand.forwarded).toBe(0);
  });

  test("that of the call's provider", async () => {
    const openai = await stand.decided(() => chat('mixed'));
    expect([openai.value, openai.decision.route]).toEqual(['allowed', 'chat']);
    const anthropic = await stand.decided(() => message('mixed', { model: 'claude-sonnet-5' }));
    expect([anthropic.value, anthropic.decision.route]).toEqual(['allowed', 'claude']);
  });

  test('a role decides where policy asks for one', async () => {
    expect(await chat('coding', tokens.nobody, { model: 'gpt-5.2' })).toBe('ROLE_REQUIRED');
    expect(await chat('coding', stand.site.token, { model: 'gpt-5.2' })).toBe('allowed');
  });
});

describe('a route in shadow', () => {
  test('forwards what policy denies, and records what it said', async () => {
    const { value, decision, outcome } = await stand.decided(() =>
      chat('shadow', undefined, { model: 'gpt-5.2', max_tokens: 5000 }),
    );
    expect(value).toBe('allowed');
    expect(stand.forwarded).toBe(1);
    expect(decision).toMatchObject({
      mode: 'shadow',
      route: 'shadow',
      effect_enforced: 'forward',
      result: { effect: 'deny' },
    });
    expect(codes(decision).sort()).toEqual(['MODEL_NOT_ALLOWED', 'TOKEN_LIMIT_EXCEEDED']);
    expect(outcome).toMatchObject({ decision: decision.id, status: 200, ended: 'complete' });
  });

  test('says the same of what policy allows', async () => {
    const { value, decision } = await stand.decided(() => chat('shadow'));
    expect(value).toBe('allowed');
    expect(decision).toMatchObject({ mode: 'shadow', effect_enforced: 'forward', result: { effect: 'allow' } });
  });

  test('still refuses what nobody could judge', async () => {
    const refused = async (act: () => Promise<unknown>) => {
      const { decision } = await stand.decided(act);
      expect(decision).toMatchObject({ effect_enforced: 'refuse' });
      return codes(decision)[0];
    };
    expect(await refused(() => chat('shadow', 'sk-wrong'))).toBe('IDENTITY_INVALID');
    expect(await refused(() => chat('shadow', undefined, { messages: 'x' }))).toBe('CALL_INVALID');
    expect(await refused(() => stand.ask(stand.chat([], '{"a":1,"a":2}', '/shadow/v1/chat/completions')))).toBe(
      'BODY_INVALID',
    );
    expect(await refused(() => stand.ask(stand.chat([], '{}', '/shadow/v1/embeddings')))).toBe('ENDPOINT_NOT_GOVERNED');
    expect(
      await refused(() => stand.ask(stand.chat(['Content-Encoding: gzip'], '{}', '/shadow/v1/chat/completions'))),
    ).toBe('BODY_ENCODING_UNSUPPORTED');
    expect(stand.forwarded).toBe(0);
  });
});

describe('text', () => {
  const secret = 'Canary-7f3a9c in the prompt';
  const body = { ...CHAT_BODY, messages: [{ role: 'system' as const, content: secret }, ...CHAT_BODY.messages] };
  const bytes = JSON.stringify(body);
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

  test('that policy may not see is no part of input or record', async () => {
    const { value, decision } = await stand.decided(() => chat('blind', undefined, { messages: body.messages }));
    expect(value).toBe('allowed');
    expect(stand.openai.requests[0]?.body.toString()).toBe(bytes); // the vendor gets it
    expect(decision).toMatchObject({ input_form: 'full', body_sha256: sha256(bytes), body_bytes: bytes.length });
    expect(decision.input.body).toBeUndefined();
    expect(decision.input.body_sha256).toBe(sha256(bytes));
    expect(decision.input.call.messages).toMatchObject([
      { role: 'system', kinds: ['text'], sha256: sha256(JSON.stringify(body.messages[0])) },
      { role: 'user', kinds: ['text'], sha256: sha256(JSON.stringify(body.messages[1])) },
    ]);
    expect(stand.rawLine(decision.id)).not.toContain('Canary');
  });

  test('that policy sees, but the record may not hold', async () => {
    const { value, decision } = await stand.decided(() => chat('discreet', undefined, { messages: body.messages }));
    expect(value).toBe('allowed');
    expect(decision).toMatchObject({ input_form: 'digest', body_sha256: sha256(bytes) });
    expect(decision.input.body).toBeUndefined();
    expect(decision.input_sha256).not.toBe(sha256(JSON.stringify(decision.input)));
    expect(stand.rawLine(decision.id)).not.toContain('Canary');
  });

  test('is in neither after a refusal', async () => {
    for (const route of ['blind', 'discreet']) {
      const denied = await stand.decided(() => chat(route, undefined, { messages: body.messages, model: 'gpt-5-pro' }));
      expect(denied.value).toBe('MODEL_NOT_ALLOWED');
      const malformed = await stand.decided(() =>
        stand.ask(stand.chat([], bytes.replace('{', '{"model":1,'), `/${route}/v1/chat/completions`)),
      );
      expect(codes(malformed.decision)).toEqual(['BODY_INVALID']);
      const tools = await stand.decided(() =>
        message(route, { tools: [{ name: 'lookup_order', description: secret, input_schema: { type: 'object' } }] }),
      );
      expect(tools.value).toBe('allowed');
    }
    expect(stand.logText()).not.toContain('Canary-7f3a9c');
    expect(stand.program.stdout).not.toContain('Canary-7f3a9c');
  });
});

test('the log can be verified and replayed by the program: what was withheld is said to be', async () => {
  const ca = stand.site.path('pki', 'root.pem');
  const verified = await run(['verify', stand.auditFolder, '--ca', ca, '--json']);
  expect([verified.code, verified.stderr]).toEqual([0, '']);
  expect(JSON.parse(verified.stdout)).toMatchObject({ outcome: 'signed', unfinished: 0, finding: null });
  const replayed = await run([
    'replay',
    stand.auditFolder,
    '--bundles',
    `${stand.auditFolder}/bundles`,
    '--ca',
    ca,
    '--json',
  ]);
  expect([replayed.code, replayed.stderr]).toEqual([0, '']);
  const lines = replayed.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { counts } = lines.pop();
  const decisions = stand.journal().filter(({ type }) => type === 'decision');
  const asked = decisions.filter(({ entrypoint }) => entrypoint !== null);
  const withheld = asked.filter(({ input_form }) => input_form === 'digest');
  expect(withheld.length).toBeGreaterThan(2);
  expect(counts).toEqual({
    match: asked.length - withheld.length,
    mismatch: 0,
    bundle_missing: 0,
    input_withheld: withheld.length,
    not_evaluated: decisions.length - asked.length,
  });
  const byId = new Map(lines.map((line) => [line.id, line.outcome]));
  expect(withheld.map(({ id }) => byId.get(id))).toEqual(withheld.map(() => 'input_withheld'));
});
