import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { register } from '../../src/cli/approve.ts';
import { readApprovals } from '../../src/cli/hook-approvals.ts';
import { folderOf, run } from './reading.ts';
import { verdict } from './run.ts';

const part = (claims: object): string => Buffer.from(JSON.stringify(claims)).toString('base64url');
const NOW = Math.floor(Date.now() / 1000);
/** A token that ends in so many seconds. */
const token = (seconds: number, name = 'x'): string =>
  `${part({ alg: 'HS256' })}.${part({ name, exp: NOW + seconds })}.c2ln`;

const ID = token(60, 'id');
const APPROVAL = token(600, 'approval');
const SECRET = 'vdt_000000000000_secretsecretsecret';

describe('verdict approve', () => {
  let server: Server;
  let url: string;
  let file: string;
  let respond: (req: IncomingMessage, res: ServerResponse) => void;
  const asked: unknown[] = [];
  beforeAll(async () => {
    file = join(folderOf({ token: `${SECRET}\n` }), 'token');
    server = createServer((req, res) => {
      const { method, url: path, headers } = req;
      asked.push([method, path, headers.authorization, headers['content-length'], headers['content-type']]);
      respond(req, res);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const request = {
    ...{ id: 'uuid', decision: 'decision-1', subject: { id: 'dev\u001b[2J', issuer: 'verdict' } },
    ...{ tool: 'Bash', arguments_sha256: 'ab12', role: 'maintainer', expires: '2026-11-24T20:00:00.000Z' },
  };
  const approve = (...args: string[]) => run(register, ['approve', '--url', url, '--token-file', file, ...args]);
  const answer = (status: number, body: unknown) => {
    respond = (_req, res) => res.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  };

  test('asks once, and prints how the approval is presented', async () => {
    asked.length = 0;
    answer(200, { approval: APPROVAL, expires: '2026-11-24T20:15:00.000Z', request });
    const { lines } = await approve(ID);
    expect(asked).toEqual([['POST', `/v1/approvals/${ID}`, `Bearer ${SECRET}`, '0', undefined]]);
    expect(lines).toContain('  tool       Bash');
    expect(lines).toContain('  caller     dev\\u001b[2J (verdict)'); // and nothing that commands the terminal
    expect(lines).toContain('  decision   decision-1');
    expect(lines).toContain(`x-verdict-approval: ${APPROVAL}`);
    expect(lines.at(-1)).toBe(`mkdir -p ~/.config/verdict && echo ${APPROVAL} >> ~/.config/verdict/approvals`);
    expect(lines.join()).not.toContain(SECRET);
  });

  test('or the answer as JSON', async () => {
    answer(200, { approval: APPROVAL, expires: '2026-11-24T20:15:00.000Z', request });
    const { lines } = await approve(ID, '--json');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { approval: APPROVAL, expires: '2026-11-24T20:15:00.000Z', request },
    ]);
  });

  test.each<[string, number, unknown, RegExp]>([
    [
      'a refusal',
      403,
      { error: { code: 'APPROVAL_FORBIDDEN', message: 'no', decision_id: 'd1' } },
      /403 APPROVAL_FORBIDDEN: no \(decision d1\)/,
    ],
    ['no gateway', 200, '<html>', /something else than a JSON object/],
    ['no approval', 200, {}, /no Verdict gateway/],
    ['what a shell would run', 200, { approval: '$(reboot)', request }, /no Verdict gateway/],
    ['a redirect', 302, '', /refused with 302/],
  ])('%s: exit code 3', async (_what, status, body, message) => {
    answer(status, body);
    const ran = await approve(ID);
    expect(ran).toMatchObject({ code: 3, lines: [], message: expect.stringMatching(message) });
    expect(ran.message).not.toContain(SECRET);
  });

  test('no answer in time', async () => {
    respond = () => {};
    expect(await approve(ID, '--timeout', '50ms')).toMatchObject({ code: 3, message: 'no answer within 50ms' });
  });

  test.each<[string, string[]]>([
    ['a cut id', [ID.slice(0, 40), '--url', 'http://127.0.0.1:9']],
    ['a path', ['../x', '--url', 'http://127.0.0.1:9']],
    ['no address', [ID]],
    ['another machine without TLS', [ID, '--url', 'http://verdict.example']],
    ['no token', [ID, '--url', 'http://127.0.0.1:9', '--token-file', '/no/such/file']],
  ])('%s: exit code 2', async (_what, args) => {
    expect((await run(register, ['approve', ...args])).code).toBe(2);
  });

  test('is a command of the program', async () => {
    const { code, stdout } = await verdict(['approve', '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('APPROVAL_REQUIRED');
    expect(
      (await verdict(['approve', ID, '--url', 'http://127.0.0.1:9'], { env: { VERDICT_TOKEN: SECRET } })).code,
    ).toBe(3);
  });
});

describe('approvals of a developer', () => {
  const [one, two, three] = [token(60, 'one'), token(60, 'two'), token(60, 'three')];
  const fileOf = (text: string): string => join(folderOf({ approvals: text }), 'approvals');

  test('come from the file and the variable, newest first', () => {
    expect(readApprovals(fileOf(`${one}\n${two}\n`), three)).toBe([three, two, one].join());
    expect(readApprovals(fileOf(one), ` ${two} , ${three}\n`)).toBe([three, two, one].join());
    expect(readApprovals('/no/such/file', one)).toBe(one);
    expect(readApprovals(join(fileOf(''), 'below-a-file'), undefined)).toBeUndefined();
  });

  test('are whole tokens that have not been over for long; the rest is passed over', () => {
    const others = [
      '# a comment',
      'a.b',
      'a.b.c',
      `${one}\u00e9`,
      `x${one}\r\ny`,
      token(-4000),
      `${part({})}.${part({})}.x`,
      'null.bnVsbA.x',
    ];
    expect(readApprovals(fileOf([...others, one, token(-60, 'late')].join('\n')), '')?.split(',')).toEqual([
      token(-60, 'late'),
      one,
      `x${one}`,
    ]);
    expect(readApprovals(fileOf(others[0] ?? ''), undefined)).toBeUndefined();
  });

  test('fit into the headers, however many there are', () => {
    const many = Array.from({ length: 5000 }, (_, n) => token(60, `n${n}${'x'.repeat(300)}`));
    const presented = readApprovals(fileOf(many.join('\n')), undefined) ?? '';
    expect(presented.length).toBeLessThanOrEqual(8192);
    expect(presented.split(',')[0]).toBe(many.at(-1));
  });

  test('a file that is there and cannot be read is told, without what it holds', () => {
    const folder = folderOf({});
    mkdirSync(join(folder, 'approvals'));
    expect(() => readApprovals(join(folder, 'approvals'), undefined)).toThrow('cannot be read (EISDIR)');
  });
});
