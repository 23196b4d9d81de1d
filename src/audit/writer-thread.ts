import { Worker } from 'node:worker_threads';
import { AuditError } from './error.ts';
import type { Report, Request, WriterOptions } from './protocol.ts';
import type { BundleRef, Draft } from './record.ts';
import type { UsedApprovals } from './used-approvals.ts';

/** Who waits for a record. */
export interface Waiter {
  /** Called with the record's sequence number once it is on disk. */
  resolve(seq: number): void;
  reject(error: AuditError): void;
  /** Bytes that the record holds of the queue's room. */
  bytes: number;
}

/** Smaller arrays cost less to copy than to transfer. */
const TRANSFERRED = 4096;
/** What is worth a message by itself. The calls of a message wait for one another, so large records travel by few. */
const BATCH = { records: 16, bytes: 512 * 1024 };
/** Messages under way at once: enough that the writer need not wait for a turn of the event loop. */
const UNDER_WAY = 4;
/** How long a record that holds nothing up may wait for company: a sync costs more than the record. */
const PATIENCE_MS = 5;

/**
 * The main thread's end of the writer's thread. Few messages are under way at a time: what comes meanwhile makes the next, so
 * that messages, writes and syncs grow in size with the load, not in number. The writer answers in order, so a list of who
 * waits is all the account there is.
 */
export class WriterThread {
  readonly log: string;
  /** Whether opening the log cut a torn line. */
  readonly recovered: boolean;
  /** The bundle in use when the log was last written to. */
  readonly lastBundle: BundleRef | null;
  readonly usedApprovals: UsedApprovals;
  /** Records and bytes that wait for the disk. */
  records = 0;
  bytes = 0;
  /** Told of a failure, and of its end (undefined). `final`: the thread is gone. */
  onState: (failure: AuditError | undefined, final: boolean) => void = () => {};
  private readonly worker: Worker;
  private drafts: Draft[] = [];
  private draftBytes = 0;
  /** Of each message under way, the records that are not answered. */
  private readonly underWay: number[] = [];
  private scheduled = false;
  /** Whether one of the drafts holds a call up. */
  private urgent = false;
  private patience: NodeJS.Timeout | undefined;
  private readonly transferred = new Set<ArrayBuffer>();
  private waiters: Waiter[] = [];
  private readonly ended: Promise<void>;
  private closeMessage: string | null | undefined;

