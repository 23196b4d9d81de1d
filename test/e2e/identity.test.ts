import { readFile, writeFile } from 'node:fs/promises';
import Anthropic from '@anthropic-ai/sdk';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import { Issuer, newKey, type SigningKey } from '../identity/issuer.ts';
import { CHAT_BODY, codes, MESSAGE_BODY, Stand, until } from './harness.ts';
import { run } from './program.ts';

const AUDIENCE = 'verdict';
let stand: Stand;
let issuer: Issuer;
let key: SigningKey;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  [issuer, key] = [await new Issuer().start(), await newKey('ES256')];
  issuer.keys = [key.jwk];
  const down = { issuer: 'https://down.example.com/', audience: AUDIENCE, jwks_url: 'http://127.0.0.1:9/jwks' };
  stand = await Stand.open({
    oidc: [{ issuer: issuer.issuer, audience: AUDIENCE, jwks_url: issuer.url, algorithms: ['ES256'] }, down],
    async prepare(site) {
      const past = new Date(Date.now() - 3_600_000);
      tokens.expired = await site.issue({ expires: new Date(Date.now() - 1000) }, past);
      tokens.full = await site.issue({
        subject: 'full',
        roles: ['developer', 'maintainer'],
        tenant: 't1',
        application: 'ci',
      });
    },
  });
});
afterAll(async () => {
  await stand.close([/tokens cannot be read/]);
  await issuer.stop();
});
afterEach(() => stand.forgetRequests());

/** A JWT of today. */
const jwt = (
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
  signer = key,
): Promise<string> => {
  const now = Math.floor(Date.now() / 1000);
  return issuer.sign(signer, { iat: now, exp: now + 600, ...claims }, header);
};
const chat = (token: string) =>
  stand
    .gpt({ token })
    .chat.completions.create(CHAT_BODY)
    .then(
      () => undefined,
      (error: InstanceType<typeof OpenAI.APIError>) => error,
    );

describe('gateway tokens', () => {
  test('are known, with all that they say', async () => {
    const { value, decision } = await stand.decided(() => chat(tokens.full as string));
    expect(value).toBeUndefined();
    expect(decision.subject).toMatchObject({
      id: 'full',
      method: 'token',
      issuer: 'verdict',
      roles: ['developer', 'maintainer'],
      tenant: 't1',
      application: 'ci',
    });
    expect(Date.parse(decision.subject.verified_at)).toBeLessThanOrEqual(Date.parse(decision.time));
    expect(Date.parse(decision.subject.expires)).toBeGreaterThan(Date.now());
  });

  test('end', async () => {
    const { value, decision } = await stand.decided(() => chat(tokens.expired as string));
    expect(value).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(value).toMatchObject({ status: 401, code: 'IDENTITY_EXPIRED' });
    expect(codes(decision)).toEqual(['IDENTITY_EXPIRED']);
    expect(stand.forwarded).toBe(0);
  });

  test('must be whole', async () => {
    const { token } = stand.site;
    for (const wrong of [
      `${token}x`,
      token.slice(0, -1),
      token.replace(/_.{43}$/, `_${'A'.repeat(43)}`),
      token.toUpperCase(),
    ]) {
      expect(await chat(wrong)).toMatchObject({ status: 401, code: 'IDENTITY_INVALID' });
    }
    expect(stand.forwarded).toBe(0);
  });

  test('made by the program are taken within three seconds, revoked ones end', async () => {
    const common = ['--config', stand.site.config, '--json'];
    const made = await run([
      'token',
      'create',
      '--subject',
      'new',
      '--role',
      'developer',
      '--expires',
      '1h',
      ...common,
    ]);
    expect(made.code).toBe(0);
    const { token, id } = JSON.parse(made.stdout);
    const began = Date.now();
    await until(async () => ((await chat(token)) === undefined ? true : undefined), 'the new token is taken');
    expect(Date.now() - began).toBeLessThan(3000);
    expect((await run(['token', 'revoke', id, '--config', stand.site.config])).code).toBe(0);
    const revoked = Date.now();
    const error = await until(() => chat(token), 'the revoked token is refused');
    expect(Date.now() - revoked).toBeLessThan(3000);
    expect(error).toMatchObject({ status: 401 });
    expect(await chat(stand.site.token)).toBeUndefined(); // the others go on
    expect(await readFile(stand.site.path('tokens.json'), 'utf8')).not.toContain(token);
  });

  test('a tokens file that is broken lets nobody in, and nobody is told why', async () => {
    const file = stand.site.path('tokens.json');
    const before = await readFile(file, 'utf8');
    await writeFile(file, before.slice(0, -20));
    const error = await until(() => chat(stand.site.token), 'the broken file is seen');
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(error).toMatchObject({ status: 503, code: 'IDENTITY_UNAVAILABLE' });
    expect(error.headers?.get('retry-after')).toBe('5');
    expect(error.message).not.toMatch(/tokens\.json|JSON/);
    await writeFile(file, before);
    await until(
      async () => ((await chat(stand.site.token)) === undefined ? true : undefined),
      'the mended file is taken',
    );
  });
});

