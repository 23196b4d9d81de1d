import type { Certificate } from '../pki/index.ts';
import { LONGEST_LINE, segmentName } from './format.ts';
import { Chain } from './verify-chain.ts';
import type { Checked, LineFacts } from './verify-check.ts';
import { BadLine, type Finding, type FindingCode } from './verify-finding.ts';
import { isTornLine, splitLine } from './verify-line.ts';
import { LogRecord } from './verify-record.ts';
import type { Head, LogOutcome, Report, SignerSummary } from './verify-report.ts';
import { checkWindow, Signers, type TrustedSigner } from './verify-signers.ts';
import { type Batch, cutSegment, type LogSource, type Segment } from './verify-source.ts';
import { type Checker, inThisThread, Threads } from './verify-threads.ts';

declare const VERIFIED: unique symbol;

/** A record whose signature, signer and place in the chain hold, with all before it. Only `verify` makes one. */
export interface VerifiedRecord extends LogRecord {
  readonly [VERIFIED]: true;
}

export interface VerifyOptions {
  /** The roots that the reader trusts; as Signers, with the paths that are known to lead there. */
  anchors: Certificate[] | Signers;
  /** The reader's time: no record may come from later than five minutes after it. */
  time: Date;
  /** Heads that the reader saw earlier: the log must still hold each. */
  heads?: readonly Head[];
  /** SHA-256 (hex) of certificates no longer trusted; those that Signers know go before. */
  revoked?: ReadonlySet<string>;
  /** Threads for signature checks, used for logs of some size; 0 (the default) checks in this thread. */
  threads?: number;
  /** Takes each record as it is found good, in order. A throw ends the verification. */
  onRecord?(record: VerifiedRecord): void | Promise<void>;
  onProgress?(bytes: number, records: number): void;
}

const CLOCKS_APART_MS = 5 * 60 * 1000;
const WORTH_THREADS_BYTES = 2 * 1024 * 1024;

/**
 * Verifies a log: a function of its bytes, the trust anchors, a time, and nothing else. Reads it once, from the
 * start, holding a few batches; stops at the first bad place.
 *
 * @throws whatever reading the source or onRecord throws; what the log holds ends up in the report
 */
export async function verify(source: LogSource, options: VerifyOptions): Promise<Report> {
  const size = source.segments.reduce((sum, segment) => sum + segment.size, 0);
  const threads = size >= WORTH_THREADS_BYTES ? (options.threads ?? 0) : 0;
  const checker = threads > 0 ? new Threads(threads, options.onRecord !== undefined) : inThisThread;
  try {
    return await new Verification(source, options, checker).run();
  } finally {
    await checker.close();
  }
}

/** A batch on its way, with what its own lines say. */
interface Item {
  batch: Batch;
  last: boolean;
  signer: TrustedSigner | BadLine | undefined;
  checked: Promise<Checked[]> | Checked[];
}

class Verification {
  private readonly segments: Segment[];
  private readonly options: VerifyOptions;
  private readonly checker: Checker;
  private readonly chain: Chain;
  private readonly signers: Signers;
  private readonly signed = new Map<string, SignerSummary>();
  /** The signer in force, or why there is none. */
  private signer: TrustedSigner | BadLine | undefined;
  private bytes = 0;
  private finding: Finding | null = null;
  private tail: Report['tail'] = null;

  constructor(source: LogSource, options: VerifyOptions, checker: Checker) {
    this.segments = [...source.segments].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.options = options;
    this.checker = checker;
    this.chain = new Chain(options.heads ?? []);
    const { anchors, revoked } = options;
    this.signers = anchors instanceof Signers ? anchors : new Signers(anchors, revoked);
  }

  async run(): Promise<Report> {
    // Lines are checked ahead of their turn, on other threads; their order is taken here, one after another.
    const ahead: Item[] = [];
    for await (const item of this.items()) {
      ahead.push(item);
      const first = ahead.length > this.checker.depth ? ahead.shift() : undefined;
      if (first && !(await this.take(first))) break;
    }
    while (!this.finding && ahead.length > 0) {
      const first = ahead.shift();
      if (first) await this.take(first);
    }
    return this.report();
  }

  private async *items(): AsyncGenerator<Item> {
    for (const [index, segment] of this.segments.entries()) {
      const last = index === this.segments.length - 1;
      for await (const batch of cutSegment(segment)) {
        if (batch.namesSigner) await this.admit(batch);
        const checked = batch.tail ? [] : this.start(batch);
        // If its turn never comes, nobody waits for it when the threads end.
        Promise.resolve(checked).catch(() => {});
        yield { batch, last, signer: this.signer, checked };
        if (Array.isArray(checked) && checked.some((line) => 'bad' in line)) return;
      }
    }
  }

  /** Makes the certificate that a line names the one in force, or remembers why not. */
  private async admit(batch: Batch): Promise<void> {
    try {
      this.signer = await this.signers.admit(batch.bytes.subarray(0, -1));
    } catch (error) {
      if (!(error instanceof BadLine)) throw error;
      this.signer = error;
    }
  }

