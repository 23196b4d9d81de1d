import { EventReader, Gathered, type SseEvent, type SseFrame } from '../../sse/index.ts';

const LF = 0x0a;
const CR = 0x0d;
const NO_BYTES = Buffer.alloc(0);

/** Cuts a stream into frames, each an event with all that stands before it. How its bytes arrive makes no difference. */
export class SseReader {
  /** Set once a frame is over the bound: no more come. */
  overflowed = false;

  private readonly mostBytes: number;
  /** What came of a frame that is not complete. */
  private readonly pending = new Gathered();
  private readonly events = new EventReader();
  private first = true;
  /** Whether the line under way is empty so far. */
  private blank = true;
  private afterCr = false;
  /** A CR ended the frame; if an LF follows, it belongs to it. */
  private ended = false;

  constructor(mostBytes: number) {
    this.mostBytes = mostBytes;
  }

  /** Bytes of a frame that is not complete. */
  get heldBytes(): number {
    return this.pending.length;
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
      if (byte !== LF && byte !== CR) {
        this.blank = false;
        this.afterCr = false;
        while (at + 1 < chunk.length && (chunk[at + 1] as number) > CR) at++; // most bytes: the rest of a line
        continue;
      }
      if (!this.endsFrame(byte)) continue;
      this.take(frames, chunk.subarray(start, at + 1));
      start = at + 1;
    }
    if (start < chunk.length && this.fits(chunk.length - start)) this.pending.add(chunk.subarray(start));
    return frames;
  }

  /** At the stream's end: a last frame that a CR ended. What has no end is no event, and nobody reads it. */
  end(): SseFrame[] {
    const frames: SseFrame[] = [];
    if (this.ended && !this.overflowed) this.take(frames, NO_BYTES);
    this.pending.clear();
    return frames;
  }

  read(frame: SseFrame): SseEvent | undefined | null {
    return this.events.read(frame);
  }

  /** @param byte CR or LF */
  private endsFrame(byte: number): boolean {
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
    if (!this.fits(rest.length)) return;
    frames.push({ raw: this.pending.take(rest), first: this.first });
    this.first = false;
  }

  private fits(more: number): boolean {
    if (this.pending.length + more > this.mostBytes) this.overflowed = true;
    if (this.overflowed) this.pending.clear();
    return !this.overflowed;
  }
}
