/** Why this room refused something. The set is closed. */
export type ClassifyErrorCode =
  /** The operator's rule set isn't one; the message says which entry, and what was expected. */
  'RULESET_INVALID';

export class ClassifyError extends Error {
  override readonly name = 'ClassifyError';
  readonly code: ClassifyErrorCode;

  constructor(code: ClassifyErrorCode, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}
