import { faultAnswer, refusalAnswer, refusalMessage } from '../mcp/index.ts';
import type { Decision, Reason } from '../policy/index.ts';
import { errorBody, type RefusalFields } from '../provider/index.ts';
import { Approvals } from './approval.ts';
import { isApprovalPath } from './approve.ts';
import type { Call } from './call.ts';
import { REASONS, type ReasonCode, type ReasonEntry } from './reasons.ts';
import { refusalHeaders } from './respond.ts';

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
export function refuse(call: Call, reason: Reason, byPolicy = false, decisionId = call.id): string {
  const { req, res } = call;
  if (res.headersSent || res.destroyed) return '';
  const entry = byPolicy ? DENIED : entryOf(reason.code);
  const refusal = { status: entry.status, code: reason.code, message: reason.message, decisionId };
  const { status, body } = answerOf(call, refusal);
  if (entry.retryAfter !== undefined) res.setHeader('retry-after', String(entry.retryAfter));
  if (status === 405 && call.match) res.setHeader('allow', call.match.methods.join(', '));
  if (!req.complete || reason.code === 'STOPPING') res.shouldKeepAlive = false; // node says so in the head
  res.writeHead(status, refusalHeaders(decisionId, Buffer.byteLength(body), reason.code));
  end(call, body);
  return body;
}

/** The error as whoever calls here expects it: in the vendor's words, as JSON-RPC, or plain. */
function answerOf(call: Call, refusal: RefusalFields): { status: number; body: string } {
  const { mcp, match, endpoint } = call;
  const { status } = refusal;
  if (mcp?.error) return faultAnswer(mcp.messages, mcp.error, mcp.version, refusal.decisionId);
  if (mcp?.messages) return refusalAnswer(mcp.messages, refusal, mcp.refusals);
  if (mcp || match?.candidates[0]?.kind === 'mcp') return { status, body: refusalMessage(null, refusal) };
  if (match?.candidates[0]?.kind === 'hook' || isApprovalPath(call.path)) return { status, body: plainBody(refusal) };
  return { status, body: errorBody(endpoint?.provider ?? providerOf(call), refusal) };
}

const plainBody = ({ code, message, decisionId }: RefusalFields): string =>
  JSON.stringify({ error: { code, message, decision_id: decisionId } });

const providerOf = ({ req }: Call): 'anthropic' | 'openai' =>
  req.headers['anthropic-version'] ? 'anthropic' : 'openai';

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

/**
 * What whoever is refused is told: policy's first reason, or why an allowed call was refused all the same.
 * @param approval the id under which the call can be approved
 */
export function reasonOf(decision: Decision, approval?: string): Reason {
  const { effect, reasons, obligations } = decision;
  const [first] = reasons;
  const how = approval ? `: verdict approve ${approval}` : ''; // before policy's words: long messages are cut at their end
  const because = first ? ` (${first.message})` : '';
  if (effect === 'deny' && first) return how ? { ...first, message: `${first.message}${how}` } : first;
  if (effect === 'escalate' && (approval !== undefined || obligations.length === 0)) {
    return { code: 'APPROVAL_REQUIRED', message: `${REASONS.APPROVAL_REQUIRED.message}${how}${because}` };
  }
  if (Approvals.isCallers(decision)) {
    return { code: 'CONFIRMATION_REQUIRED', message: `${REASONS.CONFIRMATION_REQUIRED.message}${because}` };
  }
  // With obligations that no single approval meets, there is nothing to ask anybody for.
  const { message } = REASONS.OBLIGATION_UNSUPPORTED;
  const expected = effect === 'escalate' ? ': expected one approval, by one role' : '';
  return { code: 'OBLIGATION_UNSUPPORTED', message: `${message}${expected}` };
}

/** The status that goes with a reason. @param byPolicy policy decided, even where its code is spelled like one of the gateway's */
export const statusOf = (code: string, byPolicy: boolean): number => (byPolicy ? DENIED : entryOf(code)).status;

function entryOf(code: string): Pick<ReasonEntry, 'status' | 'retryAfter'> {
  return Object.hasOwn(REASONS, code) ? REASONS[code as ReasonCode] : DENIED;
}
