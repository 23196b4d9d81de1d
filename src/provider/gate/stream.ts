import type { SseEvent, SseFrame } from '../../sse/index.ts';
import { ProviderError } from '../error.ts';
import type { GateOptions, ResponseFault, Ruling, SeenCall, Step, StreamGate, ToolObservation } from './gate.ts';
import { seenCalls } from './glimpse.ts';
import type { Outlet } from './outlet.ts';
import { SseReader } from './sse.ts';

/** What a dialect makes of the events of a stream: it puts them into the outlet, at once or when their calls are complete. */
export interface EventGate {
  /** Puts an event in without reading it, if it is plainly one that makes no difference. */
  skim(frame: SseFrame): boolean;
  /** @throws ProviderError if the event cannot be followed */
  take(frame: SseFrame, event: SseEvent): void;
  /** No more comes: proposes what is still open. */
  end(): void;
  /** Forgets what is held back, and releases none of it. */
  drop(): void;
  /** Bytes that wait for their calls to be complete. */
  readonly heldBytes: number;
  observed(): ToolObservation;
  /** The calls that came and were not proposed. */
  unproposed(): SeenCall[];
}

/** A gate for a stream of server-sent events. */
export class SseGate implements StreamGate {
  private readonly events: EventGate;
  private readonly outlet: Outlet;
  private readonly reader: SseReader;
  private readonly mostHeld: number;
  /** The calls that came and were not proposed when the stream could not be followed further. */
  private lost: SeenCall[] = [];

  constructor(events: EventGate, outlet: Outlet, { maxHeldBytes }: GateOptions) {
    this.events = events;
    this.outlet = outlet;
    this.reader = new SseReader(maxHeldBytes);
    this.mostHeld = maxHeldBytes;
  }

  get heldBytes(): number {
    if (this.outlet.isClosed) return this.outlet.heldBytes;
    return this.reader.heldBytes + this.events.heldBytes + this.outlet.heldBytes;
  }

  feed(chunk: Uint8Array): Step {
    if (!this.outlet.isClosed) {
      this.takeAll(this.reader.feed(chunk));
      if (this.reader.overflowed) this.fail('RESPONSE_TOO_LARGE');
    }
    return this.outlet.step();
  }

  settle(key: number, ruling: Ruling): Step {
    this.outlet.settle(key, ruling);
    return this.outlet.step();
  }

  end(_complete: boolean): Step {
    if (!this.outlet.isClosed) {
      this.takeAll(this.reader.end());
      this.events.end();
    }
    this.outlet.close();
    return this.outlet.step();
  }

  observed(): ToolObservation {
    return this.events.observed();
  }

  undecided(): SeenCall[] {
    return [...this.outlet.undecided(), ...this.lost, ...this.events.unproposed()];
  }

  private takeAll(frames: SseFrame[]): void {
    for (const frame of frames) {
      if (this.outlet.isClosed) return;
      if (!this.events.skim(frame)) this.take(frame);
      if (this.events.heldBytes > this.mostHeld) this.fail('RESPONSE_TOO_LARGE');
    }
  }

  private take(frame: SseFrame): void {
    const event = this.reader.read(frame);
    if (event === undefined) return void this.outlet.pass(frame.raw);
    if (event === null) return void this.fail('RESPONSE_UNREADABLE');
    try {
      this.events.take(frame, event);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      this.fail('RESPONSE_UNREADABLE', event);
    }
  }

  /** @param event the one that cannot be followed: calls that begin in it are told of too, and pieces of others have no name */
  private fail(fault: ResponseFault, event?: SseEvent): void {
    if (this.outlet.isClosed) return;
    const open = this.events.unproposed();
    const ids = new Set(open.map(({ id }) => id));
    const isNew = ({ name, id }: SeenCall): boolean =>
      name !== null && (id === null || !(ids.has(id) || this.outlet.knows(id)));
    this.lost = event ? [...open, ...seenCalls(event.data).filter(isNew)] : open;
    this.events.drop();
    this.outlet.fail(fault);
  }
}
