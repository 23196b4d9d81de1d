import { createParser } from 'eventsource-parser';
import { isDisputed } from './disputed.ts';

// eventsource-parser says what an event means, but not which bytes it was: what is withheld is released byte for byte,
// so streams are cut into frames first, as provider/ and mcp/ need them, and what a frame says is read here.

/** Whole lines of a stream (https://html.spec.whatwg.org/multipage/server-sent-events.html) with at most one event. */
export interface SseFrame {
  readonly raw: Buffer;
  /** Whether it begins the stream, where a byte order mark may stand. */
  readonly first: boolean;
}

/** What a client understands a frame to say. */
export interface SseEvent {
  /** The `event` field; empty if there is none. */
  readonly type: string;
  readonly data: Buffer;
}

const CR = 0x0d;
const MARK = '\xef\xbb\xbf';

/** Reads what frames say, each by itself. */
export class EventReader {
  // One for all frames: making it takes about as long as reading a small one.
  private readonly parser = createParser({
    onEvent: ({ event, data }) => this.events.push({ type: event ?? '', data: Buffer.from(data, 'latin1') }),
    onError: ({ type }) => {
      if (type !== 'invalid-retry') this.unknown = true;
    },
  });
  /** What the parser reported last. */
  private events: SseEvent[] = [];
  private unknown = false;

  /**
   * Undefined if it says nothing (comments, `id`, `retry`, empty data). Null if clients may disagree, as some skip a byte
   * order mark in mid-stream and thereby read a field that others do not.
   */
  read({ raw, first }: SseFrame): SseEvent | undefined | null {
    this.events = [];
    this.unknown = false;
    // As Latin-1: all that means something to the framing is ASCII, and the bytes come out as they went in.
    const text = raw.toString('latin1');
    const lines = first && text.startsWith(MARK) ? text.slice(MARK.length) : text;
    if (isDisputed(lines)) return null;
    this.parser.feed(lines);
    if (raw[raw.length - 1] === CR) this.parser.feed('\n'); // or it would wait for one
    const { events, unknown } = this;
    if (unknown || events.length > 1) return null;
    return events[0]?.data.length === 0 ? undefined : events[0];
  }
}

/** A frame of our own. Its data may hold line ends (between the tokens of JSON), of which each is a field of its own. */
export function sseFrame({ type, data }: SseEvent): Buffer {
  const head = type === '' ? '' : `event: ${type}\n`;
  const lines = data.toString('latin1').split('\n');
  return Buffer.from(`${head}${lines.map((line) => `data: ${line}\n`).join('')}\n`, 'latin1');
}
