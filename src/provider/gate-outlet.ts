import type { Provider } from '../input/index.ts';
import type { ToolCall } from '../tool/index.ts';
import type { CallFault, GateOptions, Proposal, ResponseFault, Ruling, Step } from './gate.ts';
import { errorEvent, faultRefusal } from './gate-error.ts';
import type { RefusalFields } from './refusal.ts';

/** A call that was proposed. */
export interface Proposed {
  readonly key: number;
  readonly fault: CallFault | undefined;
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
  batch: Batch | undefined;
  bytes: number;
  render(): Uint8Array[];
  fault?: ResponseFault;
}

const NOTHING: Uint8Array[] = [];

/**
 * What leaves a stream gate, in one line: each entry waits for the rulings on its own calls and for all entries before it.
 * The gate puts them in the order that instant rulings would give, so that neither the cut of the chunks nor how fast
 * rulings come makes a difference to the bytes: even a refusal ends the stream where its call stood.
 */
export class Outlet {
  private readonly provider: Provider;
  private readonly options: GateOptions;
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
  private readonly waiting = new Map<number, [Proposed, Batch]>();

  constructor(provider: Provider, options: GateOptions) {
    this.provider = provider;
    this.options = options;
  }

  get heldBytes(): number {
    return this.bytes;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** Lets bytes go after all that waits. */
  pass(bytes: Uint8Array): void {
    if (this.closed) return;
    if (this.isEmpty) this.emit(bytes);
    else this.push({ batch: undefined, bytes: bytes.length, render: () => [bytes] });
  }

  propose(batch: Batch, calls: ToolCall[], fault: CallFault | undefined): Proposed {
    const proposed: Proposed = { key: this.keys++, fault };
    batch.unruled++;
    this.waiting.set(proposed.key, [proposed, batch]);
    this.proposals.push(fault ? { key: proposed.key, calls, fault } : { key: proposed.key, calls });
    return proposed;
  }

  /** Puts in what waits for a batch; `render` is called when all of it is ruled on, and all before it has gone. */
  hold(batch: Batch | undefined, bytes: number, render: () => Uint8Array[]): void {
    if (this.closed) return;
    this.push({ batch, bytes, render });
    this.flush();
  }

  settle(key: number, ruling: Ruling): void {
    const found = this.waiting.get(key);
    if (!found) throw new Error(`expected the key of a proposal that waits for its ruling, got ${key}`);
    const [proposed, batch] = found;
    if (ruling.release && proposed.fault) throw new Error(`expected a refusal of a call with ${proposed.fault}`);
    this.waiting.delete(key);
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
    this.push({ batch: undefined, bytes: 0, render: () => NOTHING, fault });
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
      if (entry.batch && entry.batch.unruled > 0) return;
      this.entries[this.head++] = GONE;
      this.bytes -= entry.bytes;
      const refusal = entry.batch?.refused?.refusal;
      if (entry.fault) this.refuse(faultRefusal(entry.fault, this.options.decisionId), entry.fault);
      else if (refusal && this.options.onDenied === 'error') this.refuse(refusal);
      else {
        for (const bytes of entry.render()) this.emit(bytes);
        if (entry.batch) this.released.push(...entry.batch.allowed.splice(0));
      }
    }
    this.entries = [];
    this.head = 0;
    if (this.closed) this.finished = true;
  }

  private refuse(refusal: RefusalFields, fault?: ResponseFault): void {
    this.emit(errorEvent(this.provider, refusal));
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

const GONE: Entry = { batch: undefined, bytes: 0, render: () => NOTHING };
