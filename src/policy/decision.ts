import { Ajv } from 'ajv';

/** One reason of a decision. `code` is fixed and upper-case; `rule` is the Rego path that fired. */
export interface Reason {
  code: string;
  message: string;
  rule?: string;
  risk?: Record<string, unknown>;
}

/** What must be done to a call that is allowed; the gateway refuses a call whose obligation it cannot meet. */
export interface Obligation {
  type: string;
  [detail: string]: unknown;
}

/** What policy said of one input. `json` is the exact text that is recorded and that a replay must reproduce. */
export interface Decision {
  effect: 'allow' | 'deny' | 'escalate';
  reasons: Reason[];
  obligations: Obligation[];
  json: string;
  /** True when policy did not say this: the evaluation failed, so the engine denied in its place. */
  fault: boolean;
}

/** Codes with which the engine denies in policy's place. */
export type PolicyFaultCode = 'POLICY_UNDEFINED' | 'POLICY_RESULT_INVALID' | 'POLICY_ERROR' | 'POLICY_DEADLINE';

const FAULT_MESSAGES: Record<PolicyFaultCode, string> = {
  POLICY_UNDEFINED: 'no policy decides this call',
  POLICY_RESULT_INVALID: 'the policy gave no valid decision',
  POLICY_ERROR: 'the policy could not be evaluated',
  POLICY_DEADLINE: 'the policy took too long',
};

/** The closed shape of a decision: unknown members are refused, a refusal without a reason too. */
const SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['effect', 'reasons', 'obligations'],
  properties: {
    effect: { enum: ['allow', 'deny', 'escalate'] },
    reasons: {
      type: 'array',
      maxItems: 256,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['code', 'message'],
        properties: {
          code: { type: 'string', pattern: '^[A-Z][A-Z0-9_]{1,63}$' },
          message: { type: 'string', maxLength: 1000 },
          rule: { type: 'string', maxLength: 500 },
          risk: { type: 'object' },
        },
      },
    },
    obligations: {
      type: 'array',
      maxItems: 64,
      items: { type: 'object', required: ['type'], properties: { type: { type: 'string', maxLength: 64 } } },
    },
  },
  if: { properties: { effect: { enum: ['deny', 'escalate'] } } },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema, not a promise
  then: { properties: { reasons: { minItems: 1 } } },
} as const;

/** The commonest decision, made once. */
const ALLOW: Decision = Object.freeze({
  effect: 'allow',
  reasons: [],
  obligations: [],
  json: '{"effect":"allow","obligations":[],"reasons":[]}',
  fault: false,
});

type Result = Omit<Decision, 'json' | 'fault'>;
const isResult = new Ajv({ strictTypes: false }).compile<Result>(SCHEMA);

/**
 * Reads OPA's result set, `[{"result": …}]` or `[]` when the entrypoint is undefined for the input.
 * Anything but one valid decision is a denial: POLICY_UNDEFINED or POLICY_RESULT_INVALID.
 */
export function parseResultSet(resultSet: unknown): Decision {
  if (Array.isArray(resultSet) && resultSet.length === 0) return fault('POLICY_UNDEFINED');
  const result: unknown = Array.isArray(resultSet) && resultSet.length === 1 ? resultSet[0]?.result : undefined;
  if (!isResult(result)) return fault('POLICY_RESULT_INVALID');
  if (result.reasons.length > 1) result.reasons.sort(compareReasons);
  return { ...result, json: canonical(result), fault: false };
}

/** A decision from its own JSON, which was checked when it was made: how one comes back from the engine's thread. */
export function reviveDecision(json: string, fault: boolean): Decision {
  if (json === ALLOW.json) return ALLOW;
  return { ...(JSON.parse(json) as Result), json, fault };
}

/** The denial that stands in for a decision policy did not give. */
export function fault(code: PolicyFaultCode): Decision {
  return { ...deny(code, FAULT_MESSAGES[code], 'verdict/engine'), fault: true };
}

/** A denial by the gateway itself, in the shape in which policy denies. */
export function deny(code: string, message: string, rule: string): Decision {
  const result: Result = { effect: 'deny', obligations: [], reasons: [{ code, message, rule }] };
  return { ...result, json: canonical(result), fault: false };
}

/**
 * The same decision is always the same text, whichever engine gave it: WASM hands the members of objects and sets out by
 * their hash, OPA itself in order. Keys are sorted, and so are the reasons, which policies collect in a set.
 */
function canonical(result: Result): string {
  return JSON.stringify(sorted(result));
}

function compareReasons(a: Reason, b: Reason): number {
  if (a.code !== b.code) return a.code < b.code ? -1 : 1;
  const [first, second] = [JSON.stringify(sorted(a)), JSON.stringify(sorted(b))];
  return first < second ? -1 : Number(first > second);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]));
}
