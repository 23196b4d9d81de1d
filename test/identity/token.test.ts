import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Identity, issueToken, marshalTokens, parseTokens, type TokenRecord } from '../../src/identity/index.ts';
import { bearer, later, NOW, outcome } from './issuer.ts';

const CLAIMS = {
  subject: 'support-bot',
  roles: ['agent'],
  tenant: 'acme',
  application: 'support',
  expires: later(60_000),
};
const none = () => Promise.reject(new Error('no keys here'));
const identityOf = (...tokens: TokenRecord[]): Identity => new Identity({ tokens, oidc: [], fetchKeys: none });
const issue = (changes: Partial<typeof CLAIMS> = {}) => issueToken(randomBytes(38), { ...CLAIMS, ...changes }, NOW);

test('a token is 32 secret bytes behind a public id, and only its SHA-256 is kept', () => {
  const { token, record } = issue();
  expect(token).toMatch(/^vdt_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/);
  expect(token).toContain(record.id);
  expect(record.sha256).toBe(createHash('sha256').update(token).digest('hex'));
  expect(marshalTokens([record])).not.toContain(token.slice(17));
  expect(issue().token).not.toBe(token);
});

test('a token gives its subject', async () => {
  const { token, record } = issue();
  expect(await identityOf(record).authenticate(bearer(token), NOW)).toEqual({
    id: 'support-bot',
    method: 'token',
    issuer: 'verdict',
    roles: ['agent'],
    tenant: 'acme',
    application: 'support',
    verified_at: NOW.toISOString(),
    expires: later(60_000).toISOString(),
  });
});

test('unknown, changed, revoked and expired tokens are refused', async () => {
  const { token, record } = issue();
  expect(await outcome(identityOf(record), token, later(59_999))).toBe('accepted');
  expect(await outcome(identityOf(record), token, later(60_000))).toBe('IDENTITY_EXPIRED');
  expect(await outcome(identityOf({ ...record, expires: null }), token, later(1e12))).toBe('accepted');
  expect(await outcome(identityOf({ ...record, revoked: NOW.toISOString() }), token)).toBe('IDENTITY_INVALID');
  expect(await outcome(identityOf(), token)).toBe('IDENTITY_INVALID');
  for (const text of ['vdt_', `${token}A`, token.slice(0, -1), `vdt_${record.sha256}`, record.sha256]) {
    expect([text, await outcome(identityOf(record), text)]).toEqual([text, 'IDENTITY_INVALID']);
  }
  for (let at = 0; at < token.length; at++) {
    const changed = token.slice(0, at) + (token[at] === 'b' ? 'c' : 'b') + token.slice(at + 1);
    expect([at, await outcome(identityOf(record), changed)]).toEqual([at, 'IDENTITY_INVALID']);
  }
});

test('a changed file is taken into use; one that cannot be read ends every token', async () => {
  const { token, record } = issue();
  const identity = identityOf(record);
  identity.replaceTokens([{ ...record, revoked: NOW.toISOString() }]);
  expect(await outcome(identity, token)).toBe('IDENTITY_INVALID');
  identity.replaceTokens(undefined);
  expect(await outcome(identity, token)).toBe('IDENTITY_UNAVAILABLE');
  identity.replaceTokens([record]);
  expect(await outcome(identity, token)).toBe('accepted');
});

