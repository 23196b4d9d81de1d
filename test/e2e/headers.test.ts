import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { OPENAI_KEY } from '../upstream/index.ts';
import { CHAT, codes, request, Stand, Wire } from './harness.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.open();
});
afterAll(() => stand.close());
afterEach(() => stand.forgetRequests());

/** What the vendor got, as name and value in lower case. */
const received = (): [string, string][] => {
  const raw = stand.openai.requests.at(-1)?.rawHeaders ?? [];
  return raw.flatMap((name, i) => (i % 2 === 0 ? [[name.toLowerCase(), raw[i + 1] ?? ''] as [string, string]] : []));
};

/** A call that policy need not allow: it knows neither these betas nor all these headers. */
const inShadow = (lines: string[]): Buffer => stand.chat(lines, CHAT, '/shadow/v1/chat/completions');

describe('what a client says to the vendor', () => {
  test('is no more than what is on the list', async () => {
    const { value } = await stand.decided(() =>
      stand.ask(
        inShadow([
          // the list
          'Accept: application/json',
          'User-Agent: tester/1',
          'Idempotency-Key: k1',
          'OpenAI-Beta: x=v1',
          'X-Stainless-Lang: js',
          // credentials of any kind
          `X-Api-Key: ${stand.site.token}`,
          'Cookie: session=canary',
          'Proxy-Authorization: Basic canary',
          'Api-Key: canary',
          'X-Goog-Api-Key: canary',
          'X-Amz-Security-Token: canary',
          'OpenAI-Organization: org-canary',
          'OpenAI-Project: proj-canary',
          // forwarding
          'X-Forwarded-For: 10.0.0.1',
          'X-Forwarded-Host: canary',
          'X-Forwarded-Proto: https',
          'X-Real-IP: 10.0.0.1',
          'Forwarded: for=10.0.0.1;host=canary',
          'Via: 1.1 canary',
          'X-Original-URL: /canary',
          'X-Rewrite-URL: /canary',
          'Referer: https://canary.example.com/',
          'Origin: https://canary.example.com',
          // hop by hop
          'Keep-Alive: timeout=99',
          'TE: trailers',
          'Proxy-Connection: keep-alive',
          'Upgrade-Insecure-Requests: 1',
          'X-Verdict-Decision: canary',
          'Accept-Encoding: gzip, br',
        ]),
      ),
    );
    expect(value.status).toBe(200);
    expect(Object.fromEntries(received())).toEqual({
      accept: 'application/json',
      'accept-encoding': 'identity',
      authorization: `Bearer ${OPENAI_KEY}`,
      connection: 'keep-alive',
      'content-length': String(CHAT.length),
      'content-type': 'application/json',
      host: new URL(stand.openai.url).host,
      'openai-beta': 'x=v1',
      'user-agent': 'tester/1',
      'x-stainless-lang': 'js',
    });
    expect(new Set(received().map(([name]) => name)).size).toBe(received().length); // no name twice
  });

  test('loses what its Connection header names (RFC 9110, section 7.6.1)', async () => {
    await stand.decided(() =>
      stand.ask(
        inShadow([
          'Connection: keep-alive, User-Agent, OPENAI-BETA',
          'User-Agent: tester/1',
          'OpenAI-Beta: x=v1',
          'Accept: */*',
        ]),
      ),
    );
    const names = received().map(([name]) => name);
    expect(names).toContain('accept');
    expect(names).not.toContain('user-agent');
    expect(names).not.toContain('openai-beta');
  });

  test('never names credential or length away by Connection', async () => {
    const { value } = await stand.decided(() =>
      stand.ask(stand.chat(['Connection: Authorization, Content-Length, Content-Type, Host'])),
    );
    expect(value.status).toBe(200);
    expect(received()).toContainEqual(['authorization', `Bearer ${OPENAI_KEY}`]);
    expect(stand.openai.requests[0]?.body.toString()).toBe(CHAT);
  });

  test('cannot upgrade the connection', async () => {
    for (const upgrade of [
      ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: x', 'Sec-WebSocket-Version: 13'],
      ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'],
    ]) {
      const { value } = await stand.decided(() => stand.ask(stand.chat(upgrade)));
      expect(value.status).toBe(200); // as any server may that does not know the protocol
      expect(received().map(([name]) => name)).not.toContain('upgrade');
      expect(received()).toContainEqual(['connection', 'keep-alive']);
      expect(stand.openai.requests.at(-1)?.body.toString()).toBe(CHAT);
    }
    const { value } = await stand.decided(() =>
      stand.ask(stand.get('/support/v1/realtime', ['Connection: Upgrade', 'Upgrade: websocket'])),
    );
    expect(value.status).toBe(404);
  });
});

