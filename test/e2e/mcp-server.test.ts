import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Hand } from './hand.ts';
import { Stand, until } from './harness.ts';
import { message, post, type Sent } from './mcp-send.ts';

// What an MCP server may not answer, and when: the built gateway before a server that the test plays by hand.

const IDLE_MS = 700;

let hand: Hand;
let stand: Stand;

beforeAll(async () => {
  hand = await Hand.start();
  stand = await Stand.open({
    routes: [{ id: 'hand', kind: 'mcp', server: 'tickets', match: { path: '/mcp/tickets' }, policy: 'tickets' }],
    mcpServers: { tickets: { url: hand.url, key: 'none' } },
    limits: { upstream_idle_timeout_ms: IDLE_MS },
  });
});

afterAll(async () => {
  await stand.close();
  await hand.close();
});

const send = (given: Sent): Promise<Response> => post(stand, given);

describe('what a server may not answer', () => {
  const HEAD = { 'content-type': 'text/event-stream' };
  const event = (value: object): string => `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...value })}\n\n`;
  const LIST = { id: 1, result: { tools: [{ name: 'a', description: 'planted', inputSchema: { type: 'object' } }] } };

  test('a stream that breaks off', async () => {
    const act = async (): Promise<string> => {
      const asked = send({ body: message('tools/list') });
      const { res } = await hand.next();
      res
        .writeHead(200, HEAD)
        .write(`${event({ method: 'notifications/message', params: { level: 'info', data: 1 } })}data: {"js`);
      const response = await asked;
      await sleep(50);
      res.destroy();
      return response.text().then(
        () => 'whole',
        () => 'broken',
      );
    };
    const { value, outcome } = await stand.decided(act);
    expect(value).toBe('broken');
    expect(outcome).toMatchObject({ ended: 'upstream_aborted' });
  });

  test.each([
    ['no JSON', 'data: {"jsonrpc":\n\n'],
    ['a request of its own invention', event({ id: 1, method: 'tools/call' }).replace('"2.0"', '"3.0"')],
    ['a line that readers end in two places', 'data: {}\u2028id: 1\n\n'.replace('data: {}', 'id: 0')],
  ])('a stream with %s ends with an error, and without what was withheld', async (_, text) => {
    const act = async (): Promise<string> => {
      const asked = send({ body: message('tools/list') });
      const { res } = await hand.next();
      res.writeHead(200, HEAD).end(text + event(LIST));
      return (await asked).text();
    };
    const { value, decision, outcome } = await stand.decided(act);
    expect(value).toContain('RESPONSE_UNREADABLE');
    expect(value).toContain(decision.id);
    expect(outcome.fault).toBe('RESPONSE_UNREADABLE');
    expect(value).not.toContain('planted');
  });

  test.each([
    ['HTML', { 'content-type': 'text/html' }, '<p>planted</p>'],
    ['no JSON', { 'content-type': 'application/json' }, '{"planted":'],
    [
      'a request in a JSON body',
      { 'content-type': 'application/json' },
      message('sampling/createMessage', { planted: 1 }),
    ],
    ['bytes that are compressed', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, 'planted'],
    [
      'JSON in a charset that it is not judged in',
      { 'content-type': 'application/json; charset=utf-7' },
      JSON.stringify({ jsonrpc: '2.0', id: 1, result: { note: '+AHs-planted' } }),
    ],
    ['events in such a charset', { 'content-type': 'text/event-stream; charset=utf-16' }, event(LIST)],
  ])('%s', async (_, headers, text) => {
    const act = async () => {
      const asked = send({ body: message('tools/list') });
      const { res } = await hand.next();
      res.writeHead(200, headers).end(text);
      return (await asked).json();
    };
    const { value } = await stand.decided(act);
    expect(value).toMatchObject({ id: 1, error: { code: 502, data: { code: 'RESPONSE_UNREADABLE' } } });
  });

  test('a list too long to tell of', async () => {
    const tools = Array.from({ length: 3000 }, (_, index) => ({
      name: `tool-${index}`,
      inputSchema: { type: 'object' },
    }));
    const act = async () => {
      const asked = send({ body: message('tools/list') });
      const { res } = await hand.next();
      res
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { tools } }));
      return (await asked).json();
    };
    expect((await stand.decided(act)).value).toMatchObject({ error: { data: { code: 'RESPONSE_TOO_LARGE' } } });
  });

  test.each([
    [
      'application/json',
      'Application/Json; charset=UTF-8; profile="planted"',
      (value: object) => JSON.stringify(value),
    ],
    ['text/event-stream', 'text/event-stream;charset=utf-8', (value: object) => event(value)],
  ])('%s is all that the client hears of the type', async (type, given, write) => {
    const asked = send({ body: message('ping') });
    const { res } = await hand.next();
    res.writeHead(200, { 'content-type': given }).end(write({ jsonrpc: '2.0', id: 1, result: {} }));
    const response = await asked;
    expect([response.headers.get('content-type'), await response.text()]).toEqual([
      type,
      expect.stringMatching(/"id":1/),
    ]);
  });

  test('an error of its own passes, its challenge does not', async () => {
    const asked = send({ body: message('tools/list') });
    const { res } = await hand.next();
    res
      .writeHead(404, { 'content-type': 'text/plain', 'www-authenticate': 'Bearer realm="planted"' })
      .end('no session');
    const response = await asked;
    expect([response.status, await response.text()]).toEqual([404, '']);
    expect(response.headers.get('www-authenticate')).toBeNull();
  });

  test('a client that goes away takes its request with it', async () => {
    const abort = new AbortController();
    const { outcome } = await stand.decided(async () => {
      const asked = send({ body: message('tools/list'), signal: abort.signal }).catch(() => {});
      const { res } = await hand.next();
      const closed = new Promise((resolve) => res.once('close', resolve));
      res.writeHead(200, HEAD).write(': here\n\n');
      await asked;
      abort.abort();
      await closed;
    });
    expect(outcome).toMatchObject({ ended: 'client_aborted' });
  });
});

describe("a server's own stream", () => {
  test('may be silent, passes what it brings, and does not hold up the end of the gateway', async () => {
    const asked = send({ method: 'GET' });
    const { res } = await hand.next();
    res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    const reader = (await asked).body?.getReader();
    await sleep(2 * IDLE_MS);
    const note = `id: 7\ndata: ${message('notifications/tools/list_changed', undefined, null)}\n\n`;
    res.write(note);
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(note);
    // A list that answers a request from before a stream was resumed is filtered all the same.
    res.write(
      `data: ${JSON.stringify({ jsonrpc: '2.0', id: 4, result: { tools: [{ name: 'a b', inputSchema: {} }] } })}\n\n`,
    );
    const list = Buffer.from((await reader?.read())?.value ?? []).toString();
    expect(list).toContain('"tools":');
    const began = Date.now();
    stand.program.signal('SIGTERM');
    expect(await stand.program.exited).toBe(0);
    expect(Date.now() - began).toBeLessThan(5000);
    expect((await reader?.read())?.done).toBe(true);
    const opened = stand.journal().find(({ input }) => input?.tool?.name === 'GET' && input.route.id === 'hand');
    expect(
      await until(() => stand.journal().find(({ decision }) => decision === opened.id), 'it has an outcome'),
    ).toMatchObject({ ended: 'complete' });
    await stand.restart();
  });
});
