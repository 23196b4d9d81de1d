import type { JsonValue } from '../../../json/index.ts';
import type { SseEvent, SseFrame } from '../../../sse/index.ts';
import { ProviderError } from '../../error.ts';
import { errorEvent } from '../error.ts';
import type { GateOptions, SeenCall, StreamGate, ToolObservation } from '../gate.ts';
import { Batch, Outlet, type Proposed } from '../outlet.ts';
import { RanTools } from '../ran.ts';
import { type Reading, readResponse } from '../reading.ts';
import { type EventGate, SseGate } from '../stream.ts';
import { Template } from '../template.ts';
import { TEXTS } from './beside.ts';
import { ChatCall } from './call.ts';
import { type Choice, callsOf, countOf, type Held, mergeLanes, newChoice } from './choice.ts';
import { headOf, renderHeld, withoutCalls } from './render.ts';
import { addRan, type ChatChoice, readChoices } from './shape.ts';

const MOST_CHOICES = 1024;
/** Those beyond the limit are counted. */
const MOST_CALLS = 16_384;
const DONE = Buffer.from('[DONE]');

/** Events that are text of one choice. */
interface TextOf {
  text: Template;
  choice: Choice;
  /** Whether it is what the choice says, and not only how it came to say it. */
  isContent: boolean;
}

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
  private beyond = 0;
  /** Stands for all calls beyond the limit. */
  private excess: Proposed | undefined;
  private ran = 0;
  private readonly tools = new RanTools();
  private template: TextOf | undefined;
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
    if (template.isContent) template.choice.hasText = true;
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
    for (const { index, message } of chunk) if (holdsText(message)) this.choice(index).hasText = true;
    const saysMore = chunk.some(({ beside }) => beside.more.length > 0);
    if (hasCalls || saysMore || chunk.some(({ index }) => this.choices.get(index)?.lane.held.length)) {
      this.hold(frame, chunk);
    } else {
      this.outlet.pass(frame.raw);
      this.template = this.templateOf(frame, event, reading, chunk);
    }
    for (const { index, finish, ran } of chunk) {
      this.ran += ran.length;
      addRan(ran, this.tools);
      // What comes after a choice's end waits for nothing that is still to come.
      if (finish !== '' || this.choices.get(index)?.finished) this.finish(this.choice(index));
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
    return { calls: this.ran, tools: this.tools.list, abandoned: 0 };
  }

  unproposed(): SeenCall[] {
    return [...this.choices.values()].flatMap((choice) =>
      callsOf(choice).flatMap((call) => (call.proposed ? [] : [call.seen(countOf(choice, call) - 1)])),
    );
  }

  private hold(frame: SseFrame, chunk: ChatChoice[]): void {
    const choices = chunk.map(({ index }) => this.choice(index));
    const { held: queue } = mergeLanes(choices);
    const finishes = chunk.some(({ finish }) => finish !== '');
    const saysMore = chunk.some(({ beside }) => beside.more.length > 0);
    const held: Held = { frame: undefined, calls: [], choices, begun: [], saysMore, finishes };
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
      const call = choice.calls.get(part.index) ?? this.begin(held, choice, part.index);
      held.calls.push(call);
      this.heldBytes -= call.bytes;
      call.add(part, this.options.maxArgumentBytes);
      this.heldBytes += call.bytes;
    }
  }

  private begin(held: Held, choice: Choice, index: number): ChatCall {
    const isExcess = choice.excess !== undefined || this.calls >= this.options.maxCalls;
    if (isExcess) this.countBeyond(choice, index);
    if (choice.excess) return choice.excess;
    const call = new ChatCall(index, isExcess ? 'TOOL_CALLS_TOO_MANY' : undefined);
    if (isExcess) {
      choice.excess = call;
    } else {
      choice.calls.set(index, call);
      this.calls++;
    }
    held.begun.push({ choice, call, afterText: choice.hasText });
    return call;
  }

  private countBeyond({ beyond }: Choice, index: number): void {
    if (beyond.has(index)) return;
    if (this.calls + ++this.beyond > MOST_CALLS) throw new ProviderError('$.choices', `at most ${MOST_CALLS} calls`);
    beyond.add(index);
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
    for (const one of lane.choices) {
      for (const call of callsOf(one)) if (!call.proposed) call.proposed = this.propose(one, call, batch);
    }
    const batches = lane.choices.some(({ excess }) => excess) && this.excess ? [batch, this.excess.batch] : [batch];
    for (const held of lane.held) {
      const bytes = held.frame?.raw.length ?? 0;
      this.heldBytes -= bytes;
      this.outlet.hold(batches, bytes, () => renderHeld(held, this.head));
    }
    lane.held = [];
  }

  private propose(choice: Choice, call: ChatCall, batch: Batch): Proposed {
    this.heldBytes -= call.bytes;
    this.alone.delete(call);
    const count = countOf(choice, call);
    if (call === choice.excess && this.excess) {
      const { proposal } = this.excess;
      proposal.more = (proposal.more ?? 0) + count;
      return this.excess;
    }
    // A wrapper counts for what it holds.
    const judged = call.judge(1 + Math.max(0, this.options.maxCalls - this.calls));
    if (call !== choice.excess) {
      this.calls += judged.calls.length - 1;
      return this.outlet.propose(batch, judged);
    }
    this.excess = this.outlet.propose(new Batch(), { ...judged, more: count - 1 });
    return this.excess;
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
    held.saysMore = false;
  }

  /** An event is one of many alike if it is text of a choice and nothing else. */
  private templateOf(
    frame: SseFrame,
    event: SseEvent,
    { body, exact }: Reading,
    chunk: ChatChoice[],
  ): TextOf | undefined {
    const [only] = chunk;
    if (!exact || !only || chunk.length > 1 || only.finish !== '' || only.ran.length > 0) return undefined;
    if (only.beside.isThere) return undefined;
    // `obfuscation` is of a length by chance, against those who guess words from the lengths of encrypted packets.
    const strings = [...TEXTS.map((key) => only.message?.get(key)), body.get('obfuscation')];
    const holes = strings.filter((value): value is JsonValue => value?.kind === 'string');
    holes.sort((one, other) => one.start - other.start);
    const text = Template.of(frame, event, holes);
    const isContent = only.message?.get('content')?.kind === 'string';
    return text && { text, choice: this.choice(only.index), isContent };
  }
}

function holdsText(message: JsonValue | undefined): boolean {
  const content = message?.get('content');
  return (content?.string() ?? '') !== '' || (content?.items().length ?? 0) > 0;
}
