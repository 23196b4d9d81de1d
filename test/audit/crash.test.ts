import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUIDv7 } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { Appender } from '../../src/audit/appender.ts';
import { type Disk, disk } from '../../src/audit/disk.ts';
import { decision, event } from '../../src/audit/record.ts';
import {
  ACTIVATION,
  allow,
  codeOf,
  contiguous,
  freshFolder,
  openLog,
  pki,
  verifyFolder,
  writerOptions,
} from './support.ts';

interface DyingDisk extends Disk {
  /** Calls so far. */
  calls(): number;
}

/** A disk that takes nothing after its n-th call, of which a write still does a part: as if the process were killed there. */
function dyingDisk(n: number, part: number): DyingDisk {
  let calls = 0;
  const guard =
    <Arguments extends unknown[], Result>(call: (...args: Arguments) => Result) =>
    (...args: Arguments): Result => {
      if (calls++ >= n) throw new Error('killed');
      return call(...args);
    };
  const write = guard(disk.write);
  return {
    calls: () => calls,
    makeFolder: guard((path) => disk.makeFolder(path)),
    list: guard(disk.list),
    lock: guard((path) => disk.lock(path)),
    open: guard(disk.open),
    size: guard(disk.size),
    read: guard(disk.read),
    write(fd, parts, position) {
      if (calls === n && part > 0) disk.write(fd, [Buffer.concat(parts).subarray(0, part)], position);
      return write(fd, parts, position);
    },
    sync: guard(disk.sync),
    truncate: guard(disk.truncate),
    syncFolder: guard(disk.syncFolder),
    close: disk.close, // the kernel closes what a dead process had open
  };
}

const TIME = new Date().toISOString();

/** A writer's life: open, write with changes of segment, close. Returns the ids that it was told are committed. */
function live(folder: string, on: Disk): string[] {
  const committed: string[] = [];
  let appender: Appender | undefined;
  try {
    appender = new Appender(on, writerOptions(folder, 3000));
    appender.append([event(ACTIVATION, randomUUIDv7(), TIME)], 0);
    for (let i = 0; i < 4; i++) {
      const drafts = [allow(), allow()];
      for (let at = 0; at < drafts.length; ) {
        const from = at;
        at += appender.append(
          drafts.map((draft) => decision(draft, TIME)),
          from,
        ).count;
        committed.push(...drafts.slice(from, at).map(({ id }) => id));
      }
    }
    appender.conclude('stopped', TIME);
  } catch (error) {
    if (!/killed/.test(String(error))) throw error;
  } finally {
    appender?.close();
  }
  return committed;
}

test.each([0, 700])(
  'killed at every call of its life, the last write reaching %d bytes: nothing committed is lost',
  async (part) => {
    let deaths = 0;
    for (let n = 0; ; n++) {
      const folder = freshFolder();
      const mortal = dyingDisk(n, part);
      // The second life starts from what the first left, and is killed as well; the third one is not.
      const committed = live(folder, mortal);
      const survived = mortal.calls() <= n;
      committed.push(...live(folder, dyingDisk(n, part)));
      committed.push(...live(folder, disk));
      const ids = new Set(contiguous(folder).map(({ record }) => record.id));
      expect(committed.filter((id) => !ids.has(id))).toEqual([]);
      expect((await verifyFolder(folder)).outcome).toBe('signed');
      if (survived) break;
      deaths++;
    }
    expect(deaths).toBeGreaterThan(30);
  },
);

const child = new URL('./kill-child.ts', import.meta.url).pathname;
const children: ChildProcess[] = [];
afterAll(() => {
  for (const one of children) one.kill('SIGKILL');
});

/** Starts a process that writes as fast as it can and prints the id of each committed record. */
function startWriter(folder: string): { process: ChildProcess; output: () => string; ended: Promise<void> } {
  const keys = freshFolder();
  mkdirSync(keys);
  writeFileSync(join(keys, 'keys.json'), JSON.stringify(pki));
  const writer = spawn(process.execPath, [child, folder, join(keys, 'keys.json')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(writer);
  let output = '';
  writer.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  return {
    process: writer,
    output: () => output,
    ended: new Promise((resolve) => writer.on('close', () => resolve())),
  };
}

async function lines(output: () => string, count: number): Promise<void> {
  while (output().split('\n').length <= count) await new Promise((resolve) => setTimeout(resolve, 1));
}

test('kill -9 at random moments, 30 times on one log: contiguous after each, and nothing committed is lost', async () => {
  const folder = freshFolder();
  const committed: string[] = [];
  for (let round = 0; round < 30; round++) {
    const writer = startWriter(folder);
    await lines(writer.output, 1 + Math.floor(Math.random() * 60));
    writer.process.kill('SIGKILL');
    await writer.ended;
    // The last line may itself be torn.
    committed.push(...writer.output().split('\n').slice(0, -1));
    const ids = new Set(contiguous(folder).map(({ record }) => record.id));
    expect(committed.filter((id) => !ids.has(id))).toEqual([]);
  }
  const log = await openLog(folder);
  await log.close('stopped');
  expect(committed.length).toBeGreaterThan(30);
  const report = await verifyFolder(folder);
  expect(report).toMatchObject({ outcome: 'signed', finding: null });
  expect(report.decisions.forwarded).toBeGreaterThanOrEqual(committed.length);
}, 120_000);

test('a writer in another process is refused as long as the first one lives, kill -9 frees the log', async () => {
  const folder = freshFolder();
  const writer = startWriter(folder);
  await lines(writer.output, 1);
  expect(await codeOf(openLog(folder))).toBe('AUDIT_LOCKED');
  writer.process.kill('SIGKILL');
  await writer.ended;
  const log = await openLog(folder);
  const second = startWriter(folder);
  await second.ended;
  expect(second.output()).toBe('AUDIT_LOCKED\n');
  await log.commit(allow());
  await log.close('stopped');
  contiguous(folder);
});
