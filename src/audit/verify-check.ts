import { createHash } from 'node:crypto';
import type { JsonValue } from '../json/index.ts';
import { Certificate, cmsCertificates, OID_AUDIT_RECORD, PkiError, verifyCms } from '../pki/index.ts';
import { type BundleRef, text } from './record.ts';
import { BadLine, type FindingCode } from './verify-finding.ts';
import { splitLine } from './verify-line.ts';
import { LogRecord } from './verify-record.ts';

/** A signer and its intermediates: the longest path that validation takes has eight. */
const MOST_CERTIFICATES = 8;

export type Effect = 'allow' | 'deny' | 'escalate';

/** What the chain needs to know of a line whose own grammar and signature hold. Plain data: it crosses threads. */
export interface LineFacts {
  /** SHA-256 (hex) of the line without LF, signature included. */
  digest: string;
  type: LogRecord['type'];
  log: string;
  seq: number;
  prev: string;
  time: string;
  id: string;
  /** The policy's effect and what the gateway did, of a decision. */
  decision?: { effect: Effect; forwarded: boolean; awaitsOutcome: boolean };
  /** The id of the decision on the call that a tool call was proposed in answer to. */
  proposedBy?: string;
  /** The id of the approval that let the call go ahead. */
  approval?: string;
  /**
   * What an outcome belongs to, the decided tool calls that it names, and of how many it was not known whether the log took
   * their decisions.
   */
  outcome?: { of: string; toolCalls: { decision: string; released: boolean }[]; unrecorded: number };
  opened?: string;
  /** The bundle that a bundle_activated announces, or that made a decision. */
  bundle?: BundleRef;
}

/** What one line says by itself. */
export type Checked = LineFacts | { bad: FindingCode; why: string };

/**
 * Checks all of one line that needs no other line: grammar, exact JSON, fields, digests, and the signature by
 * `signer`. The signer's own path is the caller's to validate. Never throws for what the line holds.
 */
export function checkLine(line: Uint8Array, signer: Certificate): Checked {
  try {
    const { json, cms } = splitLine(line);
    const record = new LogRecord(json);
    const hash = createHash('sha256').update(json);
    checkSignature(hash.copy().digest(), cms, signer);
    return { ...facts(record), digest: hash.update(line.subarray(json.length)).digest('hex') };
  } catch (error) {
    if (error instanceof BadLine) return { bad: error.code, why: error.message };
    throw error;
  }
}

/**
 * Reads the certificates that a log_opened or key_rotated line carries, the signer's first. Such a line signs itself, which
 * is checked here: only the path to an anchor, validated by the caller, makes its signer one.
 *
 * @throws BadLine
 */
export function signerOf(line: Uint8Array): { signer: Certificate; intermediates: Certificate[]; time: Date } {
  const { json, cms } = splitLine(line);
  const record = new LogRecord(json);
  const certificates = record.field('certificates').items();
  if (certificates.length > MOST_CERTIFICATES) {
    throw new BadLine(
      'SIGNER_CERTIFICATE',
      `expected at most ${MOST_CERTIFICATES} certificates, got ${certificates.length}`,
    );
  }
  try {
    const [signer, ...intermediates] = certificates.map((der) =>
      Certificate.fromDer(Buffer.from(der.string() ?? '', 'base64')),
    );
    if (signer?.sha256 !== record.text('signer')) {
      throw new BadLine('SIGNER_CERTIFICATE', 'expected the first certificate to be the one that signer names');
    }
    // Before its path: a line that was changed is not one of a signer who is not trusted.
    checkSignature(createHash('sha256').update(json).digest(), cms, signer);
    return { signer, intermediates, time: new Date(record.time) };
  } catch (error) {
    if (error instanceof PkiError) throw new BadLine('SIGNER_CERTIFICATE', error.message);
    throw error;
  }
}

function checkSignature(digest: Uint8Array, cms: Uint8Array, signer: Certificate): void {
  try {
    verifyCms(cms, digest, { contentType: OID_AUDIT_RECORD, certificates: [signer] });
    // Certificates inside are not signed: anybody could add them to the last line, which no other line pins.
    if (cmsCertificates(cms).length > 0) throw new BadLine('SIGNATURE', 'expected no certificates in the signature');
  } catch (error) {
    if (error instanceof PkiError) throw new BadLine('SIGNATURE', error.message);
    throw error;
  }
}

