import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ANTHROPIC_KEY, OPENAI_KEY } from '../upstream/index.ts';
import { CHAT_BODY, codes, MESSAGE_BODY, Stand } from './harness.ts';
import { Program, run } from './program.ts';

// Starting: what is needed, what is refused and how, and where keys may come from.

describe('from nothing, as the help says', () => {
  const folder = mkdtempSync(join(tmpdir(), 'verdict-start-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('init, build, start, token, verify, replay, show', async () => {
    const here = { cwd: folder };
    const init = await run(['init', 'demo', '--port', '0', '--no-build'], here);
    expect([init.code, init.stderr]).toEqual([0, expect.stringContaining('DEVELOPMENT KEYS')]);
    const site = { cwd: join(folder, 'demo') };
    for (const name of ['root', 'bundle', 'audit'])
      expect(statSync(join(folder, 'demo', 'pki', `${name}.key`)).mode & 0o777).toBe(0o600);
    expect((await run(['start'], site)).stderr).toMatch(/bundle/); // not built yet
    expect(
      (await run(['build', 'bundles/default.yaml', '--cert', 'pki/bundle.pem', '--key', 'pki/bundle.key'], site)).code,
    ).toBe(0);
    const config = join(folder, 'demo', 'verdict.yaml');
    const gateway = await Program.start(['start', '--config', config], { OPENAI_API_KEY: 'x', ANTHROPIC_API_KEY: '' });
    try {
      expect(gateway.stderr).toMatch(/policy +0\.1\.0 \(sequence 1, sha256 [0-9a-f]{64}\)/);
      expect(gateway.stderr).toMatch(/vendors +openai\n/);
      const token = (await run(['token', 'create', '--subject', 'x', '--config', config])).stdout.trim();
      expect(token).toMatch(/^vdt_/);
      const denied = await fetch(`${gateway.url}/support/v1/models`, { headers: { authorization: 'Bearer vdt_no' } });
      expect(denied.status).toBe(401);
      gateway.signal('SIGTERM');
      expect(await gateway.exited).toBe(0);
      const ca = ['--ca', 'pki/root.pem'];
      expect(await run(['verify', 'audit', ...ca], site)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/signed/),
      });
      expect((await run(['replay', 'audit', '--bundles', 'audit/bundles', ...ca], site)).code).toBe(0);
      const id = denied.headers.get('x-verdict-decision') ?? '';
      expect((await run(['show', 'audit', '--id', id], site)).stdout).toContain('IDENTITY_INVALID');
    } finally {
      gateway.signal('SIGKILL');
    }
  });
});