  private start(batch: Batch): Promise<Checked[]> | Checked[] {
    const { signer } = this;
    if (signer instanceof BadLine) return [{ bad: signer.code, why: signer.message }];
    if (!signer) return [{ bad: 'LOG_STATE', why: 'expected log_opened first, which names the signer' }];
    return this.checker.check(batch, signer.certificate);
  }

  /** Takes the next batch into the chain; false at the first bad line. */
  private async take({ batch, last, signer, checked }: Item): Promise<boolean> {
    if (batch.firstLine === 1 && !this.named(batch)) return false;
    if (batch.tail) return this.takeTail(batch, last);
    let start = 0;
    for (const [index, line] of (await checked).entries()) {
      const end = batch.ends[index] ?? start;
      const wrong = 'bad' in line ? line : this.chained(line, signer);
      if (wrong) return this.found(wrong.bad, wrong.why, batch.segment, batch.firstLine + index);
      if (this.options.onRecord) await this.options.onRecord(verified(batch.bytes.subarray(start, end - 1)));
      start = end;
    }
    this.bytes += batch.ends.at(-1) ?? 0;
    this.options.onProgress?.(this.bytes, this.chain.next);
    return true;
  }

  /** A segment is named by its first sequence number, so a segment lost, renamed or moved shows in its place. */
  private named(batch: Batch): boolean {
    const expected = segmentName(this.chain.next);
    if (batch.segment === expected) return true;
    return this.found('SEGMENT_NAME', `expected segment ${expected}, got ${batch.segment}`, batch.segment, null);
  }

  private takeTail(batch: Batch, last: boolean): boolean {
    const { segment, bytes, firstLine } = batch;
    if (bytes.length === 0) return true;
    if (bytes.length > LONGEST_LINE) {
      return this.found('LINE_SIZE', `expected lines of at most ${LONGEST_LINE} bytes`, segment, firstLine);
    }
    if (!last) return this.found('LINE_GRAMMAR', 'expected LF at the end of a segment', segment, firstLine);
    if (!isTornLine(bytes)) {
      return this.found('TAIL', 'expected LF, or the beginning of a record, got other bytes', segment, firstLine);
    }
    this.tail = { segment, length: bytes.length };
    this.bytes += bytes.length;
    return true;
  }

  /** Puts a line that is good by itself into its place; says what is wrong with it there. */
  private chained(line: LineFacts, signer: Item['signer']): { bad: FindingCode; why: string } | undefined {
    try {
      if (!signer || signer instanceof BadLine) throw new Error('a line cannot be checked without a signer');
      checkWindow(line.time, signer);
      const latest = this.options.time.getTime() + CLOCKS_APART_MS;
      if (Date.parse(line.time) > latest) {
        throw new BadLine('TIME_FUTURE', `expected a time up to ${new Date(latest).toISOString()}, got ${line.time}`);
      }
      this.chain.add(line);
      this.countSigner(signer);
      return undefined;
    } catch (error) {
      if (error instanceof BadLine) return { bad: error.code, why: error.message };
      throw error;
    }
  }

  private countSigner({ certificate, path }: TrustedSigner): void {
    const { sha256, subject, issuer } = certificate;
    const summary = this.signed.get(sha256) ?? {
      sha256,
      subject,
      issuer,
      notBefore: path.notBefore.toISOString(),
      notAfter: path.notAfter.toISOString(),
      records: 0,
    };
    summary.records++;
    this.signed.set(sha256, summary);
  }

  private found(code: FindingCode, why: string, segment: string | null, line: number | null): false {
    this.finding = { code, why, segment, line, seq: this.chain.next };
    return false;
  }

  private report(): Report {
    const missing = this.finding ? undefined : this.chain.missingHeads()[0];
    if (missing) {
      const why = `expected record ${missing.seq}, which was seen before; the log ends before it`;
      this.finding = { code: 'HEAD_MISSING', why, segment: null, line: null, seq: missing.seq };
    }
    const { finding, tail } = this;
    return {
      outcome: this.outcome(),
      ...this.chain.summary(),
      segments: this.segments.length,
      bytes: this.bytes,
      signers: [...this.signed.values()],
      finding,
      tail,
    };
  }

  private outcome(): LogOutcome {
    if (this.finding?.code === 'HEAD_MISSING') return 'rolled_back';
    if (this.chain.forked) return 'forked';
    if (this.finding?.code === 'SIGNER_UNTRUSTED' && this.chain.next === 0) return 'untrusted';
    if (this.finding) return 'tampered';
    if (this.tail) return 'torn_tail';
    return this.chain.next === 0 ? 'empty' : 'signed';
  }
}

function verified(line: Uint8Array): VerifiedRecord {
  return new LogRecord(splitLine(line).json) as VerifiedRecord;
}
