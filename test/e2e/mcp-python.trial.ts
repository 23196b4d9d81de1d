import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MCP_KEY, type McpUpstream, startMcp } from '../upstream/mcp.ts';
import { Stand, until } from './harness.ts';
import { MAIN } from './program.ts';

// The official Python SDK, unchanged, as client and as server. `npm run mcp-python` installs it and runs this file; it is no part
// of the suite, for the SDK has 70 MB.

const PYTHON = resolve(process.env.MCP_PYTHON ?? 'MCP_PYTHON-is-not-set');
const [CLIENT, SERVER] = ['client', 'server'].map((name) => resolve(`test/upstream/python/${name}.py`)) as [
  string,
  string,
];

let upstream: McpUpstream;
let server: ChildProcess;
let stand: Stand;

describe('the Python SDK', () => {
  beforeAll(async () => {
    upstream = await startMcp();
    const port = await freePort();
    server = spawn(PYTHON, [SERVER, String(port)], { stdio: 'ignore' });
    await until(
      () =>
        fetch(`http://127.0.0.1:${port}/mcp`).then(
          () => true,
          () => undefined,
        ),
      'the server listens',
    );
    stand = await Stand.open({
      routes: [
        { id: 'typescript', kind: 'mcp', server: 'tickets', match: { path: '/mcp/ts' }, policy: 'tickets' },
        { id: 'hooks', kind: 'hook', match: { path: '/v1/hooks' }, policy: 'tickets' },
      ],
      mcpServers: { tickets: { url: `${upstream.url}/mcp`, key: { env: 'E2E_TICKETS_KEY' } } },
      env: { E2E_TICKETS_KEY: MCP_KEY },
    });
    await writeFile(stand.site.path('token'), stand.site.token);
    other = await Stand.open({
      routes: [{ id: 'python', kind: 'mcp', server: 'tickets', match: { path: '/mcp/py' }, policy: 'tickets' }],
      mcpServers: { tickets: { url: `http://127.0.0.1:${port}/mcp`, key: 'none' } },
    });
  });

  afterAll(async () => {
    await Promise.all([stand.close(), other.close()]);
    server.kill();
    await upstream.close();
  });

  let other: Stand;

  const stdio = (command: string[]): string =>
    JSON.stringify([
      ...[process.execPath, MAIN, 'mcp', '--server', 'tickets', '--url', stand.url],
      ...['--token-file', stand.site.path('token'), '--', ...command],
    ]);

  const targets: [string, () => [string, string]][] = [
    ['a TypeScript server over HTTP', () => [`${stand.url}/mcp/ts`, stand.site.token]],
    ['a Python server over HTTP', () => [`${other.url}/mcp/py`, other.site.token]],
    ['a TypeScript server on stdio', () => [stdio([process.execPath, resolve('test/upstream/tickets-stdio.ts')]), '']],
    ['a Python server on stdio', () => [stdio([PYTHON, SERVER]), '']],
  ];

  describe.each(['legacy', '2026-07-28'])('%s', (mode) => {
    test.each(targets)('as client of %s', async (_, target) => {
      const { stdout } = await promisify(execFile)(PYTHON, [CLIENT, ...target(), mode], { timeout: 40_000 });
      const { tools, called, refused } = JSON.parse(stdout);
      expect(tools).toContain('get_ticket');
      expect(tools).not.toContain('delete_ticket');
      expect(called).toBe('get_ticket 4');
      expect(refused).toMatchObject({ code: 403, data: { code: 'MCP_NOT_ALLOWED', decision_id: expect.any(String) } });
    });
  });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => probe.once('listening', done));
  const { port } = probe.address() as { port: number };
  await new Promise((done) => probe.close(done));
  return port;
}
