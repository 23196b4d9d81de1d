import { hash, randomUUIDv7 } from 'node:crypto';
import { AuditError, type Committed } from '../audit/index.ts';
import { type Approval, type InputFields, marshalInput, withoutArguments } from '../input/index.ts';
import type { Decision } from '../policy/index.ts';
import { actionsOf, type ToolCall } from '../tool/index.ts';
import { Approvals } from './approval.ts';
import { type CallFacts, endStep, noFacts } from './call.ts';
import type { Claimed } from './claim.ts';
import type { Gateway } from './gateway.ts';
import { labelBody } from './labels.ts';
import { denial, type ReasonCode } from './reasons.ts';
import { bodyOf, type CallDocument, draftDecision, draftRefusal, ENTRYPOINTS, fieldsOf } from './record.ts';
import { Refusal } from './refusal.ts';
import { nameOf } from './telemetry.ts';

/** What was decided on one tool call, and the record of it. */
export interface ToolDecision {
  id: string;
  /** Undefined when it could not be recorded: nothing may follow then. */
  committed: Committed | undefined;
  decision: Decision;
  /** The id under which an escalated call can be approved. */
  approval?: string;
  /** The person before the agent is to be asked. */
  asks: boolean;
  /** Whether policy said so, and not the gateway or the engine in its place. */
  byPolicy: boolean;
}

/** What a tool call is judged with beside itself. */
export interface ToolContext {
  /** Id of the decision on the call that it came from. */
  parent: string | null;
  description_sha256?: string | null;
  /** Its own id, where it is one of several calls that came together. */
  id?: string;
  /** Whether it is the same call once more, with what the server asked for. */
  retry?: boolean;
  /** What the caller presents as approvals: tokens, separated by commas. */
  approvals?: string | undefined;
  /** Whether whoever announces it can ask the person before them. */
  canAsk?: boolean;
  /** The gateway refuses it by itself, for this reason. */
  fault?: ReasonCode | undefined;
  /** The body that it came as, where it is a call of its own. */
  body?: Uint8Array;
}

/**
 * Tool call → input document → policy's decision → the committed record: the one way that every tool call takes, whoever
 * announces it. Never rejects: what cannot be decided or recorded is denied.
 */
export async function decideTool(
  gateway: Gateway,
  call: CallFacts,
  tool: ToolCall,
  context: ToolContext,
): Promise<ToolDecision> {
  const facts = factsOf(call, context);
  let approval: Approval | undefined;
  try {
    const claimed = context.fault ? undefined : await claimApproval(gateway, facts, tool, context);
    const used = claimed && 'used' in claimed ? claimed.used : undefined;
    if (claimed && 'id' in claimed) approval = claimed;
    const known = context.fault ?? (used ? 'APPROVAL_USED' : undefined);
    const shown = known ? undefined : await labelArguments(gateway, facts, tool);
    const fault = known ?? (shown ? undefined : 'CLASSIFICATION_FAILED');
    const judged = shown && (await judge(gateway, facts, tool, { ...context, shown, approval }));
    const { decision, draft } = judged ?? refuseItself(facts, tool, { ...context, fault });
    const role = used ?? Approvals.roleOf(decision);
    const id = role && facts.subject ? await gateway.approvals.ask(facts.id, role, claimOf(facts, tool)) : undefined;
    // Used up, even if the commit fails: its record may lie in the log all the same, and must not be followed by a second use.
    if (draft.effect_enforced === 'forward') approval = undefined;
    const committed = await gateway.log.commit(draft);
    endStep(facts, 'commit');
    gateway.tell(facts, draft.effect_enforced, decision.reasons);
    return {
      id: facts.id,
      committed,
      decision,
      asks: draft.effect_enforced === 'ask',
      byPolicy: judged !== undefined && !decision.fault,
      ...(id && { approval: id }),
    };
  } catch (error) {
    const code: ReasonCode = error instanceof AuditError ? 'AUDIT_UNAVAILABLE' : 'INTERNAL';
    gateway.logger.error(
      { decision: facts.id, error: nameOf(error) },
      'a decision on a tool call could not be recorded',
    );
    return { id: facts.id, committed: undefined, decision: denial(code), asks: false, byPolicy: false };
  } finally {
    if (approval) gateway.approvals.giveBack(approval);
  }
}

