import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { DerReader, TAG } from './der.ts';
import { PkiError } from './error.ts';
import { pemBlocks } from './pem.ts';

export interface Extension {
  readonly critical: boolean;
  readonly value: Buffer;
}

/** The parts of a certificate as they stand in its DER (RFC 5280 section 4.1). */
export interface CertificateFields {
  /** What the issuer signed. */
  readonly tbs: Buffer;
  /** AlgorithmIdentifier, whole. */
  readonly signatureAlgorithm: Buffer;
  readonly signature: Buffer;
  /** INTEGER, whole. */
  readonly serial: Buffer;
  /** Name, whole. */
  readonly issuer: Buffer;
  /** Name, whole. */
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** By dotted object identifier. */
  readonly extensions: ReadonlyMap<string, Extension>;
}

const MAX_BYTES = 64 * 1024;
const CODE = 'PKI_CERTIFICATE_INVALID';

/** An X.509 v3 certificate that is well formed. Whether to believe it is `validatePath`'s question. */
export class Certificate {
  readonly der: Uint8Array;
  /** SHA-256 of the DER, lower-case hex. */
  readonly sha256: string;
  /** Serial number as OpenSSL prints it: upper-case hex. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: KeyObject;
  readonly fields: CertificateFields;
  #text: X509Certificate | undefined;

  private constructor(der: Uint8Array) {
    this.der = der;
    this.fields = parseFields(der);
    this.sha256 = createHash('sha256').update(der).digest('hex');
    const serial = new DerReader(this.fields.serial, CODE).unsigned().contents.toString('hex').toUpperCase();
    this.serialNumber = serial.replace(/^00/, '') || '0';
    this.notBefore = this.fields.notBefore;
    this.notAfter = this.fields.notAfter;
    this.publicKey = this.fields.publicKey;
  }

  /** @throws PkiError PKI_CERTIFICATE_INVALID unless the bytes are exactly one certificate in DER. Keeps a copy. */
  static fromDer(der: Uint8Array): Certificate {
    if (der.length > MAX_BYTES) throw new PkiError(CODE, `expected at most ${MAX_BYTES} bytes, got ${der.length}`);
    return new Certificate(Buffer.from(der));
  }

  /**
   * Every `CERTIFICATE` block of a PEM text, in order; other blocks and text between them are passed over.
   * @throws PkiError PKI_CERTIFICATE_INVALID if there is none or one is bad
   */
  static fromPem(pem: string): Certificate[] {
    const blocks = pemBlocks(pem, CODE).filter((block) => block.label === 'CERTIFICATE');
    if (blocks.length === 0) throw new PkiError(CODE, 'expected a PEM block BEGIN CERTIFICATE, found none');
    return blocks.map((block) => Certificate.fromDer(block.bytes));
  }

  /** For people: `CN=…, O=…`. Compare names by `fields`. */
  get subject(): string {
    return this.text().subject.replaceAll('\n', ', ');
  }

  get issuer(): string {
    return this.text().issuer.replaceAll('\n', ', ');
  }

  pem(): string {
    const lines =
      Buffer.from(this.der)
        .toString('base64')
        .match(/.{1,64}/g) ?? [];
    return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
  }

  isSelfSigned(): boolean {
    return this.fields.issuer.equals(this.fields.subject) && this.text().verify(this.publicKey);
  }

  private text(): X509Certificate {
    this.#text ??= new X509Certificate(this.der);
    return this.#text;
  }
}

function parseFields(der: Uint8Array): CertificateFields {
  const outer = new DerReader(der, CODE);
  const certificate = outer.enter(TAG.sequence);
  outer.end();
  const tbsElement = certificate.read(TAG.sequence);
  const signatureAlgorithm = certificate.read(TAG.sequence).der;
  const signature = certificate.octetBits();
  certificate.end();

  const tbs = new DerReader(tbsElement.contents, CODE);
  const version = tbs.peek() === TAG.context(0) ? tbs.enter(TAG.context(0)).small() : 0;
  if (version !== 2) throw new PkiError(CODE, `expected an X.509 v3 certificate, got v${version + 1}`);
  const serial = tbs.unsigned();
  if (serial.contents.length > 20) tbs.fail('a serial number of at most 20 bytes');
  // RFC 5280 section 4.1.1.2: both must agree, or what is signed does not say how it is signed.
  if (!tbs.read(TAG.sequence).der.equals(signatureAlgorithm))
    tbs.fail('the same signature algorithm inside and outside');
  const issuer = tbs.read(TAG.sequence).der;
  const validity = tbs.enter(TAG.sequence);
  const notBefore = parseTime(validity);
  const notAfter = parseTime(validity);
  validity.end();
  const subject = tbs.read(TAG.sequence).der;
  const publicKey = parsePublicKey(tbs.read(TAG.sequence).der);
  const extensions = tbs.done ? new Map<string, Extension>() : parseExtensions(tbs.enter(TAG.context(3)));
  tbs.end();
  return {
    tbs: tbsElement.der,
    signatureAlgorithm,
    signature,
    serial: serial.der,
    issuer,
    subject,
    publicKey,
    notBefore,
    notAfter,
    extensions,
  };
}

/** Only the two forms of RFC 5280 section 4.1.2.5: seconds present, UTC, no fraction. */
function parseTime(reader: DerReader): Date {
  const { tag, contents } = reader.any();
  const text = contents.toString('latin1');
  let digits = text;
  if (tag === TAG.utcTime) digits = (Number(text.slice(0, 2)) < 50 ? '20' : '19') + text;
  else if (tag !== TAG.generalizedTime) reader.fail('a time');
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits);
  if (match === null) reader.fail('a time as YYYYMMDDHHMMSSZ');
  const iso = `${match[1]}-${match[2]}-${match[3]}T${match[4]}:${match[5]}:${match[6]}.000Z`;
  const time = new Date(iso);
  if (Number.isNaN(time.getTime()) || time.toISOString() !== iso) reader.fail('a time that exists');
  return time;
}

function parsePublicKey(spki: Buffer): KeyObject {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' });
  } catch {
    throw new PkiError(CODE, 'expected a public key that OpenSSL can read');
  }
}

function parseExtensions(wrapper: DerReader): Map<string, Extension> {
  const extensions = new Map<string, Extension>();
  const list = wrapper.enter(TAG.sequence);
  wrapper.end();
  while (!list.done) {
    const extension = list.enter(TAG.sequence);
    const oid = extension.oid();
    // A second one could say the opposite, and readers would differ in which they heed (RFC 5280 section 4.2).
    if (extensions.has(oid)) list.fail(`extension ${oid} once`);
    const critical = extension.flag();
    extensions.set(oid, { critical, value: extension.read(TAG.octetString).contents });
    extension.end();
  }
  return extensions;
}
