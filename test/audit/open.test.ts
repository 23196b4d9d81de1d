import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { Appender } from '../../src/audit/appender.ts';
import { disk } from '../../src/audit/disk.ts';
import {
  allow,
  codeOf,
  contiguous,
  FaultyDisk,
  freshFolder,
  linesOf,
  openLog,
  segmentsOf,
  verifyFolder,
  writerOptions,
} from './support.ts';

const FIRST = '0000000000000000.log';
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A log of one opening that was not closed, in one segment and in several; copied for each test. */
let one: string;
let several: string;

async function make(segmentBytes: number): Promise<string> {
  const folder = freshFolder();
  const log = await openLog(folder, { segmentBytes });
  for (let i = 0; i < 3; i++) await log.commit(allow());
  const copy = freshFolder();
  cpSync(folder, copy, { recursive: true });
  await log.close('stopped');
  return copy;
}

beforeAll(async () => {
  one = await make(1_000_000);
  several = await make(2000);
});

function copyOf(folder: string): string {
  const copy = freshFolder();
  cpSync(folder, copy, { recursive: true });
  return copy;
}

/** Opens, writes one record, closes; then the log must be whole. Returns the types of its records. */
async function goOn(folder: string): Promise<string[]> {
  const log = await openLog(folder, { segmentBytes: 2000 });
  await log.commit(allow());
  await log.close('stopped');
  expect((await verifyFolder(folder)).outcome).toBe('signed');
  return contiguous(folder).map(({ record }) => record.type);
}

test('an existing log continues, in the same log and chain', async () => {
  const folder = copyOf(one);
  const [first] = linesOf(folder);
  const types = await goOn(folder);
  expect(types.slice(5)).toEqual(['log_opened', 'bundle_activated', 'decision', 'log_closed']);
  const opened = contiguous(folder)[5]?.record;
  expect(opened).toMatchObject({ opened: 'continued', log: first?.record.log });
});

test('a closed log is opened again', async () => {
  const folder = copyOf(one);
  await goOn(folder);
  expect((await goOn(folder)).filter((type) => type === 'log_opened')).toHaveLength(3);
});

test('a missing folder is made with its parents, an empty one is taken', async () => {
  expect(await goOn(join(freshFolder(), 'a', 'b'))).toEqual([
    'log_opened',
    'bundle_activated',
    'decision',
    'log_closed',
  ]);
  const empty = freshFolder();
  mkdirSync(empty);
  expect(await goOn(empty)).toEqual(['log_opened', 'bundle_activated', 'decision', 'log_closed']);
});

test('files of others are left alone', async () => {
  const folder = copyOf(one);
  for (const name of ['notes.txt', '1.log', '0000000000000000.log.gz', '00000000000000001.log'])
    writeFileSync(join(folder, name), 'x');
  mkdirSync(join(folder, 'bundles'));
  await goOn(folder);
  expect(readFileSync(join(folder, '1.log'), 'utf8')).toBe('x');
  expect(readdirSync(folder)).toContain('00000000000000001.log');
});

test('an empty last segment, as a crash right after its creation leaves it', async () => {
  const folder = copyOf(several);
  const lines = linesOf(folder);
  writeFileSync(join(folder, `${String(lines.length).padStart(16, '0')}.log`), '');
  expect((await goOn(folder)).slice(lines.length)).toEqual([
    'log_opened',
    'bundle_activated',
    'decision',
    'log_closed',
  ]);
  const fresh = freshFolder();
  mkdirSync(fresh);
  writeFileSync(join(fresh, FIRST), '');
  expect(await goOn(fresh)).toEqual(['log_opened', 'bundle_activated', 'decision', 'log_closed']);
});

test('a torn first line of a new segment', async () => {
  const folder = copyOf(several);
  const last = segmentsOf(folder).at(-1) ?? '';
  const before = linesOf(folder).filter(({ segment }) => segment !== last).length;
  truncateSync(join(folder, last), 300);
  expect((await goOn(folder)).slice(before)).toEqual([
    'log_opened',
    'recovered',
    'bundle_activated',
    'decision',
    'log_closed',
  ]);
});

test('a log whose very first line is torn begins anew', async () => {
  const folder = copyOf(one);
  truncateSync(join(folder, FIRST), 500);
  const types = await goOn(folder);
  expect(types).toEqual(['log_opened', 'recovered', 'bundle_activated', 'decision', 'log_closed']);
  expect(contiguous(folder)[0]?.record.opened).toBe('new');
});

