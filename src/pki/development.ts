import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { Certificate } from './certificate.ts';
import { DerReader, encode, encodeInteger, encodeOid, TAG } from './der.ts';
import { OID } from './oid.ts';

export interface KeyAndCertificate {
  readonly certificatePem: string;
  /** PKCS#8, not encrypted. */
  readonly keyPem: string;
}

export interface DevelopmentPki {
  readonly root: KeyAndCertificate;
  /** For purpose `bundle-signing`. */
  readonly bundle: KeyAndCertificate;
  /** For purpose `audit-signing`. */
  readonly audit: KeyAndCertificate;
}

const DAY = 24 * 60 * 60 * 1000;
const ECDSA_WITH_SHA256 = encode(TAG.sequence, encodeOid(OID.ecdsaWithSha256));
const TRUE = encode(TAG.boolean, Buffer.from([0xff]));

/** keyUsage BIT STRINGs (RFC 5280 section 4.2.1.3): unused bits, then the bits. */
const DIGITAL_SIGNATURE = Buffer.from([7, 0x80]);
const CERTIFICATE_AND_CRL_SIGN = Buffer.from([1, 0x06]);

/**
 * A certification authority for trying Verdict out: P-256, a root and two certificates that it issued. Its root key is
 * handed out with no protection, so nobody else should ever trust it.
 * @param options valid from `now` (to the second) for `days` days
 */
export function createDevelopmentPki({ now, days }: { now: Date; days: number }): DevelopmentPki {
  const notBefore = new Date(Math.floor(now.getTime() / 1000) * 1000);
  const validity = encode(TAG.sequence, time(notBefore), time(new Date(notBefore.getTime() + days * DAY)));
  const rootKey = newKey();
  const rootName = name('Verdict development root CA');
  const issue = (commonName: string, key: KeyObject, extensions: Buffer[]): KeyAndCertificate => {
    const subject = name(commonName);
    const identifiers = [
      extension(OID.subjectKeyIdentifier, false, encode(TAG.octetString, keyIdentifier(key))),
      extension(
        OID.authorityKeyIdentifier,
        false,
        encode(TAG.sequence, encode(TAG.contextPrimitive(0), keyIdentifier(rootKey))),
      ),
    ];
    const tbs = encode(
      TAG.sequence,
      encode(TAG.context(0), encodeInteger(2)), // v3
      encode(TAG.integer, serialNumber()),
      ECDSA_WITH_SHA256,
      rootName,
      validity,
      subject,
      spki(key),
      encode(TAG.context(3), encode(TAG.sequence, ...extensions, ...identifiers)),
    );
    const signature = encode(TAG.bitString, Buffer.from([0]), sign('sha256', tbs, rootKey));
    const der = encode(TAG.sequence, tbs, ECDSA_WITH_SHA256, signature);
    const keyPem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { certificatePem: Certificate.fromDer(der).pem(), keyPem };
  };
  return {
    root: issue('Verdict development root CA', rootKey, [
      extension(OID.basicConstraints, true, encode(TAG.sequence, TRUE, encodeInteger(0))),
      extension(OID.keyUsage, true, encode(TAG.bitString, CERTIFICATE_AND_CRL_SIGN)),
    ]),
    bundle: issue('Verdict development bundle signer', newKey(), signerExtensions(OID.codeSigning)),
    audit: issue('Verdict development audit signer', newKey(), signerExtensions(OID.documentSigning)),
  };
}

function signerExtensions(purpose: string): Buffer[] {
  return [
    extension(OID.basicConstraints, true, encode(TAG.sequence)), // cA FALSE is the default
    extension(OID.keyUsage, true, encode(TAG.bitString, DIGITAL_SIGNATURE)),
    extension(OID.extKeyUsage, true, encode(TAG.sequence, encodeOid(purpose))),
  ];
}

function extension(oid: string, critical: boolean, value: Buffer): Buffer {
  return encode(TAG.sequence, encodeOid(oid), critical ? TRUE : Buffer.alloc(0), encode(TAG.octetString, value));
}

function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

function spki(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

/** RFC 7093 section 2 (1): the leftmost 160 bits of SHA-256 over the public key's bits. */
function keyIdentifier(key: KeyObject): Buffer {
  const info = new DerReader(spki(key), 'PKI_KEY_INVALID').enter(TAG.sequence);
  info.read(TAG.sequence);
  return createHash('sha256').update(info.octetBits()).digest().subarray(0, 20);
}

/** 126 random bits in 16 bytes: the first bit 0 makes it positive, the second 1 keeps its length. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

function name(commonName: string): Buffer {
  const attribute = encode(
    TAG.sequence,
    encodeOid(OID.commonName),
    encode(TAG.utf8String, Buffer.from(commonName, 'utf8')),
  );
  return encode(TAG.sequence, encode(TAG.set, attribute));
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280 section 4.1.2.5). */
function time(date: Date): Buffer {
  const text = `${date.toISOString().replace(/[-:T]|\.\d+/g, '')}`;
  if (date.getUTCFullYear() < 2050) return encode(TAG.utcTime, Buffer.from(text.slice(2), 'latin1'));
  return encode(TAG.generalizedTime, Buffer.from(text, 'latin1'));
}
