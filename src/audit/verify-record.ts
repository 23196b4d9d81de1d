import { JsonError, type JsonValue, type Limits, parse } from '../json/index.ts';
import { LONGEST_LINE } from './format.ts';
import { checkFields, isRecordType, type RecordType } from './verify-fields.ts';
import { BadLine } from './verify-finding.ts';

/** A record holds a body that passed its own check, a few levels deeper and among some other fields. */
const LIMITS: Limits = { maxBytes: LONGEST_LINE, maxDepth: 80, refuseCaseCollisions: false };
const PREFIX_FIELDS = 7;
const LONGEST_PREFIX = 512;
const PREFIX =
  /^\{"v":1,"type":"([a-z_]+)","log":"([0-9a-f-]{36})","seq":(0|[1-9][0-9]{0,15}),"prev":"([0-9a-f]{64})","time":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)","id":"([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})"[,}]/;

/**
 * One record whose JSON is exact and whose fields are those of its type. Says nothing about signature or place:
 * see VerifiedRecord.
 */
export class LogRecord {
  readonly type: RecordType;
  readonly log: string;
  readonly seq: number;
  /** SHA-256 (hex) of the line before. */
  readonly prev: string;
  /** RFC 3339, UTC, three decimals. */
  readonly time: string;
  readonly id: string;
  /** The record's exact bytes, as signed. */
  readonly json: Uint8Array;
  readonly document: JsonValue;

  /** @throws BadLine with RECORD_JSON or RECORD_FIELDS */
  constructor(json: Uint8Array) {
    // The prefix is read from the bytes: its form is exact, so that two readers cannot disagree on seq or prev.
    const text = Buffer.from(json.buffer, json.byteOffset, Math.min(json.length, LONGEST_PREFIX)).toString('latin1');
    const [whole, type = '', log = '', seq = '', prev = '', time = '', id = ''] = PREFIX.exec(text) ?? [];
    this.document = parseExact(json);
    if (whole === undefined || !isRecordType(type)) {
      throw new BadLine('RECORD_FIELDS', 'expected v (1), type, log, seq, prev, time, id of format version 1');
    }
    if (!isTime(time)) throw new BadLine('RECORD_FIELDS', `expected a time of the calendar, got ${time}`);
    if (!Number.isSafeInteger(Number(seq))) throw new BadLine('RECORD_FIELDS', 'expected seq below 2^53');
    checkFields(type, this.document.entries().slice(PREFIX_FIELDS));
    this.type = type;
    this.log = log;
    this.seq = Number(seq);
    this.prev = prev;
    this.time = time;
    this.id = id;
    this.json = json;
  }

  /** A field after the common ones; the grammar promises that it is there for the type that has it. */
  field(name: string): JsonValue {
    const value = this.document.get(name);
    if (value === undefined) throw new Error(`a ${this.type} record has no field ${name}`);
    return value;
  }

  /** A text field, or null. */
  text(name: string): string | null {
    return this.field(name).string() ?? null;
  }
}

function parseExact(json: Uint8Array): JsonValue {
  try {
    return parse(json, LIMITS);
  } catch (error) {
    if (error instanceof JsonError) throw new BadLine('RECORD_JSON', error.message);
    throw error;
  }
}

function isTime(text: string): boolean {
  const time = Date.parse(text);
  return Number.isFinite(time) && new Date(time).toISOString() === text;
}
