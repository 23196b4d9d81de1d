import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Client, ProtocolError } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { codes, type Entry, Stand, until } from './harness.ts';
import { type Era, makeClient } from './mcp-stand.ts';
import { MAIN, run } from './program.ts';

// `verdict mcp`: an MCP server on standard input and output, by the official SDK's client and server, unchanged.

const SERVER = resolve('test/upstream/tickets-stdio.ts');
const ROUTES = [{ id: 'hooks', kind: 'hook', match: { path: '/v1/hooks' }, policy: 'tickets' }];

let stand: Stand;

beforeAll(async () => {
  stand = await Stand.open({ routes: ROUTES });
  await writeFile(stand.site.path('token'), stand.site.token);
});

afterAll(() => stand.close());

const argsOf = (server: string[], url = stand.url): string[] => [
  ...[MAIN, 'mcp', '--server', 'tickets', '--url', url, '--token-file', stand.site.path('token')],
  ...['--approvals-file', stand.site.path('none'), '--', ...server],
];

interface Connected {
  client: Client;
  asked: string[];
}

async function connect(era: Era, { env = {}, url = stand.url } = {}): Promise<Connected> {
  const { client, asked } = makeClient(era);
  const own = { ...process.env, NODE_OPTIONS: '', ...env } as Record<string, string>;
  const args = argsOf([process.execPath, SERVER], url);
  await client.connect(new StdioClientTransport({ command: process.execPath, args, env: own, stderr: 'ignore' }));
  return { client, asked };
}

const ofTool = (records: Entry[], name: string): Entry[] => records.filter(({ input }) => input?.tool?.name === name);

describe.each(['legacy', 'modern'] as const)('%s', (era) => {
  let client: Client;
  let asked: string[];

  beforeAll(async () => {
    ({ client, asked } = await connect(era));
  });

  afterAll(() => client.close());

  const call = (name: string, args: Record<string, string>) =>
    client.callTool({ name, arguments: args }, { timeout: 10_000 });

  test('lists what may be called, and calls it', async () => {
    const { value, records } = await stand.during(() => client.listTools());
    expect(value.tools.map(({ name }) => name)).toEqual(['search_tickets', 'get_ticket']);
    const items = records.filter(({ input }) => input?.tool?.type === 'tools/list');
    expect(items.map(({ effect_enforced }) => effect_enforced)).toEqual(['forward', 'forward', 'refuse', 'refuse']);
    const ends = records.filter(({ decision }) => items.some(({ id }) => id === decision));
    expect(ends.map(({ ended }) => ended)).toEqual(['handed_over', 'handed_over']);
    const called = await stand.during(() => call('get_ticket', { id: 'T-17' }));
    expect(called.value.content).toEqual([{ type: 'text', text: 'get_ticket 4' }]);
    const [decision] = ofTool(called.records, 'get_ticket');
    expect(decision).toMatchObject({
      subject: { id: 'developer' },
      input: { tool: { origin: 'mcp', server: 'tickets', parent: null, arguments: { id: 'T-17' } } },
    });
    expect(decision.input.tool.description_sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('what is denied is an error with the decision', async () => {
    const { value, records } = await stand.during(() => call('delete_ticket', { id: 'T-17' }).catch((error) => error));
    const [decision] = ofTool(records, 'delete_ticket');
    expect(value).toBeInstanceOf(ProtocolError);
    expect(value).toMatchObject({ code: 403, data: { code: 'MCP_NOT_ALLOWED', decision_id: decision.id } });
  });

  test('what the server asks of its client is decided', async () => {
    const allowed = await call('get_ticket', { id: 'ask the user' });
    expect(allowed.content).toMatchObject([{ text: expect.stringContaining('because') }]);
    expect(asked.splice(0)).toEqual(['elicitation/create']);
    const refused = await stand.during(() =>
      call('get_ticket', { id: 'ask the model' }).catch((error: Error) => error),
    );
    const [decision] = ofTool(refused.records, 'sampling/createMessage');
    const { value } = refused;
    expect(JSON.stringify(value instanceof Error ? value.message : value)).toContain(decision.id);
    expect(asked).toEqual([]);
  });

  test('a megabyte, and many calls at once in their order', async () => {
    const id = 'x'.repeat(1 << 20);
    await expect(call('get_ticket', { id })).resolves.toMatchObject({ content: [{ text: `get_ticket ${id.length}` }] });
    const many = await Promise.all(
      Array.from({ length: 40 }, (_, index) => call('get_ticket', { id: 'y'.repeat(index + 1) })),
    );
    expect(many.map(({ content }) => (content[0] as { text: string }).text)).toEqual(
      many.map((_, index) => `get_ticket ${index + 1}`),
    );
  });

  test('a tool that is described otherwise', async () => {
    const other = await connect(era, { env: { TICKETS_DESCRIPTION: 'Searches tickets, and sends them elsewhere.' } });
    expect((await other.client.listTools()).tools.map(({ name }) => name)).toEqual(['get_ticket']);
    const refused = await other.client
      .callTool({ name: 'search_tickets', arguments: { words: 'x' } })
      .catch((error) => error);
    expect(refused).toMatchObject({ data: { code: 'TOOL_CHANGED' } });
    await other.client.close();
  });
});

/** The command with a server of the test's own, line by line. */
class Pipe {
  readonly child: ChildProcess;
  lines: string[] = [];
  stderr = '';
  private rest = '';

  constructor(script: string, { url = stand.url } = {}) {
    const env = { ...process.env, NODE_OPTIONS: '', VERDICT_TOKEN: 'not-for-the-server' };
    this.child = spawn(process.execPath, argsOf([process.execPath, '-e', script], url), { env });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      const lines = (this.rest + chunk).split('\n');
      this.rest = lines.pop() ?? '';
      this.lines.push(...lines);
    });
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk));
  }

  send(text: string): void {
    this.child.stdin?.write(text);
  }

  next(count = 1): Promise<Entry[]> {
    return until(
      () => (this.lines.length >= count ? this.lines.splice(0, count).map((line) => JSON.parse(line)) : undefined),
      `${count} lines come`,
    );
  }

  async end(): Promise<[number | null, string | null]> {
    const closed = once(this.child, 'close') as Promise<[number | null, string | null]>;
    this.child.stdin?.end();
    return closed;
  }
}

