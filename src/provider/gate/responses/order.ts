import type { SseFrame } from '../../../sse/index.ts';
import { type Batch, NO_BATCHES, type Outlet } from '../outlet.ts';
import type { StreamedCall } from './call.ts';
import type { Entry, Leaving, Repeated, ResponsesRewriter } from './rewrite.ts';

interface Held extends Entry {
  /** The call that it is a part of, or the item that began behind one. */
  item: StreamedCall | number | undefined;
}

const NOTHING: SseFrame = { raw: Buffer.alloc(0), first: false };

/**
 * Puts events in the order in which they leave. Those of a call wait for its end, and so do items that begin after it: an
 * SDK puts items in the order in which they begin. What belongs to items that began before passes.
 */
export class ResponsesOrder {
  /** Bytes that wait for calls to be complete. */
  bytes = 0;

  private readonly outlet: Outlet;
  private readonly rewriter: ResponsesRewriter;
  private held: Held[] = [];
  private head = 0;
  /** Items that began behind a call, and how many of their events wait. */
  private readonly behind = new Map<number, number>();

  constructor(outlet: Outlet, rewriter: ResponsesRewriter) {
    this.outlet = outlet;
    this.rewriter = rewriter;
  }

  pass(frame: SseFrame, sequence: number | undefined): void {
    if (this.outlet.isFree()) this.outlet.pass(this.rewriter.adapt(frame, sequence));
    else this.put({ frame: copyOf(frame), sequence });
  }

  /** An event of an item that is no call: with those before it. */
  follow(frame: SseFrame, sequence: number | undefined, index: number | undefined): void {
    if (index === undefined) this.line(frame, sequence);
    else if (this.behind.has(index)) this.hold(frame, sequence, index);
    else this.pass(frame, sequence);
  }

  /** The first event of an item that is no call. */
  begin(frame: SseFrame, sequence: number | undefined, index: number | undefined): void {
    if (this.isEmpty) this.pass(frame, sequence);
    else this.hold(frame, sequence, index);
  }

  /** An event of none, or of all. */
  line(frame: SseFrame, sequence: number | undefined, repeated?: Repeated[]): void {
    if (!this.isEmpty) this.hold(frame, sequence, undefined, repeated);
    else if (!repeated) this.pass(frame, sequence);
    else {
      const isFree = this.outlet.isFree(batchesOf({ repeated }));
      this.put({ frame: isFree ? frame : copyOf(frame), sequence, repeated });
    }
  }

  /** An event of a call. Of one that will be refused, none is needed but the first, for its place. */
  withhold(frame: SseFrame, sequence: number | undefined, call: StreamedCall): void {
    if (call.proposed?.fault && call.hasPlace) return;
    call.hasPlace = true;
    this.hold(frame, sequence, call);
    if (call.proposed) this.flush();
  }

  /** Keeps of a call that will be refused no more than its place. */
  letGo(call: StreamedCall): void {
    for (const entry of call.held) {
      this.bytes -= entry.frame.raw.length;
      entry.frame = NOTHING;
    }
    call.held = [];
  }

  /** After a call was complete. */
  flush(): void {
    for (; this.head < this.held.length; this.head++) {
      const entry = this.held[this.head] as Held;
      const { item } = entry;
      if (typeof item === 'object' && !item.proposed) return;
      if (typeof item === 'object') item.held = [];
      else if (item !== undefined) this.follows(item, -1);
      this.bytes -= entry.frame.raw.length;
      this.put(entry);
    }
    this.held = [];
    this.head = 0;
  }

  /** Releases nothing of it. */
  drop(): void {
    this.held = [];
    this.head = 0;
    this.bytes = 0;
    this.behind.clear();
  }

  private get isEmpty(): boolean {
    return this.head === this.held.length;
  }

  private hold(frame: SseFrame, sequence: number | undefined, item: Held['item'], repeated?: Repeated[]): void {
    const entry: Held = { frame: copyOf(frame), sequence, item, repeated };
    if (typeof item === 'object') {
      entry.call = item;
      item.held.push(entry);
    } else if (item !== undefined) {
      this.follows(item, 1);
    }
    this.held.push(entry);
    this.bytes += frame.raw.length;
  }

  private put(entry: Entry): void {
    this.outlet.hold(batchesOf(entry), entry.frame.raw.length, () => this.rewriter.render(entry));
  }

  private follows(index: number, change: number): void {
    const waiting = (this.behind.get(index) ?? 0) + change;
    if (waiting > 0) this.behind.set(index, waiting);
    else this.behind.delete(index);
  }
}

/** What it came in is larger, and may wait long. */
function copyOf({ raw, first }: SseFrame): SseFrame {
  return { raw: Buffer.from(raw), first };
}

function batchesOf({ call, repeated }: Pick<Entry, 'call' | 'repeated'>): readonly Batch[] {
  if (call) return [batchOf(call)];
  return repeated ? repeated.map((one) => batchOf(one.call)) : NO_BATCHES;
}

function batchOf({ proposed }: Leaving): Batch {
  if (!proposed) throw new Error('expected a call that was proposed');
  return proposed.batch;
}
