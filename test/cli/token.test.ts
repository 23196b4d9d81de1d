import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { marshalStarter, STARTER } from '../../src/cli/init-config.ts';
import type { Printer } from '../../src/cli/print.ts';
import { register } from '../../src/cli/token.ts';
import { updateTokenFile } from '../../src/cli/token-file.ts';
import { Identity, parseTokens, type TokenRecord } from '../../src/identity/index.ts';
import { verdict } from './run.ts';

let folder: string;
let config: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verdict-token-'));
  config = join(folder, 'verdict.yaml');
  await writeFile(config, marshalStarter(STARTER));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs `verdict token …` in this process; what it prints on standard output. */
async function token(...args: string[]): Promise<string> {
  const lines: string[] = [];
  const printer: Printer = { terminal: false, progress: () => {}, line: async (line) => lines.push(line) > 0 };
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  register(program, () => printer);
  for (const command of program.commands.flatMap((each) => [each, ...each.commands])) {
    command.exitOverride().configureOutput({ writeErr: () => {} });
  }
  await program.parseAsync(['token', ...args, '--config', config], { from: 'user' });
  return lines.join('\n');
}

const stored = async (): Promise<TokenRecord[]> => parseTokens(await readFile(join(folder, 'tokens.json')));

test('a token is printed once, stored as its digest, accepted until it is revoked', async () => {
  const args = [
    'create',
    '--subject',
    'alice',
    '--role',
    'admin',
    '--role',
    'ops',
    '--tenant',
    'acme',
    '--application',
    'bot',
  ];
  const made = await token(...args, '--expires', '12h');
  expect(made).toMatch(/^vdt_[0-9a-f]{12}_[\w-]{43}$/);
  const [record] = await stored();
  expect(record).toMatchObject({
    subject: 'alice',
    roles: ['admin', 'ops'],
    tenant: 'acme',
    application: 'bot',
    sha256: createHash('sha256').update(made).digest('hex'),
    revoked: null,
  });
  expect(Date.parse(record?.expires ?? '') - Date.parse(record?.created ?? '')).toBe(12 * 3_600_000);
  expect((await stat(join(folder, 'tokens.json'))).mode & 0o777).toBe(0o600);
  const authenticate = async () => {
    const fetchKeys = () => Promise.reject(new Error('no keys here'));
    const identity = new Identity({ tokens: await stored(), oidc: [], fetchKeys });
    return identity.authenticate({ rawHeaders: ['x-api-key', made] }, new Date());
  };
  expect(await authenticate()).toMatchObject({ id: 'alice' });
  expect(await token('revoke', record?.id ?? '')).toContain(`token ${record?.id} is revoked since`);
  await expect(authenticate()).rejects.toMatchObject({ code: 'IDENTITY_INVALID' });
  expect((await readdir(folder)).sort()).toEqual(['tokens.json', 'tokens.json.lock', 'verdict.yaml']);
});

test('list and --json never hold a token or a digest', async () => {
  const made = JSON.parse(await token('create', '--subject', 'alice\u001b[2J', '--json', '--expires', 'never'));
  await token('create', '--subject', 'bob', '--expires', '2999-01-01T00:00:00+01:00');
  await token('revoke', made.token); // whole, as whoever found it has it
  const list = await token('list');
  expect(list).toMatch(/^ID +STATE +EXPIRES +SUBJECT/);
  expect(list).toContain('alice\\u001b[2J');
  expect(list).toMatch(/[0-9a-f]{12} {2}valid +2998-12-31T23:00:00\.000Z {2}bob/);
  const json = JSON.parse(await token('list', '--json'));
  expect(json).toMatchObject([
    { id: made.id, state: 'revoked', expires: null },
    { subject: 'bob', state: 'valid' },
  ]);
  for (const text of [list, JSON.stringify(json), await readFile(join(folder, 'tokens.json'), 'utf8')]) {
    expect(text).not.toContain(made.token.slice(17));
  }
  expect(`${list}${JSON.stringify(json)}`).not.toMatch(/[0-9a-f]{64}/);
});

test('the default lifetime is 90 days', async () => {
  await token('create', '--subject', 'alice');
  const [record] = await stored();
  expect(Date.parse(record?.expires ?? '') - Date.parse(record?.created ?? '')).toBe(90 * 86_400_000);
});

test.each([
  [['create'], "required option '--subject <id>'"],
  [['create', '--subject', ''], '$.subject: expected a text of 1 to 512'],
  [['create', '--subject', 'a', '--role', ''], '$.roles[0]'],
  [['create', '--subject', 'a', '--expires', '90'], 'Expected 30m, 12h, 90d'],
  [['create', '--subject', 'a', '--expires', '0d'], 'Expected 30m, 12h, 90d'],
  [['create', '--subject', 'a', '--expires', '2999'], 'Expected 30m, 12h, 90d'],
  [['create', '--subject', 'a', '--expires', '2020-01-01T00:00:00Z'], 'expected a time to come'],
  [['revoke', '000000000000'], 'expected the id of a token'],
])('%j is refused', async (args, expected) => {
  await expect(token(...args)).rejects.toThrow(expected);
  await expect(stored()).rejects.toThrow('ENOENT');
});

test('a tokens file that is not exact is refused and left as it is', async () => {
  await writeFile(join(folder, 'tokens.json'), '{"v":1,"tokens":[{}]}');
  await expect(token('create', '--subject', 'a')).rejects.toThrow('tokens.json: TOKENS_INVALID: $.tokens[0]');
  expect(await readFile(join(folder, 'tokens.json'), 'utf8')).toBe('{"v":1,"tokens":[{}]}');
});

test('many that create at once, in processes of their own, lose nothing', async () => {
  const made = await Promise.all(
    Array.from({ length: 4 }, (_, index) =>
      verdict(['token', 'create', '--subject', `process-${index}`], { cwd: folder }),
    ),
  );
  expect(made.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  await Promise.all(Array.from({ length: 20 }, (_, index) => token('create', '--subject', `here-${index}`)));
  expect((await stored()).map(({ subject }) => subject).sort()).toHaveLength(24);
});

test('a change that fails leaves the file and the lock free', async () => {
  await token('create', '--subject', 'alice');
  const fail = () => {
    throw new Error('no');
  };
  await expect(updateTokenFile(join(folder, 'tokens.json'), fail)).rejects.toThrow('no');
  await token('create', '--subject', 'bob');
  expect(await stored()).toHaveLength(2);
});

test('exit codes', async () => {
  const run = async (...args: string[]) => (await verdict(['token', ...args], { cwd: folder })).code;
  expect(await run('list')).toBe(0);
  expect(await run('create')).toBe(2);
  expect(await run('revoke', 'x')).toBe(2);
  expect(await run('list', '--config', 'none.yaml')).toBe(2);
  await writeFile(config, 'routes: []');
  expect(await run('list')).toBe(2);
});
