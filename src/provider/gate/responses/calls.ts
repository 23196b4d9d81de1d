import type { JsonValue } from '../../../json/index.ts';
import { ProviderError } from '../../error.ts';
import type { JudgedCall } from '../call.ts';
import type { CallFault, GateOptions, SeenCall } from '../gate.ts';
import { Batch, type Outlet, type Proposed } from '../outlet.ts';
import { StreamedCall } from './call.ts';
import { type CallItem, readCallItem } from './item.ts';
import type { ResponsesOrder } from './order.ts';

/** What is kept of a call lasts as long as the stream. */
const MOST_CALLS = 16_384;

/** The calls of a streamed response. */
export class ResponsesCalls {
  /** In the order in which they began. */
  readonly all: StreamedCall[] = [];

  private readonly options: GateOptions;
  private readonly outlet: Outlet;
  private readonly order: ResponsesOrder;
  private readonly byIndex = new Map<number, StreamedCall>();
  /** Those that are not complete. */
  private readonly unfinished = new Set<StreamedCall>();
  /** How many were proposed; a wrapper counts for what it holds. */
  private judged = 0;
  /** Stands for all beyond the limit. */
  private excess: Proposed | undefined;

  constructor(options: GateOptions, outlet: Outlet, order: ResponsesOrder) {
    this.options = options;
    this.outlet = outlet;
    this.order = order;
  }

  get unfinishedCount(): number {
    return this.unfinished.size;
  }

  at(index: number | undefined): StreamedCall | undefined {
    return index === undefined ? undefined : this.byIndex.get(index);
  }

  read(item: JsonValue): CallItem {
    return readCallItem(item, this.options.maxArgumentBytes, this.options.maxCalls);
  }

  /** @param begins whether the item is how the call begins, rather than how it ends */
  open(item: JsonValue, index: number | undefined, begins: boolean): StreamedCall {
    if (this.all.length >= MOST_CALLS) throw new ProviderError('$.output_index', `at most ${MOST_CALLS} calls`);
    const call = new StreamedCall(this.all.length, index, item, begins);
    this.all.push(call);
    this.unfinished.add(call);
    if (index !== undefined) this.byIndex.set(index, call);
    return call;
  }

  /** Takes the whole of a call: the first is judged, all others must say the same. */
  take(call: StreamedCall, item: JsonValue, read: CallItem, isPartial: boolean): void {
    const { proposed } = call;
    if (proposed?.fault) return;
    if (call.type !== read.type) throw new ProviderError('$.item', 'the call that began at its index');
    if (proposed && call.digest !== read.digest) throw new ProviderError('$.item', 'the call as it was told before');
    if (proposed) return;
    const isIncomplete = isPartial || item.get('status')?.string() === 'incomplete';
    // Whatever ends it, one that began as nobody understands is not understood.
    const fault = isIncomplete ? 'TOOL_CALL_INCOMPLETE' : call.isRefused ? 'TOOL_CALL_UNKNOWN' : read.fault;
    if (!fault && !call.agrees(item)) throw new ProviderError('$.item', 'the call that its pieces make');
    call.digest = read.digest;
    this.propose(call, fault ? { calls: [call.announced], fault, more: read.more } : read);
  }

  /** Proposes a call that is refused, whatever more will come of it. */
  giveUp(call: StreamedCall, fault: CallFault): void {
    this.propose(call, { calls: [call.announced], fault });
    this.order.flush();
  }

  /** No more comes. */
  close(): void {
    for (const call of this.unfinished) this.propose(call, { calls: [call.announced], fault: 'TOOL_CALL_INCOMPLETE' });
    this.order.flush();
  }

  unproposed(): SeenCall[] {
    return [...this.unfinished].map(({ announced: { name, id } }) => ({ name, id, more: 0 }));
  }

  /** Forgets those that are not complete. */
  drop(): void {
    this.unfinished.clear();
  }

  private propose(call: StreamedCall, judged: JudgedCall): void {
    const count = judged.calls.length;
    this.unfinished.delete(call);
    if (this.excess) {
      const { proposal } = this.excess;
      proposal.more = (proposal.more ?? 0) + count;
      call.proposed = this.excess;
    } else if (this.judged + count > this.options.maxCalls) {
      const excess: JudgedCall = { calls: [call.announced], fault: 'TOOL_CALLS_TOO_MANY', more: count - 1 };
      this.excess = this.outlet.propose(new Batch(), excess);
      call.proposed = this.excess;
    } else {
      this.judged += count;
      call.proposed = this.outlet.propose(new Batch(), judged);
    }
    if (call.isRefused) this.order.letGo(call);
    call.forget();
  }
}
