import { createHash } from 'node:crypto';
import { Certificate, OID_AUDIT_RECORD, PkiError, verifyCms } from '../pki/index.ts';
import { AuditError } from './error.ts';
import { firstSeq, NO_LINE } from './format.ts';
import { LastBundle } from './last-bundle.ts';
import type { Place } from './page.ts';
import { usedApproval } from './used-approvals.ts';

const PREFIX =
  /^\{"v":1,"type":"([a-z_]+)","log":"([0-9a-f-]{36})","seq":(0|[1-9][0-9]{0,15}),"prev":"([0-9a-f]{64})","time":"([0-9TZ:.-]{24})"/;
const LONGEST_PREFIX = 256;
const TAB = 0x09;

/**
 * Follows the lines of one segment as far as a writer must to continue a log: place and chain of each, and the signature of
 * the last. `verify` does all the rest.
 */
export class Trail {
  /** Where the next record goes; undefined until a line has said which log this is. */
  next: Place | undefined;
  /** The certificate that the latest log_opened or key_rotated seen here names. */
  signer: Certificate | undefined;
  readonly bundle = new LastBundle();
  /** The approvals that let a call of this segment go ahead. */
  readonly approvals: string[] = [];
  /** Of the first line, RFC 3339; undefined until there is one. */
  time: string | undefined;
  /** Length of the lines. */
  bytes = 0;
  private readonly segment: string;
  /** Digest of the last record, and its signature in base64. */
  private last: { digest: Buffer; signature: string } | undefined;

  /** @param next where the first line must stand; undefined: at the beginning of this segment */
  constructor(segment: string, next?: Place) {
    this.segment = segment;
    this.next = next;
  }

  /** @throws AuditError with AUDIT_TAMPERED, naming file and line */
  add(line: Buffer): void {
    const [, type, log = '', seq = '', prev = '', time] = PREFIX.exec(line.toString('latin1', 0, LONGEST_PREFIX)) ?? [];
    const tab = line.indexOf(TAB);
    if (type === undefined || tab < 0) this.refuse('expected a record of format version 1, a TAB and its signature');
    const first = { log, seq: firstSeq(this.segment), prev: seq === '0' ? NO_LINE : prev };
    const next = this.next ?? first;
    if (log !== next.log) this.refuse(`expected a record of log ${next.log}, got one of ${log}`);
    if (Number(seq) !== next.seq) this.refuse(`expected record ${next.seq}, got ${seq}`);
    if (prev !== next.prev) this.refuse('expected prev to be the SHA-256 of the line before');
    this.bundle.see(type, line.subarray(0, tab));
    if (type === 'decision') this.noteApproval(line.subarray(0, tab));
    this.time ??= time;
    this.bytes += line.length;
    if (type === 'log_opened' || type === 'key_rotated') this.signer = this.readSigner(line.subarray(0, tab));
    const hash = createHash('sha256').update(line.subarray(0, tab));
    this.last = { digest: hash.copy().digest(), signature: line.toString('latin1', tab + 1) };
    this.next = { log, seq: next.seq + 1, prev: hash.update(line.subarray(tab)).digest('hex') };
  }

  /**
   * Checks the signature of the line added last: no later line pins its content.
   *
   * @param likely the certificate to try if this segment names none; a signature by yet another one is left to `verify`
   */
  checkLast(likely: Certificate): void {
    if (this.last === undefined) return;
    const { digest, signature } = this.last;
    const certificates = [this.signer ?? likely];
    const cms = Buffer.from(signature, 'base64');
    if (cms.toString('base64') !== signature) this.refuse('expected a signature in canonical base64', -1);
    try {
      verifyCms(cms, digest, { contentType: OID_AUDIT_RECORD, certificates });
    } catch (error) {
      if (!this.signer && error instanceof PkiError && error.code === 'PKI_CMS_SIGNER_UNKNOWN') return;
      this.refuse(
        `expected the signature of the certificate in force (${error instanceof Error ? error.message : 'unreadable'})`,
        -1,
      );
    }
  }

  private noteApproval(json: Buffer): void {
    try {
      const id = usedApproval(json);
      if (id !== undefined) this.approvals.push(id);
    } catch {
      this.refuse('expected the JSON of a decision');
    }
  }

  private readSigner(json: Buffer): Certificate {
    try {
      const record: { certificates: string[] } = JSON.parse(json.toString('utf8'));
      return Certificate.fromDer(Buffer.from(record.certificates[0] ?? '', 'base64'));
    } catch {
      return this.refuse('expected the certificate of its signer');
    }
  }

  /** @param back -1: the line before the one that is expected next */
  private refuse(why: string, back = 0): never {
    const line = (this.next?.seq ?? firstSeq(this.segment)) - firstSeq(this.segment) + 1 + back;
    throw new AuditError('AUDIT_TAMPERED', `${this.segment}, line ${line}: ${why}`);
  }
}
