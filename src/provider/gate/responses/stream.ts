import type { JsonValue } from '../../../json/index.ts';
import type { SseEvent, SseFrame } from '../../../sse/index.ts';
import { ProviderError } from '../../error.ts';
import { readObject } from '../../read.ts';
import { count } from '../../usage.ts';
import type { GateOptions, SeenCall, StreamGate, ToolObservation } from '../gate.ts';
import { Outlet } from '../outlet.ts';
import { type EventGate, SseGate } from '../stream.ts';
import type { StreamedCall } from './call.ts';
import { ResponsesCalls } from './calls.ts';
import { PIECES, readTextDelta, type Told, tell } from './event.ts';
import { kindOfItem, RanItems } from './item.ts';
import { ResponsesOrder } from './order.ts';
import { type Listed, listCalls, matchCalls, readOutput } from './output.ts';
import { ResponsesRewriter } from './rewrite.ts';

/** Each whole response is compared with all calls. */
const MOST_REPEATS = 64;
const DONE = Buffer.from('[DONE]');

/** Withholds the tool calls of a streamed Responses API response. */
export function openResponsesStreamGate(options: GateOptions): StreamGate {
  const rewriter = new ResponsesRewriter(options.maxHeldBytes);
  const outlet = new Outlet(options, (refusal) => rewriter.refuse(refusal));
  return new SseGate(new ResponsesGate(outlet, rewriter, options), outlet, options);
}

/**
 * A call is complete at the end of its item, or else at that of the response. Keyed on `output_index`: some servers change
 * the ids of items with every event.
 */
class ResponsesGate implements EventGate {
  private readonly options: GateOptions;
  private readonly outlet: Outlet;
  private readonly order: ResponsesOrder;
  private readonly calls: ResponsesCalls;
  private readonly ran = new RanItems();
  private abandoned = 0;
  private repeats = 0;

  constructor(outlet: Outlet, rewriter: ResponsesRewriter, options: GateOptions) {
    this.options = options;
    this.outlet = outlet;
    this.order = new ResponsesOrder(outlet, rewriter);
    this.calls = new ResponsesCalls(options, outlet, this.order);
  }

  get heldBytes(): number {
    return this.order.bytes;
  }

  skim(frame: SseFrame): boolean {
    const text = frame.first ? undefined : readTextDelta(frame.raw);
    if (!text || this.calls.at(text.index)) return false;
    this.order.follow(frame, text.sequence, text.index);
    return true;
  }

  take(frame: SseFrame, event: SseEvent): void {
    if (event.data.equals(DONE)) this.order.line(frame, undefined);
    else this.takeEvent(frame, tell(event));
  }

  end(): void {
    this.calls.close();
  }

  drop(): void {
    this.order.drop();
    this.calls.drop();
  }

  observed(): ToolObservation {
    return this.ran.observed(this.abandoned);
  }

  unproposed(): SeenCall[] {
    return this.calls.unproposed();
  }

  private takeEvent(frame: SseFrame, told: Told): void {
    const { kind, index, sequence } = told;
    const call = this.calls.at(index);
    if (kind === 'error' || kind === 'idle') refuseItems(told.body);
    if (kind === 'added') this.begin(frame, told, call);
    else if (kind === 'done') this.finish(frame, told, call);
    else if (kind === 'piece') this.add(frame, told, call);
    else if (kind === 'interim' || kind === 'final') this.repeat(frame, told, kind === 'final');
    else if (kind === 'error') this.abandon(frame, sequence);
    else if (kind === 'idle') this.order.pass(frame, sequence);
    else if (kind === 'harmless' && !call) this.order.follow(frame, sequence, index);
    // Not known, or not at its place. It may yet tell of a call that is refused in any case.
    else if (call?.isRefused) this.order.withhold(frame, sequence, call);
    else throw new ProviderError('$.type', 'a documented type of event, at its place');
  }

  private begin(frame: SseFrame, told: Told, known: StreamedCall | undefined): void {
    const { body, index, sequence } = told;
    if (known) throw new ProviderError('$.output_index', 'an index of its own for each item');
    // Some servers announce an item before they tell of it.
    const isNull = body.get('item')?.kind === 'null';
    const item = isNull ? undefined : readObject(body.get('item'), '$.item');
    const kind = item ? kindOfItem(item) : 'other';
    if (item && kind === 'ran') this.ran.stream(item, index);
    if (item && kind === 'call') this.order.withhold(frame, sequence, this.calls.open(item, placeOf(item, told), true));
    else this.order.begin(frame, sequence, index);
  }

