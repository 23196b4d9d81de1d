import type { JsonValue } from '../../../json/index.ts';
import type { SseEvent, SseFrame } from '../../../sse/index.ts';
import { ProviderError } from '../../error.ts';
import { errorEvent } from '../error.ts';
import type { GateOptions, StreamGate, ToolObservation } from '../gate.ts';
import { Batch, Outlet } from '../outlet.ts';
import { type Reading, readResponse } from '../reading.ts';
import { type EventGate, SseGate } from '../stream.ts';
import { Template } from '../template.ts';
import { ChatCall } from './call.ts';
import { type Choice, callsOf, type Held, mergeLanes, newChoice } from './choice.ts';
import { headOf, renderHeld, withoutCalls } from './render.ts';
import { type ChatChoice, readChoices } from './shape.ts';

const MOST_CHOICES = 1024;
const DONE = Buffer.from('[DONE]');
/** Strings of a delta that are text to every client. */
const TEXTS = ['content', 'reasoning_content', 'reasoning', 'refusal'];

/** Withholds the tool calls of a streamed Chat Completions response. */
export function openChatStreamGate(options: GateOptions): StreamGate {
  const outlet = new Outlet(options, (refusal) => errorEvent('openai', refusal));
  return new SseGate(new ChatGate(outlet, options), outlet, options);
}

/**
 * A call is complete when its choice ends, not when the next one begins: pieces of parallel calls may take turns. So all
 * calls of a choice are released together, and what comes after the first of them in the same choice waits.
 */
class ChatGate implements EventGate {
  heldBytes = 0;

  private readonly outlet: Outlet;
  private readonly options: GateOptions;
  private readonly choices = new Map<number, Choice>();
  private calls = 0;
  private ran = 0;
  private template: { text: Template; choice: Choice } | undefined;
  private head = '';
  /** The events that hold pieces of a call and of no other. */
  private readonly alone = new Map<ChatCall, Held[]>();

  constructor(outlet: Outlet, options: GateOptions) {
    this.outlet = outlet;
    this.options = options;
  }

  skim({ raw }: SseFrame): boolean {
    const { template } = this;
    if (!template || template.choice.lane.held.length > 0 || !template.text.matches(raw)) return false;
    this.outlet.pass(raw);
    return true;
  }

  take(frame: SseFrame, event: SseEvent): void {
    if (event.data.equals(DONE)) {
      // Some servers send no `finish_reason`. A call that is not complete then is no JSON.
      for (const choice of this.choices.values()) this.finish(choice);
      this.outlet.pass(frame.raw);
      return;
    }
    const reading = readResponse(event.data);
    if (!reading) throw new ProviderError('$', 'exact JSON');
    const chunk = readChoices(reading.body, 'delta');
    const hasCalls = chunk.some(({ parts }) => parts.length > 0);
    if (hasCalls && !reading.exact) throw new ProviderError('$', 'exact JSON where there are calls');
    this.head ||= headOf(reading);
    if (hasCalls || chunk.some(({ index }) => this.choices.get(index)?.lane.held.length)) {
      this.hold(frame, chunk);
    } else {
      this.outlet.pass(frame.raw);
      this.template = this.templateOf(frame, event, reading, chunk);
    }
    for (const { index, finish, ran } of chunk) {
      this.ran += ran;
      if (finish !== '') this.finish(this.choice(index));
    }
  }

  end(): void {
    for (const choice of this.choices.values()) {
      if (choice.finished) continue;
      for (const call of callsOf(choice)) call.fault ??= 'TOOL_CALL_INCOMPLETE';
      this.finish(choice);
    }
  }

  drop(): void {
    this.choices.clear();
    this.alone.clear();
    this.template = undefined;
    this.heldBytes = 0;
  }

  observed(): ToolObservation {
    return { calls: this.ran, types: this.ran > 0 ? ['executed_tools'] : [], abandoned: 0 };
  }

