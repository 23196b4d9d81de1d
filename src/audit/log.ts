import { randomUUIDv7 } from 'node:crypto';
import type { Signer } from '../pki/index.ts';
import {
  type Committed,
  type CommittedAllow,
  type CommittedRefusal,
  makeAllow,
  makeCommitted,
  makeRefusal,
} from './committed.ts';
import { AuditError } from './error.ts';
import type { Request, SignerMaterial, Software } from './protocol.ts';
import {
  type BundleRef,
  type DecisionDraft,
  type Draft,
  decision,
  type EventDraft,
  event,
  type OutcomeDraft,
  outcome,
} from './record.ts';
import { type Trust, type Window, windowOf } from './signer-window.ts';
import type { UsedApprovals } from './used-approvals.ts';
import { WriterThread } from './writer-thread.ts';

export interface LogOptions extends Trust {
  /** Made, for its owner only, if it is missing. */
  folder: string;
  signer: Signer;
  /** What log_opened says of the program. */
  software: Software;
  now(): Date;
  /** A segment ends with the record that reaches this size, in bytes. Default 64 MiB. */
  segmentBytes?: number | undefined;
  /** What may wait for the disk before decisions are refused as AUDIT_OVERLOADED; other records may fill twice as much. */
  waiting?: { records: number; bytes: number } | undefined;
  /** Since when uses of approvals matter: `usedApprovals` tells of them. Default: never. */
  approvalsSince?: Date | undefined;
  /** Told when the log stops taking records, and when it takes them again (undefined). */
  onFailure?: ((error: AuditError | undefined) => void) | undefined;
  /** From a failure to the first attempt to recover, in milliseconds. Default 250. */
  retryMs?: number | undefined;
  /** Module URL of a stand-in for the disk, which tests use to make it fail. */
  disk?: URL | undefined;
}

const SEGMENT_BYTES = 64 * 1024 * 1024;
const WAITING = { records: 8192, bytes: 64 * 1024 * 1024 };
const RETRY_MS = 250;
/** The wait doubles from one attempt in vain to the next, up to so many times the first. */
const LONGEST_RETRY = 8;

interface Kind {
  /** How many times the room for what may wait this kind of record may use. */
  share: number;
  /** Whether a call is held up until it is on disk. */
  urgent: boolean;
}

const DECISION: Kind = { share: 1, urgent: true };
const OUTCOME: Kind = { share: 2, urgent: false };
const EVENT: Kind = { share: 2, urgent: true };

/**
 * A log that this process writes. This handle only words records and keeps account; a thread of its own hashes, signs and
 * writes them (writer.ts). Nothing resolves before its record is on disk.
 */
export class Log {
  /** The log's UUID. */
  readonly id: string;
  /** The bundle that was in use when the log was last written to, before this opening; null: none was. */
  readonly lastBundle: BundleRef | null;
  /** The approvals that let calls go ahead before this opening, as far back as they matter. */
  readonly usedApprovals: UsedApprovals;
  /** Whether opening it cut a torn line. */
  readonly recovered: boolean;
  private readonly options: LogOptions;
  private readonly waiting: { records: number; bytes: number };
  private readonly writer: WriterThread;
  private window: Window;
  private failure: AuditError | undefined;
  private retry: NodeJS.Timeout | undefined;
  private readonly firstRetryMs: number;
  private retryMs: number;
  private closing: Promise<void> | undefined;

  /**
   * Takes the folder's lock, finds the log's end (cutting a torn last line) and writes log_opened.
   *
   * @throws AuditError with AUDIT_LOCKED, AUDIT_TAMPERED, AUDIT_FOLDER, AUDIT_SIGNER or AUDIT_UNAVAILABLE
   */
  static async open(options: LogOptions): Promise<Log> {
    const now = options.now();
    const window = await windowOf(options.signer, options, now);
    const writer = await WriterThread.start({
      folder: options.folder,
      segmentBytes: options.segmentBytes ?? SEGMENT_BYTES,
      signer: material(options.signer),
      software: options.software,
      time: now.toISOString(),
      approvalsSince: options.approvalsSince?.toISOString() ?? null,
      disk: options.disk?.href ?? null,
    });
    return new Log(options, window, writer);
  }

  private constructor(options: LogOptions, window: Window, writer: WriterThread) {
    this.id = writer.log;
    this.lastBundle = writer.lastBundle;
    this.usedApprovals = writer.usedApprovals;
    this.recovered = writer.recovered;
    this.options = options;
    this.waiting = options.waiting ?? WAITING;
    this.firstRetryMs = this.retryMs = options.retryMs ?? RETRY_MS;
    this.window = window;
    this.writer = writer;
    writer.onState = (failure, final) => this.changeState(failure, final);
  }

  /** Whether a record committed now could become durable. */
  get writable(): boolean {
    return this.refusal(this.options.now()) === undefined;
  }

  /** When the signer's path ceases to hold. */
  get signerExpires(): Date {
    return new Date(this.window.notAfter);
  }

