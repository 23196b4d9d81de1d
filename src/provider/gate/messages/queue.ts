import type { GateOptions, SeenCall } from '../gate.ts';
import { Batch, NO_BATCHES, type Outlet, type Proposed } from '../outlet.ts';
import type { ToolUse } from './call.ts';

/** A block that is a call. */
export interface Block {
  readonly call: ToolUse;
  complete: boolean;
  /** Whether none of its events was withheld yet. */
  isNew: boolean;
  /** Its events that are withheld, but for the last: that stays, whatever the ruling. */
  events: Held[];
  ruled: { proposed: Proposed; batches: readonly Batch[] } | undefined;
}

type Render = (raw: Buffer) => Uint8Array[];

interface Held {
  raw: Buffer;
  /** Of whose block it is; undefined if it only comes after one. */
  block: Block | undefined;
  render: Render;
}

const NO_BYTES = Buffer.alloc(0);

/** The events that wait for a block to stop, theirs or one before: SDKs add blocks as they come. */
export class BlockQueue {
  heldBytes = 0;

  private readonly outlet: Outlet;
  private readonly options: GateOptions;
  private held: Held[] = [];
  /** The one proposal for all calls beyond the limit. */
  private excess: Block['ruled'];

  constructor(outlet: Outlet, options: GateOptions) {
    this.outlet = outlet;
    this.options = options;
  }

  get isEmpty(): boolean {
    return this.held.length === 0;
  }

  /** Lets an event go after those that wait. */
  put(raw: Buffer, render?: Render): void {
    if (!this.isEmpty) {
      this.keep(raw, undefined, render ?? ((bytes) => [bytes]));
    } else if (render) {
      const kept = this.outlet.isFree() ? raw : Buffer.from(raw);
      this.outlet.hold(NO_BATCHES, raw.length, () => render(kept));
    } else {
      this.outlet.pass(raw);
    }
  }

  /** Withholds an event of a call; of one that will be refused, only the place where it begins. */
  hold(raw: Buffer, block: Block, render: Render): void {
    const isFirst = block.isNew;
    block.isNew = false;
    if (!block.call.fault) {
      block.events.push(this.keep(raw, block, render));
      return;
    }
    if (isFirst) this.keep(NO_BYTES, block, render);
    for (const held of block.events.splice(0)) {
      this.heldBytes -= held.raw.length;
      held.raw = NO_BYTES;
    }
  }

  /** Hands on what waits for no block any longer, and proposes its calls. */
  drain(): void {
    let drained = 0;
    for (const { raw, block, render } of this.held) {
      if (block && !block.complete) break;
      drained++;
      this.heldBytes -= raw.length;
      if (block) block.ruled ??= this.propose(block);
      this.outlet.hold(block?.ruled?.batches ?? NO_BATCHES, raw.length, () => render(raw));
    }
    this.held.splice(0, drained);
  }

  drop(): void {
    this.held = [];
    this.heldBytes = 0;
  }

  /** The calls whose blocks wait. */
  unproposed(): SeenCall[] {
    const blocks = new Set(this.held.flatMap(({ block }) => (block && !block.ruled ? [block] : [])));
    return [...blocks].map(({ call }) => call.seen);
  }

  private propose({ call }: Block): Block['ruled'] {
    const isExcess = call.fault === 'TOOL_CALLS_TOO_MANY';
    if (isExcess && this.excess) {
      const { proposal } = this.excess.proposed;
      proposal.more = (proposal.more ?? 0) + 1;
      return this.excess;
    }
    const batch = new Batch();
    const ruled = { proposed: this.outlet.propose(batch, call.judge(this.options.maxCalls)), batches: [batch] };
    if (isExcess) this.excess = ruled;
    return ruled;
  }

  /** A copy: what it came in is larger, and may wait long. */
  private keep(raw: Buffer, block: Block | undefined, render: Render): Held {
    const held: Held = { raw: Buffer.from(raw), block, render };
    this.held.push(held);
    this.heldBytes += raw.length;
    return held;
  }
}
