import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { watchFiles } from '../../src/gateway/watch.ts';

let folder: string;
let file: string;
let seen: number;
let unwatch: () => void;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verdict-watch-'));
  file = join(folder, 'tokens.json');
  await writeFile(file, 'one');
  seen = 0;
  unwatch = watchFiles({ [file]: async () => void seen++, '': async () => void seen++ });
  await sleep(200); // the first look
});
afterEach(async () => {
  unwatch();
  await rm(folder, { recursive: true });
});

async function sees(times: number): Promise<void> {
  for (let i = 0; i < 60 && seen < times; i++) await sleep(100);
  await sleep(100);
  expect(seen).toBe(times);
}

test('sees a file that is replaced, and one whose permissions change', async () => {
  await writeFile(`${file}.new`, 'two');
  await rename(`${file}.new`, file);
  await sees(1);
  await chmod(file, 0o000);
  await sees(2);
}, 15_000);

test('sees that a file was removed, and that the very same one is back', async () => {
  await rename(file, `${file}.off`);
  await sees(1);
  await rename(`${file}.off`, file);
  await sees(2);
}, 15_000);