describe('where the credential stands', () => {
  const { token, record } = issue();
  const { token: other, record: otherRecord } = issue({ subject: 'other' });
  test.each<[string, string[], string]>([
    ['nowhere', ['Host', 'x'], 'IDENTITY_MISSING'],
    ['Authorization', ['Authorization', `Bearer ${token}`], 'accepted'],
    ['another case', ['AUTHORIZATION', `bEARER ${token}`], 'accepted'],
    ['several spaces', ['authorization', `Bearer   ${token}`], 'accepted'],
    ['x-api-key', ['X-Api-Key', token], 'accepted'],
    ['both, the same', ['x-api-key', token, 'authorization', `Bearer ${token}`], 'accepted'],
    ['both, different', ['x-api-key', other, 'authorization', `Bearer ${token}`], 'IDENTITY_INVALID'],
    ['both, one malformed', ['x-api-key', token, 'authorization', 'Basic eDp5'], 'IDENTITY_INVALID'],
    [
      'two Authorization headers',
      ['authorization', `Bearer ${token}`, 'Authorization', `Bearer ${token}`],
      'IDENTITY_INVALID',
    ],
    ['two x-api-key headers', ['x-api-key', token, 'x-api-key', token], 'IDENTITY_INVALID'],
    ['an empty Authorization before it', ['authorization', '', 'authorization', `Bearer ${token}`], 'IDENTITY_INVALID'],
    ['another scheme', ['authorization', `Basic ${token}`], 'IDENTITY_INVALID'],
    ['no scheme', ['authorization', token], 'IDENTITY_INVALID'],
    ['no token', ['authorization', 'Bearer'], 'IDENTITY_INVALID'],
    ['an empty x-api-key', ['x-api-key', ''], 'IDENTITY_INVALID'],
    ['two in one', ['authorization', `Bearer ${token}, Bearer ${token}`], 'IDENTITY_INVALID'],
    ['a tab', ['authorization', `Bearer\t${token}`], 'IDENTITY_INVALID'],
    ['a prefix in x-api-key', ['x-api-key', `Bearer ${token}`], 'IDENTITY_INVALID'],
    ['too long', ['x-api-key', 'a'.repeat(16_385)], 'IDENTITY_INVALID'],
    ['another header', ['proxy-authorization', `Bearer ${token}`], 'IDENTITY_MISSING'],
  ])('%s', async (_name, rawHeaders, expected) => {
    const code = await identityOf(record, otherRecord)
      .authenticate({ rawHeaders }, NOW)
      .then(
        () => 'accepted',
        (error) => error.code,
      );
    expect(code).toBe(expected);
  });
});

describe('a tokens file', () => {
  const { record } = issue();
  const parse = (file: unknown) => parseTokens(Buffer.from(typeof file === 'string' ? file : JSON.stringify(file)));

  test('reads as it was written', () => {
    const records = [record, issue({ expires: undefined as never }).record];
    expect(parse(marshalTokens(records))).toEqual(records);
    expect(parse(marshalTokens([]))).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ['no JSON', '{', 'expected exact JSON'],
    ['a duplicate key', '{"v":1,"tokens":[],"tokens":[]}', 'expected exact JSON'],
    ['another version', { v: 2, tokens: [] }, '$.v'],
    ['an unknown member', { v: 1, tokens: [], x: 1 }, '$: expected exactly'],
    ['a missing member', { v: 1, tokens: [{ ...record, revoked: undefined }] }, '$.tokens[0]: expected exactly'],
    ['an inherited member', '{"v":1,"__proto__":{"tokens":[]}}', '$: expected exactly'],
    ['a bad id', { v: 1, tokens: [{ ...record, id: 'x' }] }, '$.tokens[0].id'],
    [
      'an upper-case digest',
      { v: 1, tokens: [{ ...record, sha256: record.sha256.toUpperCase().replace(/\d/g, 'A') }] },
      '.sha256',
    ],
    ['an unreadable expiry', { v: 1, tokens: [{ ...record, expires: 'soon' }] }, '$.tokens[0].expires'],
    [
      'an expiry with an offset',
      { v: 1, tokens: [{ ...record, expires: '2026-11-24T20:20:46+01:00' }] },
      '$.tokens[0].expires',
    ],
    ['roles as text', { v: 1, tokens: [{ ...record, roles: 'admin' }] }, '$.tokens[0].roles'],
    ['an empty role', { v: 1, tokens: [{ ...record, roles: [''] }] }, '$.tokens[0].roles[0]'],
    ['an empty subject', { v: 1, tokens: [{ ...record, subject: '' }] }, '$.tokens[0].subject'],
    ['a token twice', { v: 1, tokens: [record, record] }, '$.tokens: expected each id once'],
  ])('%s is refused', (_name, file, expected) => {
    expect(() => parse(file)).toThrow(expected);
    expect(() => parse(file)).toThrow(/^(?!.*[0-9a-f]{64})TOKENS_INVALID/);
  });
});