test('a torn tail at every byte of the last line: cut, and recorded with its digest', async () => {
  const whole = readFileSync(join(one, FIRST));
  const start = whole.lastIndexOf(10, whole.length - 2) + 1;
  const folder = freshFolder();
  mkdirSync(folder);
  const at = join(folder, FIRST);
  for (let end = start + 1; end < whole.length; end++) {
    writeFileSync(at, whole.subarray(0, end));
    const appender = new Appender(disk, writerOptions(folder));
    expect(appender.cutAtOpen).toBe(true);
    appender.close();
    expect(readFileSync(at).subarray(0, start).equals(whole.subarray(0, start))).toBe(true);
    const [opened, recovered] = contiguous(folder)
      .slice(4)
      .map(({ record }) => record);
    expect(opened).toMatchObject({ type: 'log_opened', opened: 'continued' });
    const cut = { segment: FIRST, offset: start, length: end - start, sha256: sha256(whole.subarray(start, end)) };
    expect(recovered).toMatchObject({ type: 'recovered', cause: 'torn_tail', ...cut });
    if (end % 100 === 0) expect((await verifyFolder(folder)).outcome).toBe('signed');
  }
});

test('a tail of what a file system may leave, and one of more than a page', async () => {
  for (const tail of [Buffer.alloc(5000), Buffer.concat([Buffer.from('{"v":1,'), Buffer.alloc(3_000_000, 'x')])]) {
    const folder = copyOf(one);
    writeFileSync(join(folder, FIRST), tail, { flag: 'a' });
    expect((await goOn(folder)).slice(5)).toEqual([
      'log_opened',
      'recovered',
      'bundle_activated',
      'decision',
      'log_closed',
    ]);
    expect(contiguous(folder)[6]?.record).toMatchObject({ length: tail.length, sha256: sha256(tail) });
  }
});

test('a tail longer than any line of ours is tampering', async () => {
  const folder = copyOf(one);
  writeFileSync(join(folder, FIRST), Buffer.alloc(64 * 1024 * 1024 + 1, 'x'), { flag: 'a' });
  await expect(openLog(folder)).rejects.toThrow(/expected a line of at most 67108864 bytes at offset [0-9]+/);
});

type Change = (folder: string, lines: Buffer[]) => void;
const rewrite: (change: (lines: Buffer[]) => Buffer[]) => Change = (change) => (folder, lines) =>
  writeFileSync(join(folder, FIRST), Buffer.concat(change(lines).flatMap((line) => [line, Buffer.from('\n')])));
const edited = (line: Buffer, from: string, to: string): Buffer =>
  Buffer.from(line.toString('latin1').replace(from, to), 'latin1');

test.each<[string, Change, RegExp]>([
  [
    'a byte changed in the middle',
    rewrite(([a, b, c, ...rest]) => [a, b, edited(c as Buffer, 'support', 'sUpport'), ...rest] as Buffer[]),
    /line 4: expected prev/,
  ],
  [
    'a byte changed in the last line',
    rewrite((lines) => [...lines.slice(0, -1), edited(lines.at(-1) as Buffer, 'support', 'sUpport')]),
    /line 5: expected the signature/,
  ],
  [
    'a signature changed in the last line',
    rewrite((lines) => [
      ...lines.slice(0, -1),
      Buffer.concat([(lines.at(-1) as Buffer).subarray(0, -8), Buffer.from('AAAAAAAA')]),
    ]),
    /line 5: expected the signature/,
  ],
  ['a line missing', rewrite(([a, , ...rest]) => [a, ...rest] as Buffer[]), /line 2: expected record 1, got 2/],
  [
    'two lines exchanged',
    rewrite(([a, b, c, ...rest]) => [a, c, b, ...rest] as Buffer[]),
    /line 2: expected record 1, got 2/,
  ],
  ['a line twice', rewrite((lines) => [...lines, lines.at(-1) as Buffer]), /line 6: expected record 5, got 4/],
  ['the first line missing', rewrite((lines) => lines.slice(1)), /line 1: expected record 0, got 1/],
  ['an empty line', rewrite((lines) => [...lines, Buffer.alloc(0)]), /line 6: expected a record/],
  ['a line of something else', rewrite((lines) => [...lines, Buffer.from('hello')]), /line 6: expected a record/],
  [
    'no signature',
    rewrite((lines) => [...lines.slice(0, -1), (lines.at(-1) as Buffer).subarray(0, 300)]),
    /line 5: expected a record/,
  ],
  [
    'a line of another log',
    rewrite(([a, b, ...rest]) => [a, edited(b as Buffer, '"log":"', '"log":"0').subarray(0), ...rest] as Buffer[]),
    /line 2: expected/,
  ],
  [
    'a NUL byte before the last LF',
    rewrite((lines) => [...lines.slice(0, -1), Buffer.concat([lines.at(-1) as Buffer, Buffer.alloc(1)])]),
    /line 5: expected/,
  ],
])('tampering is refused, with file and line: %s', async (_name, change, message) => {
  const folder = copyOf(one);
  change(
    folder,
    linesOf(folder).map(({ bytes }) => bytes),
  );
  const before = readFileSync(join(folder, FIRST));
  const opening = openLog(folder);
  await expect(opening).rejects.toMatchObject({ code: 'AUDIT_TAMPERED' });
  await expect(opening).rejects.toThrow(message);
  await expect(opening).rejects.toThrow(FIRST);
  // Evidence stays as it is, and the lock is free.
  expect(readFileSync(join(folder, FIRST)).equals(before)).toBe(true);
  expect(await codeOf(openLog(folder))).toBe('AUDIT_TAMPERED');
});

