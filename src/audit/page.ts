import { createHash, type Hash, hash } from 'node:crypto';
import type { CmsSigner } from '../pki/index.ts';
import { AuditError } from './error.ts';
import { LONGEST_LINE, LONGEST_SIGNATURE } from './format.ts';
import type { Draft } from './record.ts';

/** A record's place in the log. */
export interface Place {
  log: string;
  seq: number;
  /** SHA-256 (hex) of the line before. */
  prev: string;
}

/** Text and small inputs are gathered in one buffer; larger ones go to the disk from where they lie. */
const ROOM = 1024 * 1024;
const COPIED = 16 * 1024;
/** A page is one write and one sync, for which all the calls on it wait. */
const FULL = 1024 * 1024;
/** Prefix, digests, TAB, signature, LF. */
const AROUND = 1024 + LONGEST_SIGNATURE;
const MOST_BYTES_PER_CODE_UNIT = 3;

/** Lines on their way to the disk: one write, one sync. Each byte is hashed once for record and line, and small ones copied once. */
export class Page {
  readonly parts: Uint8Array[] = [];
  /** Length of `parts` together. */
  bytes = 0;
  private readonly room = Buffer.allocUnsafeSlow(ROOM);
  private used = 0;
  /** Start of what is not yet in `parts`. */
  private loose = 0;
  /** Start of what is not yet hashed. */
  private unhashed = 0;
  private hash: Hash = createHash('sha256');

  /** Length of the lines so far. */
  get size(): number {
    return this.bytes + this.used - this.loose;
  }

  /** Whether another line can join. One always can join an empty page. */
  fits([, head, middle, , , , input, stored]: Draft): boolean {
    const inputBytes = (stored ?? input)?.byteLength ?? 0;
    if (this.size + inputBytes > FULL) return false;
    const text = (head.length + middle.length) * MOST_BYTES_PER_CODE_UNIT;
    return this.used + text + Math.min(inputBytes, COPIED) + AROUND <= ROOM;
  }

  /**
   * Adds one line and returns its SHA-256 (hex).
   *
   * @throws AuditError with AUDIT_RECORD, leaving the page as it was
   */
  add(place: Place, draft: Draft, cms: CmsSigner): string {
    const [type, head, middle, body, start, end, input, stored] = draft;
    const kept = stored ?? input;
    if (kept !== null) checkInput(kept);
    this.hash = createHash('sha256');
    this.unhashed = this.used;
    const prefix = `{"v":1,"type":"${type}","log":"${place.log}","seq":${place.seq},"prev":"${place.prev}",${head}`;
    if (input === null || kept === null) {
      this.text(prefix);
    } else {
      const hashed = body ?? (start < 0 ? null : input.subarray(start, end));
      const bodyDigest = hashed ? `"${sha256(hashed)}"` : '';
      this.text(`${prefix}${bodyDigest}${middle}"${sha256(input)}","input":`);
      this.append(kept);
      this.text('}');
    }
    this.flushHash();
    const digest = this.hash.copy().digest();
    this.text(`\t${base64(cms.sign(digest))}`);
    this.flushHash();
    this.room[this.used++] = 0x0a;
    return this.hash.digest('hex');
  }

  /** Ends the page: `parts` and `bytes` are complete. */
  end(): void {
    this.detach();
  }

  clear(): void {
    this.parts.length = 0;
    this.bytes = this.used = this.loose = 0;
  }

  private text(text: string): void {
    this.used += this.room.write(text, this.used, 'utf8');
  }

  private append(bytes: Uint8Array): void {
    if (bytes.byteLength <= COPIED) {
      this.room.set(bytes, this.used);
      this.used += bytes.byteLength;
      return;
    }
    this.flushHash();
    this.hash.update(bytes);
    this.detach();
    this.parts.push(bytes);
    this.bytes += bytes.byteLength;
  }

  private flushHash(): void {
    this.hash.update(this.room.subarray(this.unhashed, this.used));
    this.unhashed = this.used;
  }

  private detach(): void {
    if (this.used === this.loose) return;
    this.parts.push(this.room.subarray(this.loose, this.used));
    this.bytes += this.used - this.loose;
    this.loose = this.used;
  }
}

const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes);
const base64 = (der: Uint8Array): string => Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('base64');

/** A raw TAB or LF would end the record early, and everything after it would read as tampering. */
function checkInput(input: Uint8Array): void {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  if (bytes.byteLength > LONGEST_LINE - ROOM) {
    throw new AuditError(
      'AUDIT_RECORD',
      `expected an input of at most ${LONGEST_LINE - ROOM} bytes, got ${bytes.byteLength}`,
    );
  }
  if (bytes.includes(0x09) || bytes.includes(0x0a) || bytes.includes(0x0d)) {
    throw new AuditError('AUDIT_RECORD', 'expected an input without TAB, LF or CR');
  }
}