function facts(record: LogRecord): Omit<LineFacts, 'digest'> {
  const { type, log, seq, prev, time, id } = record;
  const common = { type, log, seq, prev, time, id };
  switch (type) {
    case 'decision':
      return { ...common, decision: decisionFacts(record), ...toolFacts(record), ...bundleFacts(record) };
    case 'outcome':
      return { ...common, outcome: outcomeFacts(record) };
    case 'bundle_activated':
      return { ...common, ...bundleFacts(record) };
    case 'approval':
      checkApprover(record);
      return common;
    case 'log_opened':
      return { ...common, opened: record.text('opened') ?? '' };
    default:
      return common;
  }
}

/** Nothing where the gateway decided by itself. */
function bundleFacts(record: LogRecord): Pick<LineFacts, 'bundle'> {
  const bundle = record.field('bundle');
  const digest = bundle.get('digest')?.string();
  const revision = bundle.get('revision')?.string();
  const sequence = bundle.get('sequence')?.number();
  if (digest === undefined || revision === undefined || sequence === undefined) return {};
  return { bundle: { digest, revision, sequence } };
}

function decisionFacts(record: LogRecord): LineFacts['decision'] & object {
  const effect = checkResult(record);
  checkInput(record);
  const forwarded = record.text('effect_enforced') === 'forward';
  // Promise 1: in enforce mode nothing but an allow is forwarded; a shadow route forwards what policy refused.
  if (forwarded && effect !== 'allow' && record.text('mode') === 'enforce') {
    throw new BadLine('RECORD_RESULT', `expected effect_enforced refuse after effect ${effect}, got forward`);
  }
  if (record.text('effect_enforced') === 'ask' && !(effect === 'escalate' && isHooks(record))) {
    throw new BadLine('RECORD_RESULT', "expected effect_enforced ask only after effect escalate, on a hook's call");
  }
  checkAuthor(record, forwarded || effect !== 'deny');
  return { effect, forwarded, awaitsOutcome: forwarded && isForwardedCall(record) };
}

/** Whether what was decided goes upstream by itself: a tool call that a response proposes goes to the client, and what a hook announces runs with the agent. */
function isForwardedCall(record: LogRecord): boolean {
  if (record.text('phase') === 'request') return true;
  const tool = record.field('input').get('tool');
  return tool?.get('origin')?.string() === 'mcp' && tool.get('parent')?.kind === 'null';
}

/** Only a coding agent has a person before it who can be asked. */
const isHooks = (record: LogRecord): boolean => record.field('input').get('tool')?.get('origin')?.string() === 'hook';

function toolFacts(record: LogRecord): Pick<LineFacts, 'proposedBy' | 'approval'> {
  const tool = record.field('input').get('tool');
  const parent = tool?.get('parent')?.string();
  const presented = tool ? tool.get('approval') : record.field('input').get('approval');
  const approval = record.text('effect_enforced') === 'forward' && presented?.get('id')?.string();
  if (approval) checkApproval(record, presented);
  return { ...(parent !== undefined && { proposedBy: parent }), ...(approval && { approval }) };
}

/** What lets a call pass is somebody else's word, and still held when the call came. */
function checkApproval(record: LogRecord, approval: JsonValue | undefined): void {
  const input = record.field('input');
  const expires = Date.parse(approval?.get('expires')?.string() ?? '');
  if (
    isSameSubject(input.get('subject'), approval?.get('by')) ||
    !(Date.parse(input.get('time')?.string() ?? '') < expires)
  ) {
    throw new BadLine(
      'RECORD_INPUT',
      'expected an approval by another subject, which expires after the time of the call',
    );
  }
}

const isSameSubject = (one: JsonValue | undefined, other: JsonValue | undefined): boolean =>
  ['id', 'issuer'].every((key) => one?.get(key)?.string() === other?.get(key)?.string());

/** An approval is somebody else's word, by a role that they have. */
function checkApprover(record: LogRecord): void {
  const [requester, approver] = [record.field('requester'), record.field('approver')];
  if (isSameSubject(requester, approver))
    throw new BadLine('RECORD_FIELDS', 'approval: expected approver to be another subject than requester');
  const roles = approver.get('roles')?.items() ?? [];
  if (roles.some((role) => role.string() === record.text('role'))) return;
  throw new BadLine('RECORD_FIELDS', 'approval: expected role to be one of the roles of approver');
}

