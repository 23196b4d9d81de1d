import { hash } from 'node:crypto';
import type { OutcomeDraft } from '../audit/index.ts';
import { OpenRequests, serverHeaders } from '../mcp/index.ts';
import { type Call, elapsedMicros } from './call.ts';
import type { Gateway } from './gateway.ts';
import { McpAnswer } from './mcp-answer.ts';
import type { McpVisit } from './mcp-visit.ts';
import { REASONS } from './reasons.ts';
import { refuse } from './refuse.ts';
import { nameOf } from './telemetry.ts';

/** Forwards what was allowed, passes on what may pass of the answer, and records how it ended. */
export async function visitServer(gateway: Gateway, call: Call, visit: McpVisit): Promise<void> {
  const outcome = await new Promise<OutcomeDraft>((resolve) => {
    try {
      forward(gateway, call, visit, resolve);
    } catch (error) {
      // The decisions stand in the log already: what follows them is an outcome, whatever went wrong.
      gateway.logger.error({ decision: call.id, error: nameOf(error) }, 'a message could not be forwarded');
      resolve(failed(call, 'UPSTREAM_UNAVAILABLE'));
    }
  });
  gateway.metrics.upstream.inc({ route: call.route?.id ?? '', ended: outcome.ended });
  await record(gateway, call, visit, outcome);
}

/** Allowed, but not sent: another message of the batch was refused. */
export function notForwarded(
  gateway: Gateway,
  call: Call,
  visit: McpVisit,
  status: number,
  body: string,
): Promise<void> {
  return record(gateway, call, visit, { ...ours(call, status, body), ended: 'not_forwarded' });
}

async function record(gateway: Gateway, call: Call, { allows }: McpVisit, outcome: OutcomeDraft): Promise<void> {
  // What came of a batch is told with its first message, whose decision it is linked to.
  const rest = { ...outcome, tool_calls: [] };
  try {
    await Promise.all(allows.map((allow) => gateway.log.outcome(allow, allow.id === call.id ? outcome : rest)));
  } catch {
    gateway.logger.error({ decision: call.id }, 'an outcome could not be recorded');
  }
}

function forward(gateway: Gateway, call: Call, visit: McpVisit, resolve: (outcome: OutcomeDraft) => void): void {
  const { server, version, headers, messages, allows } = visit;
  const allow = allows.find(({ id }) => id === call.id);
  if (!allow || call.res.destroyed) {
    resolve(failed(call, 'UPSTREAM_UNAVAILABLE'));
    return;
  }
  const requests = new OpenRequests();
  for (const message of messages) if (message) requests.add(message);
  call.upstreamPath = server.path;
  server.upstream.forward(allow, call, serverHeaders(headers, version, server.credential), {
    respond: (response) => new McpAnswer(gateway, call, visit, { requests, response, done: resolve }).pass(),
    fail: (how) => resolve(failed(call, how === 'upstream_timeout' ? 'UPSTREAM_TIMEOUT' : 'UPSTREAM_UNAVAILABLE')),
  });
}

function failed(call: Call, code: 'UPSTREAM_TIMEOUT' | 'UPSTREAM_UNAVAILABLE'): OutcomeDraft {
  const gone = call.res.destroyed;
  const body = gone ? '' : refuse(call, { code, message: REASONS[code].message });
  const ended = code === 'UPSTREAM_TIMEOUT' ? 'upstream_timeout' : 'upstream_unavailable';
  return {
    ...ours(call, gone ? REASONS[code].status : call.res.statusCode, body),
    ended: gone ? 'client_aborted' : ended,
  };
}

/** How it ended where the server gave no answer. */
function ours(call: Call, status: number, body: string): Omit<OutcomeDraft, 'ended'> {
  return {
    ...{ status, upstream_status: null, upstream_request_id: null },
    response_sha256: hash('sha256', body),
    response_bytes: Buffer.byteLength(body),
    ...{ usage: null, finish: [], tool_calls: [], provider_tools: [], not_inspected: [] },
    duration_us: elapsedMicros(call),
  };
}
