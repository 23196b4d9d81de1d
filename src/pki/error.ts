/** Why a key, certificate, path or signature was refused. The set is closed: reports and exit messages name these codes. */
export type PkiErrorCode =
  | 'PKI_CERTIFICATE_INVALID'
  | 'PKI_KEY_INVALID'
  | 'PKI_KEY_UNSUPPORTED'
  | 'PKI_KEY_MISMATCH'
  | 'PKI_PASSPHRASE_MISSING'
  | 'PKI_PASSPHRASE_WRONG'
  | 'PKI_PKCS12_INVALID'
  | 'PKI_CMS_INVALID'
  | 'PKI_CMS_CONTENT_TYPE'
  | 'PKI_CMS_SIGNER_UNKNOWN'
  | 'PKI_CMS_DIGEST_MISMATCH'
  | 'PKI_CMS_SIGNATURE_INVALID'
  | 'PKI_PATH_UNTRUSTED'
  | 'PKI_PATH_SIGNATURE_INVALID'
  | 'PKI_PATH_ALGORITHM'
  | 'PKI_PATH_NOT_YET_VALID'
  | 'PKI_PATH_EXPIRED'
  | 'PKI_PATH_REVOKED'
  | 'PKI_PATH_NOT_A_CA'
  | 'PKI_PATH_LENGTH'
  | 'PKI_PATH_PURPOSE'
  | 'PKI_PATH_EXTENSION'
  | 'PKI_PATH_NAME_CONSTRAINTS';

/** A refusal. The message says what was expected and what came; it never holds key material or a passphrase. */
export class PkiError extends Error {
  override readonly name = 'PkiError';
  readonly code: PkiErrorCode;

  constructor(code: PkiErrorCode, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}
