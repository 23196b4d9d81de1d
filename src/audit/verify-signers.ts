import { type Certificate, PkiError, type ValidPath, validatePath } from '../pki/index.ts';
import { signerOf } from './verify-check.ts';
import { BadLine } from './verify-finding.ts';

/** A signer for whom a trust anchor speaks, in a window of time. */
export interface TrustedSigner {
  certificate: Certificate;
  path: ValidPath;
}

/**
 * Finds out who may sign: validates the path of each certificate once, then compares times with its window. Keep one for
 * several logs of the same signers, such as those of replicas: a path takes far longer than a signature.
 */
export class Signers {
  private readonly anchors: Certificate[];
  private readonly revoked: ReadonlySet<string>;
  private readonly known = new Map<string, TrustedSigner>();

  constructor(anchors: Certificate[], revoked: ReadonlySet<string> = new Set()) {
    this.anchors = anchors;
    this.revoked = revoked;
  }

  /**
   * The signer that a log_opened or key_rotated line (without LF) names.
   *
   * @throws BadLine if no anchor speaks for it at the record's time
   */
  async admit(line: Uint8Array): Promise<TrustedSigner> {
    const { signer, intermediates, time } = signerOf(line);
    const known = this.known.get(signer.sha256);
    if (known && isWithin(time, known.path)) return known;
    try {
      const { anchors, revoked } = this;
      const path = await validatePath(signer, { intermediates, anchors, time, purpose: 'audit-signing', revoked });
      const trusted = { certificate: signer, path };
      this.known.set(signer.sha256, trusted);
      return trusted;
    } catch (error) {
      if (error instanceof PkiError) throw new BadLine('SIGNER_UNTRUSTED', error.message);
      throw error;
    }
  }
}

/** @throws BadLine if the time (RFC 3339) lies outside the window in which the signer's path holds */
export function checkWindow(time: string, { path }: TrustedSigner): void {
  if (isWithin(new Date(time), path)) return;
  const window = `${path.notBefore.toISOString()} and ${path.notAfter.toISOString()}`;
  throw new BadLine(
    'SIGNER_WINDOW',
    `expected a time between ${window}, in which the signer's certificates hold, got ${time}`,
  );
}

const isWithin = (time: Date, { notBefore, notAfter }: ValidPath): boolean => time >= notBefore && time <= notAfter;
