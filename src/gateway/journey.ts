import type { IncomingMessage, ServerResponse } from 'node:http';
import { AuditError, type Committed, CommittedAllow } from '../audit/index.ts';
import { IdentityError } from '../identity/index.ts';
import { JsonError } from '../json/index.ts';
import { McpError } from '../mcp/index.ts';
import type { Decision } from '../policy/index.ts';
import { matchEndpoint, ProviderError } from '../provider/index.ts';
import { Approvals } from './approval.ts';
import { approve, isApprovalPath } from './approve.ts';
import { enterBundle } from './bundles.ts';
import { begin, type Call, endStep, noFacts } from './call.ts';
import { claimedRequest } from './claim.ts';
import { exchange } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { governHook } from './hook.ts';
import { governMcp } from './mcp.ts';
import { canonicalPath, PathError } from './path.ts';
import { readInput } from './read.ts';
import { denial, REASONS, type ReasonCode } from './reasons.ts';
import { draftDecision, draftRefusal, ENTRYPOINTS } from './record.ts';
import { Refusal } from './refusal.ts';
import { reasonOf, refuse } from './refuse.ts';
import type { Route } from './routes.ts';
import { nameOf } from './telemetry.ts';

/**
 * One call from its arrival to its last record. Resolves when all of that is over; never rejects.
 * Every way out commits a decision first; a call whose decision cannot be committed is refused as AUDIT_UNAVAILABLE.
 */
export async function govern(gateway: Gateway, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const call = begin(req, res);
  // Calls that come while the others finish do not keep the gateway from stopping.
  const admitted = !gateway.stopping && gateway.admission.enter();
  try {
    if (!admitted) throw new Refusal(gateway.stopping ? 'STOPPING' : 'OVERLOADED');
    locate(gateway, call);
    await identify(gateway, call);
    await JOURNEYS[call.route?.kind ?? 'approval'](gateway, call);
  } catch (error) {
    await turnAway(gateway, call, error);
  } finally {
    if (call.approval) gateway.approvals.giveBack(call.approval);
    call.active?.leave();
    if (admitted) gateway.admission.leave(call.heldBytes);
  }
}

/** Where the journey goes once the caller is known. */
const JOURNEYS: Record<Route['kind'] | 'approval', (gateway: Gateway, call: Call) => Promise<void>> = {
  model: governModel,
  hook: governHook,
  mcp: governMcp,
  approval: approve,
};

/** Decide on the request, forward it, decide on each tool call of the response. */
async function governModel(gateway: Gateway, call: Call): Promise<void> {
  const { decision, committed, approval } = await decide(gateway, call);
  if (committed instanceof CommittedAllow) await exchange(gateway, call, committed);
  else refuse(call, reasonOf(decision, approval), !decision.fault);
}

/** Canonical path → the routes of the longest prefix → the vendor's endpoint behind it. */
function locate(gateway: Gateway, call: Call): void {
  const { req } = call;
  requireOneHost(req);
  const target = canonicalPath(req.url ?? '');
  call.path = target.path;
  call.query = target.query;
  if (isApprovalPath(target.path)) return;
  const match = gateway.routes.match(call.method, target.path);
  if (!match) throw new Refusal('ROUTE_UNKNOWN');
  call.match = match;
  if (match.candidates.length === 0) throw new Refusal('METHOD_NOT_ALLOWED', `expected ${match.methods.join(', ')}`);
  if (match.candidates.length === 1) call.route = match.candidates[0]; // so that the record of a refusal can name it
  call.upstreamPath = match.rest;
  if (match.candidates[0]?.kind === 'model') call.endpoint = matchEndpoint(call.method, match.rest, req.headers);
}

/** It routes nothing here, but whoever stands before us may go by the other one of two (RFC 9112, section 3.2). */
function requireOneHost({ rawHeaders }: IncomingMessage): void {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.length === 4 && rawHeaders[i]?.toLowerCase() === 'host') hosts++;
  }
  if (hosts === 0) throw new Refusal('HOST_MISSING');
  if (hosts > 1) throw new Refusal('HEADERS_INVALID', 'expected one Host header');
}