  private finish(frame: SseFrame, told: Told, known: StreamedCall | undefined): void {
    const { body, index, sequence } = told;
    const item = readObject(body.get('item'), '$.item');
    const kind = kindOfItem(item);
    if (!known && kind !== 'call') {
      if (kind === 'ran') this.ran.stream(item, index);
      this.order.follow(frame, sequence, index);
      return;
    }
    if (kind !== 'call') throw new ProviderError('$.item.type', 'the type with which the item began');
    const place = placeOf(item, told);
    const call = known ?? this.calls.open(item, place, false);
    this.order.withhold(frame, sequence, call);
    this.calls.take(call, item, this.calls.read(item), false);
    this.order.flush();
  }

  private add(frame: SseFrame, told: Told, call: StreamedCall | undefined): void {
    const { body, type, sequence, isExact } = told;
    const piece = PIECES.get(type);
    const number = piece?.field === 'command' ? count(body.get('command_index')) : 0;
    if (!call || !piece) throw new ProviderError('$.output_index', 'the index of a call that has begun');
    if (!call.isRefused) {
      const isPiece = isExact(body) && !call.proposed && number !== undefined && call.add(piece, number, body);
      if (!isPiece) throw new ProviderError('$', 'a piece of the call at its index');
    }
    this.order.withhold(frame, sequence, call);
    const isTooLarge = !call.isRefused && call.length > this.options.maxArgumentBytes;
    if (isTooLarge) this.calls.giveUp(call, 'TOOL_ARGUMENTS_TOO_LARGE');
  }

  /** A whole response: what it lists was streamed, or else is judged now. It waits for all of that. */
  private repeat(frame: SseFrame, told: Told, isFinal: boolean): void {
    const { body, type, sequence } = told;
    const listed = listCalls(readOutput(body.get('response')), (item) => this.calls.read(item), this.ran);
    const calls = listed.length > 0 ? this.match(listed, told, isFinal) : [];
    listed.forEach((one, i) => {
      const isPartial = type !== 'response.completed' && !isCompleted(one);
      this.calls.take(calls[i] as StreamedCall, one.item, one.read, isPartial);
    });
    if (isFinal) this.calls.close();
    else this.order.flush();
    const repeated = calls.map((call, i) => ({ call, position: (listed[i] as Listed).position }));
    this.order.line(frame, sequence, repeated.length > 0 ? repeated : undefined);
  }

  private match(listed: Listed[], { isExact }: Told, isFinal: boolean): StreamedCall[] {
    if (!listed.every(({ item }) => isExact(item)))
      throw new ProviderError('$.response.output', 'exact JSON where there are calls');
    if (this.repeats++ >= MOST_REPEATS) throw new ProviderError('$.type', 'few whole responses');
    const matches = matchCalls(listed, this.calls.all);
    return listed.map((one) => {
      const known = matches.get(one);
      // Under way, nobody can tell whether what it lists is all of the call.
      if (!isFinal && !known?.proposed) throw new ProviderError('$.response.output', 'no call before its own events');
      return known ?? this.calls.open(one.item, undefined, false);
    });
  }

  /** The vendor gave up: so must the client, and what is not complete is not released. */
  private abandon(frame: SseFrame, sequence: number | undefined): void {
    this.abandoned = this.calls.unfinishedCount;
    this.order.drop();
    this.order.pass(frame, sequence);
    this.outlet.close();
  }
}

function placeOf(item: JsonValue, { index, isExact }: Told): number {
  if (!isExact(item)) throw new ProviderError('$.item', 'exact JSON where there is a call');
  if (index === undefined) throw new ProviderError('$.output_index', 'the index of the call');
  return index;
}

/** A client may go by the fields of an event, whatever its type. */
function refuseItems(body: JsonValue): void {
  for (const key of ['item', 'response', 'output']) {
    const kind = body.get(key)?.kind;
    if (kind === 'object' || kind === 'array') throw new ProviderError(`$.${key}`, 'nothing in an event of this type');
  }
}

function isCompleted({ item }: Listed): boolean {
  return item.get('status')?.string() === 'completed';
}
