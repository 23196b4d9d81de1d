import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type McpUpstream, startMcp } from '../upstream/mcp.ts';
import { Hand } from './hand.ts';
import { type Entry, Stand, until } from './harness.ts';
import { begin, jsonOf, message, modernMessage, post, type Sent } from './mcp-send.ts';
import { makeClient, reaching, TICKETS } from './mcp-stand.ts';

// To an MCP server all callers are one account, the gateway's: what one of them began must be out of another's reach.

describe('streams, resources and tasks of the official server', () => {
  let upstream: McpUpstream;
  let stand: Stand;
  let other: string;

  beforeAll(async () => {
    upstream = await startMcp();
    upstream.resumable = true;
    stand = await Stand.open({
      routes: [TICKETS],
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

  async function connect(era: 'legacy' | 'modern') {
    const { client } = makeClient(era);
    const requestInit = { headers: { authorization: `Bearer ${stand.site.token}` } };
    const transport = new StreamableHTTPClientTransport(new URL(`${stand.url}/mcp/tickets`), { requestInit });
    await client.connect(transport);
    return { client, transport };
  }

  test('a client resumes a stream that its server closed', async () => {
    const { client, transport } = await connect('legacy');
    upstream.requests.length = 0;
    const called = await client.callTool({ name: 'get_ticket', arguments: { id: 'hang up' } }, { timeout: 5000 });
    expect(called.content).toEqual([{ type: 'text', text: 'get_ticket 7' }]);
    const [resumed] = upstream.requests.filter(({ headers }) => headers['last-event-id'] !== undefined);
    expect(resumed).toMatchObject({ method: 'GET', headers: { 'mcp-session-id': expect.stringMatching(/^[^.]+$/) } });
    await transport.terminateSession();
    await client.close();
  });

  test('nobody resumes a stream without a session of their own', async () => {
    const session = await begin(stand);
    const version = { 'mcp-protocol-version': '2025-11-25' };
    const resumed = { 'last-event-id': 'stream/7' };
    upstream.requests.length = 0;
    const cases: Sent[] = [
      { headers: { ...version, ...resumed } },
      { headers: { ...version, 'last-event-id': '' } },
      { headers: { ...session, ...resumed }, token: other },
      { headers: { ...session, ...resumed, 'mcp-session-id': 'bare' } },
    ];
    for (const given of cases) {
      for (const sent of [{ method: 'GET' }, { body: message('ping') }]) {
        const { value, decision } = await stand.decided(() => send({ ...given, ...sent }));
        expect([value.status, decision.effect_enforced]).toEqual([404, 'refuse']);
      }
    }
    // A session that Connection takes out of the message is none either.
    const lines = Object.entries({ ...session, ...resumed, connection: 'close, mcp-session-id' });
    const head = lines.map(([name, value]) => `${name}: ${value}`);
    expect((await stand.ask(stand.get('/mcp/tickets', ['accept: text/event-stream', ...head]))).status).toBe(404);
    expect(upstream.requests).toEqual([]);
  });

  test('to subscribe to a resource is a call, to stop it is not', async () => {
    const { client } = await connect('legacy');
    const { decision } = await stand.decided(() => client.subscribeResource({ uri: 'tickets://17' }));
    expect(decision.input.tool).toMatchObject({
      ...{ name: 'tickets://17', type: 'resources/subscribe' },
      arguments: { uri: 'tickets://17' },
    });
    const secret = client.subscribeResource({ uri: 'file:///home/alice/.ssh/id_ed25519' });
    await expect(secret).rejects.toMatchObject({ code: 403, data: { code: 'SECRET_FILE' } });
    const stopped = await stand.decided(() => client.unsubscribeResource({ uri: 'tickets://17' }).catch(() => {}));
    expect(stopped.decision.input.tool).toMatchObject({ name: 'resources/unsubscribe', type: 'protocol' });
    await client.close();
  });

  test('a modern client hears of the resources that it may read', async () => {
    const { client } = await connect('modern');
    const heard: string[] = [];
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void heard.push(params.uri));
    const before = stand.journal().length;
    const subscription = await client.listen({ resourceSubscriptions: ['tickets://17', 'tickets://18'] });
    expect(subscription.honoredFilter.resourceSubscriptions).toEqual(['tickets://17', 'tickets://18']);
    for (const uri of ['tickets://16', 'tickets://17']) upstream.changed(uri);
    await until(() => heard[0], 'the client hears of it');
    expect(heard).toEqual(['tickets://17']);
    await subscription.close();
    const asked = stand
      .journal()
      .slice(before)
      .filter(({ type }) => type === 'decision');
    expect(asked.slice(0, 3).map(({ input }) => [input.tool.type, input.tool.name])).toEqual([
      ['protocol', 'subscriptions/listen'],
      ['resources/subscribe', 'tickets://17'],
      ['resources/subscribe', 'tickets://18'],
    ]);
    await client.close();
  });

  test('and of none if there is one among them that it may not', async () => {
    const { client } = await connect('modern');
    upstream.requests.length = 0;
    const { records } = await stand.during(async () => {
      const resourceSubscriptions = ['tickets://17', 'file:///home/alice/.env'];
      await expect(client.listen({ resourceSubscriptions })).rejects.toMatchObject({ data: { code: 'SECRET_FILE' } });
    });
    const decided = records.filter(({ type }) => type === 'decision');
    expect(decided.slice(1).map(({ input, effect_enforced }) => [input.tool.name, effect_enforced])).toEqual([
      ['tickets://17', 'forward'],
      ['file:///home/alice/.env', 'refuse'],
    ]);
    expect(upstream.requests).toEqual([]);
    await client.close();
  });

  test('tasks are for nobody until policy says otherwise', async () => {
    const session = await begin(stand);
    upstream.requests.length = 0;
    const refused: [string, Sent][] = ['tasks/get', 'tasks/result', 'tasks/cancel'].map((method) => [
      method,
      { body: message(method, { taskId: 't' }), headers: session },
    ]);
    refused.push(['tasks/list', { body: message('tasks/list'), headers: session }]);
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      refused.push([method, modernMessage(method, { taskId: 't', inputResponses: {} })]);
    }
    for (const [method, given] of refused) {
      const { value, decision } = await stand.decided(async () => jsonOf(await send(given)));
      expect(value).toMatchObject({ id: 1, error: { code: 403, data: { code: 'MCP_NOT_ALLOWED' } } });
      expect(decision.input.tool).toMatchObject({ name: method, type: method });
    }
    expect(upstream.requests).toEqual([]);
  });
});

const POLICY = `package verdict

allowed := {"effect": "allow", "reasons": [], "obligations": []}

request := allowed if input.phase == "request"

tool := allowed if input.phase == "tool"
`;

describe('tasks that policy allows', () => {
  let hand: Hand;
  let stand: Stand;

  beforeAll(async () => {
    hand = await Hand.start();
    stand = await Stand.open({
      routes: [TICKETS],
      mcpServers: { tickets: { url: hand.url, key: 'none' } },
      prepare: (site) => site.buildPolicy(POLICY, ['verdict/request', 'verdict/tool']),
    });
  });

  afterAll(async () => {
    await stand.close();
    await hand.close();
  });

  const TASK = { taskId: 't', status: 'working', createdAt: '', lastUpdatedAt: '', ttl: null };

  /** Sends it, and plays the server. */
  async function exchange(given: Sent, result: object): Promise<Entry> {
    const asked = post(stand, given);
    const { req, res } = await hand.next();
    res
      .writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 's' })
      .end(JSON.stringify({ jsonrpc: '2.0', id: 1, result }));
    const response = await asked;
    return { headers: response.headers, sent: req.headers, ...(await jsonOf(response)) };
  }

  test('from the call to its result', async () => {
    const version = { 'mcp-protocol-version': '2025-11-25' };
    const { headers } = await exchange({ body: message('initialize', {}) }, { protocolVersion: '2025-11-25' });
    const session = { ...version, 'mcp-session-id': headers.get('mcp-session-id') };
    const call = { name: 'get_ticket', arguments: { id: 'T-17' }, task: { ttl: 60_000 } };
    const begun = await exchange({ body: message('tools/call', call), headers: session }, { task: TASK });
    expect(begun.result).toEqual({ task: TASK });
    const steps: [string, object, object][] = [
      ['tasks/get', { taskId: 't' }, TASK],
      ['tasks/list', {}, { tasks: [TASK] }],
      ['tasks/result', { taskId: 't' }, { content: [{ type: 'text', text: 'seventeen' }] }],
      ['tasks/cancel', { taskId: 't' }, { ...TASK, status: 'cancelled' }],
    ];
    for (const [method, params, result] of steps) {
      const { value, decision, outcome } = await stand.decided(() =>
        exchange({ body: message(method, params), headers: session }, result),
      );
      expect(value).toMatchObject({ sent: { 'mcp-session-id': 's' }, result });
      expect(decision.input.tool).toMatchObject({ name: method, type: method, arguments: params });
      expect(outcome).toMatchObject({ ended: 'complete' });
    }
  });

  test('a task is asked about without a session, a list of all is not', async () => {
    const got = await exchange({ body: message('tasks/get', { taskId: 't' }) }, TASK);
    expect(got.result).toEqual(TASK);
    const calls = hand.calls;
    const { value, decision } = await stand.decided(() => post(stand, { body: message('tasks/list') }));
    expect([value.status, decision.effect_enforced]).toEqual([404, 'refuse']);
    expect(await jsonOf(value)).toMatchObject({ error: { data: { code: 'SESSION_UNKNOWN' } } });
    expect(hand.calls).toBe(calls);
  });
});
