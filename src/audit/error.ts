/** Why the log refused. The set is closed. */
export type AuditErrorCode =
  | 'AUDIT_LOCKED' // another writer holds the log
  | 'AUDIT_TAMPERED' // what lies in the folder is not a log that a writer of ours left
  | 'AUDIT_FOLDER' // the folder cannot be made, read or written
  | 'AUDIT_SIGNER' // the certificate is expired, not yet valid, untrusted, or not for audit signing
  | 'AUDIT_UNAVAILABLE' // the record is not known to be durable: nothing may be done on its strength
  | 'AUDIT_OVERLOADED' // more is waiting for the disk than the log will hold
  | 'AUDIT_RECORD' // the draft would not make a valid record
  | 'AUDIT_CLOSED';

export class AuditError extends Error {
  override readonly name = 'AuditError';
  readonly code: AuditErrorCode;

  constructor(code: AuditErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
