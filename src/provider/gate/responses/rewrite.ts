import { type SseFrame, sseFrame } from '../../../sse/index.ts';
import { ProviderError } from '../../error.ts';
import type { RefusalFields } from '../../refusal.ts';
import { asciiJson, type Edit, edited } from '../edit.ts';
import type { Proposed } from '../outlet.ts';
import { readResponse } from '../reading.ts';
import { SseReader } from '../sse.ts';
import { errorFrame, MESSAGE_EVENTS, messageFrames, messageItem } from './message.ts';

/** A call, as far as it matters to what leaves. */
export interface Leaving {
  /** Its place among the calls of the response. */
  readonly number: number;
  /** Undefined for one that only the whole response tells. */
  readonly index: number | undefined;
  readonly proposed: Proposed | undefined;
  /** Whether a message stands in its place already. */
  replaced: boolean;
}

/** An event on its way out. */
export interface Entry {
  frame: SseFrame;
  sequence: number | undefined;
  /** The call that it is a part of. */
  call?: Leaving;
  /** The calls that the whole response in it repeats, and where in its output. */
  repeated?: Repeated[] | undefined;
}

export interface Repeated {
  call: Leaving;
  position: number;
}

/** A call of a whole response that was refused, and where it stands in the output. */
interface Removal {
  position: number;
  /** The call's place among the calls of the response. */
  number: number;
  refusal: RefusalFields;
}

const NONE: Removal[] = [];

/**
 * Events as they leave: as they came, unless calls were taken out. A message in the place of a call is more events than
 * some calls are; so those after it get the next numbers, as far as they must to stay in order.
 */
export class ResponsesRewriter {
  private readonly reader: SseReader;
  /** Largest number of an event that left. */
  private last: number | undefined;
  /** What is added to the numbers of events. */
  private shift = 0;
  private hasRemoved = false;

  constructor(mostBytes: number) {
    this.reader = new SseReader(mostBytes);
  }

  /** The event that ends the stream with an error. */
  refuse(refusal: RefusalFields): Buffer {
    return errorFrame(refusal, (this.last ?? -1) + 1);
  }

  /** An event whose calls are ruled on. */
  render({ frame, sequence, call, repeated }: Entry): Buffer[] {
    const refusal = call?.proposed?.refusal;
    if (call && refusal) return this.replace(call, refusal, sequence);
    return [this.adapt(frame, sequence, repeated?.flatMap(removalOf))];
  }

  /** An event of no call. */
  adapt(frame: SseFrame, sequence: number | undefined, removals: Removal[] = NONE): Buffer {
    const number = this.number(sequence);
    if (removals.length === 0 && number === sequence) return frame.raw;
    const event = this.reader.read(frame);
    const body = event && readResponse(event.data)?.body;
    if (!body) throw new ProviderError('$', 'the event that was read before');
    const output = body.get('response')?.get('output')?.items() ?? [];
    const edits = removals.flatMap(({ position, number, refusal }): Edit[] => {
      const item = output[position];
      return item ? [{ start: item.start, end: item.end, text: asciiJson(messageItem(number, refusal)) }] : [];
    });
    const place = body.get('sequence_number');
    if (place && number !== sequence) edits.push({ start: place.start, end: place.end, text: `${number}` });
    edits.sort((one, other) => one.start - other.start);
    return sseFrame({ type: event.type, data: edited(event.data, edits) });
  }

  /** Of the events of a refused call, the first gives way to a message; the others are taken out. */
  private replace(call: Leaving, refusal: RefusalFields, sequence: number | undefined): Buffer[] {
    if (call.replaced || call.index === undefined) return [];
    call.replaced = true;
    this.hasRemoved = true;
    const first = this.number(sequence);
    if (first !== undefined) this.last = first + MESSAGE_EVENTS - 1;
    return messageFrames(call.number, call.index, refusal, first);
  }

  /** The number under which an event leaves. As long as nothing was taken out, that is its own. */
  private number(sequence: number | undefined): number | undefined {
    if (sequence === undefined) return undefined;
    const { last } = this;
    if (this.hasRemoved && last !== undefined && sequence + this.shift <= last) this.shift = last + 1 - sequence;
    const number = sequence + this.shift;
    if (last === undefined || number > last) this.last = number;
    return number;
  }
}

function removalOf({ call: { number, proposed }, position }: Repeated): Removal[] {
  return proposed?.refusal ? [{ position, number, refusal: proposed.refusal }] : NONE;
}
