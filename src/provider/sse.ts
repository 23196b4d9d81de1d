import { createParser, type EventSourceParser } from 'eventsource-parser';

// eventsource-parser says what an event means, but not which bytes it was: what is withheld is released byte for byte,
// so the stream is cut into frames here, each an event with all that stands before it, and a frame's meaning read there.

/** The bytes up to and with the blank line that ends an event (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
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

const LF = 0x0a;
const CR = 0x0d;
const BOM = 0xef;
const MARK = '\xef\xbb\xbf';
/**
 * Where some clients end a line, as Python's `splitlines` does, or skip a mark, in UTF-8 read as Latin-1. U+0085 is the
 * byte alone: there are clients that read the stream as Latin-1.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is those that are looked for
const DISPUTED = /[\v\f\x1c-\x1e\x85]|\xe2\x80[\xa8\xa9]|\xef\xbb\xbf/;
/** Such an end in a string of JSON, after which those clients would find a field. */
const CUT = /(?:(?:\xc2\x85|\xe2\x80[\xa8\xa9])(?:[ \t]|\xef\xbb\xbf)*|\x85)(?:data|event):/i;
const NO_BYTES = Buffer.alloc(0);
const SMALLEST_ROOM = 4096;

/** Cuts a stream into frames. How its bytes arrive makes no difference. */
export class SseReader {
  /** Set once a frame is over the bound: no more come. */
  overflowed = false;

  private readonly mostBytes: number;
  private readonly parser: EventSourceParser;
  /** What came of a frame that is not complete. */
  private pending = NO_BYTES;
  private length = 0;
  private first = true;
  /** Whether the line under way is empty so far. */
  private blank = true;
  private afterCr = false;
  /** A CR ended the frame; if an LF follows, it belongs to it. */
  private ended = false;
  /** What the parser reported last. */
  private events: SseEvent[] = [];
  private unknown = false;

  constructor(mostBytes: number) {
    this.mostBytes = mostBytes;
    this.parser = createParser({
      onEvent: ({ event, data }) => this.events.push({ type: event ?? '', data: Buffer.from(data, 'latin1') }),
      onError: ({ type }) => {
        if (type !== 'invalid-retry') this.unknown = true;
      },
    });
  }

  /** Bytes of a frame that is not complete. */
  get heldBytes(): number {
    return this.length;
  }

  /** The frames that are complete now; parts of the chunk, or copies if they began in an earlier one. */
  feed(bytes: Uint8Array): SseFrame[] {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const frames: SseFrame[] = [];
    let start = 0;
    for (let at = 0; at < chunk.length && !this.overflowed; at++) {
      const byte = chunk[at] as number;
      if (this.ended) {
        const end = byte === LF ? at + 1 : at;
        this.take(frames, chunk.subarray(start, end));
        start = end;
        if (byte === LF) continue;
      }
      if (byte > CR) {
        this.blank = false;
        this.afterCr = false;
        while (at + 1 < chunk.length && (chunk[at + 1] as number) > CR) at++; // most bytes: the rest of a line
        continue;
      }
      if (!this.endsFrame(byte)) continue;
      this.take(frames, chunk.subarray(start, at + 1));
      start = at + 1;
    }
    this.keep(chunk.subarray(start));
    return frames;
  }

  /** At the stream's end: a last frame that a CR ended. What has no end is no event, and nobody reads it. */
  end(): SseFrame[] {
    const frames: SseFrame[] = [];
    if (this.ended && !this.overflowed) this.take(frames, NO_BYTES);
    this.drop();
    return frames;
  }

  /**
   * What a frame says: undefined if nothing (comments, `id`, `retry`, empty data). Null if clients may disagree, as some
   * skip a byte order mark in mid-stream and thereby read a field that others do not.
   */
  read(frame: SseFrame): SseEvent | undefined | null {
    if (frame.raw[0] === BOM && !frame.first) return null;
    this.events = [];
    this.unknown = false;
    // As Latin-1: all that means something to the framing is ASCII, and the bytes come out as they went in.
    const text = frame.raw.toString('latin1');
    if (isDisputed(frame.first && text.startsWith(MARK) ? text.slice(MARK.length) : text)) return null;
    this.parser.feed(text);
    if (frame.raw[frame.raw.length - 1] === CR) this.parser.feed('\n'); // or it would wait for one
    const { events, unknown } = this;
    if (unknown || events.length > 1) return null;
    return events[0]?.data.length === 0 ? undefined : events[0];
  }

  private endsFrame(byte: number): boolean {
    if (byte !== LF && byte !== CR) {
      this.blank = false;
      this.afterCr = false;
      return false;
    }
    const secondHalf = byte === LF && this.afterCr;
    this.afterCr = byte === CR;
    if (secondHalf) return false;
    if (!this.blank) {
      this.blank = true;
      return false;
    }
    this.ended = byte === CR;
    return byte === LF;
  }

  private take(frames: SseFrame[], rest: Buffer): void {
    this.ended = false;
    this.blank = true;
    this.afterCr = false;
    const raw = this.length === 0 ? rest : this.complete(rest);
    if (raw.length > this.mostBytes) this.overflowed = true;
    if (this.overflowed) return;
    frames.push({ raw, first: this.first });
    this.first = false;
  }

  private complete(rest: Buffer): Buffer {
    this.keep(rest);
    const whole = this.pending.subarray(0, this.length);
    this.drop();
    return whole;
  }

  /** Room doubles, so that a frame that comes byte by byte takes linear time and little memory. */
  private keep(rest: Buffer): void {
    const length = this.length + rest.length;
    if (length > this.mostBytes) this.overflowed = true;
    if (this.overflowed) {
      this.drop();
      return;
    }
    if (length > this.pending.length) {
      const larger = Buffer.allocUnsafe(Math.max(SMALLEST_ROOM, length, this.pending.length * 2));
      this.pending.copy(larger, 0, 0, this.length);
      this.pending = larger;
    }
    rest.copy(this.pending, this.length);
    this.length = length;
  }

  private drop(): void {
    this.pending = NO_BYTES;
    this.length = 0;
  }
}

/** Whether a string, read as Latin-1, holds what some clients take for a field of its own. */
export function hidesField(text: string): boolean {
  return CUT.test(text);
}

function isDisputed(text: string): boolean {
  if (!DISPUTED.test(text)) return false;
  return text.split(/[\r\n]/).some((line) => (line.startsWith('data:') ? hidesField(line) : DISPUTED.test(line)));
}

/** A frame of our own. Its data may hold line ends (between the tokens of JSON), of which each is a field of its own. */
export function sseFrame({ type, data }: SseEvent): Buffer {
  const head = type === '' ? '' : `event: ${type}\n`;
  const lines = data.toString('latin1').split('\n');
  return Buffer.from(`${head}${lines.map((line) => `data: ${line}\n`).join('')}\n`, 'latin1');
}
