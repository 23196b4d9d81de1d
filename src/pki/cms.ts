import type { KeyObject } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import { encode, encodeInteger, encodeOid, encodeSetOf, TAG } from './der.ts';
import { PkiError } from './error.ts';
import { describeKey, isSigningKey, keyType } from './key.ts';
import { OID } from './oid.ts';

/**
 * The one form of CMS SignedData (RFC 5652) that Verdict writes and accepts: detached, one signer by issuer and serial
 * number, SHA-256, and the signed attributes content-type, message-digest and signingCertificateV2 (RFC 5035). With
 * certificate and content type given, all of it is fixed but the digest and the signature: so signing fills in a
 * template and verification compares with it. Nothing in a message chooses how the message is checked.
 */
export const DIGEST_BYTES = 32;
/** SEQUENCE of two INTEGERs of up to 33 bytes: r and s may be short, in theory down to one byte each. */
const ECDSA_BYTES = { min: 8, max: 72 };

/** ContentInfo, [0], SignedData, SET, SignerInfo and the OCTET STRING lie around a signature. */
const HEADERS = 6;

const NULL = encode(TAG.null);
/** Parameters are absent with SHA-2 (RFC 5754 section 2). */
const SHA256 = encode(TAG.sequence, encodeOid(OID.sha256));
const ECDSA = encode(TAG.sequence, encodeOid(OID.ecdsaWithSha256));
/** PKCS#1 v1.5; with rsaEncryption the hash is the digest algorithm's (RFC 5754 section 3.2). */
const RSA = encode(TAG.sequence, encodeOid(OID.rsaEncryption), NULL);

/** A complete message of one signature length, with zeros where digest and signature go. */
export interface Form {
  readonly der: Buffer;
  readonly digestAt: number;
  /** The signature reaches to the end. */
  readonly signatureAt: number;
}

export class CmsTemplate {
  readonly publicKey: KeyObject;
  /** The signed attributes as a SET, which is what is signed (RFC 5652 section 5.4); zeros for the digest. */
  readonly attributes: Buffer;
  readonly attributesDigestAt: number;
  readonly signatureLengths: { readonly min: number; readonly max: number };
  private readonly contentType: string;
  private readonly certificate: Certificate;
  private readonly embedded: readonly Certificate[];
  private readonly forms = new Map<number, Form>();
  private readonly byTotal = new Map<number, Form>();

  constructor(certificate: Certificate, contentType: string, embedded: readonly Certificate[] = []) {
    if (!isSigningKey(certificate.publicKey)) {
      const got = describeKey(certificate.publicKey);
      throw new PkiError('PKI_KEY_UNSUPPORTED', `expected a certificate for a P-256 or RSA 2048-4096 key, got ${got}`);
    }
    this.certificate = certificate;
    this.publicKey = certificate.publicKey;
    this.contentType = contentType;
    this.embedded = embedded;
    const bytes = Math.ceil((certificate.publicKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
    this.signatureLengths = this.isRsa ? { min: bytes, max: bytes } : ECDSA_BYTES;
    const digest = attribute(OID.messageDigest, encode(TAG.octetString, Buffer.alloc(DIGEST_BYTES)));
    this.attributes = encodeSetOf(TAG.set, [
      attribute(OID.contentType, encodeOid(contentType)),
      digest,
      attribute(OID.signingCertificateV2, signingCertificate(certificate)),
    ]);
    this.attributesDigestAt = this.attributes.indexOf(digest) + digest.length - DIGEST_BYTES;
  }

  private get isRsa(): boolean {
    return keyType(this.publicKey) === 'rsa';
  }

  /** The form for a signature of so many bytes. */
  form(signatureBytes: number): Form {
    let form = this.forms.get(signatureBytes);
    if (form === undefined) {
      form = this.build(signatureBytes);
      this.forms.set(signatureBytes, form);
    }
    return form;
  }

  /** The only form that a message of so many bytes can have. */
  formOfTotal(bytes: number): Form | undefined {
    const known = this.byTotal.get(bytes);
    if (known !== undefined) return known;
    const { min, max } = this.signatureLengths;
    // A longer signature lengthens the message by as much, and by at most one byte more in each header around it.
    const shortest = Math.max(min, max - (this.form(max).der.length - bytes));
    for (let length = shortest; length <= Math.min(max, shortest + HEADERS); length++) {
      const form = this.form(length);
      if (form.der.length !== bytes) continue;
      this.byTotal.set(bytes, form);
      return form;
    }
    return undefined;
  }

  private build(signatureBytes: number): Form {
    const { issuer, serial } = this.certificate.fields;
    // [0] IMPLICIT SET OF: the same bytes as the signed SET but for the tag.
    const attributes = Buffer.from(this.attributes);
    attributes[0] = TAG.context(0);
    const tail = [this.isRsa ? RSA : ECDSA, encode(TAG.octetString, Buffer.alloc(signatureBytes))];
    const signerInfo = encode(
      TAG.sequence,
      encodeInteger(1), // issuerAndSerialNumber means version 1 (section 5.3)
      encode(TAG.sequence, issuer, serial),
      SHA256,
      attributes,
      ...tail,
    );
    const certificates = this.embedded.map((certificate) => certificate.der);
    const signedData = encode(
      TAG.sequence,
      encodeInteger(3), // a content type other than id-data means version 3 (section 5.1)
      encode(TAG.set, SHA256),
      encode(TAG.sequence, encodeOid(this.contentType)), // no content: detached
      certificates.length > 0 ? encodeSetOf(TAG.context(0), certificates) : Buffer.alloc(0),
      encode(TAG.set, signerInfo),
    );
    const der = encode(TAG.sequence, encodeOid(OID.signedData), encode(TAG.context(0), signedData));
    const tailBytes = tail.reduce((sum, piece) => sum + piece.length, 0);
    const digestAt = der.length - tailBytes - attributes.length + this.attributesDigestAt;
    return { der, digestAt, signatureAt: der.length - signatureBytes };
  }
}

function attribute(oid: string, value: Buffer): Buffer {
  return encode(TAG.sequence, encodeOid(oid), encode(TAG.set, value));
}

/**
 * SigningCertificateV2 (RFC 5035 section 3): binds the signature to this certificate, so that another certificate for
 * the same key, issued to another name or purpose, cannot be put in its place. SHA-256 is the default hash, hence absent.
 */
function signingCertificate(certificate: Certificate): Buffer {
  const { issuer, serial } = certificate.fields;
  const directoryName = encode(TAG.context(4), issuer);
  const issuerSerial = encode(TAG.sequence, encode(TAG.sequence, directoryName), serial);
  const hash = encode(TAG.octetString, Buffer.from(certificate.sha256, 'hex'));
  return encode(TAG.sequence, encode(TAG.sequence, encode(TAG.sequence, hash, issuerSerial)));
}
