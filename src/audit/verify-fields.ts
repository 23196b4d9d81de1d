import type { JsonValue } from '../json/index.ts';
import { LONGEST_TEXT } from './format.ts';
import { FAULTS } from './record.ts';
import { BadLine } from './verify-finding.ts';

/** A value's expected shape, in words, and the test for it. */
interface Shape {
  expected: string;
  fits(value: JsonValue): boolean;
}
type Field = readonly [name: string, shape: Shape];

/** Longest text that a pattern is tried on: a certificate of 64 KiB in base64. */
const LONGEST_MATCHED = 90_000;

const matching = (expected: string, pattern: RegExp): Shape => ({
  expected,
  fits: (value) => value.end - value.start <= LONGEST_MATCHED && pattern.test(value.string() ?? ''),
});
const nullable = (shape: Shape): Shape => ({
  expected: `${shape.expected} or null`,
  fits: (value) => value.kind === 'null' || shape.fits(value),
});
const listOf = (shape: Shape): Shape => ({
  expected: `an array, each ${shape.expected}`,
  fits: (value) => value.kind === 'array' && value.items().every((item) => shape.fits(item)),
});
const oneOf = (...words: string[]): Shape => ({
  expected: words.join(' | '),
  fits: (value) => words.includes(value.string() ?? ''),
});
const record = (...fields: Field[]): Shape => ({
  expected: `an object of ${fields.map(([name]) => name).join(', ')}`,
  fits: (value) => value.kind === 'object' && misfit(value.entries(), fields) === undefined,
});

const HEX = matching('a SHA-256 in lower-case hexadecimal', /^[0-9a-f]{64}$/);
const UUID = matching('a UUID', /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
const BASE64 = matching('base64', /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);
const TEXT: Shape = {
  expected: `text of at most ${LONGEST_TEXT} characters`,
  fits: (value) => value.kind === 'string' && (value.string() ?? '').length <= LONGEST_TEXT,
};
const OBJECT: Shape = { expected: 'an object', fits: (value) => value.kind === 'object' };
const TIME = matching('RFC 3339 in UTC with three decimals', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const COUNT: Shape = {
  expected: 'a whole number from 0',
  fits: (value) => Number.isSafeInteger(value.number()) && (value.number() ?? -1) >= 0,
};
const BOOLEAN: Shape = { expected: 'true or false', fits: (value) => value.kind === 'boolean' };
const BUNDLE = record(['digest', HEX], ['revision', TEXT], ['sequence', COUNT]);
const SIGNER: Field[] = [
  ['signer', HEX],
  ['certificates', listOf(BASE64)],
];

/** What follows the common fields, by type, in this order: src/audit/FORMAT.md. */
const FIELDS = {
  log_opened: [
    ['opened', oneOf('new', 'continued')],
    ['software', record(['name', TEXT], ['version', TEXT], ['node', TEXT])],
    ...SIGNER,
  ],
  key_rotated: SIGNER,
  recovered: [
    ['cause', oneOf('torn_tail', 'write_failed')],
    ['segment', matching('the name of a segment', /^[0-9]{16}\.log$/)],
    ['offset', COUNT],
    ['length', COUNT],
    ['sha256', HEX],
  ],
  bundle_activated: [
    ['bundle', BUNDLE],
    ['previous', nullable(HEX)],
    ['rollback', BOOLEAN],
  ],
  config_activated: [['config_sha256', HEX]],
  approval: [
    ['approval', UUID],
    ['decision', UUID],
    ['tool', nullable(TEXT)],
    ['arguments_sha256', HEX],
    ['requester', record(['id', TEXT], ['issuer', TEXT])],
    ['approver', OBJECT],
    ['role', TEXT],
    ['expires', TIME],
  ],
  log_closed: [['reason', TEXT]],
  decision: [
    ['phase', oneOf('request', 'tool', 'response')],
    ['mode', oneOf('enforce', 'shadow')],
    ['route', nullable(TEXT)],
    ['subject', nullable(OBJECT)],
    ['app', nullable(TEXT)],
    ['entrypoint', nullable(TEXT)],
    ['engine', nullable(TEXT)],
    ['bundle', nullable(BUNDLE)],
    ['result', OBJECT],
    ['effect_enforced', oneOf('forward', 'refuse', 'ask')],
    ['body_sha256', nullable(HEX)],
    ['body_bytes', COUNT],
    ['latency_us', COUNT],
    ['input_form', oneOf('full', 'digest')],
    ['input_sha256', HEX],
    ['input', OBJECT],
  ],
  outcome: [
    ['decision', UUID],
    ['status', COUNT],
    ['upstream_status', nullable(COUNT)],
    ['upstream_request_id', nullable(TEXT)],
    ['response_sha256', HEX],
    ['response_bytes', COUNT],
    [
      'ended',
      oneOf(
        'complete',
        'client_aborted',
        'upstream_aborted',
        'upstream_timeout',
        'upstream_unavailable',
        'not_forwarded',
        'handed_over',
      ),
    ],
    ['fault', nullable(oneOf(...FAULTS))],
    ['usage', nullable(OBJECT)],
    ['finish', listOf(TEXT)],
    [
      'tool_calls',
      listOf(record(['decision', nullable(UUID)], ['name', nullable(TEXT)], ['released', BOOLEAN], ['more', COUNT])),
    ],
    ['provider_tools', listOf(record(['type', TEXT], ['name', nullable(TEXT)], ['server', nullable(TEXT)]))],
    ['not_inspected', listOf(TEXT)],
    ['duration_us', COUNT],
  ],
} satisfies Record<string, Field[]>;

export type RecordType = keyof typeof FIELDS;

export const isRecordType = (type: string): type is RecordType => Object.hasOwn(FIELDS, type);

/** Says how entries depart from the fields, in order and number; undefined if they do not. */
function misfit(entries: [string, JsonValue][], fields: readonly Field[]): string | undefined {
  for (const [index, [name, shape]] of fields.entries()) {
    const [found, value] = entries[index] ?? [];
    if (value === undefined || found !== name) return `expected field ${name}, got ${found?.slice(0, 40) ?? 'the end'}`;
    if (!shape.fits(value)) return `expected ${name} to be ${shape.expected}`;
  }
  const extra = entries[fields.length];
  return extra && `expected no field after ${fields.at(-1)?.[0]}, got ${extra[0].slice(0, 40)}`;
}

/** @throws BadLine unless the entries after the common ones are exactly those of the type, in order and shape */
export function checkFields(type: RecordType, entries: [string, JsonValue][]): void {
  const wrong = misfit(entries, FIELDS[type]);
  if (wrong !== undefined) throw new BadLine('RECORD_FIELDS', `${type}: ${wrong}`);
}