/** The approval that the caller presents for this very call. */
function claimApproval(gateway: Gateway, facts: CallFacts, tool: ToolCall, { approvals }: ToolContext) {
  if (!approvals || !facts.subject || !facts.route) return undefined;
  return gateway.approvals.claim(approvals, claimOf(facts, tool));
}

function claimOf({ subject, route, time }: CallFacts, tool: ToolCall): Claimed {
  if (!subject || !route) throw new Error('expected a call with a subject and a route');
  return { subject, route: route.id, tool, time };
}

/** The tool call as a call of its own: with the caller and the route of the one that it came from, and its own id and time. */
function factsOf(call: CallFacts, { id = call.id, parent, body }: ToolContext): CallFacts {
  const { path, query, route, subject, active, view } = call;
  const own = parent === null ? { id, time: call.time, startedAt: call.startedAt } : { id: randomUUIDv7() };
  return { ...noFacts(call.method), ...own, path, query, route, subject, active, view, body };
}

/** The call with its arguments as policy and record get them; undefined if nobody knows what they hold. */
async function labelArguments(gateway: Gateway, facts: CallFacts, tool: ToolCall): Promise<ToolCall | undefined> {
  if (!tool.arguments) return tool;
  try {
    const { labels, masked, body } = await labelBody(gateway, facts, tool.arguments);
    Object.assign(facts, { labels, masked });
    return { ...tool, arguments: body };
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

type Judged = ToolContext & { approval?: Approval | undefined };

/** @param shown the call as policy and record get it */
async function judge(gateway: Gateway, facts: CallFacts, tool: ToolCall, context: Judged & { shown: ToolCall }) {
  const { active, route } = facts;
  if (!active || !route) throw new Error('expected a call with a bundle and a route');
  const fields = fieldsOfTool(facts, context.shown, context);
  const digests = (): InputFields =>
    withoutArguments(fields, tool.arguments ? hash('sha256', tool.arguments.raw()) : null);
  const input = marshalInput(route.text === 'digest' ? digests() : fields);
  const recorded = route.text === 'full' && route.audit.input === 'digest' ? marshalInput(digests()) : undefined;
  endStep(facts, 'input');
  const decision = await gateway.engine.decide(active.policy, ENTRYPOINTS.tool, input);
  endStep(facts, 'policy');
  const document: CallDocument = { input, recorded, body: bodyOf(facts) };
  const draft = draftDecision(facts, decision, active.bundle, 'tool', document);
  const asks = context.canAsk === true && draft.effect_enforced === 'refuse' && Approvals.isCallers(decision);
  return { decision, draft: asks ? { ...draft, effect_enforced: 'ask' as const } : draft };
}

function fieldsOfTool(facts: CallFacts, tool: ToolCall, context: Judged): InputFields {
  const { name, type, origin, server, id, workspace = null } = tool;
  return {
    ...fieldsOf(facts),
    phase: 'tool',
    call: facts.view ?? null,
    tool: {
      ...{ name, type, origin, server, id, parent: context.parent, workspace },
      description_sha256: context.description_sha256 ?? null,
      ...(context.retry && { retry: true as const }),
      actions: actionsOf(tool),
      approval: context.approval ?? null,
      arguments: tool.arguments ?? null,
    },
  };
}

function refuseItself(facts: CallFacts, tool: ToolCall, context: ToolContext) {
  const decision = denial(context.fault ?? 'INTERNAL');
  const fields = fieldsOfTool(facts, { ...tool, arguments: undefined }, context);
  return { decision, draft: draftRefusal(facts, decision, fields) };
}
