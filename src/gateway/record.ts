import type { BodyDraft, DecisionDraft } from '../audit/index.ts';
import type { VerifiedBundle } from '../bundle/index.ts';
import { type InputBytes, type InputFields, marshalInput } from '../input/index.ts';
import { type Decision, ENGINE, type PolicyFaultCode } from '../policy/index.ts';
import { type CallFacts, elapsedMicros } from './call.ts';

/** Faults after which nothing is known of what policy would say; a route in shadow does not forward on those either. */
const UNDECIDED: ReadonlySet<string> = new Set<PolicyFaultCode>(['POLICY_ERROR', 'POLICY_DEADLINE']);

type Phase = InputFields['phase'];

/** Which of policy's rules decides. */
export const ENTRYPOINTS: Record<Phase, string> = { request: 'verdict/request', tool: 'verdict/tool' };

/** A call's input document, and how the record gets what it keeps of it. */
export interface CallDocument {
  /** The bytes that policy judges. */
  input: InputBytes;
  /** The document that the record holds in their place, where it may not hold text. */
  recorded: InputBytes | undefined;
  body: BodyDraft;
}

/**
 * Whether a decided call goes ahead: policy allowed it with nothing left to do first, or its route is in shadow, where
 * what policy said is recorded and not enforced.
 */
export function enforced(call: CallFacts, decision: Decision): 'forward' | 'refuse' {
  if (call.route?.mode === 'shadow')
    return UNDECIDED.has(decision.reasons[0]?.code ?? '') && decision.fault ? 'refuse' : 'forward';
  return decision.effect === 'allow' && decision.obligations.length === 0 ? 'forward' : 'refuse';
}

/** The record of what policy decided. */
export function draftDecision(
  call: CallFacts,
  decision: Decision,
  bundle: VerifiedBundle,
  phase: Phase,
  document: CallDocument,
): DecisionDraft {
  const { digest, revision, sequence } = bundle;
  return {
    ...draftOf(call, decision, phase),
    ...document.body,
    effect_enforced: enforced(call, decision),
    entrypoint: ENTRYPOINTS[phase],
    engine: ENGINE,
    bundle: { digest, revision, sequence },
    input: document.input,
    input_digest: document.recorded,
  };
}

/** The record of a call, or of a tool call, that the gateway refused by itself: its input says what was known of it by then. */
export function draftRefusal(call: CallFacts, decision: Decision, fields = fieldsOf(call)): DecisionDraft {
  return {
    ...draftOf(call, decision, fields.phase),
    ...bodyOf(call),
    effect_enforced: 'refuse',
    entrypoint: null,
    engine: null,
    bundle: null,
    input: marshalInput(fields),
  };
}

/** The call's body, for the log to hash; a call may have none. */
export const bodyOf = ({ body }: CallFacts): BodyDraft => (body ? { body } : { body_sha256: null, body_bytes: 0 });

/** The input document's fields as far as the call has come. */
export function fieldsOf(call: CallFacts): InputFields {
  const { route, subject, approval, labels, masked } = call;
  return {
    phase: 'request',
    time: call.time,
    route: route ? { id: route.id, policy: route.policy, mode: route.mode } : null,
    http: { method: call.method, path: call.path, query: call.query },
    subject: subject ?? null,
    app: subject?.application ? { id: subject.application } : null,
    call: null,
    labels,
    ...(masked > 0 && { masked }),
    ...(approval && { approval }),
  };
}

function draftOf(call: CallFacts, decision: Decision, phase: Phase) {
  return {
    id: call.id,
    phase,
    mode: call.route?.mode ?? 'enforce',
    route: call.route?.id ?? null,
    subject: call.subject ?? null,
    app: call.subject?.application ?? null,
    result: decision.json,
    latency_us: elapsedMicros(call),
  } as const;
}