describe('one credential', () => {
  const with_ = (...lines: string[]) => request(['GET /support/v1/models HTTP/1.1', 'Host: verdict', ...lines]);
  test.each([
    ['none', [], 'IDENTITY_MISSING'],
    ['twice', ['Authorization: Bearer $', 'Authorization: Bearer $'], 'IDENTITY_INVALID'],
    ['twice, one of them another', ['x-api-key: $', 'X-API-Key: sk-other'], 'IDENTITY_INVALID'],
    ['another in each header', ['x-api-key: sk-other', 'Authorization: Bearer $'], 'IDENTITY_INVALID'],
    ['another scheme', ['Authorization: Basic $'], 'IDENTITY_INVALID'],
    ['in the query only', [], 'IDENTITY_MISSING'],
    ['in a cookie only', ['Cookie: token=$'], 'IDENTITY_MISSING'],
    ['two in one', ['Authorization: Bearer $, Bearer $'], 'IDENTITY_INVALID'],
    ['with something behind', ['Authorization: Bearer $ x'], 'IDENTITY_INVALID'],
    ["the vendor's own key", [`Authorization: Bearer ${OPENAI_KEY}`], 'IDENTITY_INVALID'],
  ])('%s: %s', async (_what, lines, code) => {
    const { value, decision } = await stand.decided(() =>
      stand.ask(with_(...lines.map((line) => line.replaceAll('$', stand.site.token)))),
    );
    expect(value.status).toBe(401);
    expect(codes(decision)).toEqual([code]);
    expect(decision).toMatchObject({ subject: null, effect_enforced: 'refuse', entrypoint: null });
    expect(stand.forwarded).toBe(0);
  });

  test('the same in both headers is one', async () => {
    const { token } = stand.site;
    const { value } = await stand.decided(() =>
      stand.ask(with_(`x-api-key: ${token}`, `Authorization: Bearer ${token}`)),
    );
    expect(value.status).toBe(200);
    expect(JSON.stringify(received())).not.toContain(token);
  });
});

