import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { initialise } from '../../src/cli/init.ts';
import { readConfig } from '../../src/gateway/config.ts';
import { Identity, parseTokens } from '../../src/identity/index.ts';
import { Certificate, openSigner, validatePath } from '../../src/pki/index.ts';
import { verdict } from './run.ts';

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'verdict-init-')), 'demo');
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

const NOW = new Date();
const mode = async (name: string): Promise<string> => ((await stat(join(folder, name))).mode & 0o777).toString(8);
const text = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

test('keys are for their purposes and for their owner alone', async () => {
  await initialise({ folder, now: NOW });
  expect(await mode('pki')).toBe('700');
  for (const name of ['pki/root.key', 'pki/bundle.key', 'pki/audit.key', 'tokens.json'])
    expect(await mode(name)).toBe('600');
  const anchors = Certificate.fromPem(await text('pki/root.pem'));
  for (const name of ['bundle', 'audit'] as const) {
    const signer = openSigner({ certificatePem: await text(`pki/${name}.pem`), keyPem: await text(`pki/${name}.key`) });
    const check = async (purpose: 'bundle-signing' | 'audit-signing') =>
      validatePath(signer.certificate, { intermediates: [], anchors, time: new Date(NOW.getTime() + 1000), purpose });
    await check(`${name}-signing`);
    const other = name === 'audit' ? 'bundle-signing' : 'audit-signing';
    await expect(check(other)).rejects.toMatchObject({ code: 'PKI_PATH_PURPOSE' });
    execFileSync('openssl', ['verify', '-CAfile', join(folder, 'pki/root.pem'), join(folder, `pki/${name}.pem`)]);
  }
  execFileSync('git', ['init', '-q'], { cwd: folder });
  expect(execFileSync('git', ['status', '--porcelain', '-uall'], { cwd: folder, encoding: 'utf8' })).not.toContain(
    'pki/',
  );
});

test('the configuration reads, and the token is the one it knows', async () => {
  const made = await initialise({ folder, now: NOW, starter: { port: 0, providers: provider('http://127.0.0.1:9') } });
  const config = await readConfig(made.config);
  expect(config.listen).toEqual({ host: '127.0.0.1', port: 0 });
  expect(config.providers.openai?.url.href).toBe('http://127.0.0.1:9/');
  expect(config.routes.map(({ id, match }) => `${id} ${match.path}`)).toEqual([
    'support /support',
    'coding /coding',
    'hooks /v1/hooks',
  ]);
  const identity = new Identity({
    tokens: parseTokens(await readFile(config.identity.tokens ?? '')),
    oidc: [],
    fetchKeys: () => Promise.reject(new Error('no keys here')),
  });
  const subject = await identity.authenticate({ rawHeaders: ['x-api-key', made.token] }, NOW);
  expect(subject).toMatchObject({ id: 'developer', roles: ['developer'], method: 'token' });
  const all = await Promise.all(
    (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')),
  );
  expect(all.filter((each) => each.includes(made.token))).toEqual([]);
});

test('an MCP server gets a route of its own', async () => {
  const mcp_servers = { tickets: { url: 'http://127.0.0.1:9/mcp', key: { env: 'A_KEY' } } };
  const config = await readConfig((await initialise({ folder, now: NOW, starter: { mcp_servers } })).config);
  expect(config.mcp_servers.tickets?.url.href).toBe('http://127.0.0.1:9/mcp');
  expect(config.routes.at(-1)).toMatchObject({
    ...{ id: 'tickets', kind: 'mcp', server: 'tickets', policy: 'tickets' },
    match: { path: '/mcp/tickets' },
  });
});

test('what stands in comments is good configuration, too', async () => {
  const { config: file } = await initialise({ folder, now: NOW });
  const lines = (await text('verdict.yaml')).split('\n');
  const settings = lines.map((line) => line.replace(/^( *)# (?= *(- )?[a-z_]+:( |$))/, '$1'));
  await writeFile(file, settings.join('\n'));
  expect(settings).not.toEqual(lines);
  const config = await readConfig(file);
  expect(config.routes.map(({ id }) => id)).toEqual(['support', 'coding', 'hooks', 'tickets']);
  expect(config.routes[1]).toMatchObject({ mode: 'shadow', text: 'digest', on_denied_tool: 'strip' });
  expect(config).toMatchObject({ approvals: { minutes: 15 }, identity: { oidc: [{}] }, mcp_servers: { tickets: {} } });
});

const provider = (url: string) => ({
  openai: { url, key: 'none' as const },
  anthropic: { url, key: { env: 'A_KEY' } },
});

test('editors find the schema beside the file, and the policies are those of the project', async () => {
  await initialise({ folder, now: NOW });
  expect((await text('verdict.yaml')).split('\n')[0]).toBe('# yaml-language-server: $schema=./verdict.schema.json');
  expect(JSON.parse(await text('verdict.schema.json'))).toEqual(
    JSON.parse(await readFile('src/gateway/verdict.schema.json', 'utf8')),
  );
  execFileSync('diff', ['-r', 'policies', join(folder, 'policies')]);
  expect(await readdir(join(folder, 'bundles'))).toEqual(['default.yaml']);
});

test('nothing is overwritten', async () => {
  for (const name of ['verdict.yaml', 'tokens.json', 'pki', 'policies', 'bundles', 'audit']) {
    const other = join(folder, name.replace('.', '-'));
    await mkdir(other, { recursive: true });
    await writeFile(join(other, name), 'mine');
    await expect(initialise({ folder: other, now: NOW })).rejects.toThrow(`expected a folder without ${name}`);
    expect(await readdir(other)).toEqual([name]);
    expect(await readFile(join(other, name), 'utf8')).toBe('mine');
  }
});

test('the command makes a folder with a signed bundle, warns, and shows the token once', async () => {
  const { code, stdout, stderr } = await verdict(['init', folder, '--port', '9999']);
  expect([code, stderr]).toEqual([0, expect.stringContaining('DEVELOPMENT KEYS')]);
  const [token] = stdout.match(/vdt_\w{12}_[\w-]{43}/g) ?? [''];
  expect(stdout.split(token ?? '')).toHaveLength(2);
  expect(await text('tokens.json')).toContain(
    createHash('sha256')
      .update(token ?? '')
      .digest('hex'),
  );
  expect((await readConfig(join(folder, 'verdict.yaml'))).listen.port).toBe(9999);
  expect(existsSync((await readConfig(join(folder, 'verdict.yaml'))).bundle.path)).toBe(true);
  expect(`${stdout}${stderr}`).not.toContain('PRIVATE KEY');
  const again = await verdict(['init', folder]);
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('nothing is overwritten')]);
  expect((await verdict(['init', join(folder, 'x'), '--port', '65536'])).code).toBe(2);
});
