import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Committed, Log } from '../../src/audit/index.ts';
import { Certificate, createDevelopmentPki, openSigner } from '../../src/pki/index.ts';
import type { Fault } from './faulty-disk.ts';
import {
  allow,
  anchors,
  codeOf,
  contiguous,
  FaultyDisk,
  freshFolder,
  openLog,
  until,
  verifyFolder,
} from './support.ts';

const ALWAYS = { from: 0, times: 1_000_000 };

/** One way in which the disk fails while the log is written, and whether commits then fail. */
const TABLE: [name: string, faults: Fault[], fails: boolean][] = [
  ['a write fails', [{ op: 'write', ...ALWAYS, error: 'EIO' }], true],
  ['the disk is full', [{ op: 'write', ...ALWAYS, error: 'ENOSPC' }], true],
  ['the disk is full in mid-line', [{ op: 'write', ...ALWAYS, error: 'ENOSPC', part: 700 }], true],
  ['the disk is full after some lines', [{ op: 'write', ...ALWAYS, error: 'ENOSPC', part: 4000 }], true],
  ['a write is short', [{ op: 'write', ...ALWAYS, error: '', part: 700, short: true }], true],
  ['a write takes nothing', [{ op: 'write', ...ALWAYS, error: '', short: true }], true],
  ['a write takes all and says it failed', [{ op: 'write', ...ALWAYS, error: 'EIO', part: 1_000_000 }], true],
  ['one write fails', [{ op: 'write', from: 0, times: 1, error: 'EIO', part: 99 }], true],
  ['fdatasync fails', [{ op: 'sync', ...ALWAYS, error: 'EIO' }], true],
  ['one fdatasync fails', [{ op: 'sync', from: 0, times: 1, error: 'EIO' }], true],
  [
    'fdatasync fails, then reading back',
    [
      { op: 'sync', from: 0, times: 1, error: 'EIO' },
      { op: 'read', ...ALWAYS, error: 'EIO' },
    ],
    true,
  ],
  [
    'a write is torn, then cutting fails',
    [
      { op: 'write', from: 0, times: 1, error: 'EIO', part: 99 },
      { op: 'truncate', ...ALWAYS, error: 'EIO' },
    ],
    true,
  ],
  [
    'a write is torn, then reopening fails',
    [
      { op: 'write', from: 0, times: 1, error: 'EIO', part: 99 },
      { op: 'open', ...ALWAYS, error: 'EMFILE' },
    ],
    true,
  ],
  [
    'a write is torn, then recovered is torn',
    [
      { op: 'write', from: 0, times: 1, error: 'EIO', part: 99 },
      { op: 'write', from: 2, times: 1, error: 'EIO', part: 55 },
    ],
    true,
  ],
  [
    'a write is torn, then syncing recovered fails',
    [
      { op: 'write', from: 0, times: 1, error: 'EIO', part: 99 },
      { op: 'sync', from: 2, times: 1, error: 'EIO' },
    ],
    true,
  ],
  ['closing fails', [{ op: 'close', ...ALWAYS, error: 'EIO' }], false],
];

async function failAndRecover(
  folder: string,
  disk: FaultyDisk,
  log: Log,
  faults: Fault[],
  fails: boolean,
): Promise<void> {
  const before = await Promise.all([allow(), allow(), allow()].map((draft) => log.commit(draft)));
  disk.set(...faults);
  const during = await Promise.allSettled(Array.from({ length: 12 }, () => log.commit(allow())));
  const rejected = during.filter((result) => result.status === 'rejected');
  if (fails) {
    expect(rejected.length).toBeGreaterThan(0);
    for (const { reason } of rejected) expect(reason).toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  } else expect(rejected).toEqual([]);
  // While it lasts, nothing is promised; nor does a retry in vain make it worse.
  const lasting = faults.some(({ times }) => times > 1);
  if (fails && lasting) {
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(log.writable).toBe(false);
    expect(await codeOf(log.commit(allow()))).toBe('AUDIT_UNAVAILABLE');
  }
  disk.set();
  await until(() => log.writable);
  const after = await Promise.all([allow(), allow()].map((draft) => log.commit(draft)));
  await log.close('stopped');

  const lines = contiguous(folder);
  const kept = during.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  for (const { id, seq } of [...before, ...kept, ...after] as Committed[]) expect(lines[seq]?.record.id).toBe(id);
  const recovered = lines.filter(({ record }) => record.type === 'recovered');
  expect(recovered.length).toBe(fails ? 1 : 0);
  if (fails) expect(recovered[0]?.record.cause).toBe('write_failed');
  expect(await verifyFolder(folder)).toMatchObject({ outcome: 'signed', closed: true });
}

test.each(TABLE)('%s: nothing is promised, and the log goes on once it can', async (_name, faults, fails) => {
  const folder = freshFolder();
  const disk = new FaultyDisk();
  const log = await openLog(folder, { disk: disk.url });
  await failAndRecover(folder, disk, log, faults, fails);
});

test.each<[string, Fault[]]>([
  ['the next segment cannot be made', [{ op: 'open', ...ALWAYS, error: 'ENOSPC' }]],
  ['the next segment is not durable in its folder', [{ op: 'syncFolder', ...ALWAYS, error: 'EIO' }]],
  ['the first write to it fails', [{ op: 'write', from: 1, times: 5, error: 'ENOSPC', part: 10 }]],
])('at a change of segments, %s', async (_name, faults) => {
  const folder = freshFolder();
  const disk = new FaultyDisk();
  // Every segment takes one write, so that the next write changes segments.
  const log = await openLog(folder, { disk: disk.url, segmentBytes: 1 });
  await failAndRecover(folder, disk, log, faults, true);
});

