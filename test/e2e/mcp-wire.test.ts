import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type McpUpstream, startMcp } from '../upstream/mcp.ts';
import { codes, type Entry, Stand } from './harness.ts';
import { begin, callOf, jsonOf, message, modernMessage, post, type Sent } from './mcp-send.ts';
import { OBSERVED, reaching, TICKETS } from './mcp-stand.ts';

// MCP on a route of the built gateway, message by message: what clients should not send, and servers should not answer.

let upstream: McpUpstream;
let stand: Stand;
let other: string;

beforeAll(async () => {
  upstream = await startMcp();
  stand = await Stand.open({
    routes: [{ ...TICKETS, origins: ['desk.example'] }, OBSERVED],
    ...reaching(upstream),
    async prepare(site) {
      other = await site.issue({ subject: 'somebody else', roles: ['developer'] });
    },
  });
});

afterAll(async () => {
  await stand.close();
  await upstream.close();
});

const send = (given: Sent): Promise<Response> => post(stand, given);

const modernCall = (name: string): string => modernMessage('tools/call', { name, arguments: { id: 'T-17' } }).body;
const MODERN = modernMessage('tools/call', { name: 'get_ticket' }).headers;

const sentUp = (): string => upstream.requests.map(({ body }) => body).join('\n');

describe('what a client may not send', () => {
  const cases: [string, Sent, number, object][] = [
    ['no JSON', { body: '{"jsonrpc":' }, 400, { code: -32700 }],
    ['a key twice', { body: '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}' }, 400, { code: -32700 }],
    ['no message', { body: '{"id":1}' }, 400, { code: -32600 }],
    [
      'a version that nobody knows',
      { body: message('ping'), headers: { 'mcp-protocol-version': '2030-01-01' } },
      400,
      { code: -32022, data: { requested: '2030-01-01' } },
    ],
    [
      'another method in the header',
      { body: modernCall('get_ticket'), headers: { ...MODERN, 'mcp-method': 'tools/list' } },
      400,
      { code: -32020 },
    ],
    ['another name in the header', { body: modernCall('delete_ticket'), headers: MODERN }, 400, { code: -32020 }],
    [
      'another version in the header',
      { body: modernCall('get_ticket'), headers: { ...MODERN, 'mcp-protocol-version': '2025-11-25' } },
      400,
      { code: -32020 },
    ],
    [
      'an argument of another value in a header',
      { body: modernCall('get_ticket'), headers: { ...MODERN, 'mcp-param-id': 'T-18' } },
      400,
      { code: -32020 },
    ],
    ['a method that nobody knows', { body: message('tools/forge', {}) }, 200, { code: -32601 }],
    [
      'a batch where there are none',
      { body: `[${message('ping')}]`, headers: { 'mcp-protocol-version': '2025-06-18' } },
      400,
      { code: -32600 },
    ],
    [
      'a page of somebody else',
      { body: message('ping'), headers: { origin: 'https://evil.example' } },
      403,
      { code: -32600 },
    ],
    [
      'a GET of a modern client',
      { method: 'GET', headers: { 'mcp-protocol-version': '2026-07-28' } },
      405,
      { code: 405 },
    ],
    ['no token', { body: message('ping'), token: 'none' }, 401, { code: 401 }],
    ['another path', { body: message('ping'), path: '/mcp/tickets/other' }, 404, { code: 404 }],
  ];
  test.each(cases)('%s', async (_, given, status, error) => {
    upstream.requests.length = 0;
    const { value, decision } = await stand.decided(async () => {
      const response = await send(given);
      return { response, body: await jsonOf(response) };
    });
    expect(value.response.status).toBe(status);
    expect([value.body].flat()).toMatchObject([{ jsonrpc: '2.0', error }]);
    expect(value.response.headers.get('x-verdict-decision')).toBe(decision.id);
    expect(decision).toMatchObject({ effect_enforced: 'refuse' });
    expect(upstream.requests).toEqual([]);
  });

  test.each(['http://localhost:3000', 'https://desk.example'])('a page of %s may', async (origin) => {
    const session = await begin(stand);
    const response = await send({ body: message('ping'), headers: { ...session, origin } });
    expect(response.status).toBe(200);
  });
});