test('a segment that is not where its name says, or whose predecessor is not whole', async () => {
  const renamed = copyOf(one);
  copyFileSync(join(renamed, FIRST), join(renamed, '0000000000000007.log'));
  await expect(openLog(renamed)).rejects.toThrow('0000000000000007.log, line 1: expected record 7, got 0');

  const gap = copyOf(several);
  writeFileSync(join(gap, '0000000000000099.log'), '');
  await expect(openLog(gap)).rejects.toThrow('expected whole lines up to record 98');

  const alone = copyOf(several);
  const names = segmentsOf(alone);
  const last = names.at(-1) ?? '';
  for (const name of names) rmSync(join(alone, name));
  writeFileSync(join(alone, last), '');
  await expect(openLog(alone)).rejects.toThrow(`${last}: expected the segment before it`);

  const torn = copyOf(several);
  const size = readFileSync(join(torn, names.at(-2) ?? '')).length;
  truncateSync(join(torn, names.at(-2) ?? ''), size - 1);
  writeFileSync(join(torn, last), '');
  await expect(openLog(torn)).rejects.toMatchObject({ code: 'AUDIT_TAMPERED' });
});

test('a link or folder in place of a segment is not followed', async () => {
  const folder = freshFolder();
  mkdirSync(folder);
  const victim = freshFolder();
  writeFileSync(victim, '');
  symlinkSync(victim, join(folder, FIRST));
  expect(await codeOf(openLog(folder))).toBe('AUDIT_UNAVAILABLE');
  expect(readFileSync(victim, 'utf8')).toBe('');
  rmSync(join(folder, FIRST));
  mkdirSync(join(folder, FIRST));
  expect(await codeOf(openLog(folder))).toBe('AUDIT_UNAVAILABLE');
});

test('a folder that cannot be used', async () => {
  const file = freshFolder();
  writeFileSync(file, '');
  await expect(openLog(file)).rejects.toMatchObject({ code: 'AUDIT_FOLDER' });
  await expect(openLog(join(file, 'log'))).rejects.toMatchObject({ code: 'AUDIT_FOLDER' });
  const readOnly = new FaultyDisk();
  readOnly.set({ op: 'lock', from: 0, times: 1, error: 'EACCES' });
  const folder = freshFolder();
  await expect(openLog(folder, { disk: readOnly.url })).rejects.toThrow(
    /expected a folder for the log that can be written: EACCES/,
  );
});

test.each(['list', 'open', 'read', 'write', 'sync', 'syncFolder'] as const)(
  'a log that cannot be opened for a failing %s is left as it was',
  async (op) => {
    const folder = copyOf(one);
    writeFileSync(join(folder, FIRST), '{"v":1', { flag: 'a' });
    const before = readFileSync(join(folder, FIRST));
    const disk = new FaultyDisk();
    disk.set({ op, from: 0, times: 1000, error: 'ENOSPC' });
    expect(await codeOf(openLog(folder, { disk: disk.url }))).toBe('AUDIT_UNAVAILABLE');
    expect(readFileSync(join(folder, FIRST)).equals(before)).toBe(true);
    await goOn(folder);
  },
);

test('a second writer is refused, in this process too, until the first has gone', async () => {
  const folder = freshFolder();
  const first = await openLog(folder);
  await expect(openLog(folder)).rejects.toMatchObject({ code: 'AUDIT_LOCKED' });
  await first.commit(allow());
  await first.close('stopped');
  await goOn(folder);
  expect(existsSync(join(folder, 'lock'))).toBe(true);
});
