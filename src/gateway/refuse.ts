import type { Reason } from '../policy/index.ts';
import { errorBody } from '../provider/index.ts';
import type { Call } from './call.ts';
import { REASONS, type ReasonCode, type ReasonEntry } from './reasons.ts';

/** What a refused client may still send before its connection is cut: it should be able to read the answer first. */
const LINGER_BYTES = 1024 * 1024;

/**
 * Answers a refused call in the shape of its dialect's own errors, so that the vendor's SDK raises its usual exception.
 * Returns the body that was sent; empty when the client is gone or has its answer.
 */
export function refuse(call: Call, reason: Reason): string {
  const { req, res } = call;
  if (res.headersSent || res.destroyed) return '';
  const { status, retryAfter } = entryOf(reason.code);
  const provider = call.endpoint?.provider ?? (req.headers['anthropic-version'] ? 'anthropic' : 'openai');
  const body = errorBody(provider, { status, code: reason.code, message: reason.message, decisionId: call.id });
  if (retryAfter !== undefined) res.setHeader('retry-after', String(retryAfter));
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-verdict-decision': call.id,
    'x-verdict-code': reason.code,
  });
  res.end(body);
  drain(call);
  return body;
}

/** Reads on for a moment: closing at once would reset the connection before the client has read why. */
function drain({ req }: Call): void {
  if (req.complete) return;
  let left = LINGER_BYTES;
  req.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) req.socket.destroy();
  });
  req.resume();
}

/** How a refusal is answered: by the table for the gateway's own codes, with 403 for policy's. */
function entryOf(code: string): Pick<ReasonEntry, 'status' | 'retryAfter'> {
  return Object.hasOwn(REASONS, code) ? REASONS[code as ReasonCode] : { status: 403 };
}