describe('sessions', () => {
  test('belong to who began them', async () => {
    const session = await begin(stand);
    const own = await send({ body: callOf('get_ticket'), headers: session });
    expect(await jsonOf(own)).toMatchObject({ result: { content: [{ text: 'get_ticket 4' }] } });
    upstream.requests.length = 0;
    const id = session['mcp-session-id'];
    const bare = id.slice(0, id.lastIndexOf('.'));
    const foreign: Sent[] = [
      { token: other, headers: session },
      { headers: { ...session, 'mcp-session-id': bare } },
      { headers: { ...session, 'mcp-session-id': `x${id}` } },
      { headers: { ...session, 'mcp-session-id': `${id.slice(0, -2)}AA` } },
    ];
    for (const given of foreign) {
      for (const [method, body] of [
        ['POST', callOf('get_ticket')],
        ['GET', undefined],
        ['DELETE', undefined],
      ] as const) {
        const { value, decision } = await stand.decided(() => send({ ...given, method, ...(body && { body }) }));
        expect(value.status).toBe(404);
        expect(decision.effect_enforced).toBe('refuse');
      }
    }
    expect(upstream.requests).toEqual([]);
  });

  test('end with a DELETE', async () => {
    const session = await begin(stand);
    expect((await send({ method: 'DELETE', headers: session })).status).toBe(200);
    const gone = await send({ body: callOf('get_ticket'), headers: session });
    expect(gone.status).toBe(404);
  });
});

describe('batches of 2025-03-26', () => {
  test('are decided message by message', async () => {
    const session = await begin(stand, '2025-03-26');
    const body = `[${callOf('get_ticket', { id: 'a' }, 1)},${callOf('get_ticket', { id: 'bb' }, 2)}]`;
    const { value, records } = await stand.during(async () => (await send({ body, headers: session })).text());
    expect(value).toContain('get_ticket 1');
    expect(value).toContain('get_ticket 2');
    const decisions = records.filter(({ type }) => type === 'decision');
    expect(decisions.map(({ input }) => input.tool.arguments)).toEqual([{ id: 'a' }, { id: 'bb' }]);
    expect(records.filter(({ type }) => type === 'outcome').map(({ ended }) => ended)).toEqual([
      'complete',
      'complete',
    ]);
  });

  test('go nowhere if one of them is denied', async () => {
    const session = await begin(stand, '2025-03-26');
    upstream.requests.length = 0;
    const body = `[${callOf('get_ticket', { id: 'a' }, 1)},${callOf('delete_ticket', { id: 'b' }, 2)}]`;
    const { value, records } = await stand.during(async () => (await send({ body, headers: session })).json());
    const [allowed, denied] = records.map(({ id }) => id);
    expect(value).toMatchObject([
      { id: 1, error: { code: 424, data: { code: 'BATCH_REFUSED', decision_id: allowed } } },
      { id: 2, error: { code: 403, data: { code: 'MCP_NOT_ALLOWED', decision_id: denied } } },
    ]);
    expect(value[0].error.message).toContain('was not sent');
    expect(value[1].error.message).toContain('server tickets is not for tool delete_ticket;');
    expect(records.map(({ type, ended }) => ended ?? type)).toEqual(['decision', 'decision', 'not_forwarded']);
    expect(upstream.requests).toEqual([]);
  });
});

test('in shadow everything passes, and what would have happened is recorded', async () => {
  const session = await begin(stand, '2025-11-25', { path: '/mcp/observed' });
  const given = { path: '/mcp/observed', headers: session };
  for (const json of [false, true]) {
    upstream.json = json;
    const list = await stand.during(async () => jsonOf(await send({ ...given, body: message('tools/list') })));
    expect(list.value.result.tools).toHaveLength(4);
    const items = list.records.filter(({ input }) => input?.tool?.type === 'tools/list');
    expect(items.map(({ result }) => result.effect)).toEqual(['allow', 'allow', 'deny', 'deny']);
    const outcome = list.records.find(({ type }) => type === 'outcome');
    expect(outcome.tool_calls.map(({ released }: Entry) => released)).toEqual([true, true, true, true]);
    const call = await stand.decided(async () => jsonOf(await send({ ...given, body: callOf('delete_ticket') })));
    expect(call.value).toMatchObject({ result: { content: [{ text: 'delete_ticket 4' }] } });
    expect(codes(call.decision)).toContain('MCP_NOT_ALLOWED');
    expect(sentUp()).toContain('delete_ticket');
  }
  upstream.json = false;
});