describe('a set-up', () => {
  let stand: Stand;
  let asked: string[] = [];
  let plain: Server;
  beforeAll(async () => {
    plain = createServer((req, res) => {
      asked = req.rawHeaders;
      req.resume();
      res.setHeader('content-type', 'application/json').end('{"choices":[]}');
    });
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    stand = await Stand.open({ env: { E2E_ANTHROPIC_KEY: '' } });
  });
  afterAll(async () => {
    await stand.close();
    plain.close();
  });

  const change = (edit: (config: Record<string, Record<string, unknown>>) => void): string => {
    const config = JSON.parse(readFileSync(stand.site.config, 'utf8'));
    config.audit.folder = 'audit-2';
    edit(config);
    const file = stand.site.path('other.yaml');
    writeFileSync(file, JSON.stringify(config, null, 2));
    return file;
  };
  const start = (file: string) => run(['start', '--config', file], { env: { E2E_OPENAI_KEY: 'x' } });

  test("without a vendor's key refuses calls to that vendor, recorded", async () => {
    const { value, decision } = await stand.decided(() =>
      stand
        .claude()
        .messages.create(MESSAGE_BODY)
        .catch((error: unknown) => error),
    );
    expect(value).toMatchObject({
      status: 503,
      error: { error: { details: { error_code: 'UPSTREAM_CREDENTIAL_MISSING' } } },
    });
    expect(codes(decision)).toEqual(['UPSTREAM_CREDENTIAL_MISSING']);
    expect(stand.forwarded).toBe(0);
    expect((await stand.gpt().chat.completions.create(CHAT_BODY)).object).toBe('chat.completion');
  });

  test.each<[string, (config: Record<string, Record<string, unknown>>) => void, number, RegExp]>([
    ['an unknown key', (c) => Object.assign(c, { colour: 'red' }), 2, /other\.yaml:\d+:\d+.*unknown key "colour"/],
    [
      'a wrong type',
      (c) => Object.assign(c.limits as object, { body_bytes: 'many' }),
      2,
      /other\.yaml:\d+:\d+.*\$\.limits\.body_bytes.*expected an integer/,
    ],
    [
      'a route twice',
      (c) => (c.routes as unknown as object[]).push({ id: 'x', match: { path: '/support' }, policy: 'support' }),
      2,
      /the routes in lines \d+ and \d+ match the same calls/,
    ],
    [
      'a secret in the file',
      (c) => Object.assign(c.providers?.openai as object, { key: 'sk-canary' }),
      2,
      /expected none, \{env: NAME\} or \{file: path\}/,
    ],
    ['no such bundle', (c) => Object.assign(c.bundle as object, { path: 'nowhere.tar.gz' }), 3, /nowhere\.tar\.gz/],
    ['no such root', (c) => Object.assign(c.bundle as object, { ca: 'nowhere.pem' }), 3, /nowhere\.pem/],
    [
      'a key that is not for records',
      (c) => Object.assign(c.audit as object, { certificate: 'pki/bundle.pem', key: 'pki/bundle.key' }),
      3,
      /the audit key cannot sign this log/,
    ],
    ['a key of another certificate', (c) => Object.assign(c.audit as object, { key: 'pki/bundle.key' }), 3, /PKI_|key/],
    [
      'a port that is taken',
      (c) => Object.assign(c.listen as object, { port: Number(new URL(stand.url).port) }),
      3,
      /another program listens there/,
    ],
    [
      "another gateway's log",
      (c) => Object.assign(c.audit as object, { folder: 'audit' }),
      3,
      /another|AUDIT_LOCKED|holds/,
    ],
  ])('with %s is refused, and says so', async (_what, edit, code, words) => {
    const { stderr, code: exit } = await start(change(edit));
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/sk-canary|^\s+at /m);
    expect(exit).toBe(code);
  });

  test('that is not there is refused', async () => {
    expect(await start(stand.site.path('none.yaml'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("make one with 'verdict init'"),
    });
  });

  test('takes keys from files, none for an upstream of its own, and the audit key from PKCS#12', async () => {
    const { site } = stand;
    const p12 = ['pkcs12', '-export', '-in', site.path('pki/audit.pem'), '-inkey', site.path('pki/audit.key')];
    execFileSync('openssl', [...p12, '-out', site.path('audit.p12'), '-passout', 'pass:a long one']);
    writeFileSync(site.path('key'), `${ANTHROPIC_KEY}\n`);
    const file = change((config) => {
      config.audit = { folder: 'audit-3', ca: 'pki/root.pem', pkcs12: 'audit.p12', passphrase_env: 'E2E_PASSPHRASE' };
      config.providers = {
        anthropic: { url: stand.anthropic.url, key: { file: 'key' } },
        openai: { url: `http://127.0.0.1:${(plain.address() as AddressInfo).port}`, key: 'none' },
      };
    });
    const wrong = await run(['start', '--config', file], { env: { E2E_PASSPHRASE: 'wrong' } });
    expect(wrong).toMatchObject({ code: 3, stderr: expect.not.stringContaining('wrong') });
    const gateway = await Program.start(['start', '--config', file], { E2E_PASSPHRASE: 'a long one' });
    try {
      const headers = {
        authorization: `Bearer ${site.token}`,
        'content-type': 'application/json',
        'anthropic-version': '2023-06-01',
      };
      const post = (path: string, body: object) =>
        fetch(`${gateway.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      expect((await post('/support/v1/messages', MESSAGE_BODY)).status).toBe(200);
      expect((await post('/support/v1/chat/completions', CHAT_BODY)).status).toBe(200);
      expect(asked.join('\n').toLowerCase()).not.toMatch(/authorization|api-key|vdt_/);
      gateway.signal('SIGTERM');
      expect(await gateway.exited).toBe(0);
    } finally {
      gateway.signal('SIGKILL');
    }
    const verified = await run(['verify', site.path('audit-3'), '--ca', site.ca]);
    expect(verified.code).toBe(0);
    expect(readFileSync(site.path('audit-3', '0000000000000000.log'), 'utf8')).not.toMatch(
      new RegExp(`${ANTHROPIC_KEY}|${OPENAI_KEY}|a long one`),
    );
  });

  test('publishes its schemas', () => {
    const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
    for (const path of Object.values(exports) as string[]) expect(existsSync(path)).toBe(true);
    expect(JSON.parse(readFileSync(exports['./verdict.schema.json'], 'utf8')).properties.routes).toBeDefined();
  });
});
