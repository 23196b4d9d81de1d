import { LONGEST_LINE } from './format.ts';
import { LF } from './verify-line.ts';

/** One segment of a log as bytes, wherever they lie. */
export interface Segment {
  /** File name, such as 0000000000000000.log. */
  name: string;
  /** Bytes, as far as known; a hint for progress and threads only. */
  size: number;
  chunks(): AsyncIterable<Uint8Array>;
}

/** A log as bytes. Segments may come in any order: their names give it. */
export interface LogSource {
  segments: Segment[];
}

/** Some whole lines of one segment, without a change of signer after the first. */
export interface Batch {
  segment: string;
  /** Number of the first line in the segment, from 1. */
  firstLine: number;
  /** The lines with their LFs; own buffer, so that it can move to another thread. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Offset after each line's LF. */
  ends: number[];
  /** True if this is one line that names its own signer. */
  namesSigner: boolean;
  /** True for what follows a segment's last LF; `ends` is empty then. */
  tail: boolean;
}

const BATCH_BYTES = 512 * 1024;
const BATCH_LINES = 256;
const NAMES_SIGNER = ['log_opened', 'key_rotated'].map((type) => Buffer.from(`{"v":1,"type":"${type}"`));

/**
 * Cuts one segment into batches of whole lines, then one tail batch (mostly empty). Holds one batch, or one line if that is
 * longer; a line beyond LONGEST_LINE ends the segment as its tail.
 */
export async function* cutSegment(segment: Segment): AsyncGenerator<Batch> {
  let rest: Buffer[] = []; // pieces of a line that is not complete yet
  let held = 0;
  let line = 1;
  for await (const chunk of segment.chunks()) {
    const [first, last] = [chunk.indexOf(LF) + 1, chunk.lastIndexOf(LF) + 1];
    // The line that was begun is put together by itself, so that the others are copied only once, into their batches.
    const begun = first > 0 ? [Buffer.concat([...rest, chunk.subarray(0, first)]), chunk.subarray(first, last)] : [];
    for (const bytes of begun) {
      for (const batch of cutLines(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), segment.name, line)) {
        yield batch;
        line += batch.ends.length;
      }
    }
    if (first > 0) [rest, held] = [[], 0];
    rest.push(Buffer.from(chunk.subarray(last)));
    held += chunk.length - last;
    if (held > LONGEST_LINE) break;
  }
  const bytes = new Uint8Array(Buffer.concat(rest));
  yield { segment: segment.name, firstLine: line, bytes, ends: [], namesSigner: false, tail: true };
}

function* cutLines(bytes: Buffer, segment: string, firstLine: number): Generator<Batch> {
  let line = firstLine;
  let start = 0;
  let ends: number[] = [];
  const batch = (namesSigner: boolean): Batch => {
    const end = start + (ends.at(-1) ?? 0);
    const cut = {
      segment,
      firstLine: line,
      bytes: new Uint8Array(bytes.subarray(start, end)),
      ends,
      namesSigner,
      tail: false,
    };
    line += ends.length;
    start = end;
    ends = [];
    return cut;
  };
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(LF, at) + 1;
    const namesSigner = NAMES_SIGNER.some(
      (prefix) => prefix.compare(bytes, at, Math.min(at + prefix.length, end)) === 0,
    );
    if (ends.length > 0 && (namesSigner || ends.length >= BATCH_LINES || end - start > BATCH_BYTES)) yield batch(false);
    ends.push(end - start);
    if (namesSigner) yield batch(true);
    at = end;
  }
  if (ends.length > 0) yield batch(false);
}
