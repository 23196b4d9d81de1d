import { isUtf8 } from 'node:buffer';
import { EventReader, Gathered, sseFrame } from '../sse/index.ts';
import { McpError } from './error.ts';
import type { Framing, Piece } from './framing.ts';

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;

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
  private readonly events = new EventReader();
  private readonly maxBytes: number;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get heldBytes(): number {
    return this.piece.length;
  }

  /** @throws McpError REPLY_TOO_LARGE, REPLY_INVALID */
  *feed(bytes: Uint8Array): Iterable<Piece> {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
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
    const lines = new TextDecoder().decode(event).split(/[\r\n]/); // without a byte order mark
    const kept = lines.filter((line) => line !== '' && line !== 'data' && !line.startsWith('data:'));
    const written = data === null ? [] : data.split('\n').map((line) => `data: ${line}`);
    return Buffer.from(`${[...kept, ...written].join('\n')}\n\n`);
  }

  frame(data: string): Uint8Array {
    return sseFrame({ type: 'message', data: Buffer.from(data) });
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

  private cut(last: Buffer): Piece {
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

  private read(bytes: Buffer): Buffer | undefined {
    if (!isUtf8(bytes)) throw new McpError('REPLY_INVALID', 'an event stream in UTF-8');
    const event = this.events.read({ raw: bytes, first: this.first });
    if (event === null) throw new McpError('REPLY_INVALID', 'lines that are the same fields to all readers');
    return event?.data;
  }
}
