import type { IncomingMessage } from 'node:http';
import type { CommittedAllow, OutcomeDraft } from '../audit/index.ts';
import { type Observed, observeResponse, upstreamHeaders } from '../provider/index.ts';
import type { Call } from './call.ts';
import { isUtf8Message, mediaTypeOf } from './content-type.ts';
import type { Gateway } from './gateway.ts';
import { type Form, Inspection } from './inspection.ts';
import { answered, failed, outcomeOf, recordOutcome } from './outcome.ts';
import { Delivery, type Received } from './respond.ts';

/** Forwards an allowed call, passes its response on, and records how it ended. Never rejects once the call is forwarded. */
export async function exchange(gateway: Gateway, call: Call, allow: CommittedAllow): Promise<void> {
  const outcome = await outcomeOf(gateway, call, (resolve) => forward(gateway, call, allow, resolve));
  await recordOutcome(gateway, call, [allow], outcome);
}

function forward(gateway: Gateway, call: Call, allow: CommittedAllow, resolve: (outcome: OutcomeDraft) => void): void {
  const { endpoint, vendor } = call;
  if (!endpoint || !vendor || call.res.destroyed) {
    resolve(failed(call, 'upstream_unavailable'));
    return;
  }
  const headers = upstreamHeaders(endpoint.provider, call.req.headers, vendor.credential);
  vendor.upstream.forward(allow, call, headers, {
    respond: (response) => respond(gateway, call, response, resolve),
    fail: (how) => resolve(failed(call, how)),
  });
}

/** Passes the response on: through the gate, or in shadow straight. */
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
    void inspection.end().then(() => resolve(draftOf(call, received, observed, inspection)));
  });
  const kind = { form: formOf(response), dialect, status };
  if (route.mode === 'shadow') inspection.passBeside(delivery, kind, observer);
  else inspection.pass(delivery, kind, observer);
}

/** No encoding was asked for, and what is in one cannot be read here; in another charset, the client would read another text. */
function formOf(response: IncomingMessage): Form {
  const { headers } = response;
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') return 'unreadable';
  if (!isUtf8Message(response)) return 'unreadable';
  return mediaTypeOf(headers['content-type']) === 'text/event-stream' ? 'stream' : 'whole';
}

function draftOf(call: Call, received: Received, observed: Observed, inspection: Inspection): OutcomeDraft {
  return {
    ...answered(call, received),
    fault: inspection.fault,
    usage: observed.usage,
    finish: observed.finish,
    provider_tools: inspection.providerTools,
    not_inspected: inspection.notInspected,
  };
}
