import { AuditError } from './error.ts';
import { LONGEST_TEXT } from './format.ts';

/** Digest (SHA-256, hex), revision and sequence number of a bundle. */
export interface BundleRef {
  digest: string;
  revision: string;
  sequence: number;
}

/**
 * How the record learns the SHA-256 of the caller's body: it is known; or the body lies unchanged in `input` (no copy); or
 * its bytes are given (copied to the writer's thread). The latter two are hashed off the main thread.
 */
export type BodyDraft =
  | { body_sha256: string | null; body_bytes: number }
  | { body_in_input: { start: number; end: number } }
  | { body: Uint8Array };

/** What is recorded of a decision. The byte arrays are handed over: the log may detach their buffers, so do not touch them again. */
export type DecisionDraft = BodyDraft & {
  /** UUIDv7, the decision's name everywhere. */
  id: string;
  phase: 'request' | 'tool' | 'response';
  mode: 'enforce' | 'shadow';
  route: string | null;
  subject: object | null;
  app: string | null;
  /** null: the gateway decided by itself and policy was not asked. */
  entrypoint: string | null;
  /** Such as opa-wasm/1.10.0. */
  engine: string | null;
  bundle: BundleRef | null;
  /** The decision's exact JSON. */
  result: string;
  /** `ask`: the agent was told to ask its person; what they say is not known here. */
  effect_enforced: 'forward' | 'refuse' | 'ask';
  /** From the call's arrival to this decision, in microseconds. */
  latency_us: number;
  /** The evaluated bytes: exact JSON without TAB, LF or CR. */
  input: Uint8Array;
  /** The same document without text, where the record must not hold the input itself. */
  input_digest?: Uint8Array | undefined;
};

/** What became of a tool call that a response proposed. */
export interface ToolCallOutcome {
  /** Id of its decision; null if there is none: the response was broken off before, or the log took no record of it. */
  decision: string | null;
  /** Null if it had none. */
  name: string | null;
  /** Whether it was handed to the client. */
  released: boolean;
  /** How many further calls it stands for: of those beyond the limit, one is decided for all. */
  more: number;
}

/** A tool that ran at the provider. */
export interface ProviderTool {
  /** In the vendor's words, such as server_tool_use. */
  type: string;
  name: string | null;
  /** The remote MCP server that it is a tool of. */
  server: string | null;
}

/** Why the gateway could not judge all of a response: the code that the client was told. The set is closed. */
export const FAULTS = [
  'RESPONSE_UNREADABLE',
  'RESPONSE_TOO_LARGE',
  'UPSTREAM_ERROR',
  'AUDIT_UNAVAILABLE',
  'INTERNAL',
] as const;
export type OutcomeFault = (typeof FAULTS)[number];

export interface OutcomeDraft {
  /** HTTP status that the client received. */
  status: number;
  upstream_status: number | null;
  upstream_request_id: string | null;
  /** SHA-256 (hex) and length of the body handed to the client. */
  response_sha256: string;
  response_bytes: number;
  ended:
    | 'complete'
    | 'client_aborted'
    | 'upstream_aborted'
    | 'upstream_timeout'
    | 'upstream_unavailable'
    | 'not_forwarded'
    | 'handed_over';
  /** Null: nothing kept the gateway from judging the response. */
  fault: OutcomeFault | null;
  usage: object | null;
  finish: readonly string[];
  /** The calls of tools that the response proposed. */
  tool_calls: readonly ToolCallOutcome[];
  provider_tools: readonly ProviderTool[];
  not_inspected: readonly string[];
  duration_us: number;
}

export type EventDraft =
  | { type: 'bundle_activated'; bundle: BundleRef; previous: string | null; rollback: boolean }
  | { type: 'config_activated'; config_sha256: string }
  | {
      type: 'approval';
      /** Names the approval in the decision that it lets pass. */
      approval: string;
      /** Id of the decision that escalated the call. */
      decision: string;
      /** Null: a request to a model. */
      tool: string | null;
      /** Of a request: of its body. */
      arguments_sha256: string;
      requester: { id: string; issuer: string };
      /** Who approves: the whole subject. */
      approver: object;
      role: string;
      expires: string;
    };

