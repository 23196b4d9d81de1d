import { hash } from 'node:crypto';
import type { CommittedAllow, OutcomeDraft } from '../audit/index.ts';
import { type Call, elapsedMicros } from './call.ts';
import type { Gateway } from './gateway.ts';
import { REASONS } from './reasons.ts';
import { refuse } from './refuse.ts';
import type { Received } from './respond.ts';
import { nameOf } from './telemetry.ts';

/** How upstream gave no answer, as the outcome says it, and as the client is told. */
const FAILURES = { upstream_timeout: 'UPSTREAM_TIMEOUT', upstream_unavailable: 'UPSTREAM_UNAVAILABLE' } as const;

/** Has a call forwarded, and waits for how it ended. Never rejects. */
export async function outcomeOf(
  gateway: Gateway,
  call: Call,
  forward: (resolve: (outcome: OutcomeDraft) => void) => void,
): Promise<OutcomeDraft> {
  const outcome = await new Promise<OutcomeDraft>((resolve) => {
    try {
      forward(resolve);
    } catch (error) {
      // The decision stands in the log already: what follows it is an outcome, whatever went wrong.
      gateway.logger.error({ decision: call.id, error: nameOf(error) }, 'a call could not be forwarded');
      resolve(failed(call, 'upstream_unavailable'));
    }
  });
  gateway.metrics.upstream.inc({ route: call.route?.id ?? '', ended: outcome.ended });
  return outcome;
}

/** Records how it ended, for all that was allowed in one body. Never rejects. */
export async function recordOutcome(
  gateway: Gateway,
  call: Call,
  allows: readonly CommittedAllow[],
  outcome: OutcomeDraft,
): Promise<void> {
  // What came of a batch is told with its first message, whose decision it is linked to.
  const draftFor = ({ id }: CommittedAllow) => (id === call.id ? outcome : { ...outcome, tool_calls: [] });
  try {
    await Promise.all(allows.map((allow) => gateway.log.outcome(allow, draftFor(allow))));
  } catch {
    gateway.logger.error({ decision: call.id }, 'an outcome could not be recorded');
  }
}

/** What the outcome says of an answer that came from upstream, whatever it holds. */
export function answered(call: Call, received: Received) {
  return {
    status: received.status,
    upstream_status: received.upstreamStatus,
    upstream_request_id: received.upstreamRequestId,
    response_sha256: received.sha256,
    response_bytes: received.bytes,
    ended: received.ended,
    tool_calls: call.toolCalls,
    duration_us: elapsedMicros(call),
  };
}

/** The outcome where the client got a body of our own, or none. */
export function unanswered(call: Call, status: number, body: string, ended: OutcomeDraft['ended']): OutcomeDraft {
  return {
    ...{ status, upstream_status: null, upstream_request_id: null },
    response_sha256: hash('sha256', body),
    response_bytes: Buffer.byteLength(body),
    ended,
    ...{ fault: null, usage: null, finish: [], tool_calls: [], provider_tools: [], not_inspected: [] },
    duration_us: elapsedMicros(call),
  };
}

/** Upstream gave no response: the client gets an error as it expects them, unless the client itself is gone. */
export function failed(call: Call, how: keyof typeof FAILURES): OutcomeDraft {
  const code = FAILURES[how];
  const { message } = REASONS[code];
  if (call.res.destroyed) return unanswered(call, 0, '', 'client_aborted');
  const body = refuse(call, { code, message });
  return unanswered(call, call.res.statusCode, body, how);
}
