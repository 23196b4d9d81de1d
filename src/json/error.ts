/** Why a text was refused as JSON. The set is closed: records and error bodies name these codes. */
export type JsonErrorCode =
  | 'JSON_SIZE'
  | 'JSON_UTF8'
  | 'JSON_SYNTAX'
  | 'JSON_DEPTH'
  | 'JSON_DUPLICATE_KEY'
  | 'JSON_CASE_COLLISION'
  | 'JSON_LONE_SURROGATE'
  | 'JSON_NUMBER_RANGE';

/** A refusal with the byte offset where it was noticed. The message never quotes the text, which may be a prompt. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  readonly code: JsonErrorCode;
  readonly offset: number;

  constructor(code: JsonErrorCode, offset: number, expected: string) {
    super(`${code} at byte ${offset}: ${expected}`);
    this.code = code;
    this.offset = offset;
  }
}
