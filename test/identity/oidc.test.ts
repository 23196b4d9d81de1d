import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { calculateJwkThumbprint, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { bearer, Issuer, later, NOW, newKey, outcome, type SigningKey, seconds } from './issuer.ts';

const idp = new Issuer();
let key: SigningKey;
let foreign: SigningKey;

beforeAll(async () => {
  key = await newKey();
  foreign = await newKey();
  idp.keys = [key.jwk];
  await idp.start();
});
afterAll(() => idp.stop());

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

test('a valid token gives its subject', async () => {
  const act = { sub: 'agent-7', act: { sub: 'orchestrator' } };
  const token = await idp.sign(key, { roles: ['admin', 'ops'], tenant: 'acme', azp: 'support-bot', act });
  expect(await idp.identity().authenticate(bearer(token), NOW)).toEqual({
    id: 'alice',
    method: 'oidc',
    issuer: idp.issuer,
    roles: ['admin', 'ops'],
    tenant: 'acme',
    application: 'support-bot',
    verified_at: NOW.toISOString(),
    expires: new Date(seconds(600) * 1000).toISOString(),
    act,
  });
});

test.each(['ES256', 'ES384', 'EdDSA', 'RS256', 'PS256'])(
  '%s is verified when it is allowed, and refused when not',
  async (alg) => {
    const signer = await newKey(alg);
    const other = await new Issuer().start();
    other.keys = [signer.jwk];
    const token = await other.sign(signer);
    expect(await outcome(other.identity({ algorithms: [alg] }), token)).toBe('accepted');
    expect(await outcome(other.identity({ algorithms: [alg === 'ES512' ? 'ES256' : 'ES512'] }), token)).toBe(
      'IDENTITY_INVALID',
    );
    await other.stop();
  },
);

describe('claims', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['another issuer', { iss: 'https://evil.example.com/' }, 'IDENTITY_INVALID'],
    ['an issuer without its slash', { iss: 'https://idp.example.com' }, 'IDENTITY_INVALID'],
    ['no issuer', { iss: undefined }, 'IDENTITY_INVALID'],
    ['an issuer that is no text', { iss: ['https://idp.example.com/'] }, 'IDENTITY_INVALID'],
    ['another audience', { aud: 'other' }, 'IDENTITY_INVALID'],
    ['our audience among others', { aud: ['other', 'verdict'] }, 'accepted'],
    ['no audience', { aud: undefined }, 'IDENTITY_INVALID'],
    ['no subject', { sub: undefined }, 'IDENTITY_INVALID'],
    ['an empty subject', { sub: '' }, 'IDENTITY_INVALID'],
    ['a numeric subject', { sub: 7 }, 'IDENTITY_INVALID'],
    ['a subject of 513 characters', { sub: 'x'.repeat(513) }, 'IDENTITY_INVALID'],
    ['no expiry', { exp: undefined }, 'IDENTITY_INVALID'],
    ['an expiry as text', { exp: '9999999999' }, 'IDENTITY_INVALID'],
    ['an expiry beyond the calendar', { exp: 9e14 }, 'IDENTITY_INVALID'],
    ['expired by the skew', { exp: seconds(-60) }, 'IDENTITY_EXPIRED'],
    ['expired within the skew', { exp: seconds(-59) }, 'accepted'],
    ['valid after the skew', { nbf: seconds(61) }, 'IDENTITY_INVALID'],
    ['valid within the skew', { nbf: seconds(60) }, 'accepted'],
    ['bound to a key (DPoP)', { cnf: { jkt: 'x' } }, 'IDENTITY_INVALID'],
    ['a role as one text', { roles: 'admin' }, 'accepted'],
    ['roles of another type', { roles: { admin: true } }, 'IDENTITY_INVALID'],
    ['a role of another type', { roles: ['admin', 7] }, 'IDENTITY_INVALID'],
    ['257 roles', { roles: Array(257).fill('r') }, 'IDENTITY_INVALID'],
    ['a tenant of another type', { tenant: ['acme'] }, 'IDENTITY_INVALID'],
    ['an application of another type', { azp: 7 }, 'IDENTITY_INVALID'],
    ['act as text', { act: 'agent' }, 'IDENTITY_INVALID'],
    ['act as list', { act: ['agent'] }, 'IDENTITY_INVALID'],
    ['act as null', { act: null }, 'IDENTITY_INVALID'],
    ['an inner act as text', { act: { sub: 'a', act: 'b' } }, 'IDENTITY_INVALID'],
    ['an actor whose sub is no text', { act: { sub: 1 } }, 'IDENTITY_INVALID'],
    ['an act over 4096 bytes', { act: { sub: 'a', x: 'x'.repeat(4096) } }, 'IDENTITY_INVALID'],
    ['8 actors', { act: JSON.parse(`${'{"act":'.repeat(7)}{}${'}'.repeat(7)}`) }, 'accepted'],
    ['9 actors', { act: JSON.parse(`${'{"act":'.repeat(8)}{}${'}'.repeat(8)}`) }, 'IDENTITY_INVALID'],
    ['claims nested 17 deep', { x: JSON.parse(`${'['.repeat(17)}${']'.repeat(17)}`) }, 'IDENTITY_INVALID'],
  ])('%s', async (_name, claims, expected) => {
    expect(await outcome(idp.identity(), await idp.sign(key, claims))).toBe(expected);
  });

  test('names are configurable: nested, with dots, and scopes', async () => {
    const claims = {
      'https://example.com/tenant': 'acme',
      realm_access: { roles: ['admin'] },
      scope: 'read  write',
      client_id: 'bot',
    };
    const token = await idp.sign(key, claims);
    const names = { tenant: 'https://example.com/tenant', application: 'client_id' };
    const nested = idp.identity({ claims: { ...names, roles: ['realm_access', 'roles'] } });
    expect(await nested.authenticate(bearer(token), NOW)).toMatchObject({
      roles: ['admin'],
      tenant: 'acme',
      application: 'bot',
    });
    const scoped = idp.identity({ claims: { ...names, roles: 'scope' } });
    expect(await scoped.authenticate(bearer(token), NOW)).toMatchObject({ roles: ['read', 'write'] });
    const inherited = idp.identity({
      claims: { roles: ['constructor', 'name'], tenant: 'toString', application: '__proto__' },
    });
    expect(await inherited.authenticate(bearer(token), NOW)).toMatchObject({
      roles: [],
      tenant: null,
      application: null,
    });
  });
});

