import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { contiguous, freshFolder, openLog, pki } from './support.ts';

/** The recipe that FORMAT.md gives, word for word: nothing of ours runs in it. */
const recipe = /```sh\n([^`]+)```/.exec(readFileSync('src/audit/FORMAT.md', 'utf8'))?.[1] ?? '';
const run = (folder: string): string =>
  execFileSync('bash', ['-euo', 'pipefail', '-c', recipe], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

test('OpenSSL and coreutils check a record, its signer, its purpose and its place', async () => {
  const folder = freshFolder();
  const log = await openLog(folder);
  await log.close('stopped');
  writeFileSync(join(folder, 'root.pem'), pki.root.certificatePem);
  const [, second, third] = contiguous(folder);
  expect(run(folder)).toContain(third?.record.prev);
  expect(readFileSync(join(folder, 'record.json')).equals(second?.json ?? Buffer.alloc(0))).toBe(true);

  const segment = join(folder, '0000000000000000.log');
  const whole = readFileSync(segment, 'latin1');
  writeFileSync(segment, whole.replace('"rollback":false', '"rollback":true'), 'latin1');
  expect(() => run(folder)).toThrow(/verification failure|digest/i);
  writeFileSync(segment, whole, 'latin1');
  writeFileSync(join(folder, 'root.pem'), pki.audit.certificatePem);
  expect(() => run(folder)).toThrow(/unable to get local issuer certificate/);
});