/** Who is calling. Only then is it known which of the prefix's routes is theirs. */
async function identify(gateway: Gateway, call: Call): Promise<void> {
  call.subject = await gateway.identity.authenticate(call.req, new Date(call.time));
  endStep(call, 'identity');
  const { endpoint, subject, match } = call;
  if (!match) return; // an approval
  if (!endpoint && match.candidates[0]?.kind === 'model') throw new Refusal('ENDPOINT_NOT_GOVERNED');
  call.route = gateway.routes.resolve(match, { provider: endpoint?.provider ?? '', application: subject.application });
  if (!call.route) throw new Refusal('ROUTE_UNKNOWN');
  if (!endpoint) return;
  call.vendor = gateway.vendors.get(endpoint.provider);
  if (!call.vendor) throw new Refusal('UPSTREAM_CREDENTIAL_MISSING');
}

/** Body → input document → policy's decision → the committed record. */
async function decide(gateway: Gateway, call: Call): Promise<Decided> {
  const active = enterBundle(gateway, call);
  const document = await readInput(gateway, call);
  endStep(call, 'input');
  const decision = await gateway.engine.decide(active.policy, ENTRYPOINTS.request, document.input);
  endStep(call, 'policy');
  const draft = draftDecision(call, decision, active.bundle, 'request', document);
  const role = draft.effect_enforced === 'refuse' ? Approvals.roleOf(decision) : undefined;
  const approval = role && (await gateway.approvals.ask(call.id, role, claimedRequest(call)));
  // Used up, even if the commit fails: its record may lie in the log all the same, and must not be followed by a second use.
  if (draft.effect_enforced === 'forward') call.approval = undefined;
  const committed = await gateway.log.commit(draft);
  endStep(call, 'commit');
  gateway.tell(call, draft.effect_enforced, decision.reasons);
  return { decision, committed, approval };
}

interface Decided {
  decision: Decision;
  committed: Committed;
  /** The id under which an escalated call can be approved. */
  approval: string | undefined;
}

/** The gateway's own refusal: recorded like any other decision, then answered. */
async function turnAway(gateway: Gateway, call: Call, error: unknown): Promise<void> {
  // Its record may be on disk for all we know, so there must not be a second one of the same id.
  if (error instanceof AuditError && error.code !== 'AUDIT_RECORD') return refuseUnrecorded(gateway, call, error);
  const { code, detail, approval } = refusalOf(gateway, call, error);
  const message = detail ? `${REASONS[code].message}: ${detail}` : REASONS[code].message;
  const decision = denial(code, message);
  try {
    await gateway.log.commit(draftRefusal(call, decision));
    gateway.tell(call, 'refuse', decision.reasons);
    refuse(call, reasonOf(decision, approval));
  } catch (unrecorded) {
    refuseUnrecorded(gateway, call, unrecorded);
  }
}

function refuseUnrecorded(gateway: Gateway, call: Call, error: unknown): void {
  const reason = { code: 'AUDIT_UNAVAILABLE', message: REASONS.AUDIT_UNAVAILABLE.message };
  gateway.logger.error({ decision: call.id, error: nameOf(error) }, 'a decision could not be recorded');
  gateway.tell(call, 'refuse', [reason]);
  refuse(call, reason);
}

/** What an error means for the caller. Whatever is not foreseen is INTERNAL: the log names its kind, nobody its text. */
function refusalOf(
  gateway: Gateway,
  call: Call,
  error: unknown,
): { code: ReasonCode; detail?: string | undefined; approval?: string | undefined } {
  if (error instanceof Refusal) return error;
  if (error instanceof PathError) return { code: 'PATH_INVALID', detail: error.expected };
  if (error instanceof IdentityError) return { code: error.code };
  if (error instanceof McpError) {
    if (call.mcp) call.mcp.error = error;
    return { code: 'CALL_INVALID', detail: error.message };
  }
  if (error instanceof JsonError && call.mcp) call.mcp.error = new McpError('MESSAGE_NOT_JSON', 'exact JSON');
  if (error instanceof JsonError) return { code: 'BODY_INVALID', detail: error.message };
  if (error instanceof ProviderError) return { code: 'CALL_INVALID', detail: error.message };
  gateway.logger.error({ decision: call.id, error: nameOf(error) }, 'an error that was not foreseen');
  return { code: 'INTERNAL' };
}

/** Records a connection that never became a request: what HTTP's parser refused, or what came too slowly. Never rejects. */
export async function turnAwayUnparsed(gateway: Gateway, code: ReasonCode): Promise<void> {
  const facts = noFacts('');
  const { message } = REASONS[code];
  try {
    await gateway.log.commit(draftRefusal(facts, denial(code)));
    gateway.tell(facts, 'refuse', [{ code, message }]);
  } catch (unrecorded) {
    gateway.logger.error({ decision: facts.id, error: nameOf(unrecorded) }, 'a decision could not be recorded');
  }
}
