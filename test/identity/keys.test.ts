import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Issuer, later, NOW, newKey, outcome, type SigningKey, seconds } from './issuer.ts';

let idp: Issuer;
let key: SigningKey;
let next: SigningKey;

beforeAll(async () => {
  key = await newKey();
  next = await newKey('ES256', 'key-2');
});
beforeEach(async () => {
  idp = await new Issuer().start();
  idp.keys = [key.jwk];
});
afterEach(() => idp.stop());

const MINUTE = 60_000;

describe('an issuer that cannot be reached', () => {
  test('at the start: unavailable, tried again only after a pause, then fine', async () => {
    await idp.stop();
    const identity = idp.identity();
    const token = await idp.sign(key);
    expect(await outcome(identity, token)).toBe('IDENTITY_UNAVAILABLE');
    await idp.start();
    expect(await outcome(identity, token, later(4_999))).toBe('IDENTITY_UNAVAILABLE');
    expect(idp.requests).toBe(0);
    expect(await outcome(identity, token, later(5_000))).toBe('accepted');
  });

  test('later: the keys serve for an hour, and not a moment longer, for cached tokens too', async () => {
    const identity = idp.identity();
    const token = await idp.sign(key, { exp: seconds(36_000) });
    const another = await idp.sign(key, { exp: seconds(36_000), sub: 'bob' });
    expect(await outcome(identity, token)).toBe('accepted');
    await idp.stop();
    for (const minutes of [1, 6, 11, 59]) {
      expect([minutes, await outcome(identity, token, later(minutes * MINUTE))]).toEqual([minutes, 'accepted']);
    }
    expect(await outcome(identity, another, later(60 * MINUTE - 1))).toBe('accepted');
    expect(await outcome(identity, token, later(60 * MINUTE))).toBe('IDENTITY_UNAVAILABLE');
    expect(await outcome(identity, another, later(60 * MINUTE))).toBe('IDENTITY_UNAVAILABLE');
    await idp.start();
    expect(await outcome(identity, token, later(61 * MINUTE))).toBe('accepted');
  });

  test('with an unknown key id: unavailable, because the key may be a new one', async () => {
    const identity = idp.identity();
    expect(await outcome(identity, await idp.sign(key))).toBe('accepted');
    await idp.stop();
    expect(await outcome(identity, await idp.sign(next), later(MINUTE))).toBe('IDENTITY_UNAVAILABLE');
    expect(await outcome(identity, await idp.sign(key), later(MINUTE))).toBe('accepted');
  });
});

