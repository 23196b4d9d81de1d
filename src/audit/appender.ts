import { randomUUID, randomUUIDv7 } from 'node:crypto';
import { join } from 'node:path';
import { type ActiveSigner, activate } from './active-signer.ts';
import type { Disk } from './disk.ts';
import { findEnd } from './end.ts';
import { AuditError } from './error.ts';
import { NO_LINE, segmentName } from './format.ts';
import { Page, type Place } from './page.ts';
import type { SignerMaterial, WriterOptions } from './protocol.ts';
import { type BundleRef, type Draft, plain, stamp, text } from './record.ts';
import { Segment, type Tail } from './segment.ts';
import { Trail } from './trail.ts';
import type { UsedApprovals } from './used-approvals.ts';

/** At a start this much of the last segment is written again: at least what one write can have left unsynced. */
const REWRITTEN = 16 * 1024 * 1024;
/** Room for log_opened and recovered, before anything is cut. */
const RESERVE = 256 * 1024;
const LOCK = 'lock';

/** What the log is known to hold on disk: where the next line goes, and who signs. */
interface Durable {
  place: Place;
  segment: string;
  end: number;
  signer: ActiveSigner;
}

/** What became of a page of drafts. */
export interface Written {
  /** Drafts taken, those rejected included. */
  count: number;
  /** Sequence number of the first record written. */
  seq: number;
  rejected: [index: number, message: string][];
}

/**
 * The one writer of a log: its folder, lock, chain and key. Every method is synchronous and either leaves the log durable and
 * contiguous, or throws and leaves it failed: nothing is written after a write whose fate is unknown until `recover` has
 * read back what became of it.
 */
export class Appender {
  readonly log: string;
  /** Whether opening the log had to cut a torn line. */
  readonly cutAtOpen: boolean;
  /** The bundle in use when the log was last written to. */
  readonly lastBundle: BundleRef | null;
  /** The approvals that its end tells of. */
  readonly usedApprovals: UsedApprovals;
  private readonly disk: Disk;
  private readonly folder: string;
  private readonly segmentBytes: number;
  private readonly lock: number;
  private readonly page = new Page();
  private place: Place;
  private segment: Segment | undefined;
  private signer: ActiveSigner;
  private durable: Durable;
  /** What was cut and has no record yet. */
  private cut: Tail | undefined;

  /** @throws AuditError with AUDIT_LOCKED, AUDIT_TAMPERED, AUDIT_FOLDER or AUDIT_UNAVAILABLE */
  constructor(disk: Disk, options: WriterOptions) {
    this.disk = disk;
    this.folder = options.folder;
    this.segmentBytes = options.segmentBytes;
    this.signer = activate(options.signer);
    this.lock = takeLock(disk, options.folder);
    try {
      const { certificate } = this.signer;
      const end = findEnd(disk, this.folder, certificate, options.approvalsSince);
      const { segment, next, tail, bundle } = end;
      this.segment = segment;
      this.place = next ?? { log: randomUUID(), seq: 0, prev: NO_LINE };
      this.log = this.place.log;
      this.cutAtOpen = tail.length > 0;
      this.lastBundle = bundle;
      this.usedApprovals = end.approvals;
      this.durable = this.mark(segment);
      segment.rewrite(Math.max(0, Math.min(segment.lastLine, segment.end - REWRITTEN)));
      if (tail.length > 0) this.removeTail(segment, tail);
      this.writeAll([
        opened(options, next === undefined, this.signer),
        ...this.recoveredDraft('torn_tail', options.time),
      ]);
      this.cut = undefined;
    } catch (error) {
      this.release();
      throw error instanceof AuditError ? error : unavailable(error);
    }
  }

  /**
   * Writes as many drafts from `from` on as page and segment take: one write, one sync.
   *
   * @throws whatever the disk says; the log has failed then
   */
  append(drafts: readonly Draft[], from: number): Written {
    const segment = this.rotateIfFull();
    const { page } = this;
    const { seq } = this.place;
    const rejected: Written['rejected'] = [];
    page.clear();
    let at = from;
    for (let draft = drafts[at]; draft; draft = drafts[++at]) {
      if (at > from && (segment.end + page.size >= this.segmentBytes || !page.fits(draft))) break;
      try {
        this.add(draft);
      } catch (error) {
        if (!(error instanceof AuditError)) throw error;
        rejected.push([at - from, error.message]);
      }
    }
    this.flush();
    return { count: at - from, seq, rejected };
  }

  /** Changes to another key; its key_rotated is the first record that it signs. */
  rotate(material: SignerMaterial, time: string): Written {
    this.signer = activate(material);
    return this.append([plain('key_rotated', `${stamp(time, randomUUIDv7())},${this.signer.fields}`)], 0);
  }

