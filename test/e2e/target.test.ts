import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { codes, request, Stand } from './harness.ts';

// What a request line may say. Every spelling is either forwarded in the one canonical form or refused, and recorded.

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.open();
});
afterAll(() => stand.close());
afterEach(() => stand.forgetRequests());

describe('is forwarded as it was matched', () => {
  test.each([
    ['/support/v1/models', 'support', '/v1/models'],
    ['/support/v1/%6dodel%73', 'support', '/v1/models'],
    ['/%73upport/v1/models', 'support', '/v1/models'],
    ['/support/./v1/././models', 'support', '/v1/models'],
    ['/support/x/../v1/models', 'support', '/v1/models'],
    ['/coding/../support/v1/models', 'support', '/v1/models'],
    ['/coding/%2e%2E/support/v1/models', 'support', '/v1/models'],
    ['/support/%2e%2e/coding/v1/models', 'coding', '/v1/models'],
    ['/support/vip/../v1/models', 'support', '/v1/models'],
    ['/support/vip/v1/models', 'vip', '/v1/models'],
    ['/support/v1/models?limit=3', 'support', '/v1/models?limit=3'],
    ['/support/v1/models?a=/../..%2f&b=;c', 'support', '/v1/models?a=/../..%2f&b=;c'],
    ['/support/v1/models/gpt%2D5-mini', 'support', '/v1/models/gpt-5-mini'],
  ])('%s', async (target, route, upstream) => {
    const { value, decision } = await stand.decided(() => stand.ask(stand.get(target)));
    expect(value.status).toBe(200);
    expect(stand.openai.requests.map((received) => received.target)).toEqual([upstream]);
    expect(decision).toMatchObject({ route, effect_enforced: 'forward' });
    const prefix = { support: '/support', coding: '/coding', vip: '/support/vip' }[route];
    expect(decision.input.http.path).toBe(`${prefix}${upstream.split('?')[0]}`);
  });
});

describe('is refused, with a record, and nothing is forwarded', () => {
  const long = `/support/v1/${'a'.repeat(4096)}`;
  test.each([
    // Another path than the one that a route is for.
    ['/support/../admin', 404, 'ROUTE_UNKNOWN'],
    ['/support/%2e%2e/admin', 404, 'ROUTE_UNKNOWN'],
    ['/support/.%2E/admin', 404, 'ROUTE_UNKNOWN'],
    ['/admin', 404, 'ROUTE_UNKNOWN'],
    ['/', 404, 'ROUTE_UNKNOWN'],
    ['/supportx/v1/models', 404, 'ROUTE_UNKNOWN'],
    ['/Support/v1/models', 404, 'ROUTE_UNKNOWN'],
    ['/SUPPORT/V1/MODELS', 404, 'ROUTE_UNKNOWN'],
    ['/healthz/', 404, 'ROUTE_UNKNOWN'],
    ['/metrics?x', 404, 'ROUTE_UNKNOWN'],
    ['/support/V1/models', 404, 'ENDPOINT_NOT_GOVERNED'],
    ['/support/v1/models/', 404, 'ENDPOINT_NOT_GOVERNED'],
    ['/support/v1/models/x/permissions', 404, 'ENDPOINT_NOT_GOVERNED'],
    ['/support/v1', 404, 'ENDPOINT_NOT_GOVERNED'],
    ['/support', 404, 'ENDPOINT_NOT_GOVERNED'],
    ['/support/v1/../../support', 404, 'ENDPOINT_NOT_GOVERNED'],
    // More than one way to read it.
    ['/support%2f..%2fadmin', 400, 'PATH_INVALID'],
    ['/support/..%2F..%2Fadmin', 400, 'PATH_INVALID'],
    ['/support/%5c..%5cadmin', 400, 'PATH_INVALID'],
    ['/support\\v1\\models', 400, 'PATH_INVALID'],
    ['/support/v1/models;x=1', 400, 'PATH_INVALID'],
    ['/support;/v1/models', 400, 'PATH_INVALID'],
    ['/support/v1/models%3bx', 400, 'PATH_INVALID'],
    ['/support/%252e%252e/admin', 400, 'PATH_INVALID'],
    ['/support//v1/models', 400, 'PATH_INVALID'],
    ['//support/v1/models', 400, 'PATH_INVALID'],
    ['//evil.example.com/support/v1/models', 400, 'PATH_INVALID'],
    ['/../support/v1/models', 400, 'PATH_INVALID'],
    ['/support/../../support/v1/models', 400, 'PATH_INVALID'],
    ['/support/v1/models%00', 400, 'PATH_INVALID'],
    ['/support/v1/models%0d%0aX:y', 400, 'PATH_INVALID'],
    ['/support/v1/mod%C3%A9ls', 400, 'PATH_INVALID'],
    ['/support/v1/%zz', 400, 'PATH_INVALID'],
    ['/support/v1/models%', 400, 'PATH_INVALID'],
    ['/support/v1/models?a=%', 400, 'PATH_INVALID'],
    ['/support/v1/models?a="b"', 400, 'PATH_INVALID'],
    // Over 4 KiB; exactly 4 KiB is an endpoint like any other.
    [long.slice(0, 4096), 404, 'ENDPOINT_NOT_GOVERNED'],
    [long.slice(0, 4097), 400, 'PATH_INVALID'],
    [`/support/v1/models?${'a'.repeat(4096)}`, 400, 'PATH_INVALID'],
    // Another form than the origin's.
    ['http://127.0.0.1/support/v1/models', 400, 'PATH_INVALID'],
    ['http://evil.example.com/support/v1/models', 400, 'PATH_INVALID'],
    ['HTTP://verdict/support/v1/models', 400, 'PATH_INVALID'],
    ['*', 400, 'PATH_INVALID'],
    ['http://[', 400, 'PATH_INVALID'],
    ['http://[::1', 400, 'PATH_INVALID'],
  ])('%s', async (target, status, code) => {
    const { value, decision } = await stand.decided(() => stand.ask(stand.get(target)));
    expect(value.status).toBe(status);
    expect(value.headers.get('x-verdict-decision')).toBe(decision.id);
    expect(JSON.parse(value.body.toString()).error).toMatchObject({ code, decision_id: decision.id });
    expect(codes(decision)).toEqual([code]);
    expect(decision).toMatchObject({ effect_enforced: 'refuse', entrypoint: null });
    expect(stand.forwarded).toBe(0);
  });

  test.each([
    ['raw bytes above ASCII', '/support/v1/mod\xe9ls'],
    ['a fragment', '/support/v1/models#x'],
    ['a control byte', '/support/v1/models\x01'],
    ['NUL', '/support/v1/models\x00'],
    ['a tab', '/support/v1/models\tx'],
    ['authority form', 'verdict:443'],
    ['a relative path', 'support/v1/models'],
    ['two targets', '/support/v1/models /coding/v1/models'],
    ['no target', ''],
  ])('%s', async (_what, target) => {
    const { value, decision } = await stand.decided(() => stand.ask(stand.get(target)));
    expect(value.status).toBe(400);
    expect(['PATH_INVALID', 'HEADERS_INVALID']).toContain(codes(decision)[0]);
    expect(decision.effect_enforced).toBe('refuse');
    expect(stand.forwarded).toBe(0);
  });
});

