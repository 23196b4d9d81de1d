import { createHash, type Hash, hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { passesToClient } from '../provider/index.ts';
import type { Call } from './call.ts';

/** How a forwarded call ended, for its outcome record. */
export type Ended = 'complete' | 'client_aborted' | 'upstream_aborted' | 'upstream_timeout' | 'upstream_unavailable';

/** What the client received. */
export interface Received {
  /** 0 if it received no head. */
  status: number;
  upstreamStatus: number | null;
  upstreamRequestId: string | null;
  /** SHA-256 of the body bytes handed to the client, hex. */
  sha256: string;
  bytes: number;
  ended: Ended;
}

const MAX_REQUEST_ID = 200;
const EMPTY = Buffer.alloc(0);

/**
 * The way of an upstream's response to the client: its head, the bytes that go out and their digest, and how it ended, whoever
 * ends it. `done` is called once, after the last byte or an abort.
 */
export class Delivery {
  readonly upstream: IncomingMessage;
  private readonly call: Call;
  private status: number;
  private digest: Hash | undefined;
  /** The body where one piece was all of it. */
  private whole: Uint8Array = EMPTY;
  private bytes = 0;
  /** Set when upstream is the one that ends it. */
  private failed: Ended | undefined;
  /** Set when the client is told of that in place of the response. */
  private replaced: 'upstream_aborted' | 'upstream_timeout' | undefined;
  /** Longest time in which nothing moves, in milliseconds. */
  private readonly patienceMs: number;

  constructor(upstream: IncomingMessage, call: Call, done: (received: Received) => void) {
    this.upstream = upstream;
    this.call = call;
    this.status = upstream.statusCode ?? 502;
    const { res } = call;
    const onTimeout = (): void => {
      this.failed = res.writableNeedDrain ? 'client_aborted' : 'upstream_timeout'; // whoever it is that does not go on
    };
    const onError = (): void => {
      this.failed ??= 'upstream_aborted';
    };
    const { socket } = upstream;
    this.patienceMs = socket.timeout ?? 0;
    socket.once('timeout', onTimeout);
    upstream.once('aborted', onError).once('error', onError);
    res.once('close', () => {
      socket.off('timeout', onTimeout);
      done(this.received());
      if (!upstream.complete) upstream.destroy(); // what still comes is for nobody
    });
  }

  /** The length that upstream announces, in bytes; -1 if it does not. */
  get announced(): number {
    return Number(this.upstream.headers['content-length'] ?? -1);
  }

  /** Whether the client can take no more. */
  get closed(): boolean {
    return this.call.res.destroyed || this.call.res.writableEnded;
  }

  /** Sends upstream's head as it is, but for what must not pass; `length` undefined: in chunks. */
  head(length: number | undefined): void {
    const headers = [...vendorHeaders(this.upstream, { length }), 'x-verdict-decision', this.call.id];
    this.call.res.writeHead(this.status, headers);
    if (length === undefined) this.call.res.flushHeaders(); // a stream's head must not wait for its first event
  }

  /** Sends a head with these headers and no others. */
  headOf(status: number, headers: Record<string, string>): void {
    this.status = status;
    this.call.res.writeHead(status, headers);
    if (headers['content-length'] === undefined) this.call.res.flushHeaders();
  }

  /** Sends a head of our own, for a JSON body of that length. */
  refusalHead(status: number, length: number, code: string): void {
    this.status = status;
    this.call.res.writeHead(status, refusalHeaders(this.call.id, length, code));
  }

  /** The same in place of an error of upstream's: with its status, and what else retries go by. */
  errorHead(length: number, code: string): void {
    const own = Object.entries(refusalHeaders(this.call.id, length, code)).flat();
    this.call.res.writeHead(this.status, [...vendorHeaders(this.upstream), ...own]);
  }

  /** Notes that the client is told of upstream's failure in place of the response, and says how it failed. */
  replace(): 'upstream_aborted' | 'upstream_timeout' {
    this.replaced = this.failed === 'upstream_timeout' ? this.failed : 'upstream_aborted';
    return this.replaced;
  }

  /** False: the client reads more slowly than this; `drained` tells when it has caught up. */
  write(chunk: Uint8Array): boolean {
    this.bytes += chunk.length;
    this.digest ??= createHash('sha256');
    this.digest.update(chunk);
    return this.call.res.write(chunk);
  }

  /** Whether the client has yet to read what it was sent. */
  get isFull(): boolean {
    return this.call.res.writableNeedDrain;
  }

  drained(then: () => void): void {
    this.call.res.once('drain', then);
  }

  /** Ends the body, with its only piece if there was none before: head and body go out in one write then. */
  end(only?: Uint8Array): void {
    const { res } = this.call;
    if (only && only.length > 0) {
      this.whole = only;
      this.bytes = only.length;
      res.end(only);
    } else if (!res.writableEnded) res.end();
    // Upstream may be done: its silence no longer ends the wait for a client that does not read.
    if (res.writableLength > 0) res.setTimeout(this.patienceMs, () => this.abort());
  }

  /** Breaks the response off: the client must see that it is not whole. */
  abort(): void {
    const { req, res } = this.call;
    // To HTTP/1.0 the end of the connection is the end of the body: only a reset tells that it is not.
    if (req.httpVersionMinor === 0 && res.headersSent) req.socket.resetAndDestroy();
    res.destroy();
  }

  private received(): Received {
    return {
      status: this.call.res.headersSent ? this.status : 0,
      upstreamStatus: this.upstream.statusCode ?? null,
      upstreamRequestId: requestId(this.upstream),
      sha256: this.digest ? this.digest.digest('hex') : hash('sha256', this.whole),
      bytes: this.bytes,
      ended: this.replaced ?? (this.call.res.writableFinished ? 'complete' : (this.failed ?? 'client_aborted')),
    };
  }
}

/** What sees a response's bytes go by and can change nothing. */
export interface Watcher {
  chunk(bytes: Uint8Array): void;
}

/** Passes a response on as it comes: its first byte at once, chunk by chunk, no faster than the client reads. */
export function passOn(delivery: Delivery, watcher: Watcher): void {
  const { upstream, announced } = delivery;
  delivery.head(announced < 0 ? undefined : announced);
  upstream.on('data', (chunk: Buffer) => {
    watcher.chunk(chunk);
    if (chunk.length === announced) delivery.end(chunk);
    else if (!delivery.write(chunk)) {
      upstream.pause();
      delivery.drained(() => upstream.resume());
    }
  });
  upstream.on('end', () => {
    if (upstream.complete) delivery.end();
  });
  upstream.once('close', () => {
    if (!upstream.complete && !delivery.closed) delivery.abort();
  });
}

/** The vendor's headers that pass, in its order; with a body, also those that tell how to read it, and its length if known. */
function vendorHeaders({ headers, rawHeaders }: IncomingMessage, body?: { length: number | undefined }): string[] {
  const named = (headers.connection ?? '').toLowerCase().split(/[\s,]+/); // of that connection (RFC 9110, section 7.6.1)
  const passed: string[] = [];
  let { length } = body ?? {};
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    const lower = name.toLowerCase();
    if (!passesToClient(lower) || named.includes(lower)) continue;
    if (lower === 'content-length') {
      if (length !== undefined) passed.push(name, String(length));
      length = undefined;
    } else if (body || !lower.startsWith('content-')) passed.push(name, rawHeaders[i + 1] ?? '');
  }
  if (length !== undefined) passed.push('content-length', String(length));
  return passed;
}

/** The headers of a refusal, which has a JSON body of that length. */
export const refusalHeaders = (decisionId: string, length: number, code: string): Record<string, string | number> => ({
  'content-type': 'application/json',
  'content-length': length,
  'x-verdict-decision': decisionId,
  'x-verdict-code': code,
});

/** Answers what goes no further than here. */
export function answerJson(res: ServerResponse, body: string, headers: Record<string, string> = {}): void {
  res.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  res.end(body);
}

/** The vendor's id of its response: OpenAI says `x-request-id`, Anthropic `request-id`. */
function requestId(upstream: IncomingMessage): string | null {
  const id = upstream.headers['x-request-id'] ?? upstream.headers['request-id'];
  return typeof id === 'string' ? id.slice(0, MAX_REQUEST_ID) : null;
}
