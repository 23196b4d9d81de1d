import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import { CHAT, CHAT_BODY, codes, request, Stand, Wire } from './harness.ts';

const LIMIT = 1024 * 1024;

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.open({ limits: { body_bytes: LIMIT } });
});
afterAll(() => stand.close());
afterEach(() => stand.forgetRequests());

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
const head = (...lines: string[]): string[] => [
  'POST /support/v1/chat/completions HTTP/1.1',
  'Host: verdict',
  `Authorization: Bearer ${stand.site.token}`,
  ...lines,
];
const JSON_TYPE = 'Content-Type: application/json';
const withText = (bytes: number): string =>
  JSON.stringify({ ...CHAT_BODY, messages: [{ role: 'user', content: 'x'.repeat(bytes) }] });

/** Cuts a body into chunks of random sizes. */
function chunked(body: Uint8Array): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const size = 1 + (randomBytes(2).readUInt16LE() % 5000);
    const part = body.subarray(at, at + size);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), Buffer.from(part), Buffer.from('\r\n'));
    at += size;
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

describe('what goes upstream is what was decided on, byte for byte', () => {
  const spaced = `\n\t{ "model" : "gpt-5-mini",\r\n\t"max_tokens":1e2,\n  "messages":[ {"role":"user" ,"content":"a\\u00e9\\n\\t\\"\\/"} ] ,"temperature": 0.70 }\n\n`;
  const unicode = JSON.stringify({
    ...CHAT_BODY,
    messages: [{ role: 'user', content: 'é ß 漢字 😀 \u2028 \u0000 \u007f' }],
  });
  const many = JSON.stringify({
    ...CHAT_BODY,
    messages: Array.from({ length: 2000 }, (_, i) => ({
      role: i % 2 ? 'assistant' : 'user',
      content: `message ${i} ${'é'.repeat(i % 100)}`,
    })),
  });
  test.each([
    ['plain', CHAT],
    ['white space and line breaks', spaced],
    ['characters of any size', unicode],
    ['many messages', many],
    ['almost as large as may be', withText(LIMIT - 200)],
    ['exactly as large as may be', withText(LIMIT - withText(0).length)],
  ])('%s', async (_what, body) => {
    const bytes = Buffer.from(body);
    for (const framing of ['length', 'chunks']) {
      const message =
        framing === 'length'
          ? request(head(JSON_TYPE, `Content-Length: ${bytes.length}`), bytes)
          : request(head(JSON_TYPE, 'Transfer-Encoding: chunked'), chunked(bytes));
      const { value, decision } = await stand.decided(() => stand.ask(message));
      expect(value.status).toBe(200);
      const received = stand.openai.requests.at(-1);
      expect(received?.body.equals(bytes)).toBe(true);
      expect(received?.headers).toMatchObject({
        'content-length': String(bytes.length),
        'content-type': 'application/json',
      });
      expect(received?.headers['transfer-encoding']).toBeUndefined();
      expect(decision).toMatchObject({ body_sha256: sha256(bytes), body_bytes: bytes.length });
      expect(decision.input.body).toEqual(JSON.parse(body));
    }
  });

  test('the response that the record names is the one that came', async () => {
    for (const stream of [false, true]) {
      stand.openai.next({ pieceBytes: 11, text: ['é', '漢', '😀'] });
      const { value, outcome } = await stand.decided(() =>
        stand.ask(stand.chat([], JSON.stringify({ ...CHAT_BODY, stream }))),
      );
      expect(outcome).toMatchObject({ response_sha256: sha256(value.body), response_bytes: value.body.length });
    }
  });

  test('the input that the record names is the one that it holds', async () => {
    const { decision } = await stand.decided(() =>
      stand.ask(request(head(JSON_TYPE, `Content-Length: ${spaced.length}`), spaced)),
    );
    const line = stand.rawLine(decision.id);
    const input = line.slice(line.indexOf('"input":') + 8, line.indexOf('\t') - 1);
    expect(decision.input_sha256).toBe(sha256(input));
    expect(JSON.parse(input).body).toEqual(JSON.parse(spaced));
  });
});

