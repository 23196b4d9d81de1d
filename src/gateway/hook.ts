import { AuditError, CommittedAllow } from '../audit/index.ts';
import { AGENTS, type Answer, answerHook, canAsk, type HookCall, HookError, parseHook } from '../hook/index.ts';
import type { Subject } from '../input/index.ts';
import { enterBundle } from './bundles.ts';
import { type Call, endStep } from './call.ts';
import { presentedApprovals } from './claim.ts';
import type { Gateway } from './gateway.ts';
import { governStdio } from './hook-mcp.ts';
import { readDocument } from './read.ts';
import { Refusal } from './refusal.ts';
import { reasonOf } from './refuse.ts';
import { answerJson } from './respond.ts';
import { decideTool, type ToolDecision } from './tool.ts';

/** Not an agent, but `verdict mcp` beside one. */
const STDIO = 'mcp';

/**
 * A coding agent's hook: `POST …/{agent}` with the agent's own payload, before it runs a tool. The answer is in its own schema;
 * `x-verdict-exit-code` says how the command that asked for it (`verdict hook`) is to end. Nothing is forwarded.
 */
export async function governHook(gateway: Gateway, call: Call): Promise<void> {
  const agent = call.upstreamPath.slice(1);
  if (agent !== STDIO && !AGENTS.has(agent)) {
    throw new Refusal('ENDPOINT_NOT_GOVERNED', `expected one of ${[...AGENTS.keys(), STDIO].join(', ')}`);
  }
  enterBundle(gateway, call);
  const document = await readDocument(gateway, call);
  if (agent === STDIO) return governStdio(gateway, call, document);
  const { call: tool, session, event } = readHook(agent, document);
  if (call.subject) call.subject = { ...call.subject, act: actorOf(agent, session, call.subject) };
  endStep(call, 'input');
  const decision = await decideTool(gateway, call, tool, {
    parent: null,
    approvals: presentedApprovals(call.req),
    canAsk: canAsk(agent, event),
    ...(call.body && { body: call.body }),
  });
  if (!decision.committed) throw unrecorded(decision);
  answer(call, answerHook(agent, rulingOf(decision), event));
}

function readHook(agent: string, document: Parameters<typeof parseHook>[1]): HookCall {
  try {
    return parseHook(agent, document);
  } catch (error) {
    if (error instanceof HookError) throw new Refusal('CALL_INVALID', error.message);
    throw error;
  }
}

/**
 * The developer stays the subject; the agent acts for them (RFC 8693, section 4.1). That it is this agent is the caller's word:
 * an actor that the token itself names was verified, and stands below.
 */
function actorOf(agent: string, session: string | null, { act }: Subject): object {
  return { sub: `hook:${agent}`, ...(session !== null && { session }), ...(act && { act }) };
}

/** What failed may have left its record on disk for all we know; only an error before that may get one of the same id. */
function unrecorded({ decision }: ToolDecision): Error {
  return decision.reasons[0]?.code === 'INTERNAL'
    ? new Refusal('INTERNAL')
    : new AuditError('AUDIT_UNAVAILABLE', 'a decision on a tool call could not be recorded');
}

/**
 * The person before the agent is asked where policy wants no more than their word. Where it wants an approval, that is not
 * enough: the agent would ask the very subject who may not approve, and run the tool.
 */
function rulingOf({ id, committed, decision, approval, asks }: ToolDecision): Parameters<typeof answerHook>[1] {
  if (committed instanceof CommittedAllow) return { effect: 'allow', message: 'allowed by policy', decisionId: id };
  const { code, message } = (asks && decision.reasons[0]) || reasonOf(decision, approval);
  return { effect: asks ? 'ask' : 'deny', message: `${code}: ${message}`, decisionId: id };
}

function answer({ id, res }: Call, { effect, exitCode, stdout }: Answer): void {
  answerJson(res, stdout, {
    'x-verdict-decision': id,
    'x-verdict-effect': effect,
    'x-verdict-exit-code': String(exitCode),
  });
}
