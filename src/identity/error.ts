/** Why a caller is not known. The set is closed: records and error bodies name these codes. */
export type IdentityErrorCode = 'IDENTITY_MISSING' | 'IDENTITY_INVALID' | 'IDENTITY_EXPIRED' | 'IDENTITY_UNAVAILABLE';

/** A caller who could not be identified. The message says what was expected; it never holds the credential or a claim's value. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError';
  readonly code: IdentityErrorCode;

  constructor(code: IdentityErrorCode, expected: string, options?: ErrorOptions) {
    super(`${code}: ${expected}`, options);
    this.code = code;
  }
}

/** A tokens file that cannot be used as it is. The message gives the place, never a digest. */
export class TokensError extends Error {
  override readonly name = 'TokensError';
  readonly code = 'TOKENS_INVALID';

  constructor(expected: string) {
    super(`TOKENS_INVALID: ${expected}`);
  }
}
