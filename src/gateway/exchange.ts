import { hash } from 'node:crypto';
import type { CommittedAllow, OutcomeDraft } from '../audit/index.ts';
import { type Observed, observeResponse, upstreamHeaders } from '../provider/index.ts';
import { type Call, elapsedMicros } from './call.ts';
import type { Gateway } from './gateway.ts';
import { REASONS } from './reasons.ts';
import { refuse } from './refuse.ts';
import { passOn, type Received } from './respond.ts';
import { nameOf } from './telemetry.ts';

/** What this version passes on without judging it; the outcome record says so. */
const NOT_INSPECTED = ['response_text', 'tool_calls'];

/** Forwards an allowed call, passes its response on, and records how it ended. Never rejects once the call is forwarded. */
export async function exchange(gateway: Gateway, call: Call, allow: CommittedAllow): Promise<void> {
  const outcome = await new Promise<OutcomeDraft>((resolve) => {
    try {
      forward(call, allow, resolve);
    } catch (error) {
      // The decision stands in the log already: what follows it is an outcome, whatever went wrong.
      gateway.logger.error({ decision: call.id, error: nameOf(error) }, 'a call could not be forwarded');
      resolve(failed(call, 'UPSTREAM_UNAVAILABLE'));
    }
  });
  gateway.metrics.upstream.inc({ route: call.route?.id ?? '', ended: outcome.ended });
  try {
    await gateway.log.outcome(allow, outcome);
  } catch {
    gateway.logger.error({ decision: call.id }, 'an outcome could not be recorded');
  }
}

function forward(call: Call, allow: CommittedAllow, resolve: (outcome: OutcomeDraft) => void): void {
  const { endpoint, vendor } = call;
  if (!endpoint || !vendor || call.res.destroyed) {
    resolve(failed(call, 'UPSTREAM_UNAVAILABLE'));
    return;
  }
  const headers = upstreamHeaders(endpoint.provider, call.req.headers, vendor.credential);
  vendor.upstream.forward(allow, call, headers, {
    respond: (response) => {
      const observer = observeResponse(endpoint.dialect, response.headers['content-type'], response.statusCode ?? 0);
      passOn(response, call, observer, (received) => resolve(outcomeOf(call, received, observer.end())));
    },
    fail: (how) => resolve(failed(call, how === 'upstream_timeout' ? 'UPSTREAM_TIMEOUT' : 'UPSTREAM_UNAVAILABLE')),
  });
}

function outcomeOf(call: Call, received: Received, observed: Observed): OutcomeDraft {
  return {
    status: received.status,
    upstream_status: received.upstreamStatus,
    upstream_request_id: received.upstreamRequestId,
    response_sha256: received.sha256,
    response_bytes: received.bytes,
    ended: received.ended,
    ...observed,
    not_inspected: NOT_INSPECTED,
    duration_us: elapsedMicros(call),
  };
}

/** Upstream gave no response: the client gets the dialect's own error, unless the client itself is gone. */
function failed(call: Call, code: 'UPSTREAM_TIMEOUT' | 'UPSTREAM_UNAVAILABLE'): OutcomeDraft {
  const gone = call.res.destroyed;
  const { status, message } = REASONS[code];
  const body = gone ? '' : refuse(call, { code, message });
  return {
    status,
    upstream_status: null,
    upstream_request_id: null,
    response_sha256: hash('sha256', body),
    response_bytes: Buffer.byteLength(body),
    ended: gone ? 'client_aborted' : code === 'UPSTREAM_TIMEOUT' ? 'upstream_timeout' : 'upstream_unavailable',
    usage: null,
    finish: [],
    tool_calls: 0,
    not_inspected: [],
    duration_us: elapsedMicros(call),
  };
}
