import type { StreamedCall } from './responses-gate-call.ts';
import type { Entry, ResponsesOutlet } from './responses-gate-outlet.ts';
import type { SseFrame } from './sse.ts';

interface Held extends Entry {
  frame: SseFrame;
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

  private readonly outlet: ResponsesOutlet;
  private held: Held[] = [];
  private head = 0;
  /** Items that began behind a call, and how many of their events wait. */
  private readonly behind = new Map<number, number>();

  constructor(outlet: ResponsesOutlet) {
    this.outlet = outlet;
  }

  pass(frame: SseFrame, sequence: number | undefined): void {
    this.outlet.put({ frame, kept: false, sequence });
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
  line(frame: SseFrame, sequence: number | undefined, repeated?: Entry['repeated']): void {
    if (!this.isEmpty) this.hold(frame, sequence, undefined, repeated);
    else this.outlet.put({ frame, kept: false, sequence, ...(repeated && { repeated }) });
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
      this.bytes -= entry.frame?.raw.length ?? 0;
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
      this.outlet.put(entry);
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

  private hold(frame: SseFrame, sequence: number | undefined, item: Held['item'], repeated?: Entry['repeated']): void {
    // A copy: what it came in is larger, and may wait long.
    const kept = { raw: Buffer.from(frame.raw), first: frame.first };
    const entry: Held = { frame: kept, kept: true, sequence, item, ...(repeated && { repeated }) };
    if (typeof item === 'object') {
      entry.call = item;
      item.held.push(entry);
    } else if (item !== undefined) {
      this.follows(item, 1);
    }
    this.held.push(entry);
    this.bytes += frame.raw.length;
  }

  private follows(index: number, change: number): void {
    const waiting = (this.behind.get(index) ?? 0) + change;
    if (waiting > 0) this.behind.set(index, waiting);
    else this.behind.delete(index);
  }
}