/**
 * One record on its way to the writer: its text from `time` on, in pieces between which the writer puts digests.
 * A tuple, because it crosses threads by the thousand: type, text, text after the body's digest, body, its start and end
 * within the evaluated input (start < 0: none), evaluated input, stored input (null: the evaluated one).
 */
export type Draft = readonly [
  type: string,
  head: string,
  middle: string,
  body: Uint8Array | null,
  start: number,
  end: number,
  input: Uint8Array | null,
  stored: Uint8Array | null,
];

/** Longest text of a record without its input, in UTF-16 code units; the writer has room for one such at least. */
const LONGEST_HEAD = 256 * 1024;

/** A record without input. `fields` is its text from `time` to the end. */
export const plain = (type: string, fields: string): Draft => [type, head(`${fields}}`), '', null, -1, -1, null, null];

function head(fields: string): string {
  if (fields.length <= LONGEST_HEAD) return fields;
  throw new AuditError(
    'AUDIT_RECORD',
    `expected at most ${LONGEST_HEAD} characters beside the input, got ${fields.length}`,
  );
}

/** @throws AuditError with AUDIT_RECORD: the draft contradicts itself or would not make a valid record */
export function decision(draft: DecisionDraft, time: string): Draft {
  const { input, input_digest: stored = null } = draft;
  if (input.byteLength === 0)
    throw new AuditError('AUDIT_RECORD', 'expected an input, got none or one handed over before');
  const fields = head(
    `${stamp(time, draft.id)},"phase":"${draft.phase}","mode":"${draft.mode}","route":${text(draft.route)}` +
      `,"subject":${object(draft.subject)},"app":${text(draft.app)},"entrypoint":${text(draft.entrypoint)}` +
      `,"engine":${text(draft.engine)},"bundle":${bundle(draft.bundle)},"result":${result(draft)}` +
      `,"effect_enforced":"${draft.effect_enforced}","body_sha256":`,
  );
  const rest = (bytes: number): string =>
    `,"body_bytes":${count(bytes)},"latency_us":${count(draft.latency_us)}` +
    `,"input_form":"${stored ? 'digest' : 'full'}","input_sha256":`;
  if ('body' in draft) return ['decision', fields, rest(draft.body.byteLength), draft.body, -1, -1, input, stored];
  if ('body_in_input' in draft) {
    const { start, end } = draft.body_in_input;
    if (!(start >= 0 && start <= end && end <= input.byteLength)) {
      throw new AuditError('AUDIT_RECORD', 'expected the body to lie within the input');
    }
    return ['decision', fields, rest(end - start), null, start, end, input, stored];
  }
  const known = `${fields}${text(draft.body_sha256)}${rest(draft.body_bytes)}`;
  return ['decision', known, '', null, -1, -1, input, stored];
}

export function outcome(decisionId: string, id: string, draft: OutcomeDraft, time: string): Draft {
  return plain(
    'outcome',
    `${stamp(time, id)},"decision":"${decisionId}","status":${count(draft.status)}` +
      `,"upstream_status":${draft.upstream_status === null ? 'null' : count(draft.upstream_status)}` +
      `,"upstream_request_id":${text(draft.upstream_request_id)},"response_sha256":${text(draft.response_sha256)}` +
      `,"response_bytes":${count(draft.response_bytes)},"ended":"${draft.ended}","fault":${text(draft.fault)}` +
      `,"usage":${object(draft.usage)}` +
      `,"finish":${texts(draft.finish)},"tool_calls":[${draft.tool_calls.map(toolCall).join()}]` +
      `,"provider_tools":[${draft.provider_tools.map(providerTool).join()}]` +
      `,"not_inspected":${texts(draft.not_inspected)},"duration_us":${count(draft.duration_us)}`,
  );
}

const toolCall = ({ decision, name, released, more }: ToolCallOutcome): string =>
  `{"decision":${text(decision)},"name":${beginning(name)},"released":${released},"more":${count(more)}}`;

const providerTool = ({ type, name, server }: ProviderTool): string =>
  `{"type":${beginning(type)},"name":${beginning(name)},"server":${beginning(server)}}`;

