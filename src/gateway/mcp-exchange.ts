import type { OutcomeDraft } from '../audit/index.ts';
import { OpenRequests, serverHeaders } from '../mcp/index.ts';
import type { Call } from './call.ts';
import type { Gateway } from './gateway.ts';
import { McpAnswer } from './mcp-answer.ts';
import type { McpVisit } from './mcp-visit.ts';
import { failed, outcomeOf, recordOutcome } from './outcome.ts';

/** Forwards what was allowed, passes on what may pass of the answer, and records how it ended. */
export async function visitServer(gateway: Gateway, call: Call, visit: McpVisit): Promise<void> {
  const outcome = await outcomeOf(gateway, call, (resolve) => forward(gateway, call, visit, resolve));
  await recordOutcome(gateway, call, visit.allows, outcome);
}

function forward(gateway: Gateway, call: Call, visit: McpVisit, resolve: (outcome: OutcomeDraft) => void): void {
  const { server, version, headers, messages, allows } = visit;
  const allow = allows.find(({ id }) => id === call.id);
  if (!allow || call.res.destroyed) {
    resolve(failed(call, 'upstream_unavailable'));
    return;
  }
  const requests = new OpenRequests();
  for (const message of messages) if (message) requests.add(message);
  call.upstreamPath = server.path;
  server.upstream.forward(allow, call, serverHeaders(headers, version, server.credential), {
    respond: (response) => new McpAnswer(gateway, call, visit, { requests, response, done: resolve }).pass(),
    fail: (how) => resolve(failed(call, how)),
  });
}