describe('a body that policy could not read as the vendor does is refused', () => {
  const twice = (more: string): string => CHAT.replace('{', `{${more},`);
  test.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['no JSON', 'model=gpt-5-mini'],
    ['cut off', CHAT.slice(0, -1)],
    ['with something behind', `${CHAT}x`],
    ['two documents', `${CHAT}\n${CHAT}`],
    ['a key twice', twice('"model":"gpt-5-pro"')],
    ['a key twice, deep inside', CHAT.replace('"role"', '"role":"system","role"')],
    ['a key twice, once escaped', twice('"mod\\u0065l":"gpt-5-pro"')],
    ['a key in two cases', twice('"Model":"gpt-5-pro"')],
    ['a key in two cases, deep inside', CHAT.replace('"content"', '"CONTENT":"x","content"')],
    ['a key in two cases of Unicode', twice('"mode\u212a":1,"modek":2')],
    ['a byte order mark', `\ufeff${CHAT}`],
    ['another encoding', Buffer.from(CHAT, 'utf16le')],
    ['bytes that are no UTF-8', Buffer.from(CHAT.replace('Hello', 'H\xe9llo'), 'latin1')],
    ['a lone surrogate', CHAT.replace('Hello', '\\ud800')],
    ['a raw control character', CHAT.replace('Hello', 'a\tb')],
    ['NaN', CHAT.replace('100', 'NaN')],
    ['a number that others round', CHAT.replace('100', '9007199254740993')],
    ['a number with a leading zero', CHAT.replace('100', '0100')],
    ['a comment', CHAT.replace('{', '{/**/')],
    ['a comma at the end', CHAT.replace(/\}$/, ',}')],
    ['too many levels', CHAT.replace('"Hello"', `${'['.repeat(200)}${']'.repeat(200)}`)],
  ])('%s', async (_what, body) => {
    const bytes = Buffer.from(body);
    const { value, decision } = await stand.decided(() =>
      stand.ask(request(head(JSON_TYPE, `Content-Length: ${bytes.length}`), bytes)),
    );
    expect(value.status).toBe(400);
    expect(codes(decision)).toEqual(['BODY_INVALID']);
    expect(decision).toMatchObject({
      route: 'support',
      subject: { id: 'developer' },
      entrypoint: null,
      effect_enforced: 'refuse',
    });
    expect(JSON.stringify(decision)).not.toContain('Hello');
    expect(stand.forwarded).toBe(0);
  });

  test('prototype names are names like any other', async () => {
    const body = CHAT.replace('{', '{"metadata":{"__proto__":"x","constructor":"y","toString":"z"},');
    const { value } = await stand.decided(() => stand.ask(stand.chat([], body)));
    expect(value.status).toBe(200);
    expect(stand.openai.requests[0]?.body.toString()).toBe(body);
  });
});

describe('only plain JSON is taken', () => {
  test.each([
    ['gzip', ['Content-Encoding: gzip'], gzipSync(CHAT), 'BODY_ENCODING_UNSUPPORTED'],
    ['gzip that says JSON', ['Content-Encoding: identity, gzip'], gzipSync(CHAT), 'BODY_ENCODING_UNSUPPORTED'],
    [
      'encodings in two lines',
      ['Content-Encoding: identity', 'content-encoding: br'],
      CHAT,
      'BODY_ENCODING_UNSUPPORTED',
    ],
    ['zstd', ['Content-Encoding: zstd'], CHAT, 'BODY_ENCODING_UNSUPPORTED'],
  ])('%s', async (_what, lines, body, code) => {
    const { value, decision } = await stand.decided(() =>
      stand.ask(request(head(JSON_TYPE, ...lines, `Content-Length: ${Buffer.byteLength(body)}`), body)),
    );
    expect(value.status).toBe(415);
    expect(codes(decision)).toEqual([code]);
    expect(stand.forwarded).toBe(0);
  });

  test.each([
    [],
    ['Content-Type: text/plain'],
    ['Content-Type: application/x-www-form-urlencoded'],
    ['Content-Type: multipart/form-data; boundary=x'],
    ['Content-Type: application/jsonx'],
    ['Content-Type: application/json, text/plain'],
    ['Content-Type: text/plain', 'Content-Type: application/json'],
  ])('not with %s', async (...lines) => {
    const { value, decision } = await stand.decided(() =>
      stand.ask(request(head(...lines, `Content-Length: ${CHAT.length}`), CHAT)),
    );
    expect(value.status).toBe(415);
    expect(codes(decision)).toEqual(['MEDIA_TYPE_UNSUPPORTED']);
    expect(stand.forwarded).toBe(0);
  });

  test('in any case and with parameters, which do not go on', async () => {
    const { value } = await stand.decided(() =>
      stand.ask(
        request(head('content-TYPE: Application/JSON ; charset=utf-16', `Content-Length: ${CHAT.length}`), CHAT),
      ),
    );
    expect(value.status).toBe(200);
    expect(stand.openai.requests[0]?.headers['content-type']).toBe('application/json');
  });

  test('no body where none belongs', async () => {
    for (const framing of ['Content-Length: 2', 'Transfer-Encoding: chunked']) {
      const body = framing.startsWith('C') ? '{}' : '2\r\n{}\r\n0\r\n\r\n';
      const { value, decision } = await stand.decided(() =>
        stand.ask(request(['GET /support/v1/models HTTP/1.1', ...head(JSON_TYPE, framing).slice(1)], body)),
      );
      expect(value.status).toBe(400);
      expect(codes(decision)).toEqual(['BODY_UNEXPECTED']);
    }
    expect((await stand.ask(stand.get('/support/v1/models', ['Content-Length: 0']))).status).toBe(200);
    expect(stand.openai.requests[0]?.rawHeaders.join()).not.toMatch(/content-/i);
  });
});

