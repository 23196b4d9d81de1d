import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { Certificate } from './certificate.ts';
import { PkiError } from './error.ts';
import { describeKey, isSigningKey } from './key.ts';
import { pemBlocks } from './pem.ts';
import { openPkcs12 } from './pkcs12.ts';

/** A private key with the certificate that speaks for it. */
export interface Signer {
  readonly key: KeyObject;
  readonly certificate: Certificate;
  /** Intermediates; may be empty. No root is needed. */
  readonly chain: Certificate[];
}

export type SignerSource =
  /** The key may be PKCS#8, SEC 1 or PKCS#1, encrypted or not; the certificates hold the signer's, in any order. */
  | { readonly certificatePem: string; readonly keyPem: string; readonly passphrase?: string | undefined }
  | { readonly pkcs12: Uint8Array; readonly passphrase: string };

/**
 * Opens a key and finds the certificate that fits it.
 * @throws PkiError PKI_PASSPHRASE_MISSING, PKI_PASSPHRASE_WRONG, PKI_KEY_INVALID, PKI_KEY_UNSUPPORTED (not P-256 or RSA
 *   2048-4096), PKI_KEY_MISMATCH, PKI_PKCS12_INVALID, PKI_CERTIFICATE_INVALID
 */
export function openSigner(source: SignerSource): Signer {
  if ('pkcs12' in source) {
    const { key, certificates } = openPkcs12(source.pkcs12, source.passphrase);
    return assemble(key, certificates);
  }
  return assemble(openKey(source.keyPem, source.passphrase), Certificate.fromPem(source.certificatePem));
}

function openKey(pem: string, passphrase: string | undefined): KeyObject {
  const keys = pemBlocks(pem, 'PKI_KEY_INVALID').filter((block) => block.label.endsWith('PRIVATE KEY'));
  const [block] = keys;
  if (block === undefined || keys.length > 1) {
    throw new PkiError('PKI_KEY_INVALID', `expected one PEM block PRIVATE KEY, found ${keys.length}`);
  }
  if (!block.encrypted) {
    try {
      return createPrivateKey(block.text);
    } catch {
      throw new PkiError('PKI_KEY_INVALID', `expected a private key that OpenSSL can read in block ${block.label}`);
    }
  }
  if (passphrase === undefined) throw new PkiError('PKI_PASSPHRASE_MISSING', 'the private key is encrypted');
  try {
    return createPrivateKey({ key: block.text, passphrase });
  } catch {
    // Whether padding or, one time in 256, the structure beneath is what fails is chance: both are the same mistake.
    throw new PkiError('PKI_PASSPHRASE_WRONG', 'the private key cannot be opened with this passphrase, or is damaged');
  }
}

function assemble(key: KeyObject, certificates: Certificate[]): Signer {
  if (!isSigningKey(key)) {
    throw new PkiError('PKI_KEY_UNSUPPORTED', `expected a P-256 or RSA 2048-4096 key, got ${describeKey(key)}`);
  }
  const publicKey = createPublicKey(key);
  // Comparing keys of two types leaves an error behind in OpenSSL's queue (Node 24), at which the next key fails to open.
  const sameType = certificates.filter((one) => one.publicKey.asymmetricKeyType === key.asymmetricKeyType);
  const certificate = sameType.find((one) => one.publicKey.equals(publicKey));
  if (certificate === undefined) {
    throw new PkiError('PKI_KEY_MISMATCH', `none of the ${certificates.length} certificates is for this private key`);
  }
  return { key, certificate, chain: intermediatesOf(certificate, certificates) };
}

/** Those above the signer's by name, nearest first. No root: a verifier can only believe its own. */
function intermediatesOf(certificate: Certificate, certificates: Certificate[]): Certificate[] {
  const chain = [certificate];
  for (const { fields } of chain) {
    for (const candidate of certificates) {
      const known = chain.some(({ sha256 }) => sha256 === candidate.sha256);
      if (!known && candidate.fields.subject.equals(fields.issuer) && !candidate.isSelfSigned()) chain.push(candidate);
    }
  }
  return chain.slice(1);
}
