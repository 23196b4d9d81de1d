import { readFileSync } from 'node:fs';
import { type Disk, disk as real } from '../../src/audit/disk.ts';

/**
 * What goes wrong, in a file that the test rewrites while the writer runs. Calls are counted from the moment the text of the
 * plan changes; a fault strikes at call `from` (the first is 0) of its operation and goes on for `times` calls.
 */
export interface Fault {
  /** `any` counts every call. */
  op: keyof Disk | 'any';
  from: number;
  times: number;
  error: string;
  /** A write takes so many bytes before it fails; with `short` it returns that number instead. */
  part?: number;
  short?: boolean;
  /** From then on nothing reaches the disk any more, as if the process had been killed at this call. */
  dies?: boolean;
  /** The writer's thread ends at this call. */
  exits?: boolean;
}

const plan = new URL(import.meta.url).searchParams.get('plan') ?? '';
let text = '';
let faults: Fault[] = [];
let counts = new Map<string, number>();
let dead = false;

function due(op: keyof Disk): Fault | undefined {
  if (dead) return { op, from: 0, times: 0, error: 'EIO' };
  const now = readFileSync(plan, 'utf8');
  if (now !== text) {
    text = now;
    faults = JSON.parse(now);
    counts = new Map();
  }
  const seen = (name: string): number => {
    const n = counts.get(name) ?? 0;
    counts.set(name, n + 1);
    return n;
  };
  const calls = { any: seen('any'), [op]: seen(op) };
  const fault = faults.find(({ op, from, times }) => {
    const n = calls[op] ?? -1;
    return n >= from && n < from + times;
  });
  if (fault?.dies) dead = true;
  if (fault?.exits) process.exit(1);
  return fault;
}

function fail({ error }: Fault): never {
  throw Object.assign(new Error(`${error}: injected`), { code: error });
}

function guard<Arguments extends unknown[], Result>(
  op: keyof Disk,
  call: (...args: Arguments) => Result,
): (...args: Arguments) => Result {
  return (...args) => {
    const fault = due(op);
    if (fault) fail(fault);
    return call(...args);
  };
}

export const disk: Disk = {
  makeFolder: guard('makeFolder', (path) => real.makeFolder(path)),
  list: guard('list', (folder) => real.list(folder)),
  lock: guard('lock', (path) => real.lock(path)),
  open: guard('open', (path, make) => real.open(path, make)),
  size: guard('size', (fd) => real.size(fd)),
  read: guard('read', (fd, into, position) => real.read(fd, into, position)),
  write(fd, parts, position) {
    const fault = due('write');
    if (!fault) return real.write(fd, parts, position);
    let written = 0;
    if (fault.part) written = real.write(fd, [Buffer.concat(parts).subarray(0, fault.part)], position);
    return fault.short ? written : fail(fault);
  },
  sync: guard('sync', (fd) => real.sync(fd)),
  truncate: guard('truncate', (fd, size) => real.truncate(fd, size)),
  syncFolder: guard('syncFolder', (path) => real.syncFolder(path)),
  close(fd) {
    const fault = due('close');
    real.close(fd); // a process that dies gives up its descriptors too
    if (fault && !dead) fail(fault);
  },
};