describe('a body that is too large gets its answer, not a reset', () => {
  const large = withText(LIMIT);
  test('announced, sent in full', async () => {
    const { value, decision } = await stand.decided(() =>
      stand.ask(request(head(JSON_TYPE, `Content-Length: ${large.length}`), large)),
    );
    expect(value.status).toBe(413);
    expect(value.headers.get('connection')).toBe('close');
    expect(codes(decision)).toEqual(['BODY_TOO_LARGE']);
    expect(stand.forwarded).toBe(0);
  });

  test('announced, and refused before any of it is sent', async () => {
    const { value } = await stand.decided(() => stand.ask(request(head(JSON_TYPE, `Content-Length: ${2 ** 50}`))));
    expect(value.status).toBe(413);
  });

  test('chunked', async () => {
    const { value, decision } = await stand.decided(() =>
      stand.ask(request(head(JSON_TYPE, 'Transfer-Encoding: chunked'), chunked(Buffer.from(large)))),
    );
    expect(value.status).toBe(413);
    expect(codes(decision)).toEqual(['BODY_TOO_LARGE']);
    expect(stand.forwarded).toBe(0);
  });

  test('and by the SDK, which sends many times the limit before it reads', async () => {
    const create = stand
      .gpt()
      .chat.completions.create({ ...CHAT_BODY, messages: [{ role: 'user', content: 'x'.repeat(40 * LIMIT) }] });
    await expect(create).rejects.toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
    await expect(create).rejects.toBeInstanceOf(OpenAI.APIError);
  });

  test('by a client that reads only when it has sent it all', async () => {
    const size = 20 * LIMIT;
    for (const framing of [`Content-Length: ${size}`, 'Transfer-Encoding: chunked']) {
      const wire = await Wire.open(stand.url);
      wire.pause();
      await wire.send(request(head(JSON_TYPE, framing)));
      const piece = Buffer.alloc(LIMIT, 'x');
      for (let sent = 0; sent < size; sent += piece.length) {
        if (framing.startsWith('T')) await wire.send(`${piece.length.toString(16)}\r\n`, piece, '\r\n');
        else await wire.send(piece);
      }
      if (framing.startsWith('T')) await wire.send('0\r\n\r\n');
      wire.resume();
      expect((await wire.answer()).status).toBe(413);
      expect((await wire.rest()).length).toBe(0); // and then the connection ends
      wire.destroy();
    }
  });

  test('an unidentified caller cannot have a body read', async () => {
    const lines = head(JSON_TYPE, `Content-Length: ${CHAT.length}`).map((line) => line.replace('Bearer ', 'Bearer x'));
    const { value, decision } = await stand.decided(() => stand.ask(request(lines))); // and sends none of it
    expect(value.status).toBe(401);
    expect(decision).toMatchObject({ subject: null, body_sha256: null, body_bytes: 0 });
  });
});
