export type InputErrorCode =
  /** A value that JSON cannot carry between implementations: a lone surrogate, a time that is no time. */
  | 'INPUT_INVALID'
  /** A document without text was asked for, but its call has no digests. */
  | 'INPUT_DIGEST_MISSING';

export class InputError extends Error {
  override readonly name = 'InputError';
  readonly code: InputErrorCode;

  constructor(code: InputErrorCode, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}