describe('key sets', () => {
  test('an unknown key id causes one fetch per pause', async () => {
    const identity = idp.identity();
    expect(await outcome(identity, await idp.sign(key))).toBe('accepted');
    idp.keys = [key.jwk, next.jwk];
    expect(await outcome(identity, await idp.sign(next), later(29_999))).toBe('IDENTITY_INVALID');
    expect(idp.requests).toBe(1);
    expect(await outcome(identity, await idp.sign(next), later(30_000))).toBe('accepted');
    expect(idp.requests).toBe(2);
    for (let index = 0; index < 20; index++) {
      const token = await idp.sign(next, {}, { kid: `made-up-${index}` });
      expect(await outcome(identity, token, later(31_000))).toBe('IDENTITY_INVALID');
    }
    expect(idp.requests).toBe(2);
  });

  test('calls that come together share one fetch', async () => {
    const identity = idp.identity();
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, index) => idp.sign(key, { sub: `user-${index}` })));
    expect(new Set(await Promise.all(tokens.map((token) => outcome(identity, token))))).toEqual(new Set(['accepted']));
    expect(idp.requests).toBe(1);
  });

  test('no fetch for tokens of unknown issuers, nor for what is no token', async () => {
    const identity = idp.identity();
    for (const token of [await idp.sign(key, { iss: 'https://evil.example.com' }), 'a.b.c']) {
      expect(await outcome(identity, token)).toBe('IDENTITY_INVALID');
    }
    expect(idp.requests).toBe(0);
  });

  test('keys are refreshed behind a call after 5 minutes, before it after 10', async () => {
    const identity = idp.identity();
    const token = await idp.sign(key);
    expect(await outcome(identity, token)).toBe('accepted');
    expect(await outcome(identity, token, later(4 * MINUTE))).toBe('accepted');
    expect(idp.requests).toBe(1);
    expect(await outcome(identity, token, later(6 * MINUTE))).toBe('accepted');
    for (let turn = 0; turn < 200 && idp.requests < 2; turn++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(idp.requests).toBe(2);
  });

  test('a set back clock keeps no keys', async () => {
    const identity = idp.identity();
    const token = await idp.sign(key);
    expect(await outcome(identity, token)).toBe('accepted');
    expect(await outcome(identity, token, later(-11 * MINUTE))).toBe('accepted');
    expect(idp.requests).toBe(2);
  });

  test('symmetric and private keys in a set are ignored', async () => {
    idp.keys = [
      { kty: 'oct', kid: 'key-1', k: 'AAAA' },
      { ...key.jwk, d: key.jwk.x as string },
    ];
    expect(await outcome(idp.identity(), await idp.sign(key))).toBe('IDENTITY_UNAVAILABLE');
    idp.keys.push(key.jwk, { kty: 'XYZ', kid: 'key-1' });
    expect(await outcome(idp.identity(), await idp.sign(key))).toBe('accepted');
  });

  test('without a key id, several keys that fit are refused', async () => {
    idp.keys = [key.jwk, next.jwk];
    expect(await outcome(idp.identity(), await idp.sign(key, {}, { kid: undefined }))).toBe('IDENTITY_INVALID');
  });

  test('RSA below 2048 bits verifies nothing', async () => {
    const { generateKeyPairSync, sign } = await import('node:crypto');
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    idp.keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'key-1' } as never];
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { iss: idp.issuer, aud: 'verdict', sub: 'alice', exp: seconds(600) };
    const input = `${part({ alg: 'RS256', kid: 'key-1' })}.${part(claims)}`;
    const token = `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
    expect(await outcome(idp.identity({ algorithms: ['RS256'] }), token)).toBe('IDENTITY_INVALID');
  });
});

describe('what an issuer may answer', () => {
  test.each<[string, (response: import('node:http').ServerResponse) => void]>([
    ['status 500', (response) => response.writeHead(500).end('{"keys":[]}')],
    ['no JSON', (response) => response.end('<html>')],
    ['duplicate keys', (response) => response.end('{"keys":[],"keys":[{}]}')],
    ['no keys', (response) => response.end('{"keys":[]}')],
    ['null', (response) => response.end('null')],
    ['too much', (response) => response.end(`{"keys":[]}${' '.repeat(600 * 1024)}`)],
    ['101 keys', (response) => response.end(JSON.stringify({ keys: Array(101).fill(key.jwk) }))],
    [
      'a cut answer',
      (response) => response.writeHead(200, { 'content-length': '1000' }).end('{"keys"', () => response.destroy()),
    ],
  ])('%s makes it unavailable', async (_name, answer) => {
    idp.answer = answer;
    expect(await outcome(idp.identity(), await idp.sign(key))).toBe('IDENTITY_UNAVAILABLE');
    expect(idp.requests).toBe(1);
  });

  test('a redirect is not followed', async () => {
    const other = await new Issuer().start();
    other.keys = [key.jwk];
    for (const status of [301, 302, 303, 307, 308]) {
      idp.answer = (response) => response.writeHead(status, { location: other.url }).end();
      expect(await outcome(idp.identity(), await idp.sign(key))).toBe('IDENTITY_UNAVAILABLE');
    }
    expect(other.requests).toBe(0);
    await other.stop();
  });

  test('silence is given up after 5 seconds', async () => {
    idp.answer = () => {};
    const begin = performance.now();
    expect(await outcome(idp.identity(), await idp.sign(key))).toBe('IDENTITY_UNAVAILABLE');
    const took = performance.now() - begin;
    expect(took).toBeGreaterThan(4_500);
    expect(took).toBeLessThan(15_000);
  });
});

test('keys from a file are read again like those from a URL', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'verdict-jwks-'));
  try {
    const file = join(folder, 'jwks.json');
    const identity = idp.identity({ keys: { file } });
    expect(await outcome(identity, await idp.sign(key))).toBe('IDENTITY_UNAVAILABLE');
    await writeFile(file, JSON.stringify({ keys: [key.jwk] }));
    expect(await outcome(identity, await idp.sign(key), later(5_000))).toBe('accepted');
    await writeFile(file, JSON.stringify({ keys: [next.jwk] }));
    expect(await outcome(identity, await idp.sign(next), later(40_000))).toBe('accepted');
    expect(await outcome(identity, await idp.sign(key), later(41_000))).toBe('IDENTITY_INVALID');
    await writeFile(file, ' '.repeat(600 * 1024));
    expect(await outcome(idp.identity({ keys: { file } }), await idp.sign(key), NOW)).toBe('IDENTITY_UNAVAILABLE');
  } finally {
    await rm(folder, { recursive: true });
  }
});