  /** @throws AuditError as Log.open says */
  static async start(options: WriterOptions): Promise<WriterThread> {
    // In the source tree the writer is TypeScript, which node runs as it is.
    const file = import.meta.url.endsWith('.ts') ? './writer.ts' : './writer.js';
    const worker = new Worker(new URL(file, import.meta.url), { workerData: options, name: 'audit' });
    const report = await new Promise<Report>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', (error) => reject(gone(error)));
    });
    if (report.kind === 'opened') return new WriterThread(worker, report);
    await worker.terminate();
    if (report.kind === 'refused') throw new AuditError(report.code, report.message);
    throw new Error(`expected opened or refused, got ${report.kind}`);
  }

  private constructor(worker: Worker, { log, recovered, lastBundle, usedApprovals }: Report & { kind: 'opened' }) {
    this.lastBundle = lastBundle;
    this.usedApprovals = usedApprovals;
    this.worker = worker;
    this.log = log;
    this.recovered = recovered;
    worker.on('message', (report: Report) => this.take(report));
    this.ended = new Promise((resolve) => {
      worker.once('error', (error) => this.die(gone(error)));
      worker.once('exit', () => {
        this.die(gone());
        resolve();
      });
    });
  }

  /**
   * Sends a draft at the end of this turn of the event loop or later. The buffers of its arrays may be detached then.
   *
   * @param urgent false if nobody is held up: it goes with the next one that is, or after a moment
   */
  send(draft: Draft, waiter: Waiter, urgent: boolean): void {
    this.drafts.push(draft);
    this.draftBytes += waiter.bytes;
    this.expect(waiter);
    this.urgent ||= urgent;
    if (this.scheduled) return;
    if (this.underWay.length > 0) this.flushIfDue();
    else if (urgent) {
      this.scheduled = true;
      this.gather(0);
    } else this.wait();
  }

  /** Waits for as long as each turn of the event loop brings more: waking the thread and a sync cost more than a record. */
  private gather(before: number): void {
    setImmediate(() => {
      const now = this.drafts.length;
      if (now > before && !this.isBatch) {
        this.gather(now);
        return;
      }
      this.scheduled = false;
      this.flush();
    });
  }

  private get isBatch(): boolean {
    return this.drafts.length >= BATCH.records || this.draftBytes >= BATCH.bytes;
  }

  /** Sends the drafts at hand, then something else. A key_rotated has a waiter too. */
  post(request: Request, waiter?: Waiter): void {
    this.flush();
    if (waiter) {
      this.expect(waiter);
      this.underWay.push(1);
    }
    this.worker.postMessage(request);
  }

  /** Waits for the thread's end, after a `close` was posted. Returns why log_closed could not be written, or null. */
  async end(): Promise<string | null> {
    await this.ended;
    return this.closeMessage === undefined ? 'the writer ended early' : this.closeMessage;
  }

  private expect(waiter: Waiter): void {
    this.waiters.push(waiter);
    this.records++;
    this.bytes += waiter.bytes;
  }

  private flush(): void {
    const { drafts, transferred } = this;
    clearTimeout(this.patience);
    this.patience = undefined;
    this.urgent = false;
    if (drafts.length === 0) return;
    this.drafts = [];
    this.draftBytes = 0;
    this.underWay.push(drafts.length);
    for (const [, , , , , , input, stored] of drafts) {
      if (input) this.handOver(input);
      if (stored) this.handOver(stored);
    }
    this.worker.postMessage({ kind: 'append', drafts } satisfies Request, [...transferred]);
    transferred.clear();
  }

  /** While the writer is at work, only what is worth a message goes beside; once it rests, whatever holds a call up. */
  private flushIfDue(): void {
    const { length } = this.underWay;
    if (length === 0 ? this.urgent : length < UNDER_WAY && this.urgent && this.isBatch) this.flush();
    else if (length === 0 && this.drafts.length > 0) this.wait();
  }

  private wait(): void {
    this.patience ??= setTimeout(() => this.flush(), PATIENCE_MS);
  }

  private handOver({ buffer, byteLength }: Uint8Array): void {
    if (byteLength < TRANSFERRED || byteLength !== buffer.byteLength || !(buffer instanceof ArrayBuffer)) return;
    this.transferred.add(buffer);
  }

  private take(report: Report): void {
    switch (report.kind) {
      case 'done':
        this.settle(report);
        return;
      case 'failed': {
        const error = new AuditError('AUDIT_UNAVAILABLE', `the log could not be written: ${report.message}`);
        this.onState(error, false);
        for (const waiter of this.next(report.count)) waiter.reject(error);
        return;
      }
      case 'recovered':
        this.onState(undefined, false);
        return;
      case 'unrecovered':
        this.onState(new AuditError('AUDIT_UNAVAILABLE', `the log cannot be written: ${report.message}`), false);
        return;
      case 'closed':
        this.closeMessage = report.message;
    }
  }

  private settle({ count, seq, rejected }: Report & { kind: 'done' }): void {
    const refused = new Map(rejected);
    let next = seq;
    for (const [index, waiter] of this.next(count).entries()) {
      const why = refused.get(index);
      if (why === undefined) waiter.resolve(next++);
      else waiter.reject(new AuditError('AUDIT_RECORD', why));
    }
  }

  private next(count: number): Waiter[] {
    const waiters = count === this.waiters.length ? this.waiters : this.waiters.splice(0, count);
    if (waiters === this.waiters) this.waiters = [];
    this.records -= waiters.length;
    for (const { bytes } of waiters) this.bytes -= bytes;
    this.settleMessages(waiters.length);
    this.flushIfDue();
    return waiters;
  }

  /** The writer answers a message in parts, one for each write. */
  private settleMessages(answered: number): void {
    for (let left = answered; left > 0 && this.underWay.length > 0; ) {
      const of = Math.min(left, this.underWay[0] ?? 0);
      left -= of;
      this.underWay[0] = (this.underWay[0] ?? 0) - of;
      if (this.underWay[0] === 0) this.underWay.shift();
    }
  }

  private die(error: AuditError): void {
    if (this.closeMessage === undefined) this.onState(error, true);
    this.drafts = [];
    this.urgent = false;
    for (const waiter of this.next(this.waiters.length)) waiter.reject(error);
  }
}

const gone = (cause?: unknown): AuditError =>
  new AuditError('AUDIT_UNAVAILABLE', "the log's writer has ended unexpectedly", { cause });