describe('headers', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['typ JWT', { typ: 'JWT' }, 'accepted'],
    ['typ at+jwt', { typ: 'at+jwt' }, 'accepted'],
    ['a logout token', { typ: 'logout+jwt' }, 'IDENTITY_INVALID'],
    ['a DPoP proof', { typ: 'dpop+jwt' }, 'IDENTITY_INVALID'],
    ['an unknown key id', { kid: 'other' }, 'IDENTITY_INVALID'],
    ['a key id that is no text', { kid: 1 }, 'IDENTITY_INVALID'],
    ['no key id, with one key in the set', { kid: undefined }, 'accepted'],
  ])('%s', async (_name, header, expected) => {
    expect(await outcome(idp.identity(), await idp.sign(key, {}, header))).toBe(expected);
  });

  test('a key or URL that the token brings itself is not used', async () => {
    const evil = await new Issuer().start();
    evil.keys = [{ ...foreign.jwk, kid: 'key-1' }];
    const thumbprint = await calculateJwkThumbprint(foreign.jwk);
    for (const header of [
      { jwk: foreign.jwk },
      { jku: evil.url },
      { x5u: evil.url },
      { jwk: foreign.jwk, kid: thumbprint },
    ]) {
      expect(await outcome(idp.identity(), await idp.sign(foreign, {}, header))).toBe('IDENTITY_INVALID');
    }
    expect(evil.requests).toBe(0);
    await evil.stop();
    // and it does no harm either, when the signature is the issuer's own
    expect(await outcome(idp.identity(), await idp.sign(key, {}, { jku: evil.url }))).toBe('accepted');
  });

  test('alg none, in any spelling, with and without a signature', async () => {
    const claims = { iss: idp.issuer, aud: 'verdict', sub: 'alice', exp: seconds(600) };
    const [, , signature] = (await idp.sign(key)).split('.');
    for (const alg of ['none', 'None', 'NONE', '', undefined]) {
      for (const end of ['', signature]) {
        expect(await outcome(idp.identity(), `${part({ alg, kid: 'key-1' })}.${part(claims)}.${end}`)).toBe(
          'IDENTITY_INVALID',
        );
      }
    }
  });

  test('HS256 keyed with the public key is no signature', async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
    const claims = { iss: idp.issuer, aud: 'verdict', sub: 'alice', exp: seconds(600) };
    const other = await new Issuer().start();
    other.keys = [{ ...(await import('jose').then(({ exportJWK }) => exportJWK(publicKey))), kid: 'key-1' }];
    const good = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'key-1' }).sign(privateKey);
    expect(await outcome(other.identity({ algorithms: ['RS256'] }), good)).toBe('accepted');
    for (const secret of [await exportSPKI(publicKey), JSON.stringify(other.keys[0]), '']) {
      const input = `${part({ alg: 'HS256', kid: 'key-1' })}.${part(claims)}`;
      const forged = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
      expect(await outcome(other.identity({ algorithms: ['RS256'] }), forged)).toBe('IDENTITY_INVALID');
    }
    await other.stop();
    expect(() => other.identity({ algorithms: ['HS256'] })).toThrow('HS256');
    expect(() => other.identity({ algorithms: ['none'] })).toThrow('none');
  });
});