/** Of a name in an outcome, of which there may be many. What JSON escapes takes up to six characters for one. */
const LONGEST_NAME = 128;
const LONGEST_ESCAPED_NAME = 40;

/** The beginning of a name: whatever a provider calls its tools, the outcome must fit into a record. */
function beginning(name: string | null): string {
  if (name === null) return 'null';
  const json = text(name.slice(0, LONGEST_NAME));
  return json.length <= 2 * LONGEST_NAME ? json : text(name.slice(0, LONGEST_ESCAPED_NAME));
}

export function event(draft: EventDraft, id: string, time: string): Draft {
  const start = stamp(time, id);
  switch (draft.type) {
    case 'bundle_activated':
      return plain(
        draft.type,
        `${start},"bundle":${bundle(draft.bundle)},"previous":${text(draft.previous)},"rollback":${draft.rollback}`,
      );
    case 'config_activated':
      return plain(draft.type, `${start},"config_sha256":${text(draft.config_sha256)}`);
    case 'approval': {
      const { id: requester, issuer } = draft.requester;
      return plain(
        draft.type,
        `${start},"approval":${text(draft.approval)},"decision":${text(draft.decision)},"tool":${text(draft.tool)}` +
          `,"arguments_sha256":${text(draft.arguments_sha256)}` +
          `,"requester":{"id":${text(requester)},"issuer":${text(issuer)}},"approver":${object(draft.approver)}` +
          `,"role":${text(draft.role)},"expires":${text(draft.expires)}`,
      );
    }
  }
}

/** The first fields that the log does not give. */
export const stamp = (time: string, id: string): string => `"time":"${time}","id":${text(id)}`;

/** JSON of a text; well-formed and clipped, so that no caller's header can make a record that does not verify. */
export function text(value: string | null): string {
  if (value === null) return 'null';
  return JSON.stringify(value.slice(0, LONGEST_TEXT).toWellFormed());
}

const texts = (values: readonly string[]): string => `[${values.map(text).join()}]`;

function object(value: object | null): string {
  const json = JSON.stringify(value);
  // JSON.stringify writes a lone surrogate as an escape, which exact JSON refuses. A backslash before 'ud' is the only sign.
  if (!json.includes('\\ud')) return json;
  return JSON.stringify(value, (_key, member) => (typeof member === 'string' ? member.toWellFormed() : member));
}

const bundle = (ref: BundleRef | null): string =>
  (ref && `{"digest":${text(ref.digest)},"revision":${text(ref.revision)},"sequence":${count(ref.sequence)}}`) ||
  'null';

function count(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new AuditError('AUDIT_RECORD', `expected a whole number, got ${value}`);
  return String(value);
}

/** The result as it is; what is enforced must follow from it (promise 1). */
function result(draft: DecisionDraft): string {
  const json = draft.result;
  const effect = effectOf(json);
  if (effect === undefined || !json.isWellFormed() || /[\t\n\r]/.test(json)) {
    throw new AuditError('AUDIT_RECORD', 'expected result to be the JSON of a decision, in one line');
  }
  const isPolicys = draft.entrypoint !== null && draft.engine !== null && draft.bundle !== null;
  if (!isPolicys && (draft.effect_enforced === 'forward' || effect !== 'deny')) {
    throw new AuditError('AUDIT_RECORD', `expected entrypoint, engine and bundle with effect ${effect}`);
  }
  if (draft.effect_enforced === 'forward' && draft.mode === 'enforce' && effect !== 'allow') {
    throw new AuditError('AUDIT_RECORD', `expected effect_enforced refuse after effect ${effect}, got forward`);
  }
  if (draft.effect_enforced === 'ask' && effect !== 'escalate') {
    throw new AuditError('AUDIT_RECORD', `expected effect_enforced ask only after effect escalate, got ${effect}`);
  }
  return json;
}

function effectOf(json: string): string | undefined {
  try {
    const effect: unknown = JSON.parse(json)?.effect;
    return effect === 'allow' || effect === 'deny' || effect === 'escalate' ? effect : undefined;
  } catch {
    return undefined;
  }
}