  private hold(frame: SseFrame, chunk: ChatChoice[]): void {
    const choices = chunk.map(({ index }) => this.choice(index));
    const { held: queue } = mergeLanes(choices);
    const finishes = chunk.some(({ finish }) => finish !== '');
    const held: Held = { frame: undefined, calls: [], choices, begun: [], finishes };
    // A copy: what it came in is larger, and may wait long.
    this.setFrame(held, { raw: Buffer.from(frame.raw), first: frame.first });
    queue.push(held);
    chunk.forEach((one, i) => {
      this.addParts(held, choices[i] as Choice, one);
    });
    const [call] = held.calls;
    if (!call || choices.length > 1 || held.calls.some((other) => other !== call)) return;
    const alone = this.alone.get(call) ?? [];
    this.alone.set(call, alone);
    alone.push(held);
    if (!call.fault) return;
    for (const useless of alone.splice(0)) this.shrink(useless);
    if (!held.frame && held.begun.length === 0 && !finishes) queue.pop();
  }

  private addParts(held: Held, choice: Choice, { parts }: ChatChoice): void {
    for (const part of parts) {
      // An SDK would add it to a call that was ruled on already.
      if (choice.finished) throw new ProviderError('$.choices', 'no call in a choice that has ended');
      const call = choice.calls.get(part.index) ?? choice.excess ?? this.begin(held, choice, part.index);
      held.calls.push(call);
      this.heldBytes -= call.bytes;
      call.add(part, this.options.maxArgumentBytes);
      this.heldBytes += call.bytes;
    }
  }

  private begin(held: Held, choice: Choice, index: number): ChatCall {
    const isExcess = this.calls >= this.options.maxCalls;
    const call = new ChatCall(index, isExcess ? 'TOOL_CALLS_TOO_MANY' : undefined);
    if (isExcess) {
      choice.excess = call;
    } else {
      choice.calls.set(index, call);
      this.calls++;
    }
    held.begun.push([choice, call]);
    return call;
  }

  private choice(index: number): Choice {
    const known = this.choices.get(index);
    if (known) return known;
    if (this.choices.size >= MOST_CHOICES) throw new ProviderError('$.choices', `at most ${MOST_CHOICES}`);
    const choice = newChoice(index);
    this.choices.set(index, choice);
    return choice;
  }

  private finish(choice: Choice): void {
    choice.finished = true;
    const { lane } = choice;
    if (lane.held.length === 0) return;
    if (lane.choices.some((other) => !other.finished && callsOf(other).length > 0)) return;
    const batch = new Batch();
    for (const call of lane.choices.flatMap(callsOf)) {
      if (call.proposed) continue;
      this.heldBytes -= call.bytes;
      const { calls, fault } = call.judge(this.options.maxCalls);
      call.proposed = this.outlet.propose(batch, calls, fault);
      this.alone.delete(call);
    }
    const batches = [batch];
    for (const held of lane.held) {
      const bytes = held.frame?.raw.length ?? 0;
      this.heldBytes -= bytes;
      this.outlet.hold(batches, bytes, () => renderHeld(held, this.head));
    }
    lane.held = [];
  }

  private setFrame(held: Held, frame: SseFrame | undefined): void {
    this.heldBytes += (frame?.raw.length ?? 0) - (held.frame?.raw.length ?? 0);
    held.frame = frame;
  }

  /** Lets go of what holds pieces of nothing but a call that will be refused. */
  private shrink(held: Held): void {
    const raw = withoutCalls(held);
    this.setFrame(held, raw && { raw, first: false });
    held.calls = [];
  }

  /** An event is one of many alike if it is text of a choice and nothing else. */
  private templateOf(
    frame: SseFrame,
    event: SseEvent,
    { body, exact }: Reading,
    chunk: ChatChoice[],
  ): { text: Template; choice: Choice } | undefined {
    const [only] = chunk;
    if (!exact || !only || chunk.length > 1 || only.finish !== '' || only.ran > 0) return undefined;
    // `obfuscation` is of a length by chance, against those who guess words from the lengths of encrypted packets.
    const strings = [...TEXTS.map((key) => only.message?.get(key)), body.get('obfuscation')];
    const holes = strings.filter((value): value is JsonValue => value?.kind === 'string');
    holes.sort((one, other) => one.start - other.start);
    const text = Template.of(frame, event, holes);
    return text && { text, choice: this.choice(only.index) };
  }
}