describe('the text of a token', () => {
  test('whatever is no exact JWT is refused', async () => {
    const token = await idp.sign(key);
    const [header, claims, signature] = token.split('.') as [string, string, string];
    const twice = Buffer.from('{"iss":"https://evil.example.com/","iss":"https://idp.example.com/"}').toString(
      'base64url',
    );
    const texts = [
      'garbage',
      'a.b',
      'a.b.c.d.e',
      '..',
      `${header}.${claims}`,
      `${header}.${claims}.`,
      `${header}.${claims}.${signature}.`,
      `${header}=.${claims}.${signature}`,
      `${header}.${claims}=.${signature}`,
      `${header}.${claims}A.${signature}`,
      `${header}.${claims}.${signature.slice(0, -1)}`,
      `${header}.${claims}.${signature}AAAA`,
      `${header}.${part([])}.${signature}`,
      `${header}.${twice}.${signature}`,
      `${part(null)}.${claims}.${signature}`,
      `${header}.${part({ iss: idp.issuer })}.${signature}`,
    ];
    for (const text of texts) expect([text, await outcome(idp.identity(), text)]).toEqual([text, 'IDENTITY_INVALID']);
  });

  test('no one-character change of a token is accepted', async () => {
    const identity = idp.identity();
    const token = await idp.sign(key);
    expect(await outcome(identity, token)).toBe('accepted');
    for (let at = 0; at < token.length; at++) {
      if (token[at] === '.') continue;
      const changed = token.slice(0, at) + (token[at] === 'B' ? 'C' : 'B') + token.slice(at + 1);
      expect([at, await outcome(identity, changed)]).not.toEqual([at, 'accepted']);
    }
  });

  test('a refusal holds neither the token nor a claim', async () => {
    const token = await idp.sign(key, { aud: 'canary-audience', sub: 'canary-subject', tenant: 'canary-tenant' });
    const error: Error = await idp
      .identity()
      .authenticate(bearer(token), NOW)
      .catch((e) => e);
    const text = `${error.message} ${JSON.stringify(error)} ${String(error.cause)}`;
    expect(text).toMatch(/^IDENTITY_INVALID: claim aud/);
    expect(text).not.toMatch(/canary/);
    expect(text).not.toContain(token.slice(20, 60));
  });
});

describe('a token that was verified before', () => {
  test('is not verified again, but ends with its expiry', async () => {
    const identity = idp.identity();
    const token = await idp.sign(key, { exp: seconds(120) });
    const first = await identity.authenticate(bearer(token), NOW);
    expect(await identity.authenticate(bearer(token), later(60_000))).toBe(first);
    expect(Object.isFrozen(first) && Object.isFrozen(first.roles)).toBe(true);
    expect(await outcome(identity, token, new Date((seconds(180) - 1) * 1000))).toBe('accepted');
    expect(await outcome(identity, token, new Date(seconds(180) * 1000))).toBe('IDENTITY_EXPIRED');
  });

  test('ends when its key is withdrawn', async () => {
    const next = await newKey('ES256', 'key-2');
    const other = await new Issuer().start();
    other.keys = [key.jwk];
    const identity = other.identity();
    const token = await other.sign(key, { exp: seconds(36_000) });
    expect(await outcome(identity, token)).toBe('accepted');
    other.keys = [next.jwk];
    expect(await outcome(identity, token, later(60_000))).toBe('accepted');
    expect(await outcome(identity, token, later(11 * 60_000))).toBe('IDENTITY_INVALID');
    await other.stop();
  });
});