describe('Expect', () => {
  const head = (expectation: string, credential: string) => [
    'POST /support/v1/chat/completions HTTP/1.1',
    'Host: verdict',
    `Authorization: Bearer ${credential}`,
    'Content-Type: application/json',
    `Content-Length: ${CHAT.length}`,
    `Expect: ${expectation}`,
  ];

  test("100-continue: only the vendor's key goes upstream, and no Expect", async () => {
    const { value } = await stand.decided(async () => {
      const wire = await Wire.open(stand.url);
      await wire.send(request(head('100-continue', stand.site.token)));
      const go = await wire.answer();
      expect(go.status).toBe(100);
      expect(stand.forwarded).toBe(0);
      await wire.send(CHAT);
      const answer = await wire.answer();
      wire.destroy();
      return answer;
    });
    expect(value.status).toBe(200);
    expect(received()).toContainEqual(['authorization', `Bearer ${OPENAI_KEY}`]);
    expect(received().map(([name]) => name)).not.toContain('expect');
    expect(JSON.stringify(received())).not.toContain(stand.site.token);
    expect(stand.openai.requests[0]?.body.toString()).toBe(CHAT);
  });

  test('100-continue with the body sent at once', async () => {
    const wire = await Wire.open(stand.url);
    await wire.send(request(head('100-Continue', stand.site.token), CHAT));
    expect((await wire.answer()).status).toBe(100);
    expect((await wire.answer()).status).toBe(200);
    wire.destroy();
    expect(received().map(([name]) => name)).not.toContain('expect');
  });

  test.each([
    ['nobody', ['vdt_none'], 401],
    ['a body too large', ['$', `Content-Length: ${2 ** 40}`], 413],
    ['a body that is no JSON', ['$', 'Content-Type: text/plain'], 415],
    ['an ungoverned endpoint', ['$', 'POST /support/v1/embeddings HTTP/1.1'], 404],
  ])('no 100 is sent for %s, and the connection ends', async (_what, [credential = '', change], status) => {
    const lines = head('100-continue', credential.replace('$', stand.site.token)).map((line) =>
      change && line.split(/[: ]/)[0] === change.split(/[: ]/)[0] ? change : line,
    );
    const { value, decision } = await stand.decided(async () => {
      const wire = await Wire.open(stand.url);
      await wire.send(request(lines));
      const answer = await wire.answer();
      // What comes next may be the body or another request: nobody can tell, so nothing is read from it.
      await wire.send(stand.get('/support/v1/models'));
      expect((await wire.rest()).toString()).toBe('');
      wire.destroy();
      return answer;
    });
    expect(value.status).toBe(status);
    expect(value.headers.get('connection')).toBe('close');
    expect(decision.effect_enforced).toBe('refuse');
    expect(stand.forwarded).toBe(0);
  });

  test('other expectations mean nothing here, and go nowhere', async () => {
    for (const expectation of ['200-ok', 'x', '100-continue-later']) {
      const wire = await Wire.open(stand.url);
      await wire.send(request(head(expectation, stand.site.token), CHAT));
      let answer = await wire.answer();
      if (answer.status === 100) answer = await wire.answer();
      wire.destroy();
      expect(answer.status).toBe(200);
      expect(received()).toContainEqual(['authorization', `Bearer ${OPENAI_KEY}`]);
      expect(received().map(([name]) => name)).not.toContain('expect');
    }
  });

  test('HTTP/1.0 clients get no 100', async () => {
    const lines = head('100-continue', stand.site.token).map((line) => line.replace('HTTP/1.1', 'HTTP/1.0'));
    const answer = await stand.ask(request(lines, CHAT));
    expect(answer.status).toBe(200);
  });
});

describe("what comes back from the vendor's side", () => {
  let server: Server;
  let other: Stand;
  beforeAll(async () => {
    server = createServer((req, res) => {
      req.resume().on('end', () => {
        const body = '{"object":"list","data":[]}';
        res.writeHead(200, [
          ...[
            'Content-Type',
            'application/json',
            'Content-Length',
            String(body.length),
            'Date',
            'Tue, 24 Nov 2026 20:00:00 GMT',
          ],
          ...[
            'Connection',
            'close, X-Hop',
            'X-Hop',
            'canary',
            'Keep-Alive',
            'timeout=1',
            'Set-Cookie',
            'session=canary',
          ],
          ...['Set-Cookie', 'other=canary', 'Alt-Svc', 'h3=":443"', 'Strict-Transport-Security', 'max-age=1'],
          ...['Proxy-Authenticate', 'Basic', 'X-Verdict-Decision', 'canary', 'X-Verdict-Code', 'canary'],
          ...[
            'X-RateLimit-Remaining-Tokens',
            '99',
            'Retry-After',
            '3',
            'X-Request-Id',
            'req_1',
            'OpenAI-Version',
            '2020-10-01',
          ],
        ]);
        res.end(body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    other = await Stand.open({
      providers: { openai: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/path` },
    });
  });
  afterAll(async () => {
    await other.close();
    server.close();
  });

  test('passes but for what is of that connection, or would bind the client to the account', async () => {
    const { value, decision, outcome } = await other.decided(() => other.ask(other.get('/support/v1/models')));
    expect(value.status).toBe(200);
    expect(Object.fromEntries(value.headers)).toEqual({
      'content-type': 'application/json',
      'content-length': '27',
      date: 'Tue, 24 Nov 2026 20:00:00 GMT',
      'x-ratelimit-remaining-tokens': '99',
      'retry-after': '3',
      'x-request-id': 'req_1',
      'openai-version': '2020-10-01',
      'x-verdict-decision': decision.id,
      connection: 'keep-alive',
      'keep-alive': 'timeout=5',
    });
    expect(outcome.upstream_request_id).toBe('req_1');
  });

  test("a path in the provider's URL stands before the call's own", async () => {
    const seen = new Promise((resolve) => server.once('request', ({ url }) => resolve(url)));
    await other.ask(other.get('/support/v1/models?a=b'));
    expect(await seen).toBe('/base/path/v1/models?a=b');
  });
});
