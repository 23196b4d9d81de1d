import type { IncomingMessage } from 'node:http';
import { Envelope } from '../input/index.ts';
import { mediaTypeOf } from './content-type.ts';
import { Refusal } from './refusal.ts';

/** Whether the request says that a body comes with it (RFC 9112, section 6). */
export function announcesBody(req: IncomingMessage): boolean {
  return req.headers['transfer-encoding'] !== undefined || (req.headers['content-length'] ?? '0') !== '0';
}

/** Whether the client holds the body back until it hears that it is wanted (RFC 9110, section 10.1.1); HTTP/1.0 knows no such thing. */
export function awaitsContinue(req: IncomingMessage): boolean {
  return req.headers.expect?.toLowerCase() === '100-continue' && req.httpVersion === '1.1';
}

/**
 * The size that the request announces, in bytes; undefined when it is chunked.
 * @throws Refusal BODY_TOO_LARGE before a byte of an announced body is read
 */
export function announcedBytes(req: IncomingMessage, limit: number): number | undefined {
  const length = req.headers['content-length'];
  if (length === undefined) return undefined;
  const bytes = Number(length); // node's parser lets only digits through
  if (bytes > limit) throw new Refusal('BODY_TOO_LARGE', `expected at most ${limit} bytes`);
  return bytes;
}

/**
 * Only what policy can read may pass: JSON, not compressed.
 * @throws Refusal MEDIA_TYPE_UNSUPPORTED, BODY_ENCODING_UNSUPPORTED
 */
export function requireJson(req: IncomingMessage): void {
  if (mediaTypeOf(req.headers['content-type']) !== 'application/json')
    throw new Refusal('MEDIA_TYPE_UNSUPPORTED', 'expected content-type: application/json');
  const encoding = (req.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity')
    throw new Refusal('BODY_ENCODING_UNSUPPORTED', 'expected a body without content-encoding');
}

/**
 * Reads the whole body.
 * @param timeoutMs longest time for the whole body
 * @param take asks for room as bytes arrive, so that many large bodies cannot exhaust memory together, nor hold room unsent
 * @throws Refusal BODY_TOO_LARGE, BODY_TIMEOUT, OVERLOADED, or BODY_INCOMPLETE when the client went away
 */
export function readBody(
  req: IncomingMessage,
  limit: number,
  timeoutMs: number,
  take: (bytes: number) => boolean,
): Promise<Envelope> {
  const announced = announcedBytes(req, limit);
  if (announced === 0) return Promise.resolve(new Envelope(0));
  if (req.destroyed) return Promise.reject(new Refusal('BODY_INCOMPLETE')); // gone before: `close` does not come again
  return new Promise((resolve, reject) => {
    const store = announced === undefined ? new Chunks() : new Announced(announced);
    let size = 0;
    const timer = setTimeout(
      () => fail(new Refusal('BODY_TIMEOUT', `expected the body within ${timeoutMs} ms`)),
      timeoutMs,
    );
    const fail = (refusal: Refusal): void => {
      settle();
      req.pause();
      reject(refusal);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limit) {
        fail(new Refusal('BODY_TOO_LARGE', `expected at most ${limit} bytes`));
        return;
      }
      if (!take(chunk.length)) {
        fail(new Refusal('OVERLOADED'));
        return;
      }
      store.add(chunk);
      if (size === announced) onEnd(); // do not wait for the end event: one turn of the event loop less
    };
    const onEnd = (): void => {
      settle();
      if (announced !== undefined && size < announced) reject(new Refusal('BODY_INCOMPLETE'));
      else resolve(store.whole());
    };
    const onClose = (): void => fail(new Refusal('BODY_INCOMPLETE'));
    const settle = (): void => {
      clearTimeout(timer);
      req.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
    };
    req.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}

/** A body whose size is known: its bytes go where they will stay, so that no chunk outlives its own event. */
class Announced {
  private readonly envelope: Envelope;
  private at = 0;

  constructor(size: number) {
    this.envelope = new Envelope(size);
  }

  add(chunk: Uint8Array): void {
    this.envelope.body.set(chunk, this.at);
    this.at += chunk.length;
  }

  whole(): Envelope {
    return this.envelope;
  }
}

/** A body of unknown size, gathered until its end. */
class Chunks {
  private readonly chunks: Buffer[] = [];
  private size = 0;

  add(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
  }

  whole(): Envelope {
    const body = new Announced(this.size);
    for (const chunk of this.chunks) body.add(chunk);
    return body.whole();
  }
}
