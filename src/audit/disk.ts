import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  writevSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { tryLock } from 'fs-native-extensions';

/**
 * All that the writer asks of a file system, call by call, so that a test can make any one of them fail. Synchronous: the
 * writer has its thread to itself. Every one throws what node:fs throws.
 */
export interface Disk {
  /** Makes the folder, for its owner only, and its parents; durable when it returns. */
  makeFolder(path: string): void;
  list(folder: string): string[];
  /** Opens or makes the lock file and takes the lock that dies with the process; undefined if somebody has it. */
  lock(path: string): number | undefined;
  /** Opens a file to read and write. `make` creates it if it is missing; only its owner can read it. Never follows a link. */
  open(path: string, make: boolean): number;
  size(fd: number): number;
  /** Bytes read; 0 at the end. */
  read(fd: number, into: Uint8Array, position: number): number;
  /** Bytes written: fewer than asked for means that the disk took only a part. */
  write(fd: number, parts: Uint8Array[], position: number): number;
  sync(fd: number): void;
  truncate(fd: number, size: number): void;
  /** Makes the folder's own entries durable. */
  syncFolder(path: string): void;
  close(fd: number): void;
}

const OWNER_ONLY_FOLDER = 0o700;
const OWNER_ONLY_FILE = 0o600;

export const disk: Disk = {
  makeFolder(path) {
    const made = mkdirSync(path, { recursive: true, mode: OWNER_ONLY_FOLDER });
    if (made !== undefined) this.syncFolder(dirname(made));
  },
  list: (folder) => readdirSync(folder),
  lock(path) {
    const fd = this.open(path, true);
    if (tryLock(fd)) return fd;
    closeSync(fd);
    return undefined;
  },
  open(path, make) {
    const flags = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK | (make ? constants.O_CREAT : 0);
    const fd = openSync(path, flags, OWNER_ONLY_FILE);
    if (fstatSync(fd).isFile()) return fd;
    closeSync(fd);
    throw new Error(`expected a regular file: ${path}`);
  },
  size: (fd) => fstatSync(fd).size,
  read: (fd, into, position) => readSync(fd, into, 0, into.byteLength, position),
  write: (fd, parts, position) => writevSync(fd, parts, position),
  sync: (fd) => fdatasyncSync(fd),
  truncate: (fd, size) => ftruncateSync(fd, size),
  syncFolder(path) {
    const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  },
  close: (fd) => closeSync(fd),
};
