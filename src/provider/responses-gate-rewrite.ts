import { ProviderError } from './error.ts';
import { asciiJson, type Edit, edited } from './gate-edit.ts';
import { readResponse } from './gate-reading.ts';
import type { RefusalFields } from './refusal.ts';
import { errorFrame, MESSAGE_EVENTS, messageFrames, messageItem } from './responses-gate-message.ts';
import { type SseFrame, SseReader, sseFrame } from './sse.ts';

/** A call of a whole response that was refused, and where it stands in the output. */
export interface Removal {
  position: number;
  /** The call's place among the calls of the response. */
  number: number;
  refusal: RefusalFields;
}

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

  /** The events that stand where the first event of a refused call stood. */
  replace(index: number, { number, refusal }: Omit<Removal, 'position'>, sequence: number | undefined): Buffer[] {
    this.hasRemoved = true;
    const first = this.number(sequence);
    if (first !== undefined) this.last = first + MESSAGE_EVENTS - 1;
    return messageFrames(number, index, refusal, first);
  }

  adapt(frame: SseFrame, sequence: number | undefined, removals: Removal[]): Buffer {
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