describe('OIDC', () => {
  test('a token of the issuer is known, with all that it says', async () => {
    const act = { sub: 'agent-7', act: { sub: 'gateway' } };
    const token = await jwt({ roles: ['developer'], tenant: 'acme', azp: 'ci', act });
    const { value, decision } = await stand.decided(() => chat(token));
    expect(value).toBeUndefined();
    expect(decision).toMatchObject({
      app: 'ci',
      subject: {
        id: 'alice',
        method: 'oidc',
        issuer: issuer.issuer,
        roles: ['developer'],
        tenant: 'acme',
        application: 'ci',
        act,
      },
    });
    expect(decision.input.subject).toEqual(decision.subject);
    expect(JSON.stringify(stand.openai.requests[0]?.rawHeaders)).not.toContain(token);
  });

  test('in the header of the Anthropic SDK too', async () => {
    const message = await stand.claude({ token: await jwt() }).messages.create(MESSAGE_BODY);
    expect(message.role).toBe('assistant');
  });

  test.each<[string, () => Promise<string>, string]>([
    ['expired', () => jwt({ exp: Math.floor(Date.now() / 1000) - 120 }), 'IDENTITY_EXPIRED'],
    ['not yet valid', () => jwt({ nbf: Math.floor(Date.now() / 1000) + 600 }), 'IDENTITY_INVALID'],
    ['without an end', () => jwt({ exp: undefined }), 'IDENTITY_INVALID'],
    ['for somebody else', () => jwt({ aud: 'other' }), 'IDENTITY_INVALID'],
    ['of another issuer', () => jwt({ iss: 'https://evil.example.com/' }), 'IDENTITY_INVALID'],
    ['by another key', async () => jwt({}, {}, await newKey('ES256')), 'IDENTITY_INVALID'],
    [
      'by an algorithm that is not taken',
      async () => jwt({}, {}, { ...(await newKey('RS256')), kid: key.kid }),
      'IDENTITY_INVALID',
    ],
    ['without a subject', () => jwt({ sub: undefined }), 'IDENTITY_INVALID'],
    ['with a subject that is no text', () => jwt({ sub: { id: 'alice' } as never }), 'IDENTITY_INVALID'],
    [
      'changed',
      async () => (await jwt()).replace(/\.[^.]+\./, (claims) => `${claims.slice(0, -3)}AA.`),
      'IDENTITY_INVALID',
    ],
    [
      'not signed',
      async () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${(await jwt()).split('.')[1]}.`,
      'IDENTITY_INVALID',
    ],
  ])('%s: refused', async (_what, make, code) => {
    const token = await make();
    const { value, decision } = await stand.decided(() => chat(token));
    expect(value).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(value?.code).toBe(code);
    expect(decision).toMatchObject({ subject: null, effect_enforced: 'refuse' });
    expect(codes(decision)).toEqual([code]);
    expect(stand.forwarded).toBe(0);
  });

  test('keys are fetched once, not for each call', async () => {
    const before = issuer.requests;
    for (let i = 0; i < 5; i++) expect(await chat(await jwt())).toBeUndefined();
    expect(issuer.requests).toBe(before);
  });

  test('an issuer that is down cannot let anybody in, and that is no fault of the caller', async () => {
    const token = await jwt({ iss: 'https://down.example.com/' });
    const { value, decision } = await stand.decided(() => chat(token));
    expect(value).toBeInstanceOf(OpenAI.InternalServerError);
    expect(value).toMatchObject({ status: 503, code: 'IDENTITY_UNAVAILABLE' });
    expect(value?.headers?.get('retry-after')).toBe('5');
    expect(codes(decision)).toEqual(['IDENTITY_UNAVAILABLE']);
    const anthropic = stand
      .claude({ token: await jwt({ iss: 'https://down.example.com/' }) })
      .messages.create(MESSAGE_BODY);
    await expect(anthropic).rejects.toBeInstanceOf(Anthropic.InternalServerError);
    expect(stand.forwarded).toBe(0);
    expect(await chat(await jwt())).toBeUndefined(); // nobody else is held up by it
  });
});
