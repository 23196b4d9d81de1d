import type { ToolCall } from '../tool/index.ts';
import type { CallFault, GateOptions, Proposal, ResponseFault, Ruling, Step } from './gate.ts';
import { faultRefusal } from './gate-error.ts';
import type { RefusalFields } from './refusal.ts';
import { type Removal, ResponsesRewriter } from './responses-gate-rewrite.ts';
import type { SseFrame } from './sse.ts';

/** What was proposed, until its ruling and after. */
export interface Proposed {
  readonly key: number;
  readonly fault: CallFault | undefined;
  ruling?: Ruling;
  /** Whether bytes of it left. */
  isReleased?: true;
}

/** A call, as far as it matters to what leaves. */
export interface Leaving {
  /** Its place among the calls of the response. */
  readonly number: number;
  /** Undefined for one that only the whole response tells. */
  readonly index: number | undefined;
  proposed: Proposed | undefined;
  /** Whether a message stands in its place already. */
  replaced: boolean;
}

/** An event on its way out. */
export interface Entry {
  /** Undefined for the last. */
  frame: SseFrame | undefined;
  /** Whether the frame has memory of its own, and may wait. */
  kept: boolean;
  sequence: number | undefined;
  /** The call that it is a part of. */
  call?: Leaving;
  /** The calls that the whole response in it repeats, and where in its output. */
  repeated?: { call: Leaving; position: number }[];
  /** Set on one that ends the stream because it cannot be followed. */
  fault?: ResponseFault;
}

/**
 * What leaves, in one line: each event waits for the rulings on its own calls and for all events before it. The gate puts
 * them in the order that instant rulings would give, so that neither the cut of the chunks nor how fast rulings come
 * makes a difference to the bytes.
 */
export class ResponsesOutlet {
  private readonly options: GateOptions;
  private readonly rewriter: ResponsesRewriter;
  private out: Uint8Array[] = [];
  private proposals: Proposal[] = [];
  private released: number[] = [];
  private fault: ResponseFault | undefined;
  private finished = false;
  private closed = false;
  private entries: Entry[] = [];
  private head = 0;
  private bytes = 0;
  private keys = 0;
  private readonly waiting = new Map<number, Proposed>();

  constructor(options: GateOptions) {
    this.options = options;
    this.rewriter = new ResponsesRewriter(options.maxHeldBytes);
  }

  get heldBytes(): number {
    return this.bytes;
  }

  /** Nothing more is taken. */
  get isClosed(): boolean {
    return this.closed;
  }

  propose(calls: ToolCall[], fault: CallFault | undefined): Proposed {
    const proposed: Proposed = { key: this.keys++, fault };
    this.waiting.set(proposed.key, proposed);
    this.proposals.push(fault ? { key: proposed.key, calls, fault } : { key: proposed.key, calls });
    return proposed;
  }

  settle(key: number, ruling: Ruling): void {
    const proposed = this.waiting.get(key);
    if (!proposed) throw new Error(`expected the key of a proposal that waits for its ruling, got ${key}`);
    if (ruling.release && proposed.fault) throw new Error(`expected a refusal of a call with ${proposed.fault}`);
    this.waiting.delete(key);
    proposed.ruling = ruling;
    this.flush();
  }

  put(entry: Entry): void {
    if (this.closed) return;
    const { frame } = entry;
    if (this.head === this.entries.length && isRuled(entry)) {
      this.send(entry);
      return;
    }
    if (frame && !entry.kept) entry.frame = { raw: Buffer.from(frame.raw), first: frame.first };
    this.entries.push(entry);
    this.bytes += frame?.raw.length ?? 0;
  }

  /** The stream cannot be followed further: what is complete still goes its way, then the client is told. */
  fail(fault: ResponseFault): void {
    this.put({ frame: undefined, kept: true, sequence: undefined, fault });
    this.close();
  }

  /** No more comes: done when all that waits has gone. */
  close(): void {
    this.closed = true;
    this.flush();
  }

  /** What happened since the last step. */
  step(): Step {
    const { out, proposals, released, finished, fault } = this;
    this.out = [];
    this.proposals = [];
    this.released = [];
    const step: Step = { out, proposals: finished ? [] : proposals, done: finished };
    if (released.length > 0) step.released = released;
    if (fault) step.fault = fault;
    return step;
  }

  private flush(): void {
    while (this.head < this.entries.length && !this.finished) {
      const entry = this.entries[this.head] as Entry;
      if (!isRuled(entry)) return;
      this.entries[this.head++] = GONE;
      this.bytes -= entry.frame?.raw.length ?? 0;
      this.send(entry);
    }
    this.entries = [];
    this.head = 0;
    if (this.closed) this.finished = true;
  }

  private send(entry: Entry): void {
    const { call, frame, fault, sequence } = entry;
    if (fault) {
      this.refuse(faultRefusal(fault, this.options.decisionId), fault);
      return;
    }
    const removals = removalsOf(entry);
    const [first] = removals;
    if (first && this.options.onDenied === 'error') this.refuse(first.refusal);
    else if (first && call) this.replace(call, first, sequence);
    else if (frame) {
      this.emit(this.rewriter.adapt(frame, sequence, removals));
      this.note(entry);
    }
  }

  private note({ call, repeated }: Entry): void {
    if (call) this.noteOne(call);
    for (const one of repeated ?? []) this.noteOne(one.call);
  }

  private noteOne({ proposed }: Leaving): void {
    if (!proposed?.ruling?.release || proposed.isReleased) return;
    proposed.isReleased = true;
    this.released.push(proposed.key);
  }

  private refuse(refusal: RefusalFields, fault?: ResponseFault): void {
    this.emit(this.rewriter.refuse(refusal));
    this.fault = fault;
    this.finished = true;
    this.closed = true;
    this.entries = [];
    this.head = 0;
    this.bytes = 0;
  }

  /** Of the events of a refused call, the first gives way to a message; the others are taken out. */
  private replace(call: Leaving, removal: Removal, sequence: number | undefined): void {
    if (call.replaced || call.index === undefined) return;
    call.replaced = true;
    for (const frame of this.rewriter.replace(call.index, removal, sequence)) this.emit(frame);
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

const GONE: Entry = { frame: undefined, kept: true, sequence: undefined };

function isRuled({ call, repeated }: Entry): boolean {
  if (call) return call.proposed?.ruling !== undefined;
  return !repeated || repeated.every((one) => one.call.proposed?.ruling !== undefined);
}

const NONE: Removal[] = [];

function removalsOf({ call, repeated }: Entry): Removal[] {
  if (call) return removalOf(call, 0);
  return repeated ? repeated.flatMap((one) => removalOf(one.call, one.position)) : NONE;
}

function removalOf({ number, proposed }: Leaving, position: number): Removal[] {
  const ruling = proposed?.ruling;
  return ruling?.release === false ? [{ position, number, refusal: ruling.refusal }] : NONE;
}
