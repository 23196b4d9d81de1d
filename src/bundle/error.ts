/** Why a bundle could not be made or was refused. The set is closed: reports and exit messages name these codes. */
export type BundleErrorCode =
  // making one
  | 'BUNDLE_SPEC_INVALID'
  | 'BUNDLE_SOURCE_INVALID'
  | 'BUNDLE_OPA_FAILED'
  | 'BUNDLE_CHECK_FAILED'
  | 'BUNDLE_TESTS_FAILED'
  // the archive
  | 'BUNDLE_TOO_LARGE'
  | 'BUNDLE_ARCHIVE_INVALID'
  | 'BUNDLE_FILE_NAME'
  | 'BUNDLE_FILE_TYPE'
  | 'BUNDLE_FILE_DUPLICATE'
  // the signatures
  | 'BUNDLE_SIGNATURE_INVALID'
  | 'BUNDLE_SIGNER_PURPOSE'
  | 'BUNDLE_SIGNER_UNTRUSTED'
  | 'BUNDLE_SIGNER_EXPIRED'
  | 'BUNDLE_SIGNER_NOT_YET_VALID'
  | 'BUNDLE_SIGNER_REVOKED'
  // the files
  | 'BUNDLE_FILE_MISSING'
  | 'BUNDLE_FILE_EXTRA'
  | 'BUNDLE_FILE_CHANGED'
  | 'BUNDLE_MANIFEST_INVALID'
  | 'BUNDLE_DATA_INVALID'
  | 'BUNDLE_WASM_INVALID'
  | 'BUNDLE_BUILTIN_MISSING'
  // the moment
  | 'BUNDLE_NOT_YET_VALID'
  | 'BUNDLE_EXPIRED'
  | 'BUNDLE_ROLLBACK';

/** A refusal; the message says what was expected and what came. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
  readonly code: BundleErrorCode;

  constructor(code: BundleErrorCode, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}
