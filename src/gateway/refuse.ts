import type { Reason } from '../policy/index.ts';
import { errorBody } from '../provider/index.ts';
import type { Call } from './call.ts';
import { REASONS, type ReasonCode, type ReasonEntry } from './reasons.ts';

const DENIED: Pick<ReasonEntry, 'status' | 'retryAfter'> = { status: 403 };

/** How long a refused client may go on sending its body: many read the answer only after that. */
const LINGER_MS = 10_000;
/** The same for one that asked before it sends: it hardly will. */
const LINGER_ASKING_MS = 500;

/**
 * Answers a refused call in the shape of its dialect's own errors, so that the vendor's SDK raises its usual exception.
 * Returns the body that was sent; empty when the client is gone or has its answer.
 * @param byPolicy policy decided: 403, even where its code is spelled like one of the gateway's
 */
export function refuse(call: Call, reason: Reason, byPolicy = false): string {
  const { req, res } = call;
  if (res.headersSent || res.destroyed) return '';
  const { status, retryAfter } = byPolicy ? DENIED : entryOf(reason.code);
  const provider = call.endpoint?.provider ?? (req.headers['anthropic-version'] ? 'anthropic' : 'openai');
  const body = errorBody(provider, { status, code: reason.code, message: reason.message, decisionId: call.id });
  if (retryAfter !== undefined) res.setHeader('retry-after', String(retryAfter));
  if (status === 405 && call.match) res.setHeader('allow', call.match.methods.join(', '));
  if (!req.complete || reason.code === 'STOPPING') res.shouldKeepAlive = false; // node says so in the head
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-verdict-decision': call.id,
    'x-verdict-code': reason.code,
  });
  end(call, body);
  return body;
}

/**
 * The whole answer goes out at once, but the connection is closed only when the client has sent its body, or for long
 * enough: closed before, it would be reset, and the answer lost (RFC 9112, section 9.6).
 */
function end({ req, res }: Call, body: string): void {
  if (req.complete) return void res.end(body);
  res.write(body);
  const timer = setTimeout(() => res.end(), req.headers.expect === undefined ? LINGER_MS : LINGER_ASKING_MS);
  req.once('end', () => res.end()).once('close', () => clearTimeout(timer));
  req.resume();
}

function entryOf(code: string): Pick<ReasonEntry, 'status' | 'retryAfter'> {
  return Object.hasOwn(REASONS, code) ? REASONS[code as ReasonCode] : DENIED;
}