test('a rotation of keys that does not reach the disk rotates nothing', async () => {
  const other = createDevelopmentPki({ now: new Date(Date.now() - 60_000), days: 30 });
  const trusted = [...anchors, ...Certificate.fromPem(other.root.certificatePem)];
  for (const [part, types] of [
    [100, ['log_opened', 'bundle_activated', 'recovered', 'decision', 'log_closed']],
    [1_000_000, ['log_opened', 'bundle_activated', 'key_rotated', 'recovered', 'decision', 'log_closed']],
  ] as const) {
    const place = freshFolder();
    const failing = new FaultyDisk();
    const rotated = await openLog(place, { disk: failing.url, anchors: trusted });
    failing.set({ op: 'write', from: 0, times: 1, error: 'EIO', part });
    expect(await codeOf(rotated.rotate(openSigner(other.audit)))).toBe('AUDIT_UNAVAILABLE');
    await until(() => rotated.writable);
    await rotated.commit(allow());
    await rotated.close('stopped');
    expect(contiguous(place).map(({ record }) => record.type)).toEqual(types);
    expect((await verifyFolder(place, trusted)).outcome).toBe('signed');
  }
});

test('somebody who cuts what was committed while the log has failed is found out', async () => {
  const folder = freshFolder();
  const disk = new FaultyDisk();
  const log = await openLog(folder, { disk: disk.url });
  await log.commit(allow());
  disk.set({ op: 'sync', ...ALWAYS, error: 'EIO' });
  expect(await codeOf(log.commit(allow()))).toBe('AUDIT_UNAVAILABLE');
  writeFileSync(join(folder, '0000000000000000.log'), '');
  disk.set();
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(log.writable).toBe(false);
  await expect(log.close('stopped')).rejects.toThrow(/expected at least [0-9]+ bytes, got 0/);
});

test('the failure and its end are told', async () => {
  const disk = new FaultyDisk();
  const told: (string | undefined)[] = [];
  const log = await openLog(freshFolder(), { disk: disk.url, onFailure: (error) => told.push(error?.code) });
  disk.set({ op: 'sync', from: 0, times: 3, error: 'EIO' });
  await codeOf(log.commit(allow()));
  await until(() => log.writable);
  await log.close('stopped');
  expect(told).toEqual(['AUDIT_UNAVAILABLE', undefined]);
});

test("the writer's thread dies: nothing is promised any more, and the lock is free", async () => {
  const folder = freshFolder();
  const disk = new FaultyDisk();
  const log = await openLog(folder, { disk: disk.url });
  await log.commit(allow());
  disk.set({ op: 'sync', ...ALWAYS, error: '', exits: true });
  const codes = await Promise.all([allow(), allow(), allow(20_000)].map((draft) => codeOf(log.commit(draft))));
  expect(codes).toEqual(['AUDIT_UNAVAILABLE', 'AUDIT_UNAVAILABLE', 'AUDIT_UNAVAILABLE']);
  expect(log.writable).toBe(false);
  expect(await codeOf(log.commit(allow()))).toBe('AUDIT_UNAVAILABLE');
  expect(await codeOf(log.close('stopped'))).toBe('AUDIT_UNAVAILABLE');
  await (await openLog(folder)).close('stopped');
  expect((await verifyFolder(folder)).outcome).toBe('signed');
});

test('a log that is closed while it fails says so, and gives up its lock', async () => {
  const folder = freshFolder();
  const disk = new FaultyDisk();
  const log = await openLog(folder, { disk: disk.url });
  disk.set({ op: 'write', ...ALWAYS, error: 'ENOSPC', part: 50 });
  expect(await codeOf(log.commit(allow()))).toBe('AUDIT_UNAVAILABLE');
  expect(await codeOf(log.close('stopped'))).toBe('AUDIT_UNAVAILABLE');
  const again = await openLog(folder);
  expect(again.recovered).toBe(true);
  await again.close('stopped');
  expect((await verifyFolder(folder)).outcome).toBe('signed');
});

/** A file system of two megabytes; undefined where this user may not mount one. */
function smallDisk(): string | undefined {
  const path = freshFolder();
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', path], { stdio: 'ignore' });
    return path;
  } catch {
    return undefined;
  }
}

test('a disk that fills up: refused until there is space again', async () => {
  const mounted = smallDisk();
  const faulty = new FaultyDisk();
  const folder = join(mounted ?? freshFolder(), 'log');
  const log = await openLog(folder, mounted ? {} : { disk: faulty.url });
  const ballast = join(mounted ?? folder, 'ballast');
  try {
    writeFileSync(ballast, Buffer.alloc(500_000));
    const committed: string[] = [];
    let code = 'none';
    for (let i = 0; code === 'none'; i++) {
      if (!mounted && i === 20) faulty.set({ op: 'write', ...ALWAYS, error: 'ENOSPC', part: 3000 });
      const draft = allow(20_000);
      code = await codeOf(log.commit(draft));
      if (code === 'none') committed.push(draft.id);
    }
    expect(code).toBe('AUDIT_UNAVAILABLE');
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(log.writable).toBe(false);
    expect(await codeOf(log.commit(allow(20_000)))).toBe('AUDIT_UNAVAILABLE');
    rmSync(ballast);
    faulty.set();
    await until(() => log.writable);
    const last = allow();
    await log.commit(last);
    await log.close('stopped');
    const ids = contiguous(folder).map(({ record }) => record.id);
    expect(ids).toEqual(expect.arrayContaining([...committed, last.id]));
    expect((await verifyFolder(folder)).outcome).toBe('signed');
  } finally {
    if (mounted && existsSync(mounted)) execFileSync('umount', ['-l', mounted]);
  }
});
