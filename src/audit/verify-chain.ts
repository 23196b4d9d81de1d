import { NO_LINE } from './format.ts';
import type { BundleRef } from './record.ts';
import type { LineFacts } from './verify-check.ts';
import { BadLine } from './verify-finding.ts';
import type { Head, Report } from './verify-report.ts';

const NEVER_OPENED = 'never';

/** The state that runs along a log from line to line: takes each line once, in order. Bounded by calls in flight and bundles. */
export class Chain {
  /** Forwarded decisions whose outcome has not come, with the tool calls that were proposed meanwhile: whether each was allowed. */
  private readonly unfinished = new Map<string, Map<string, boolean>>();
  /** The bundles that the log announced so far; calls on their way stay with an earlier one, so all of them count. */
  private readonly announced = new Set<string>();
  private readonly heads: Map<number, string>;
  private last: LineFacts | undefined;
  private firstTime: string | null = null;
  private latest = 0;
  private clockBackMs = 0;
  private outcomes = 0;
  private readonly approvals: Report['approvals'] = [];
  private readonly reused: Report['reused'] = [];
  private readonly usedAt = new Map<string, number>();
  private readonly decisions = { total: 0, forwarded: 0, refused: 0, allow: 0, deny: 0, escalate: 0 };
  /** Where a forked log parts ways, once seen. */
  forked = false;

  constructor(heads: readonly Head[]) {
    this.heads = new Map(heads.map((head) => [head.seq, head.digest]));
  }

  /** The sequence number that the next line must have. */
  get next(): number {
    return this.last === undefined ? 0 : this.last.seq + 1;
  }

  /** @throws BadLine if the line does not continue the log; the state is then that before the line */
  add(line: LineFacts): void {
    const { last } = this;
    if (last && line.log !== last.log) throw new BadLine('LOG_ID', `expected log ${last.log}, got ${line.log}`);
    if (line.seq !== this.next) this.refuseSequence(line);
    if (line.prev !== (last?.digest ?? NO_LINE)) {
      throw new BadLine(
        'CHAIN',
        'expected prev to be the SHA-256 of the line before: that line was changed, or this one moved',
      );
    }
    this.checkState(line);
    this.checkHead(line);
    this.checkBundle(line);
    this.checkLinks(line);
    this.count(line);
    this.last = line;
  }

  /** The heads of which the log holds no line: it ends before them. */
  missingHeads(): Head[] {
    return [...this.heads].filter(([seq]) => seq >= this.next).map(([seq, digest]) => ({ seq, digest }));
  }

  summary(): Pick<
    Report,
    | 'log'
    | 'records'
    | 'decisions'
    | 'outcomes'
    | 'approvals'
    | 'reused'
    | 'unfinished'
    | 'first'
    | 'last'
    | 'clockBackMs'
    | 'head'
    | 'closed'
  > {
    const { last } = this;
    return {
      log: last?.log ?? null,
      records: this.next,
      decisions: { ...this.decisions },
      outcomes: this.outcomes,
      approvals: this.approvals,
      reused: this.reused,
      unfinished: this.unfinished.size,
      first: this.firstTime,
      last: last?.time ?? null,
      clockBackMs: this.clockBackMs,
      head: last ? { seq: last.seq, digest: last.digest } : null,
      closed: last?.type === 'log_closed',
    };
  }

  private refuseSequence(line: LineFacts): never {
    const { last, next } = this;
    // Two signed successors of one line are more than a moved line: whoever holds the key wrote two histories.
    this.forked = last !== undefined && line.seq === last.seq && line.prev === last.prev && line.digest !== last.digest;
    if (this.forked) throw new BadLine('FORK', `expected one record ${line.seq}, got a second one that is signed too`);
    const missing = line.seq > next ? `: ${line.seq - next} missing` : ': repeated or moved';
    throw new BadLine('SEQUENCE', `expected record ${next}, got ${line.seq}${missing}`);
  }

