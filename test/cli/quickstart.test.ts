import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Log } from '../../src/audit/index.ts';
import { Certificate, openSigner } from '../../src/pki/index.ts';
import { verdict } from './run.ts';

const root = mkdtempSync(join(tmpdir(), 'verdict-quickstart-'));
const made = join(root, 'made');

beforeAll(async () => {
  expect(await verdict(['init', made])).toMatchObject({ code: 0 });
});

afterAll(() => rmSync(root, { recursive: true }));

/** A set-up as quickstart leaves it. */
function setUp(name: string): string {
  const folder = join(root, name);
  cpSync(made, folder, { recursive: true });
  cpSync(join(made, 'tokens.json'), join(folder, 'development-token')); // what is in it does not matter here
  return folder;
}

test('a set-up that init made is not started, and the message says how it is', async () => {
  const { code, stderr } = await verdict(['quickstart', '--folder', made, '--port', '0']);
  expect(stderr).toMatch(
    /^verdict: .*made: expected a set-up that quickstart made; start this one with '.*verdict start --config .*'\n$/,
  );
  expect(code).toBe(2);
});

test('the command that it prints for coding agents runs, and names the gateway and its token', async () => {
  const folder = setUp('hook');
  const args = [resolve('src/cli/main.ts'), 'quickstart', '--folder', folder, '--port', '0'];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const closed = once(child, 'close');
  let said = '';
  for await (const data of child.stderr) {
    said += data;
    if (said.includes('Ctrl-C')) child.kill('SIGTERM');
  }
  expect(await closed).toEqual([0, null]);
  const [command = ''] = /^ {2}\S+verdict hook install .*$/m.exec(said) ?? [];
  const env = { ...process.env, NODE_OPTIONS: '', HOME: folder };
  const settings = execFileSync('sh', ['-c', `${command} --print`], { env, encoding: 'utf8' });
  const [, url] = /listens on (\S+)/.exec(said) ?? [];
  expect(settings).toContain(`hook claude-code --url ${url} --token-file ${join(folder, 'development-token')}`);
});

test('ends when the port is taken, and says what to do', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { code, stderr } = await verdict(['quickstart', '--folder', setUp('port'), '--port', String(port)]);
  server.close();
  expect(stderr).toContain(`127.0.0.1:${port}: another program listens there; choose another port`);
  expect(code).toBe(3);
});

test('ends when another process writes the log', async () => {
  const folder = setUp('log');
  const pki = (name: string): string => readFileSync(join(folder, 'pki', name), 'utf8');
  const log = await Log.open({
    folder: join(folder, 'audit'),
    signer: openSigner({ certificatePem: pki('audit.pem'), keyPem: pki('audit.key') }),
    anchors: Certificate.fromPem(pki('root.pem')),
    segmentBytes: 1_048_576,
    software: { name: 'test', version: '0' },
    now: () => new Date(),
  });
  const { code, stderr } = await verdict(['quickstart', '--folder', folder, '--port', '0']);
  await log.close('test');
  expect(stderr).toContain('another process writes the log: a gateway probably runs already; stop that one first');
  expect(code).toBe(3);
});

test('ends when a gateway runs on the folder already, and says where', async () => {
  const folder = setUp('twice');
  const config = join(folder, 'verdict.yaml');
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  await once(free.close(), 'close');
  writeFileSync(config, readFileSync(config, 'utf8').replace(/port: \d+/, `port: ${port}`));
  const first = spawn(process.execPath, [resolve('src/cli/main.ts'), 'quickstart', '--folder', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const closed = once(first, 'close');
  const second: string[] = [];
  let said = '';
  for await (const data of first.stderr) {
    said += data;
    if (second.length > 0 || !said.includes('Ctrl-C')) continue;
    for (const args of [
      ['quickstart', '--folder', folder],
      ['quickstart', '--folder', folder, '--port', '0'],
      ['start', '--config', config],
    ])
      second.push((await verdict(args)).stderr);
    first.kill('SIGTERM');
  }
  await closed;
  expect(second).toHaveLength(3);
  for (const stderr of second) expect(stderr).toContain(`a gateway runs already on http://127.0.0.1:${port};`);
});

test('a configuration that cannot be read is named', async () => {
  expect(await verdict(['start', '--config', root])).toEqual({
    code: 3,
    stdout: '',
    stderr: `verdict: ${root}: cannot be read (EISDIR)\n`,
  });
  const none = join(root, 'none.yaml');
  const { code, stderr } = await verdict(['token', 'list', '--config', none]);
  expect(stderr).toBe(`verdict: ${none}: not found; make one with 'verdict init', or name it with --config\n`);
  expect(code).toBe(2);
});

test('the hint for a checkout names its launcher', async () => {
  const { stdout } = await verdict(['init', join(root, 'hints'), '--no-build']);
  expect(stdout).toMatch(/^ {2}\S+scripts\/verdict build bundles\/default.yaml$/m);
  expect(stdout).toMatch(/^ {2}\S+scripts\/verdict start$/m);
  expect(readFileSync('scripts/verdict', 'utf8')).toContain('src/cli/main.ts');
});
