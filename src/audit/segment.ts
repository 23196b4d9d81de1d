import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Disk } from './disk.ts';
import { AuditError } from './error.ts';
import { LONGEST_LINE } from './format.ts';

const CHUNK = 1024 * 1024;
const LF = 0x0a;

/** Bytes after a segment's last LF: what an interrupted write leaves. */
export interface Tail {
  segment: string;
  /** Where it begins, which is also where the next line goes. */
  offset: number;
  length: number;
  /** SHA-256 (hex). */
  sha256: string;
}

/** One open segment file. */
export class Segment {
  readonly name: string;
  /** Where the next line goes. */
  end = 0;
  /** Where the last line begins, once scanned. */
  lastLine = 0;
  private readonly disk: Disk;
  private readonly fd: number;

  /** @param make creates the file if it is missing, durably */
  constructor(disk: Disk, folder: string, name: string, make: boolean) {
    this.disk = disk;
    this.name = name;
    this.fd = disk.open(join(folder, name), make);
    if (make) disk.syncFolder(folder);
  }

  get size(): number {
    return this.disk.size(this.fd);
  }

  /** Writes at the end and returns once the bytes are on disk. After a throw their fate is unknown. */
  append(parts: Uint8Array[], bytes: number): void {
    this.write(parts, bytes, this.end);
    this.disk.sync(this.fd);
    this.end += bytes;
  }

  /**
   * Hands on each complete line from `offset`, without its LF; the bytes are valid only until the next one. Leaves `end` after
   * the last of them. Holds one line at most.
   *
   * @throws AuditError with AUDIT_TAMPERED for what is longer than any line of ours
   */
  scan(offset: number, take: (line: Buffer) => void): Tail {
    let buffer: Buffer = Buffer.allocUnsafe(CHUNK);
    let held = 0;
    this.end = this.lastLine = offset;
    for (;;) {
      if (held === buffer.length) buffer = grown(buffer, this);
      const read = this.disk.read(this.fd, buffer.subarray(held), this.end + held);
      if (read === 0) break;
      let start = 0;
      let lf = buffer.subarray(0, held + read).indexOf(LF, held);
      while (lf >= 0) {
        take(buffer.subarray(start, lf));
        this.lastLine = this.end + start;
        start = lf + 1;
        lf = buffer.subarray(0, held + read).indexOf(LF, start);
      }
      buffer.copyWithin(0, start, held + read);
      held += read - start;
      this.end += start;
    }
    const rest = buffer.subarray(0, held);
    return {
      segment: this.name,
      offset: this.end,
      length: held,
      sha256: createHash('sha256').update(rest).digest('hex'),
    };
  }

  /**
   * Writes the lines from `offset` again, unchanged, and syncs. After a failed sync the kernel may count its pages as clean:
   * they can be read back, and still would never reach the disk.
   */
  rewrite(offset: number): void {
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (let at = offset; at < this.end; ) {
      const read = this.disk.read(this.fd, buffer.subarray(0, Math.min(CHUNK, this.end - at)), at);
      if (read === 0) throw new Error(`expected ${this.end} bytes in ${this.name}, got ${at}`);
      this.write([buffer.subarray(0, read)], read, at);
      at += read;
    }
    this.disk.sync(this.fd);
  }

  /** Cuts what follows the last line, once there is room for `reserve` bytes in its place: the record of the cut. */
  cut(tail: Tail, reserve: number): void {
    const size = tail.offset + tail.length;
    try {
      this.write([Buffer.alloc(reserve)], reserve, size);
      this.disk.sync(this.fd);
    } catch (error) {
      this.disk.truncate(this.fd, size);
      throw error;
    }
    this.disk.truncate(this.fd, tail.offset);
  }

  close(): void {
    this.disk.close(this.fd);
  }

  private write(parts: Uint8Array[], bytes: number, at: number): void {
    const written = this.disk.write(this.fd, parts, at);
    if (written !== bytes) throw new Error(`the disk took ${written} of ${bytes} bytes`);
  }
}

function grown(buffer: Buffer, segment: Segment): Buffer {
  if (buffer.length > LONGEST_LINE) {
    throw new AuditError(
      'AUDIT_TAMPERED',
      `${segment.name}: expected a line of at most ${LONGEST_LINE} bytes at offset ${segment.end}`,
    );
  }
  return Buffer.concat([buffer], Math.min(buffer.length * 2, LONGEST_LINE + 1));
}
