import type { JsonValue } from '../../../json/index.ts';
import type { SseEvent, SseFrame } from '../../../sse/index.ts';
import { ProviderError } from '../../error.ts';
import { readObject, readOptionalArray } from '../../read.ts';
import { count } from '../../usage.ts';
import { errorEvent } from '../error.ts';
import type { GateOptions, SeenCall, StreamGate, ToolObservation } from '../gate.ts';
import { Outlet } from '../outlet.ts';
import { RanTools } from '../ran.ts';
import { type Reading, readResponse } from '../reading.ts';
import { type EventGate, SseGate } from '../stream.ts';
import { Template } from '../template.ts';
import { ToolUse } from './call.ts';
import { type Block, BlockQueue } from './queue.ts';
import { addRan, blockKind, readBlockDelta, readEvent, readMessage, readMessageDelta, refuseContent } from './shape.ts';
import { endTurn, noticeEvents } from './strip.ts';

/** State belongs to the message, not to the stream: that may begin again in mid-block with another `message_start`. */
interface Message {
  /** By index: the call that a block is, or null for another block. */
  open: Map<number, Block | null>;
  /** How many blocks have begun, and how many of them are calls. */
  blocks: number;
  calls: number;
  /** Whether each block had the next index. */
  isRegular: boolean;
  /** How many calls have gone to the client, and how many were taken out. */
  released: number;
  refused: number;
}

function newMessage(): Message {
  return { open: new Map(), blocks: 0, calls: 0, isRegular: true, released: 0, refused: 0 };
}

/** Withholds the tool calls of a streamed Messages response. */
export function openMessagesStreamGate(options: GateOptions): StreamGate {
  const outlet = new Outlet(options, (refusal) => errorEvent('anthropic', refusal));
  return new SseGate(new MessagesGate(outlet, options), outlet, options);
}

/** A call is complete when its block stops, and what comes after its beginning waits. */
class MessagesGate implements EventGate {
  private readonly outlet: Outlet;
  private readonly options: GateOptions;
  private readonly queue: BlockQueue;
  private message = newMessage();
  private template: Template | undefined;
  private calls = 0;
  /** Bytes of arguments that are kept beside the events. */
  private argumentBytes = 0;
  private ran = 0;
  private readonly tools = new RanTools();
  private abandoned = 0;
  /** The calls of messages that began again. */
  private readonly lost: SeenCall[] = [];

  constructor(outlet: Outlet, options: GateOptions) {
    this.outlet = outlet;
    this.options = options;
    this.queue = new BlockQueue(outlet, options);
  }

  get heldBytes(): number {
    return this.queue.heldBytes + this.argumentBytes;
  }

  skim({ raw }: SseFrame): boolean {
    if (!this.queue.isEmpty || !this.template?.matches(raw)) return false;
    this.outlet.pass(raw);
    return true;
  }

  take(frame: SseFrame, event: SseEvent): void {
    const reading = readResponse(event.data);
    if (!reading) throw new ProviderError('$', 'exact JSON');
    const body = readEvent(reading.body);
    const type = body.get('type')?.string();
    // Some clients go by the one, some by the other.
    if (type === undefined || (event.type !== '' && event.type !== type)) {
      throw new ProviderError('$.type', "the event's own name");
    }
    switch (type) {
      case 'ping':
      case 'error':
        refuseContent(body);
        return void this.outlet.pass(frame.raw);
      case 'message_start':
        return void this.begin(frame, body);
      case 'content_block_start':
        return void this.beginBlock(frame, event, reading);
      case 'content_block_delta':
        return void this.addPiece(frame, event, reading);
      case 'content_block_stop':
        return void this.stopBlock(frame, body);
      case 'message_delta':
        return void this.endMessage(frame, event, body);
      case 'message_stop':
        this.end();
        return void this.queue.put(frame.raw);
      default:
        return void this.putUnknown(frame, body);
    }
  }

  /** Of the message, or of all: what is open will not be complete. */
  end(): void {
    for (const block of this.message.open.values()) {
      if (!block) continue;
      block.call.fault ??= 'TOOL_CALL_INCOMPLETE';
      this.complete(block);
    }
    this.message.open.clear();
    this.template = undefined;
    this.queue.drain();
  }

  drop(): void {
    this.queue.drop();
    this.argumentBytes = 0;
    this.message = newMessage();
    this.template = undefined;
  }

  observed(): ToolObservation {
    return { calls: this.ran, tools: this.tools.list, abandoned: this.abandoned };
  }

  unproposed(): SeenCall[] {
    return [...this.lost, ...this.queue.unproposed()];
  }

