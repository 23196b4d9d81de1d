import { createParser } from 'eventsource-parser';
import type { Dialect } from '../input/index.ts';
import { DEFAULT_LIMITS, type JsonDocument, parse } from '../json/index.ts';
import { AnthropicResponse } from './anthropic-response.ts';
import { OpenAiResponse } from './openai-response.ts';
import { ResponsesResponse } from './responses-response.ts';
import type { Observed } from './usage.ts';

/** Sees the bytes of a response go by. Passive: it changes and delays nothing, keeps no more than a bound, never throws. */
export interface ResponseObserver {
  chunk(bytes: Uint8Array): void;
  /** After the last byte, or when there will be no more. */
  end(): Observed;
}

/** Largest JSON response, and largest event of a stream, that is read. Of a larger one nothing is said. */
const MOST_BYTES = 1024 * 1024;
const LIMITS = { ...DEFAULT_LIMITS, maxBytes: 4 * MOST_BYTES, refuseCaseCollisions: false };
const nothing = (): Observed => ({ usage: null, finish: [], tool_calls: 0 });
const BLIND: ResponseObserver = { chunk() {}, end: nothing };

interface Reader {
  isTelling(event: string): boolean;
  read(body: JsonDocument): void;
  result(): Observed;
}

/** An observer for a response with this content type and status; errors and lists of models say nothing to record. */
export function observeResponse(dialect: Dialect, contentType: string | undefined, status: number): ResponseObserver {
  const reader = readerOf(dialect);
  if (!reader || status < 200 || status > 299) return BLIND;
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'text/event-stream') return observeStream(reader);
  if (type === 'application/json') return observeJson(reader);
  return BLIND;
}

function readerOf(dialect: Dialect): Reader | undefined {
  if (dialect === 'openai-chat') return new OpenAiResponse();
  if (dialect === 'openai-responses') return new ResponsesResponse();
  if (dialect === 'anthropic-messages') return new AnthropicResponse();
  return undefined;
}

function observeJson(reader: Reader): ResponseObserver {
  const chunks: Uint8Array[] = [];
  let length = 0;
  return {
    chunk(bytes) {
      length += bytes.length;
      if (length <= MOST_BYTES) chunks.push(bytes);
      else chunks.length = 0;
    },
    end() {
      if (length > MOST_BYTES) return nothing();
      tryRead(reader, chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks));
      return reader.result();
    },
  };
}

/**
 * Bytes are fed as Latin-1: a chunk may end inside a character, all that is read here is ASCII, and no byte above it
 * means anything to the framing. The text comes out in pieces of characters, and nobody looks at it.
 */
function observeStream(reader: Reader): ResponseObserver {
  const parser = createParser({
    maxBufferSize: MOST_BYTES,
    onEvent: ({ data }) => {
      if (data.length <= MOST_BYTES && reader.isTelling(data)) tryRead(reader, Buffer.from(data, 'latin1'));
    },
  });
  let broken = false;
  const feed = (text: string): void => {
    if (broken) return;
    try {
      parser.feed(text);
    } catch {
      broken = true; // an event beyond the bound: the parser takes no more
    }
  };
  return {
    chunk(bytes) {
      feed(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'));
    },
    end() {
      feed('\n\n'); // a last event whose blank line never came
      return reader.result();
    },
  };
}

/** What is no JSON says nothing. */
function tryRead(reader: Reader, bytes: Uint8Array): void {
  try {
    reader.read(parse(bytes, LIMITS));
  } catch {
    // Passive: the client gets the bytes as they are, and its SDK will complain.
  }
}
