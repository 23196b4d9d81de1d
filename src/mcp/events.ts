import { isUtf8 } from 'node:buffer';
import { createParser } from 'eventsource-parser';
import { McpError } from './error.ts';
import type { Framing, Piece } from './framing.ts';
import { Gathered } from './gathered.ts';

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const BOM = '\uFEFF';

/**
 * What some readers take for the end of a line too (Python's `splitlines`), or skip at the start of one: there they would
 * find a field that others do not see. Within data JSON has them in strings only, where they do no harm unless a field follows.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is those that are looked for
const DISPUTED = /[\v\f\x1c-\x1e\x85\u2028\u2029\uFEFF]/;
/** A disputed end with a field behind it: a whole message of its own, to those who end a line there. */
const CUT = /[\x85\u2028\u2029][ \t\uFEFF]*(?:data|event):/i;

/**
 * Cuts an event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html) into events, each as soon as its
 * last byte is there. A comment between events is a piece of its own, for it keeps connections alive; so is the LF of a
 * CRLF whose CR ended a piece.
 */
export class EventFraming implements Framing {
  readonly skipsInvalid = false;
  private readonly piece = new Gathered();
  /** Of the line that is being read. */
  private lineBytes = 0;
  private lineStart = 0;
  private afterCr = false;
  /** Whether the event that is being read has a line that is no comment. */
  private hasFields = false;
  private first = true;
  private found: string | undefined;
  private unknown = false;
  private readonly parser = createParser({
    onEvent: ({ data }) => {
      this.found = data;
    },
    onError: ({ type }) => {
      this.unknown ||= type === 'unknown-field';
    },
  });
  private readonly maxBytes: number;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get heldBytes(): number {
    return this.piece.length;
  }

  /** @throws McpError REPLY_TOO_LARGE, REPLY_INVALID */
  *feed(chunk: Uint8Array): Iterable<Piece> {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      const endsCrLf = byte === LF && this.afterCr;
      this.afterCr = byte === CR;
      if (byte !== LF && byte !== CR) {
        if (this.lineBytes++ === 0) this.lineStart = byte;
        continue;
      }
      const endsPiece = endsCrLf ? this.piece.length + at - from === 0 : this.endLine();
      if (!endsPiece) continue;
      yield this.cut(chunk.subarray(from, at + 1));
      from = at + 1;
    }
    this.bound(chunk.length - from);
    if (from < chunk.length) this.piece.add(chunk.subarray(from));
  }

  /** The other fields stay: the id is where a client resumes the stream. */
  rewrite(event: Uint8Array, data: string | null): Uint8Array {
    const kept = linesOf(event, true).filter((line) => line !== '' && !isData(line));
    const written = data === null ? [] : data.split('\n').map((line) => `data: ${line}`);
    return Buffer.from(`${[...kept, ...written].join('\n')}\n\n`);
  }

  frame(data: string): Uint8Array {
    return Buffer.from(`event: message\ndata: ${data}\n\n`);
  }

  /** A blank line ends an event; a comment outside of one stands alone. */
  private endLine(): boolean {
    const isBlank = this.lineBytes === 0;
    const isComment = this.lineStart === COLON;
    this.lineBytes = 0;
    if (isBlank || (isComment && !this.hasFields)) {
      this.hasFields = false;
      return true;
    }
    this.hasFields = true;
    return false;
  }

  private cut(last: Uint8Array): Piece {
    this.bound(last.length);
    const bytes = this.piece.take(last);
    const data = this.read(bytes);
    this.first = false;
    return { bytes, data };
  }

  private bound(more: number): void {
    if (this.piece.length + more > this.maxBytes) {
      throw new McpError('REPLY_TOO_LARGE', `at most ${this.maxBytes} bytes an event`);
    }
  }

  private read(bytes: Uint8Array): Uint8Array | undefined {
    if (!isUtf8(bytes)) throw new McpError('REPLY_INVALID', 'an event stream in UTF-8');
    const lines = linesOf(bytes, this.first);
    if (lines.some((line) => (isData(line) ? CUT : DISPUTED).test(line))) {
      throw new McpError('REPLY_INVALID', 'lines that all readers end in the same place');
    }
    this.found = undefined;
    this.parser.feed(`${lines.join('\n')}\n`);
    if (this.unknown) throw new McpError('REPLY_INVALID', 'no fields but those of an event stream');
    return this.found ? Buffer.from(this.found) : undefined;
  }
}

/** @param first whether a byte order mark may stand before them, which is no part of the first */
function linesOf(bytes: Uint8Array, first: boolean): string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return (first && text.startsWith(BOM) ? text.slice(1) : text).split(/\r\n|\r|\n/);
}

function isData(line: string): boolean {
  return line === 'data' || line.startsWith('data:');
}