  /**
   * Records a decision. Resolves once it is on disk: to the CommittedAllow that lets the call go ahead, if the draft enforces
   * `forward`.
   *
   * @throws AuditError with AUDIT_UNAVAILABLE, AUDIT_OVERLOADED, AUDIT_RECORD or AUDIT_CLOSED: forward nothing then
   */
  commit(draft: DecisionDraft & { effect_enforced: 'forward' }): Promise<CommittedAllow>;
  commit(draft: DecisionDraft): Promise<CommittedAllow | CommittedRefusal>;
  commit(draft: DecisionDraft): Promise<CommittedAllow | CommittedRefusal> {
    const make = draft.effect_enforced === 'forward' ? makeAllow : makeRefusal;
    return this.append<CommittedAllow | CommittedRefusal>(draft.id, make, DECISION, (time) => decision(draft, time));
  }

  /** Records how a forwarded call ended. Errors as for `commit`. */
  outcome(of: CommittedAllow, draft: OutcomeDraft): Promise<Committed> {
    const id = randomUUIDv7();
    return this.append(id, makeCommitted, OUTCOME, (time) => outcome(of.id, id, draft, time));
  }

  /** Errors as for `commit`. */
  event(draft: EventDraft): Promise<Committed> {
    const id = randomUUIDv7();
    return this.append(id, makeCommitted, EVENT, (time) => event(draft, id, time));
  }

  /** Signs with another key, from its key_rotated on. Errors as for `commit`, and AUDIT_SIGNER as for `open`. */
  async rotate(signer: Signer): Promise<void> {
    const now = this.options.now();
    const window = await windowOf(signer, this.options, now);
    const refusal = this.closing ? closed() : this.failure;
    if (refusal) throw refusal;
    const request: Request = { kind: 'rotate', signer: material(signer), time: now.toISOString() };
    await new Promise<number>((resolve, reject) => this.writer.post(request, { resolve, reject, bytes: 0 }));
    this.window = window;
  }

  /**
   * Writes what is waiting and log_closed, and gives up the lock. Repeated calls wait for the first.
   *
   * @throws AuditError with AUDIT_UNAVAILABLE if log_closed could not be written; the log is closed all the same
   */
  close(reason: string): Promise<void> {
    this.closing ??= this.end(reason);
    return this.closing;
  }

  private append<T extends Committed>(
    id: string,
    make: (id: string, seq: number) => T,
    kind: Kind,
    word: (time: string) => Draft,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const now = this.options.now();
      const refusal = this.refusal(now) ?? this.overload(kind.share);
      if (refusal) throw refusal;
      const draft = word(now.toISOString());
      this.writer.send(draft, { resolve: (seq) => resolve(make(id, seq)), reject, bytes: sizeOf(draft) }, kind.urgent);
    });
  }

  private refusal(now: Date): AuditError | undefined {
    if (this.closing) return closed();
    if (this.failure) return this.failure;
    const outside = this.outside(now);
    return outside === undefined ? undefined : new AuditError('AUDIT_UNAVAILABLE', outside);
  }

  /** Why nothing can be signed now. */
  private outside(now: Date): string | undefined {
    if (this.holds(now)) return undefined;
    const [from, to] = [this.window.notBefore, this.window.notAfter].map((ms) => new Date(ms).toISOString());
    return `the audit signing certificate is valid from ${from} to ${to}, and now is ${now.toISOString()}`;
  }

  private holds(now: Date): boolean {
    return now.getTime() >= this.window.notBefore && now.getTime() <= this.window.notAfter;
  }

  /** Outcomes of calls that were let through must not be crowded out by decisions on new ones. */
  private overload(share: number): AuditError | undefined {
    const { records, bytes } = this.writer;
    if (records < this.waiting.records * share && bytes < this.waiting.bytes * share) return undefined;
    return new AuditError('AUDIT_OVERLOADED', `${records} records (${bytes} bytes) are waiting for the disk`);
  }

  private changeState(failure: AuditError | undefined, final: boolean): void {
    const changed = (this.failure === undefined) !== (failure === undefined);
    this.failure = failure;
    if (failure === undefined) this.retryMs = this.firstRetryMs;
    else if (!final && !this.closing) this.retryLater();
    if (changed) this.options.onFailure?.(failure);
  }

  private retryLater(): void {
    if (this.retry) return;
    this.retry = setTimeout(() => {
      this.retry = undefined;
      const now = this.options.now();
      // What would be signed outside the certificate's time would not verify.
      if (this.holds(now)) this.writer.post({ kind: 'recover', time: now.toISOString() });
      else this.retryLater();
    }, this.retryMs).unref();
    this.retryMs = Math.min(this.retryMs * 2, this.firstRetryMs * LONGEST_RETRY);
  }

  private async end(reason: string): Promise<void> {
    clearTimeout(this.retry);
    const now = this.options.now();
    const outside = this.outside(now);
    this.writer.post({ kind: 'close', reason, time: outside ? null : now.toISOString() });
    const why = (await this.writer.end()) ?? outside ?? null;
    if (why !== null) throw new AuditError('AUDIT_UNAVAILABLE', `log_closed could not be written: ${why}`);
  }
}

const closed = (): AuditError => new AuditError('AUDIT_CLOSED', 'the log is closed');

const sizeOf = ([, head, , body, , , input, stored]: Draft): number =>
  head.length + (body?.byteLength ?? 0) + (input?.byteLength ?? 0) + (stored?.byteLength ?? 0);

const material = ({ key, certificate, chain }: Signer): SignerMaterial => ({
  key,
  certificates: [certificate, ...chain].map(({ der }) => der),
});
