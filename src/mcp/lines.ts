import { DEFAULT_LIMITS, type JsonDocument, JsonError, type Limits, parse } from '../json/index.ts';
import { Gathered } from '../sse/index.ts';
import { McpError } from './error.ts';
import type { Framing, Piece } from './framing.ts';

const LF = 0x0a;
const CR = 0x0d;

/** Splits what comes over stdio into lines with their exact bytes, each with its LF (stdio transport: a message a line). */
export class LineSplitter {
  private readonly line = new Gathered();
  private readonly maxBytes: number;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Bytes of the line that is not complete yet. At the end of the stream they are no message. */
  get heldBytes(): number {
    return this.line.length;
  }

  /**
   * The lines that are complete now, to be taken to the last.
   * @throws McpError LINE_TOO_LONG: the stream cannot be followed any further
   */
  *feed(chunk: Uint8Array): Iterable<Uint8Array> {
    let from = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, from)) {
      this.bound(end + 1 - from);
      yield this.line.take(chunk.subarray(from, end + 1));
      from = end + 1;
    }
    this.bound(chunk.length - from);
    if (from < chunk.length) this.line.add(chunk.subarray(from));
  }

  private bound(more: number): void {
    if (this.line.length + more > this.maxBytes) {
      throw new McpError('LINE_TOO_LONG', `at most ${this.maxBytes} bytes a line`);
    }
  }
}

/**
 * What a server writes on stdio. Some print there what belongs on stderr; clients skip such lines, so they are left out.
 */
export class LineFraming implements Framing {
  readonly skipsInvalid = true;
  private readonly splitter: LineSplitter;

  constructor(maxBytes: number) {
    this.splitter = new LineSplitter(maxBytes);
  }

  get heldBytes(): number {
    return this.splitter.heldBytes;
  }

  *feed(chunk: Uint8Array): Iterable<Piece> {
    for (const bytes of this.splitter.feed(chunk)) yield { bytes, data: isBlankLine(bytes) ? undefined : bytes };
  }

  rewrite(_line: Uint8Array, data: string | null): Uint8Array {
    return data === null ? Buffer.alloc(0) : this.frame(data.trimEnd());
  }

  frame(data: string): Uint8Array {
    return Buffer.from(`${data}\n`);
  }
}

/** Whether a line holds nothing: it means nothing to either side. */
export function isBlankLine(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === CR || byte === LF);
}

/**
 * Reads a client's line. A CR within would end the line for a reader that takes any line break for one (Python's text
 * mode does), and the rest would be a message that was never judged.
 * @throws McpError LINE_INVALID, MESSAGE_NOT_JSON
 */
export function parseLine(line: Uint8Array, limits: Limits = DEFAULT_LIMITS): JsonDocument {
  requireOneLine(line);
  try {
    return parse(line, limits);
  } catch (error) {
    if (error instanceof JsonError) throw new McpError('MESSAGE_NOT_JSON', `exact JSON (${error.code})`);
    throw error;
  }
}

/** That no reader would find two lines in one. @throws McpError LINE_INVALID */
export function requireOneLine(line: Uint8Array): void {
  const end = line.at(-1) === LF ? line.length - 1 : line.length;
  const cr = line.indexOf(CR);
  if (cr >= 0 && cr < end - 1) throw new McpError('LINE_INVALID', 'no CR within a line');
}