  /**
   * After a failure: reads back what became of the last write, keeps each line that is whole, cuts one that is not, and
   * records that. Throws if the disk still fails, or if anything but a torn last line is found.
   */
  recover(time: string): void {
    const { durable } = this;
    this.closeSegment();
    const segment = new Segment(this.disk, this.folder, durable.segment, durable.end === 0);
    this.segment = segment;
    if (segment.size < durable.end) {
      throw new AuditError(
        'AUDIT_TAMPERED',
        `${segment.name}: expected at least ${durable.end} bytes, got ${segment.size}`,
      );
    }
    const trail = new Trail(segment.name, durable.place);
    const tail = segment.scan(durable.end, (line) => {
      trail.add(line);
      trail.checkLast(durable.signer.certificate);
    });
    this.place = trail.next ?? durable.place;
    this.settleSigner(trail);
    segment.rewrite(durable.end);
    this.durable = this.mark(segment);
    this.removeTail(segment, tail);
    this.writeAll(this.recoveredDraft('write_failed', time));
    this.cut = undefined;
  }

  /** A key_rotated that did not reach the disk rotated nothing. */
  private settleSigner(trail: Trail): void {
    const { signer, durable } = this;
    if (!trail.signer) this.signer = durable.signer;
    else if (trail.signer.sha256 !== signer.certificate.sha256) {
      throw new AuditError('AUDIT_TAMPERED', `${durable.segment}: expected no signer but ours`);
    }
  }

  /** Writes log_closed, the last record of this opening. */
  conclude(reason: string, time: string): void {
    this.rotateIfFull();
    this.writeAll([plain('log_closed', `${stamp(time, randomUUIDv7())},"reason":${text(reason)}`)]);
  }

  close(): void {
    this.closeSegment();
    this.release();
  }

  private add(draft: Draft): void {
    const { place } = this;
    const prev = this.page.add(place, draft, this.signer.cms);
    this.place = { log: place.log, seq: place.seq + 1, prev };
  }

  private flush(): void {
    const { page, segment } = this;
    if (!segment) throw new Error('expected an open segment');
    page.end();
    if (page.bytes > 0) segment.append(page.parts, page.bytes);
    page.clear();
    this.durable = this.mark(segment);
  }

  private writeAll(drafts: Draft[]): void {
    this.page.clear();
    for (const draft of drafts) this.add(draft);
    this.flush();
  }

  /** The segment that takes the next record: a new one if the last has reached its size. */
  private rotateIfFull(): Segment {
    if (this.segment && this.segment.end < this.segmentBytes) return this.segment;
    this.closeSegment();
    const name = segmentName(this.place.seq);
    this.durable = { ...this.durable, segment: name, end: 0 };
    this.segment = new Segment(this.disk, this.folder, name, true);
    return this.segment;
  }

  private removeTail(segment: Segment, tail: Tail): void {
    segment.cut(tail, RESERVE);
    // A later tail of the same failure is only what its own unfinished `recovered` left.
    if (!this.cut?.length) this.cut = tail;
  }

  private recoveredDraft(cause: 'torn_tail' | 'write_failed', time: string): Draft[] {
    if (!this.cut) return [];
    const { segment, offset, length, sha256 } = this.cut;
    const fields = `"cause":"${cause}","segment":"${segment}","offset":${offset},"length":${length},"sha256":"${sha256}"`;
    return [plain('recovered', `${stamp(time, randomUUIDv7())},${fields}`)];
  }

  private mark(segment: Segment): Durable {
    return { place: this.place, segment: segment.name, end: segment.end, signer: this.signer };
  }

  private closeSegment(): void {
    const { segment } = this;
    this.segment = undefined;
    try {
      segment?.close();
    } catch {
      // Nothing is lost: what was acknowledged is synced, and what was not is read back by `recover`.
    }
  }

  private release(): void {
    this.closeSegment();
    this.disk.close(this.lock);
  }
}

function opened({ software, time }: WriterOptions, isNew: boolean, signer: ActiveSigner): Draft {
  const made = `{"name":${text(software.name)},"version":${text(software.version)},"node":${text(process.versions.node)}}`;
  const fields = `"opened":"${isNew ? 'new' : 'continued'}","software":${made},${signer.fields}`;
  return plain('log_opened', `${stamp(time, randomUUIDv7())},${fields}`);
}

function takeLock(disk: Disk, folder: string): number {
  let lock: number | undefined;
  try {
    disk.makeFolder(folder);
    lock = disk.lock(join(folder, LOCK));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AuditError('AUDIT_FOLDER', `expected a folder for the log that can be written: ${why}`, { cause: error });
  }
  if (lock === undefined) throw new AuditError('AUDIT_LOCKED', `another process writes the log in ${folder}`);
  return lock;
}

function unavailable(error: unknown): AuditError {
  const why = error instanceof Error ? error.message : String(error);
  return new AuditError('AUDIT_UNAVAILABLE', `the log cannot be written: ${why}`, { cause: error });
}