describe('methods', () => {
  test.each(['HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'QUERY'])(
    '%s is refused, and says what is taken',
    async (method) => {
      const asked = () => stand.ask(stand.get('/support/v1/models', [], method), { head: method === 'HEAD' });
      const { value, decision } = await stand.decided(asked);
      expect(value.status).toBe(405);
      expect(value.headers.get('allow')).toBe('GET, POST'); // RFC 9110, section 15.5.6
      expect(codes(decision)).toEqual(['METHOD_NOT_ALLOWED']);
      expect(decision).toMatchObject({ route: null, subject: null, input: { http: { method } } });
      expect(stand.forwarded).toBe(0);
    },
  );

  test('only those of the route', async () => {
    const { value, decision } = await stand.decided(() =>
      stand.ask(stand.chat([], undefined, '/read/v1/chat/completions')),
    );
    expect([value.status, value.headers.get('allow')]).toEqual([405, 'GET']);
    expect(codes(decision)).toEqual(['METHOD_NOT_ALLOWED']);
    expect((await stand.ask(stand.get('/read/v1/models'))).status).toBe(200);
  });

  test('the method is not taken from elsewhere', async () => {
    const { value } = await stand.decided(() =>
      stand.ask(stand.get('/support/v1/models', ['X-HTTP-Method-Override: DELETE', 'X-HTTP-Method: DELETE'])),
    );
    expect(value.status).toBe(200);
    expect(stand.openai.requests[0]).toMatchObject({ method: 'GET' });
    expect(stand.openai.requests[0]?.rawHeaders.join()).not.toMatch(/override|x-http/i);
  });

  test('CONNECT opens no tunnel', async () => {
    for (const target of ['api.openai.com:443', '127.0.0.1:22']) {
      const bytes = request([
        `CONNECT ${target} HTTP/1.1`,
        `Host: ${target}`,
        `Authorization: Bearer ${stand.site.token}`,
      ]);
      const { value, decision } = await stand.decided(() => stand.ask(bytes));
      expect(value.status).toBe(405);
      expect(codes(decision)).toEqual(['METHOD_NOT_ALLOWED']);
    }
    expect(stand.forwarded).toBe(0);
  });
});

describe('Host', () => {
  const with_ = (...hosts: string[]) =>
    request([
      'GET /support/v1/models HTTP/1.1',
      ...hosts,
      `Authorization: Bearer ${stand.site.token}`,
      'Connection: close',
    ]);

  test('routes nothing, and does not reach the vendor', async () => {
    for (const host of ['verdict', '127.0.0.1', 'evil.example.com', 'api.openai.com:443', 'coding']) {
      stand.forgetRequests();
      const { value, decision } = await stand.decided(() => stand.ask(with_(`Host: ${host}`)));
      expect(value.status).toBe(200);
      expect(decision.route).toBe('support');
      expect(stand.openai.requests[0]?.headers.host).toBe(new URL(stand.openai.url).host);
    }
  });

  test('must be there, once (RFC 9112, section 3.2)', async () => {
    for (const [hosts, code] of [
      [[], 'HOST_MISSING'],
      [['Host: verdict', 'Host: verdict'], 'HEADERS_INVALID'],
      [['Host: verdict', 'host: evil.example.com'], 'HEADERS_INVALID'],
    ] as const) {
      const { value, decision } = await stand.decided(() => stand.ask(with_(...hosts)));
      expect(value.status).toBe(400);
      expect(codes(decision)).toEqual([code]);
    }
    expect(stand.forwarded).toBe(0);
  });
});
