import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { CommittedAllow, OutcomeDraft } from '../audit/index.ts';
import type { Dialect } from '../input/index.ts';
import { type Observed, observeResponse, upstreamHeaders } from '../provider/index.ts';
import { type Call, elapsedMicros } from './call.ts';
import type { Gateway } from './gateway.ts';
import { type Form, Inspection } from './inspection.ts';
import { REASONS } from './reasons.ts';
import { refuse } from './refuse.ts';
import { Delivery, mediaTypeOf, passOn, type Received } from './respond.ts';
import { nameOf } from './telemetry.ts';

/** Dialects whose responses may propose tool calls. */
const GATED: ReadonlySet<Dialect> = new Set<Dialect>(['openai-chat', 'openai-responses', 'anthropic-messages']);

/** Forwards an allowed call, passes its response on, and records how it ended. Never rejects once the call is forwarded. */
export async function exchange(gateway: Gateway, call: Call, allow: CommittedAllow): Promise<void> {
  const outcome = await new Promise<OutcomeDraft>((resolve) => {
    try {
      forward(gateway, call, allow, resolve);
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

function forward(gateway: Gateway, call: Call, allow: CommittedAllow, resolve: (outcome: OutcomeDraft) => void): void {
  const { endpoint, vendor } = call;
  if (!endpoint || !vendor || call.res.destroyed) {
    resolve(failed(call, 'UPSTREAM_UNAVAILABLE'));
    return;
  }
  const headers = upstreamHeaders(endpoint.provider, call.req.headers, vendor.credential);
  vendor.upstream.forward(allow, call, headers, {
    respond: (response) => respond(gateway, call, response, resolve),
    fail: (how) => resolve(failed(call, how === 'upstream_timeout' ? 'UPSTREAM_TIMEOUT' : 'UPSTREAM_UNAVAILABLE')),
  });
}

/** Passes the response on: straight, or through the gate where it may propose tool calls. */
function respond(
  gateway: Gateway,
  call: Call,
  response: IncomingMessage,
  resolve: (outcome: OutcomeDraft) => void,
): void {
  const { endpoint, route } = call;
  if (!endpoint || !route) throw new Error('expected a call with an endpoint and a route');
  const { dialect } = endpoint;
  const status = response.statusCode ?? 0;
  const observer = observeResponse(dialect, response.headers['content-type'], status);
  const inspection = new Inspection(gateway, call);
  const delivery = new Delivery(response, call, (received) => {
    const observed = observer.end();
    void inspection.end().then(() => resolve(outcomeOf(call, received, observed, inspection)));
  });
  const isError = status < 200 || status > 299;
  if (!GATED.has(dialect) || (isError && route.mode === 'shadow')) passOn(delivery, observer);
  else if (route.mode === 'shadow') inspection.passBeside(delivery, formOf(response), dialect, observer);
  else inspection.pass(delivery, { form: formOf(response), dialect, isError }, observer);
}

/** No encoding was asked for, and what is in one cannot be read here. */
function formOf({ headers }: IncomingMessage): Form {
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') return 'encoded';
  return mediaTypeOf(headers['content-type']) === 'text/event-stream' ? 'stream' : 'whole';
}

function outcomeOf(call: Call, received: Received, observed: Observed, inspection: Inspection): OutcomeDraft {
  return {
    status: received.status,
    upstream_status: received.upstreamStatus,
    upstream_request_id: received.upstreamRequestId,
    response_sha256: received.sha256,
    response_bytes: received.bytes,
    ended: received.ended,
    usage: observed.usage,
    finish: observed.finish,
    tool_calls: call.toolCalls,
    provider_tools: inspection.providerTools,
    not_inspected: inspection.notInspected,
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
    tool_calls: [],
    provider_tools: [],
    not_inspected: [],
    duration_us: elapsedMicros(call),
  };
}
