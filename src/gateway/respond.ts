import { createHash, type Hash, hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ResponseObserver } from '../provider/index.ts';
import type { Call } from './call.ts';

/** How a forwarded call ended, for its outcome record. */
export type Ended = 'complete' | 'client_aborted' | 'upstream_aborted' | 'upstream_timeout' | 'upstream_unavailable';

/** What the client received. */
export interface Received {
  status: number;
  upstreamStatus: number | null;
  upstreamRequestId: string | null;
  /** SHA-256 of the body bytes handed to the client, hex. */
  sha256: string;
  bytes: number;
  ended: Ended;
}

/** Connection-level headers (RFC 9110, section 7.6.1), and those that lead the client to the vendor or tell of its account. */
const NOT_FORWARDED = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'set-cookie',
  'openai-organization',
  'openai-project',
  'anthropic-organization-id',
  'location',
  'alt-svc',
  'strict-transport-security',
]);

const MAX_REQUEST_ID = 200;
const EMPTY = Buffer.alloc(0);

/**
 * Passes the upstream's response on as it comes: its first byte at once, chunk by chunk, no faster than the client
 * reads. The observer sees every chunk and can change nothing. `done` is called once, after the last byte or an abort.
 */
export function passOn(
  upstream: IncomingMessage,
  call: Call,
  observer: ResponseObserver,
  done: (r: Received) => void,
): void {
  const { res } = call;
  const status = upstream.statusCode ?? 502;
  let digest: Hash | undefined;
  let whole: Uint8Array = EMPTY; // the body where one chunk was all of it
  const expected = Number(upstream.headers['content-length'] ?? -1);
  let bytes = 0;
  let failed: Ended | undefined; // set when upstream is the one that ends it
  const onTimeout = (): void => {
    failed = res.writableNeedDrain ? 'client_aborted' : 'upstream_timeout'; // whoever it is that does not go on
  };
  const onError = (): void => {
    failed ??= 'upstream_aborted';
  };
  const { socket } = upstream;
  socket.once('timeout', onTimeout);
  upstream.once('aborted', onError).once('error', onError);

  res.writeHead(status, downstreamHeaders(upstream, call.id));
  if (expected < 0) res.flushHeaders(); // a stream's head must not wait for its first event
  upstream.on('data', (chunk: Buffer) => {
    observer.chunk(chunk);
    bytes += chunk.length;
    if (chunk.length === expected) {
      whole = chunk;
      return void res.end(chunk); // head and body in one write
    }
    digest ??= createHash('sha256');
    digest.update(chunk);
    if (res.write(chunk)) return;
    upstream.pause();
    res.once('drain', () => upstream.resume());
  });
  upstream.on('end', () => {
    if (upstream.complete && !res.writableEnded) res.end();
  });
  res.once('close', () => {
    socket.off('timeout', onTimeout);
    const ended = res.writableFinished ? 'complete' : (failed ?? 'client_aborted');
    done({
      status,
      upstreamStatus: status,
      upstreamRequestId: requestId(upstream),
      sha256: digest ? digest.digest('hex') : hash('sha256', whole),
      bytes,
      ended,
    });
  });
}

function downstreamHeaders(upstream: IncomingMessage, decisionId: string): string[] {
  const named = (upstream.headers.connection ?? '').toLowerCase().split(/[\s,]+/);
  const headers: string[] = [];
  for (let i = 0; i + 1 < upstream.rawHeaders.length; i += 2) {
    const name = upstream.rawHeaders[i] ?? '';
    const lower = name.toLowerCase();
    if (NOT_FORWARDED.has(lower) || named.includes(lower) || lower.startsWith('x-verdict-')) continue;
    headers.push(name, upstream.rawHeaders[i + 1] ?? '');
  }
  headers.push('x-verdict-decision', decisionId);
  return headers;
}

/** The vendor's id of its response: OpenAI says `x-request-id`, Anthropic `request-id`. */
function requestId(upstream: IncomingMessage): string | null {
  const id = upstream.headers['x-request-id'] ?? upstream.headers['request-id'];
  return typeof id === 'string' ? id.slice(0, MAX_REQUEST_ID) : null;
}