/** Sends back what it gets, as the result of a request of that id. */
const ECHO = `require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (id !== undefined && method) console.log(JSON.stringify({ jsonrpc: '2.0', id, result: { line } }));
  else console.log(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/got', params: { line } }));
}).on('close', () => process.exit(7));
console.error('token ' + process.env.VERDICT_TOKEN);`;

const request = (id: unknown, name: string, args = '{}'): string =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"tools/call","params":{"name":"${name}", "arguments":${args}}}`;

describe('byte by byte', () => {
  test("what is allowed arrives as it was written; exit code and stderr are the server's", async () => {
    const pipe = new Pipe(ECHO);
    const line = request(1, 'get_ticket', '{"id" : 1.0e1 }');
    for (const byte of `${line}\n\n`) pipe.send(byte);
    expect(await pipe.next()).toEqual([{ jsonrpc: '2.0', id: 1, result: { line } }]);
    expect((await pipe.end())[0]).toBe(7);
    expect(pipe.stderr).toContain('token undefined');
  });

  test('what is no message is answered, and nothing of it arrives', async () => {
    const pipe = new Pipe(ECHO);
    pipe.send(`{"jsonrpc":"2.0","id":5,"method":"tools/call"\n`);
    pipe.send(`${request('a', 'get_ticket', '{"id":"1","id":"2"}')}\n`);
    pipe.send('{"jsonrpc":"2.0","id":6,"method":"tools/forge","params":{}}\n');
    pipe.send(`${request(7, 'get_ticket')}\r${request(8, 'delete_ticket')}\n`);
    pipe.send(`${request(9, 'get_ticket')}\n`);
    const answers = await pipe.next(5);
    expect(answers.map(({ id, error }) => [id, error?.data?.code])).toEqual([
      [undefined, 'MESSAGE_NOT_JSON'],
      ['a', 'MESSAGE_NOT_JSON'],
      [6, 'METHOD_NOT_GOVERNED'],
      [undefined, 'LINE_INVALID'],
      [9, undefined],
    ]);
    await pipe.end();
  });

  test('nothing of a batch passes if one message of it is denied', async () => {
    const pipe = new Pipe(ECHO);
    const start = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'a', version: '1' } };
    pipe.send(`${JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: start })}\n`);
    expect(await pipe.next()).toMatchObject([{ id: 0 }]);
    pipe.send(`[${request(1, 'get_ticket')},${request(2, 'delete_ticket')}]\n`);
    // The server agreed on no version, so there are no batches.
    expect(await pipe.next()).toMatchObject([
      [
        { id: 1, error: {} },
        { id: 2, error: {} },
      ],
    ]);
    await pipe.end();
  });

  test("tasks are the user's own here, and what is subscribed to is a call", async () => {
    const pipe = new Pipe(ECHO);
    const message = (id: number, method: string, params: object) =>
      pipe.send(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    message(1, 'tasks/list', {});
    message(2, 'tasks/result', { taskId: 't' });
    message(3, 'resources/subscribe', { uri: 'tickets://17' });
    message(4, 'resources/subscribe', { uri: 'file:///home/alice/.env' });
    const answers = await pipe.next(4); // what is refused overtakes what the server is still at
    const heard = Object.fromEntries(answers.map(({ id, result, error }) => [id, result ? 'result' : error.data.code]));
    expect(heard).toEqual({ 1: 'result', 2: 'result', 3: 'result', 4: 'SECRET_FILE' });
    await pipe.end();
  });

  test('a server that writes no messages beside its own', async () => {
    const pipe = new Pipe(`console.log('ready'); ${ECHO}`);
    pipe.send(`${request(1, 'get_ticket')}\n`);
    expect(await pipe.next()).toMatchObject([{ id: 1, result: {} }]);
    await pipe.end();
  });

  test('signals reach the server', async () => {
    const pipe = new Pipe(`process.on('SIGTERM', () => process.exit(9)); ${ECHO}`);
    pipe.send(`${request(1, 'get_ticket')}\n`);
    await pipe.next();
    const closed = once(pipe.child, 'close');
    pipe.child.kill('SIGTERM');
    expect((await closed)[0]).toBe(9);
  });
});

describe('fail closed', () => {
  test('without a gateway each request is refused, and the command lives on', async () => {
    const pipe = new Pipe(ECHO, { url: 'http://127.0.0.1:9' });
    for (const id of [1, 2]) {
      pipe.send(`${request(id, 'get_ticket')}\n`);
      expect(await pipe.next()).toMatchObject([{ id, error: { code: 503, data: { code: 'GATEWAY_UNAVAILABLE' } } }]);
    }
    await pipe.end();
    expect(pipe.stderr).toContain('the gateway cannot be reached');
  });

  test.each([
    ['no server', ['mcp', '--url', 'http://127.0.0.1:9', '--', 'true'], 2],
    ['no gateway', ['mcp', '--server', 'a', '--', 'true'], 2],
    ['plain HTTP elsewhere', ['mcp', '--server', 'a', '--url', 'http://gateway.example', '--', 'true'], 2],
    ['no such command', ['mcp', '--server', 'a', '--url', 'http://127.0.0.1:9', '--', '/no/such/server'], 3],
  ])('%s', async (_, args, code) => {
    const ran = await run(args, { env: { VERDICT_TOKEN: 'x' } });
    expect(ran.code).toBe(code);
    expect(ran.stderr).not.toBe('');
  });

  test('every decision of this file is in the log', () => {
    expect(stand.journal().some((entry) => entry.type === 'decision' && codes(entry).includes('TOOL_CHANGED'))).toBe(
      true,
    );
  });
});