function outcomeFacts(record: LogRecord): LineFacts['outcome'] & object {
  const toolCalls = record
    .field('tool_calls')
    .items()
    .map((call) => ({
      decision: call.get('decision')?.string(),
      released: call.get('released')?.boolean() ?? true,
      more: call.get('more')?.number() ?? 0,
    }));
  // Promise 1: nothing is released without a decision of its own.
  if (toolCalls.some(({ decision, released, more }) => released && (decision === undefined || more > 0))) {
    throw new BadLine('RECORD_FIELDS', 'outcome: expected each released tool call to have a decision of its own');
  }
  const decided = toolCalls.flatMap(({ decision, released }) => (decision === undefined ? [] : { decision, released }));
  const unrecorded = record.text('fault') === 'AUDIT_UNAVAILABLE' ? toolCalls.length - decided.length : 0;
  return { of: record.text('decision') ?? '', toolCalls: decided, unrecorded };
}

/** Promise 6: the gateway by itself can only deny; whatever else was decided can be decided again by a named bundle. */
function checkAuthor(record: LogRecord, isPolicys: boolean): void {
  const named = ['entrypoint', 'engine', 'bundle'].filter((name) => record.field(name).kind !== 'null');
  if (named.length === 3 || (named.length === 0 && !isPolicys)) return;
  throw new BadLine(
    'RECORD_RESULT',
    `expected entrypoint, engine and bundle${isPolicys ? '' : ', or none of them'}, got ${named.join(', ') || 'none'}`,
  );
}

function checkResult(record: LogRecord): Effect {
  const result = record.field('result');
  const effect = result.get('effect')?.string();
  const isList = (name: string, member: string): boolean => {
    const list = result.get(name);
    return list?.kind === 'array' && list.items().every((item) => item.get(member)?.kind === 'string');
  };
  if (
    (effect !== 'allow' && effect !== 'deny' && effect !== 'escalate') ||
    !isList('reasons', 'code') ||
    !isList('obligations', 'type')
  ) {
    throw new BadLine(
      'RECORD_RESULT',
      'expected result to have effect allow | deny | escalate, reasons with a code, obligations with a type',
    );
  }
  return effect;
}

/** Promise 3: the stored input is what was evaluated, and speaks of the same call as the record around it. */
function checkInput(record: LogRecord): void {
  const input = record.field('input');
  if (record.text('input_form') === 'full') {
    const digest = createHash('sha256').update(input.raw()).digest('hex');
    if (digest !== record.text('input_sha256')) {
      throw new BadLine('RECORD_INPUT', 'expected input_sha256 to be the SHA-256 of input');
    }
  }
  const other = disagreement(record, input);
  if (other !== undefined) throw new BadLine('RECORD_INPUT', `expected ${other} to be the same in input`);
  const body = input.get('body');
  if (!body) return;
  // A placeholder may be longer than what it stands for.
  const most = input.get('masked') ? Infinity : (record.field('body_bytes').number() ?? 0);
  if (record.text('body_sha256') === null || body.end - body.start > most) {
    throw new BadLine('RECORD_INPUT', 'expected body_sha256 and body_bytes to cover the body in input');
  }
}

/**
 * The field that tells of another call than the input does; undefined if none does. Readers go by the fields, while policy
 * judged the input: whoever holds the key must not name another caller, or excuse what was forwarded with another mode.
 */
function disagreement(record: LogRecord, input: JsonValue): string | undefined {
  const route = input.get('route');
  const bodySha256 = input.get('body_sha256');
  const agree: [field: string, agrees: boolean][] = [
    ['phase', input.get('phase')?.string() === record.text('phase')],
    ['route', names(route, record.text('route'))],
    ['mode', isNothing(route) || route?.get('mode')?.string() === record.text('mode')],
    ['subject', sameBytes(input.get('subject'), record.field('subject'))],
    ['app', names(input.get('app'), record.text('app'))],
    ['body_sha256', bodySha256 === undefined || bodySha256.string() === record.text('body_sha256')],
  ];
  return agree.find(([, agrees]) => !agrees)?.[0];
}

/** What an input does not hold is as good as null: to policy, neither names anybody. */
const isNothing = (value: JsonValue | undefined): boolean => value === undefined || value.kind === 'null';

/** Whether an object of the input has this id, as the writer records ids: clipped. */
function names(value: JsonValue | undefined, id: string | null): boolean {
  if (isNothing(value)) return id === null;
  const named = value?.get('id')?.string();
  return named !== undefined && id !== null && text(named) === text(id);
}

function sameBytes(value: JsonValue | undefined, recorded: JsonValue): boolean {
  if (value === undefined) return recorded.kind === 'null';
  return Buffer.compare(value.raw(), recorded.raw()) === 0;
}