  private checkState(line: LineFacts): void {
    const before = this.last?.type ?? NEVER_OPENED;
    if (before === NEVER_OPENED || before === 'log_closed') {
      if (line.type !== 'log_opened') throw new BadLine('LOG_STATE', `expected log_opened first, got ${line.type}`);
    }
    if (line.type !== 'log_opened') return;
    const opened = before === NEVER_OPENED ? 'new' : 'continued';
    if (line.opened !== opened)
      throw new BadLine('LOG_STATE', `expected a log that is opened as ${opened}, got ${line.opened}`);
  }

  private checkHead(line: LineFacts): void {
    const expected = this.heads.get(line.seq);
    if (expected === undefined || expected === line.digest) return;
    this.forked = true;
    throw new BadLine(
      'HEAD_DIFFERS',
      `expected digest ${expected} as seen before, got ${line.digest}: another history`,
    );
  }

  /** An activation says when a bundle's certificates had to hold, and since when it may decide: none decides unannounced. */
  private checkBundle({ decision, bundle }: LineFacts): void {
    if (!decision || !bundle || this.announced.has(nameOf(bundle))) return;
    const { digest, sequence } = bundle;
    throw new BadLine(
      'BUNDLE',
      `expected a bundle that an earlier bundle_activated announced, got ${digest}, sequence ${sequence}`,
    );
  }

  private count(line: LineFacts): void {
    const time = Date.parse(line.time);
    this.firstTime ??= line.time;
    this.clockBackMs = Math.max(this.clockBackMs, this.latest - time);
    this.latest = Math.max(this.latest, time);
    if (line.outcome) {
      this.unfinished.delete(line.outcome.of);
      this.outcomes++;
    }
    if (line.type === 'bundle_activated' && line.bundle) this.announced.add(nameOf(line.bundle));
    if (line.decision === undefined) return;
    const { effect, forwarded, awaitsOutcome } = line.decision;
    this.decisions.total++;
    this.decisions[forwarded ? 'forwarded' : 'refused']++;
    this.decisions[effect]++;
    if (line.approval !== undefined) this.countApproval(line.approval, line.seq);
    if (awaitsOutcome) this.unfinished.set(line.id, new Map());
    if (line.proposedBy !== undefined) this.unfinished.get(line.proposedBy)?.set(line.id, forwarded);
  }

  /** A gateway refuses what its own log tells it was used; over a whole log, and several, a reader sees all. */
  private countApproval(id: string, seq: number): void {
    const other = this.usedAt.get(id);
    if (other !== undefined) this.reused.push({ id, seq, other });
    else {
      this.usedAt.set(id, seq);
      this.approvals.push({ id, seq });
    }
  }

  /** A tool call comes between its call's decision and outcome, and the outcome tells of each; none is released that was refused. */
  private checkLinks({ proposedBy, outcome }: LineFacts): void {
    if (proposedBy !== undefined && !this.unfinished.has(proposedBy)) {
      throw new BadLine('LINK', 'expected the tool call to come from a call that was forwarded and has no outcome yet');
    }
    if (!outcome) return;
    const proposed = this.unfinished.get(outcome.of);
    if (!proposed) throw new BadLine('LINK', 'expected an earlier decision that was forwarded and has no outcome yet');
    const told = new Set(outcome.toolCalls.map(({ decision }) => decision));
    // A record in the log is no proof that its writer learnt of it: then the call was refused, and has no decision to name.
    const isWhole = told.size === outcome.toolCalls.length && proposed.size - told.size <= outcome.unrecorded;
    if (!isWhole || outcome.toolCalls.some(({ decision, released }) => !isTrue(proposed.get(decision), released))) {
      throw new BadLine(
        'LINK',
        'expected tool_calls to name each decided tool call once, and none released that was refused',
      );
    }
  }
}

/** `allowed` is undefined for a tool call that was never decided. */
const isTrue = (allowed: boolean | undefined, released: boolean): boolean =>
  allowed !== undefined && (allowed || !released);

/** Digest, revision and sequence number must all be as announced. */
const nameOf = ({ digest, revision, sequence }: BundleRef): string => JSON.stringify([digest, revision, sequence]);
