import type { RefusalFields } from '../refusal.ts';
import type { JudgedCall } from './call.ts';
import { faultRefusal } from './error.ts';
import type { CallFault, GateOptions, Proposal, ResponseFault, Ruling, SeenCall, Step } from './gate.ts';

/** A call that was proposed. */
export interface Proposed {
  readonly key: number;
  readonly batch: Batch;
  readonly fault: CallFault | undefined;
  /** As it was handed on. */
  readonly proposal: Proposal;
  /** Set once it was ruled on and refused. */
  refusal?: RefusalFields;
}

/** Calls that are released together, once there is a ruling on each. */
export class Batch {
  unruled = 0;
  /** Those that are allowed, until the first bytes of the batch leave. */
  allowed: number[] = [];
  /** The first call that was refused, in the order of the response. */
  refused: Proposed | undefined;
}

interface Entry {
  batches: readonly Batch[];
  bytes: number;
  render(): Uint8Array[];
  fault?: ResponseFault;
}

const NOTHING: Uint8Array[] = [];
/** Of what waits only for what is before it. */
export const NO_BATCHES: readonly Batch[] = [];

/**
 * What leaves a stream gate, in one line: each entry waits for the rulings on its own calls and for all entries before it.
 * The gate puts them in the order that instant rulings would give, so that neither the cut of the chunks nor how fast
 * rulings come makes a difference to the bytes: even a refusal ends the stream where its call stood.
 */
export class Outlet {
  private readonly options: GateOptions;
  private readonly writeError: (refusal: RefusalFields) => Uint8Array;
  private out: Uint8Array[] = [];
  private proposals: Proposal[] = [];
  private released: number[] = [];
  private fault: ResponseFault | undefined;
  private finished = false;
  /** Nothing more may be put in: the upstream's end was reached, or the stream cannot be followed. */
  private closed = false;
  private entries: Entry[] = [];
  private head = 0;
  private bytes = 0;
  private keys = 0;
  private readonly waiting = new Map<number, Proposed>();
  /** Proposals that were made when all was over, so that nobody is to rule on them. */
  private readonly late: Proposal[] = [];
  /** Of all calls that were proposed. */
  private readonly ids = new Set<string>();

  /** @param writeError how the dialect tells a client that the stream ends here */
  constructor(options: GateOptions, writeError: (refusal: RefusalFields) => Uint8Array) {
    this.options = options;
    this.writeError = writeError;
  }

  get heldBytes(): number {
    return this.bytes;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** Whether what waits for these batches, or for none, would leave at once. */
  isFree(batches: readonly Batch[] = NO_BATCHES): boolean {
    return this.isEmpty && batches.every(isRuled);
  }

  /** Lets bytes go after all that waits. */
  pass(bytes: Uint8Array): void {
    if (this.closed) return;
    if (this.isEmpty) return void this.emit(bytes);
    // A copy: what it came in is larger, and may wait long.
    const kept = Buffer.from(bytes);
    this.push({ batches: NO_BATCHES, bytes: kept.length, render: () => [kept] });
  }

  propose(batch: Batch, { calls, fault, more }: JudgedCall): Proposed {
    const key = this.keys++;
    const proposal: Proposal = { key, calls, ...(fault && { fault }), ...(more && { more }) };
    const proposed: Proposed = { key, batch, fault, proposal };
    batch.unruled++;
    this.waiting.set(key, proposed);
    this.proposals.push(proposal);
    for (const { id } of calls) if (id !== null) this.ids.add(id);
    return proposed;
  }

  /** Whether a call of this id was proposed. */
  knows(id: string): boolean {
    return this.ids.has(id);
  }

  /** The calls that were proposed too late to be ruled on. */
  undecided(): SeenCall[] {
    return this.late.flatMap(({ calls, more = 0 }) =>
      calls.map(({ name, id }, i) => ({ name: name || null, id, more: i === 0 ? more : 0 })),
    );
  }

  /** Puts in what waits for batches; `render` is called when all of them are ruled on, and all before it has gone. */
  hold(batches: readonly Batch[], bytes: number, render: () => Uint8Array[]): void {
    if (this.closed) return;
    this.push({ batches, bytes, render });
    this.flush();
  }

  settle(key: number, ruling: Ruling): void {
    const proposed = this.waiting.get(key);
    if (!proposed) throw new Error(`expected the key of a proposal that waits for its ruling, got ${key}`);
    if (ruling.release && proposed.fault) throw new Error(`expected a refusal of a call with ${proposed.fault}`);
    this.waiting.delete(key);
    const { batch } = proposed;
    if (!ruling.release) {
      proposed.refusal = ruling.refusal;
      if (!batch.refused || batch.refused.key > key) batch.refused = proposed;
    } else batch.allowed.push(key);
    batch.unruled--;
    this.flush();
  }

  /** The stream cannot be followed further: what is complete still goes its way, then the client is told. */
  fail(fault: ResponseFault): void {
    if (this.closed) return;
    this.push({ batches: NO_BATCHES, bytes: 0, render: () => NOTHING, fault });
    this.closed = true;
    this.flush();
  }

  /** No more comes: done when all that waits has gone. */
  close(): void {
    this.closed = true;
    this.flush();
  }

  /** What happened since the last step. */
  step(): Step {
    const step: Step = { out: this.out, proposals: this.finished ? [] : this.proposals, done: this.finished };
    if (this.finished) this.late.push(...this.proposals);
    if (this.released.length > 0) step.released = this.released;
    if (this.fault) step.fault = this.fault;
    this.out = [];
    this.proposals = [];
    this.released = [];
    return step;
  }

  private get isEmpty(): boolean {
    return this.head === this.entries.length;
  }

  private push(entry: Entry): void {
    this.entries.push(entry);
    this.bytes += entry.bytes;
  }

  private flush(): void {
    while (!this.isEmpty && !this.finished) {
      const entry = this.entries[this.head] as Entry;
      const { batches } = entry;
      if (!batches.every(isRuled)) return;
      this.entries[this.head++] = GONE;
      this.bytes -= entry.bytes;
      const refusal = batches.find(({ refused }) => refused)?.refused?.refusal;
      if (entry.fault) this.refuse(faultRefusal(entry.fault, this.options.decisionId), entry.fault);
      else if (refusal && this.options.onDenied === 'error') this.refuse(refusal);
      else {
        for (const bytes of entry.render()) this.emit(bytes);
        for (const { allowed } of batches) this.released.push(...allowed.splice(0));
      }
    }
    this.entries = [];
    this.head = 0;
    if (this.closed) this.finished = true;
  }

  private refuse(refusal: RefusalFields, fault?: ResponseFault): void {
    this.emit(this.writeError(refusal));
    this.fault = fault;
    this.finished = true;
    this.closed = true;
    this.bytes = 0;
  }

  /** Neighbours in memory become one piece: mostly a whole chunk, sent as it came. */
  private emit(bytes: Uint8Array): void {
    const last = this.out.at(-1);
    if (last && last.buffer === bytes.buffer && last.byteOffset + last.length === bytes.byteOffset) {
      this.out[this.out.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + bytes.length);
    } else if (bytes.length > 0) {
      this.out.push(bytes);
    }
  }
}

const GONE: Entry = { batches: NO_BATCHES, bytes: 0, render: () => NOTHING };

function isRuled({ unruled }: Batch): boolean {
  return unruled === 0;
}