  /** What waits for a block of the message before that never stopped is of no use to anybody. */
  private begin({ raw }: SseFrame, body: JsonValue): void {
    const message = readMessage(body.get('message'));
    if (readOptionalArray(message.get('content'), '$.message.content').length > 0) {
      throw new ProviderError('$.message.content', 'no blocks before they begin');
    }
    for (const block of this.message.open.values()) if (block) this.abandoned++;
    this.lost.push(...this.queue.unproposed());
    this.drop();
    this.queue.put(raw);
  }

  private beginBlock({ raw }: SseFrame, event: SseEvent, { body, exact }: Reading): void {
    const { message } = this;
    const index = count(body.get('index'));
    if (index === undefined) throw new ProviderError('$.index', 'a number');
    const value = readObject(body.get('content_block'), '$.content_block');
    const kind = blockKind(value);
    if (index !== message.blocks) message.isRegular = false;
    message.blocks++;
    if (kind === 'call') message.calls++;
    // SDKs add a block at the end, whatever its index, and find it by that: pieces of one could go to another.
    if (message.calls > 0 && !message.isRegular) throw new ProviderError('$.index', 'the next index');
    if (kind === 'provider') {
      this.ran++;
      addRan(value, this.tools);
    }
    if (kind !== 'call') {
      message.open.set(index, null);
      this.queue.put(raw);
      return;
    }
    if (!exact) throw new ProviderError('$', 'exact JSON where there are calls');
    const block = this.newBlock(value, event.data);
    message.open.set(index, block);
    this.queue.hold(raw, block, (bytes) => {
      const refusal = block.ruled?.proposed.refusal;
      if (refusal) message.refused++;
      else message.released++;
      return refusal ? noticeEvents(index, refusal) : [bytes];
    });
  }

  private newBlock(value: JsonValue, bytes: Buffer): Block {
    const { maxArgumentBytes, maxCalls } = this.options;
    const fault = ++this.calls > maxCalls ? 'TOOL_CALLS_TOO_MANY' : undefined;
    const call = new ToolUse(value, bytes, maxArgumentBytes, fault);
    this.argumentBytes += call.bytes;
    return { call, complete: false, isNew: true, events: [], ruled: undefined };
  }

  private addPiece(frame: SseFrame, event: SseEvent, { body, exact }: Reading): void {
    const block = this.openBlock(body);
    const delta = readBlockDelta(body);
    const type = delta.get('type')?.string();
    if (!block) {
      const text = delta.get(type === 'text_delta' ? 'text' : 'thinking');
      this.template = exact && text?.kind === 'string' ? Template.of(frame, event, [text]) : undefined;
      this.queue.put(frame.raw);
      return;
    }
    if (type !== 'input_json_delta' || !exact) throw new ProviderError('$.delta', 'a piece of the input');
    const { call } = block;
    this.argumentBytes -= call.bytes;
    call.add(delta.get('partial_json')?.string());
    this.argumentBytes += call.bytes;
    this.queue.hold(frame.raw, block, (bytes) => (block.ruled?.proposed.refusal ? [] : [bytes]));
  }

  private stopBlock({ raw }: SseFrame, body: JsonValue): void {
    const block = this.openBlock(body);
    this.message.open.delete(count(body.get('index')) as number);
    this.template = undefined;
    if (block) this.complete(block);
    this.queue.put(raw);
    this.queue.drain();
  }

  private complete(block: Block): void {
    block.complete = true;
    this.argumentBytes -= block.call.bytes;
  }

  /** The block that an event goes on with. Of one that has stopped, or never began, SDKs would add to another. */
  private openBlock(body: JsonValue): Block | null {
    const block = this.message.open.get(count(body.get('index')) ?? -1);
    if (block === undefined) throw new ProviderError('$.index', 'the index of an open block');
    return block;
  }

  private endMessage({ raw }: SseFrame, { type, data }: SseEvent, body: JsonValue): void {
    const { message } = this;
    const reason = readMessageDelta(body).get('stop_reason');
    if (reason?.string() !== 'tool_use') return void this.queue.put(raw);
    const { start, end } = reason;
    this.queue.put(raw, (bytes) => {
      const isBare = message.refused > 0 && message.released === 0;
      return [isBare ? endTurn(type, data, { start, end }) : bytes];
    });
  }

  /** Vendors may add events. One that holds no more than plain values cannot hold a call. */
  private putUnknown({ raw }: SseFrame, body: JsonValue): void {
    if (body.entries().some(([, { kind }]) => kind === 'object' || kind === 'array')) {
      throw new ProviderError('$.type', 'a known type');
    }
    this.queue.put(raw);
  }
}
