import { Certificate, CmsSigner, OID_AUDIT_RECORD } from '../pki/index.ts';
import type { SignerMaterial } from './protocol.ts';

/** The key that signs records now. */
export interface ActiveSigner {
  certificate: Certificate;
  cms: CmsSigner;
  /** Text of the fields `signer` and `certificates`. */
  fields: string;
}

export function activate({ key, certificates }: SignerMaterial): ActiveSigner {
  const [certificate, ...chain] = certificates.map((der) => Certificate.fromDer(der));
  if (!certificate) throw new Error('expected the certificate of the signer');
  const encoded = [certificate, ...chain].map(({ der }) => `"${Buffer.from(der).toString('base64')}"`);
  return {
    certificate,
    cms: new CmsSigner({ key, certificate, chain }, OID_AUDIT_RECORD),
    fields: `"signer":"${certificate.sha256}","certificates":[${encoded.join()}]`,
  };
}
