import { hash, verify } from 'node:crypto';
import { Certificate } from './certificate.ts';
import { CmsTemplate, DIGEST_BYTES, type Form } from './cms.ts';
import { DerReader, TAG } from './der.ts';
import { PkiError } from './error.ts';
import { isSigningKey } from './key.ts';
import { OID } from './oid.ts';

declare const verified: unique symbol;
/** Content whose signature held; whether its signer is to be believed is `validatePath`'s question. */
export type VerifiedBytes = Uint8Array & { readonly [verified]: true };

export interface VerifyOptions {
  /** Dotted object identifier that the signature must be for. */
  readonly contentType: string;
  /** Those that may be the signer's; put the likely one first. */
  readonly certificates: readonly Certificate[];
  /**
   * Whether the message may carry certificates; by default it may not. No signature covers them: where they are allowed,
   * anybody can add some, and only path validation finds a changed one.
   */
  readonly embedded?: boolean;
}

const MAX_BYTES = 256 * 1024;
const MAX_CERTIFICATES = 16;

const templates = new WeakMap<Certificate, Map<string, CmsTemplate>>();

/**
 * Verifies a detached signature of exactly our form (see `cms.ts`).
 * @param messageDigest SHA-256 of the content, 32 bytes
 * @returns the signer's certificate, whose path is yet to be validated
 * @throws PkiError PKI_CMS_INVALID, PKI_CMS_CONTENT_TYPE, PKI_CMS_SIGNER_UNKNOWN, PKI_CMS_DIGEST_MISMATCH,
 *   PKI_CMS_SIGNATURE_INVALID
 */
export function verifyCms(der: Uint8Array, messageDigest: Uint8Array, options: VerifyOptions): Certificate {
  const bytes = Buffer.from(der.buffer, der.byteOffset, der.byteLength);
  for (const certificate of options.certificates) {
    const template = templateFor(certificate, options.contentType);
    const form = template?.formOfTotal(bytes.length);
    if (template === undefined || form === undefined || !fits(bytes, form)) continue;
    verifySignature(bytes, messageDigest, template, form);
    return certificate;
  }
  return verifyEmbedding(bytes, messageDigest, options);
}

/** As `verifyCms`, over the content itself; the message may carry certificates. */
export function verifyContent(
  der: Uint8Array,
  content: Uint8Array,
  options: VerifyOptions,
): { content: VerifiedBytes; signer: Certificate } {
  const signer = verifyCms(der, hash('sha256', content, 'buffer'), { embedded: true, ...options });
  return { content: content as VerifiedBytes, signer };
}

/**
 * The certificates that a message carries, in its order. They are the sender's word: candidates, not trust.
 * @throws PkiError PKI_CMS_INVALID, PKI_CERTIFICATE_INVALID
 */
export function cmsCertificates(der: Uint8Array): Certificate[] {
  return readOutline(der).certificates;
}

/** Undefined for a certificate that cannot be a signer's, such as a P-384 CA's among the candidates. */
function templateFor(certificate: Certificate, contentType: string): CmsTemplate | undefined {
  let byType = templates.get(certificate);
  if (byType === undefined) {
    byType = new Map();
    templates.set(certificate, byType);
  }
  let template = byType.get(contentType);
  if (template === undefined && isSigningKey(certificate.publicKey)) {
    template = new CmsTemplate(certificate, contentType);
    byType.set(contentType, template);
  }
  return template;
}

/** Whether every byte is the form's, but for digest and signature. */
function fits(bytes: Buffer, { der, digestAt, signatureAt }: Form): boolean {
  const digestEnd = digestAt + DIGEST_BYTES;
  return (
    bytes.length === der.length &&
    bytes.compare(der, 0, digestAt, 0, digestAt) === 0 &&
    bytes.compare(der, digestEnd, signatureAt, digestEnd, signatureAt) === 0
  );
}

function verifySignature(bytes: Buffer, digest: Uint8Array, template: CmsTemplate, form: Form): void {
  if (bytes.compare(digest, 0, digest.length, form.digestAt, form.digestAt + DIGEST_BYTES) !== 0) {
    throw new PkiError('PKI_CMS_DIGEST_MISMATCH', 'the signature is for other content than this');
  }
  // Signed is what we expect, not what the message says: the expected attributes with the digest of the content.
  const attributes = Buffer.from(template.attributes);
  attributes.set(digest, template.attributesDigestAt);
  if (!verify('sha256', attributes, template.publicKey, bytes.subarray(form.signatureAt))) {
    throw new PkiError('PKI_CMS_SIGNATURE_INVALID', "the signature does not fit the signer's key");
  }
}

/** The slow way: a message that carries certificates, or one to be refused with a reason. */
function verifyEmbedding(bytes: Buffer, digest: Uint8Array, options: VerifyOptions): Certificate {
  const outline = readOutline(bytes);
  if (outline.contentType !== options.contentType) {
    const got = `expected content type ${options.contentType}, got ${outline.contentType}`;
    throw new PkiError('PKI_CMS_CONTENT_TYPE', got);
  }
  if (outline.certificates.length > 0 && options.embedded !== true) {
    throw new PkiError('PKI_CMS_INVALID', `expected no certificates inside, got ${outline.certificates.length}`);
  }
  const signer = options.certificates.filter(
    ({ fields }) => fields.issuer.equals(outline.issuer) && fields.serial.equals(outline.serial),
  );
  if (signer.length === 0) {
    throw new PkiError(
      'PKI_CMS_SIGNER_UNKNOWN',
      `none of the ${options.certificates.length} certificates is the signer's`,
    );
  }
  for (const certificate of signer) {
    const template = new CmsTemplate(certificate, options.contentType, outline.certificates);
    const form = template.formOfTotal(bytes.length);
    if (form === undefined || !fits(bytes, form)) continue;
    verifySignature(bytes, digest, template, form);
    return certificate;
  }
  throw new PkiError('PKI_CMS_INVALID', "expected a signature of Verdict's one form for this certificate");
}

interface Outline {
  contentType: string;
  certificates: Certificate[];
  issuer: Buffer;
  serial: Buffer;
}

/** What is needed to know which form to compare with; the comparison then judges every byte. */
function readOutline(der: Uint8Array): Outline {
  if (der.length > MAX_BYTES) {
    throw new PkiError('PKI_CMS_INVALID', `expected at most ${MAX_BYTES} bytes, got ${der.length}`);
  }
  const outer = new DerReader(der, 'PKI_CMS_INVALID');
  const contentInfo = outer.enter(TAG.sequence);
  outer.end();
  if (contentInfo.oid() !== OID.signedData) contentInfo.fail('SignedData');
  const explicit = contentInfo.enter(TAG.context(0));
  contentInfo.end();
  const signedData = explicit.enter(TAG.sequence);
  explicit.end();
  signedData.small();
  signedData.read(TAG.set);
  const contentType = signedData.enter(TAG.sequence).oid();
  const certificates: Certificate[] = [];
  if (signedData.peek() === TAG.context(0)) {
    const set = signedData.enter(TAG.context(0));
    while (!set.done) {
      if (certificates.length === MAX_CERTIFICATES) set.fail(`at most ${MAX_CERTIFICATES} certificates`);
      certificates.push(Certificate.fromDer(set.read(TAG.sequence).der));
    }
  }
  const signerInfo = signedData.enter(TAG.set).enter(TAG.sequence);
  signedData.end();
  signerInfo.small();
  const issuerAndSerial = signerInfo.enter(TAG.sequence);
  const issuer = issuerAndSerial.read(TAG.sequence).der;
  return { contentType, certificates, issuer, serial: issuerAndSerial.unsigned().der };
}
