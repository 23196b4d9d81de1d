import { type Certificate, PkiError, type Signer, validatePath } from '../pki/index.ts';
import { AuditError } from './error.ts';

/** The time within which a signer's path holds, in milliseconds since the epoch, both ends included. */
export interface Window {
  notBefore: number;
  notAfter: number;
}

export interface Trust {
  anchors: readonly Certificate[];
  /** SHA-256 (hex) of certificates that are no longer to be believed. */
  revoked?: ReadonlySet<string> | undefined;
}

/** @throws AuditError with AUDIT_SIGNER: a log signed so would not verify */
export async function windowOf(signer: Signer, trust: Trust, time: Date): Promise<Window> {
  try {
    const options = { ...trust, intermediates: signer.chain, time, purpose: 'audit-signing' as const };
    const { notBefore, notAfter } = await validatePath(signer.certificate, options);
    return { notBefore: notBefore.getTime(), notAfter: notAfter.getTime() };
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    throw new AuditError('AUDIT_SIGNER', `the audit key cannot sign this log: ${error.message}`, { cause: error });
  }
}
