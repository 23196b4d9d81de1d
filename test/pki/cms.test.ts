import { createHash, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as pkijs from 'pkijs';
import { CmsTemplate } from '../../src/pki/cms.ts';
import { encode, encodeOid, TAG } from '../../src/pki/der.ts';
import {
  Certificate,
  CmsSigner,
  cmsCertificates,
  OID_AUDIT_RECORD,
  OID_BUNDLE_SUMS,
  openSigner,
  PkiError,
  type Signer,
  signCms,
  validatePath,
  verifyCms,
  verifyContent,
} from '../../src/pki/index.ts';
import { AUDIT, type Issued, type KeyKind, OpenSsl, ROOT } from './openssl.ts';

const CONTENT = Buffer.from('{"v":1,"type":"decision","text":"line\\r\\nbreak"}');
const DIGEST = createHash('sha256').update(CONTENT).digest();
const openssl = new OpenSsl();
afterAll(() => openssl.close());

const root = openssl.issue({ subject: '/CN=Root', extensions: ROOT });
const intermediate = openssl.issue({ subject: '/CN=Intermediate/O=Acme', extensions: ROOT, issuer: root });
const fileOf = new Map<Signer, Issued>();

function newSigner(issuer: Issued, kind: KeyKind): Signer {
  const issued = openssl.issue({ subject: '/CN=Signer', extensions: AUDIT, issuer, kind });
  const certificatePem = issued.certificate + (issuer === root ? '' : issuer.certificate);
  const signer = openSigner({ certificatePem, keyPem: issued.key });
  fileOf.set(signer, issued);
  return signer;
}

const ec = newSigner(root, 'P-256');
const rsa = newSigner(root, 'RSA-2048');
const below = newSigner(intermediate, 'P-256');
const SIGNERS: [string, Signer][] = [
  ['P-256', ec],
  ['RSA', rsa],
  ['P-256 under an intermediate', below],
];

const options = (signer: Signer, contentType = OID_AUDIT_RECORD) => ({
  contentType,
  certificates: [signer.certificate],
});

function codeOf(act: () => unknown): string {
  try {
    act();
    return 'accepted';
  } catch (error) {
    if (error instanceof PkiError) return error.code;
    throw error;
  }
}

describe.each(SIGNERS)('signed with %s', (_, signer) => {
  const plain = signCms(signer, CONTENT, { contentType: OID_AUDIT_RECORD, certificates: false });
  const carrying = signCms(signer, CONTENT, { contentType: OID_BUNDLE_SUMS, certificates: true });

  function opensslVerify(
    der: Uint8Array,
    content: Uint8Array,
    more: string[],
    anchors = root.certificateFile,
  ): { ok: boolean; output: string } {
    const files = ['-in', openssl.write('x.p7s', der), '-content', openssl.write('record.json', content)];
    const trust = ['-CAfile', anchors, '-purpose', 'any'];
    return openssl.try('cms', '-verify', '-binary', '-inform', 'DER', ...files, ...more, ...trust);
  }

  test('OpenSSL verifies it, CAdES checks included, and refuses other content', () => {
    const certfile = ['-certfile', openssl.write('signer.pem', signer.certificate.pem())];
    // OpenSSL 3.0 takes intermediates from the message or from -CAfile, never from -certfile.
    const anchors = openssl.write('ca.pem', root.certificate + signer.chain.map((one) => one.pem()).join(''));
    expect(opensslVerify(plain, CONTENT, certfile, anchors)).toMatchObject({ ok: true, output: CONTENT.toString() });
    expect(opensslVerify(plain, CONTENT, [...certfile, '-cades'], anchors).ok).toBe(true);
    expect(opensslVerify(carrying, CONTENT, ['-cades']).ok).toBe(true);
    expect(opensslVerify(plain, Buffer.from('other'), certfile, anchors).ok).toBe(false);
    expect(opensslVerify(carrying, Buffer.from('other'), []).ok).toBe(false);
  });

  test('it says what the standards want said', () => {
    const info = pkijs.ContentInfo.fromBER(new Uint8Array(plain));
    const data = new pkijs.SignedData({ schema: info.content });
    const [signerInfo] = data.signerInfos;
    expect([data.version, data.signerInfos.length, signerInfo?.version]).toEqual([3, 1, 1]);
    expect(data.certificates).toBeUndefined();
    expect(signerInfo?.unsignedAttrs).toBeUndefined();
    expect(signerInfo?.signedAttrs?.attributes.map(({ type }) => type).sort()).toEqual([
      '1.2.840.113549.1.9.16.2.47',
      '1.2.840.113549.1.9.3',
      '1.2.840.113549.1.9.4',
    ]);
  });

  test('it is accepted, by digest and by content, with and without certificates inside', () => {
    expect(verifyCms(plain, DIGEST, options(signer))).toBe(signer.certificate);
    expect(verifyContent(carrying, CONTENT, options(signer, OID_BUNDLE_SUMS)).signer).toBe(signer.certificate);
    const inside = cmsCertificates(carrying);
    const all = [signer.certificate, ...signer.chain].map(({ sha256 }) => sha256);
    expect(inside.map(({ sha256 }) => sha256).sort()).toEqual(all.sort());
    expect(cmsCertificates(plain)).toEqual([]);
    const inOrder = { contentType: OID_BUNDLE_SUMS, certificates: inside };
    expect(verifyCms(carrying, DIGEST, { ...inOrder, embedded: true }).sha256).toBe(signer.certificate.sha256);
    expect(codeOf(() => verifyCms(carrying, DIGEST, inOrder))).toBe('PKI_CMS_INVALID');
  });

  test('the signer is found among several certificates', () => {
    const certificates = SIGNERS.map(([, other]) => other.certificate);
    expect(verifyCms(plain, DIGEST, { contentType: OID_AUDIT_RECORD, certificates })).toBe(signer.certificate);
  });

  test('every change of one byte is refused', () => {
    const changes = signer === ec ? Array.from({ length: 255 }, (_, i) => i + 1) : [0x01, 0x80, 0xff];
    const accepted: number[] = [];
    for (let at = 0; at < plain.length; at++) {
      for (const change of changes) {
        const bytes = Buffer.from(plain);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        if (codeOf(() => verifyCms(bytes, DIGEST, options(signer))) === 'accepted') accepted.push(at);
      }
    }
    expect(accepted).toEqual([]);
  });

  test('every truncation, and any byte more, is refused', () => {
    for (let length = 0; length < plain.length; length++) {
      expect(codeOf(() => verifyCms(plain.subarray(0, length), DIGEST, options(signer)))).not.toBe('accepted');
    }
    for (const end of [[0], [0x30, 0], [0xff]]) {
      const bytes = Buffer.concat([plain, Buffer.from(end)]);
      expect(codeOf(() => verifyCms(bytes, DIGEST, options(signer)))).toBe('PKI_CMS_INVALID');
    }
  });

  test('every change of one byte where certificates are inside is refused, by the signature or by the path', async () => {
    const trust = {
      anchors: Certificate.fromPem(root.certificate),
      time: new Date('2026-06-01'),
      purpose: 'audit-signing',
    } as const;
    const open = async (bytes: Uint8Array): Promise<void> => {
      const intermediates = cmsCertificates(bytes);
      const options = { contentType: OID_BUNDLE_SUMS, certificates: intermediates, embedded: true };
      const certificate = verifyCms(bytes, DIGEST, options);
      await validatePath(certificate, { ...trust, intermediates });
    };
    await open(carrying);
    const accepted: number[] = [];
    for (let at = 0; at < carrying.length; at++) {
      const bytes = Buffer.from(carrying);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      const refusal = await open(bytes).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (refusal === undefined) accepted.push(at);
      else expect(refusal).toBeInstanceOf(PkiError);
    }
    expect(accepted).toEqual([]);
  });

  test('signing in the pool gives the same form', async () => {
    const der = await new CmsSigner(signer, OID_AUDIT_RECORD).signInPool(DIGEST);
    expect(verifyCms(der, DIGEST, options(signer))).toBe(signer.certificate);
  });
});

describe('refused, with its own code', () => {
  const plain = signCms(ec, CONTENT, { contentType: OID_AUDIT_RECORD, certificates: false });

  test.each([
    ['other content', () => verifyContent(plain, Buffer.from('other'), options(ec)), 'PKI_CMS_DIGEST_MISMATCH'],
    ['a digest cut short', () => verifyCms(plain, DIGEST.subarray(1), options(ec)), 'PKI_CMS_DIGEST_MISMATCH'],
    ['another content type', () => verifyCms(plain, DIGEST, options(ec, OID_BUNDLE_SUMS)), 'PKI_CMS_CONTENT_TYPE'],
    ['another signer', () => verifyCms(plain, DIGEST, options(below)), 'PKI_CMS_SIGNER_UNKNOWN'],
    ['no certificate', () => verifyCms(plain, DIGEST, { ...options(ec), certificates: [] }), 'PKI_CMS_SIGNER_UNKNOWN'],
    ['nothing', () => verifyCms(new Uint8Array(), DIGEST, options(ec)), 'PKI_CMS_INVALID'],
    ['far too much', () => verifyCms(Buffer.alloc(1 << 20, 0x30), DIGEST, options(ec)), 'PKI_CMS_INVALID'],
    [
      'a digest to sign of another length',
      () => new CmsSigner(ec, OID_AUDIT_RECORD).sign(CONTENT),
      'PKI_CMS_DIGEST_MISMATCH',
    ],
  ])('%s', (_, act, code) => {
    expect(codeOf(act)).toBe(code);
  });

  test("a signature by another key in the signer's name", () => {
    const forged = signCms({ ...ec, key: below.key }, CONTENT, { contentType: OID_AUDIT_RECORD, certificates: false });
    expect(codeOf(() => verifyCms(forged, DIGEST, options(ec)))).toBe('PKI_CMS_SIGNATURE_INVALID');
  });

  test('another certificate for the same key, name, issuer and serial number', () => {
    const serial = ['-set_serial', `0x${ec.certificate.serialNumber}`, '-days', '3650'];
    const issuer = ['-CA', root.certificateFile, '-CAkey', root.keyFile];
    openssl.run('req', '-new', '-key', fileOf.get(ec)?.keyFile ?? '', '-subj', '/CN=Signer', '-out', 'again.csr');
    const pem = openssl.run(
      'x509',
      '-req',
      '-in',
      'again.csr',
      ...issuer,
      ...serial,
      '-extfile',
      openssl.write('ext', AUDIT.join('\n')),
    );
    const [again] = Certificate.fromPem(pem);
    expect(again?.serialNumber).toBe(ec.certificate.serialNumber);
    const certificates = again ? [again] : [];
    expect(codeOf(() => verifyCms(plain, DIGEST, { ...options(ec), certificates }))).toBe('PKI_CMS_INVALID');
  });

  test("a P-384 certificate, which cannot be a signer of ours, but stands in no other one's way", () => {
    const issued = openssl.issue({ subject: '/CN=Signer', extensions: AUDIT, issuer: root, kind: 'P-384' });
    const [certificate] = Certificate.fromPem(issued.certificate);
    if (certificate === undefined) throw new Error('expected a certificate');
    expect(codeOf(() => verifyCms(plain, DIGEST, { ...options(ec), certificates: [certificate] }))).toBe(
      'PKI_CMS_SIGNER_UNKNOWN',
    );
    expect(verifyCms(plain, DIGEST, { ...options(ec), certificates: [certificate, ec.certificate] })).toBe(
      ec.certificate,
    );
    const key = ['-signer', issued.certificateFile, '-inkey', issued.keyFile, '-in', openssl.write('in', CONTENT)];
    const form = ['-binary', '-nocerts', '-outform', 'DER', '-econtent_type', OID_AUDIT_RECORD];
    openssl.run('cms', '-sign', ...form, ...key, '-out', 'p384.p7s');
    const theirs = openssl.read('p384.p7s');
    expect(codeOf(() => verifyCms(theirs, DIGEST, { ...options(ec), certificates: [certificate] }))).toBe(
      'PKI_KEY_UNSUPPORTED',
    );
  });
});

describe("well-formed CMS that is not Verdict's one form", () => {
  const cmsSign = (...more: string[]): Buffer => {
    const { certificateFile = '', keyFile = '' } = fileOf.get(ec) ?? {};
    const signer = ['-signer', certificateFile, '-inkey', keyFile];
    const form = ['-binary', '-outform', 'DER', '-econtent_type', OID_AUDIT_RECORD, '-nocerts', '-nosmimecap'];
    openssl.run('cms', '-sign', '-in', openssl.write('in', CONTENT), ...form, ...signer, '-out', 'out.p7s', ...more);
    return openssl.read('out.p7s');
  };
  const rewrap = (change: (pieces: Buffer[]) => Buffer[]): Buffer => handMade(change);

  test.each<[string, () => Buffer]>([
    ['with a signing time, by OpenSSL', () => cmsSign('-cades')],
    ['without signed attributes', () => cmsSign('-noattr')],
    ['with SHA-512', () => cmsSign('-md', 'sha512', '-cades')],
    ['with the content inside', () => cmsSign('-cades', '-nodetach')],
    [
      'with two signers',
      () =>
        cmsSign(
          '-cades',
          '-signer',
          fileOf.get(below)?.certificateFile ?? '',
          '-inkey',
          fileOf.get(below)?.keyFile ?? '',
        ),
    ],
    ['by key identifier', () => cmsSign('-cades', '-keyid')],
    ['with a surplus signed attribute', () => rewrap((list) => [...list, attribute('1.2.3.4', encode(TAG.null))])],
    ['without a message digest', () => rewrap((list) => list.filter((one) => !one.includes(DIGEST)))],
    ['without the signing certificate', () => rewrap((list) => list.filter((one) => one.length < 60))],
    ['with one attribute twice', () => rewrap((list) => [...list, list[0] ?? Buffer.alloc(0)])],
    ['with attributes out of order', () => rewrap((list) => list.toReversed())],
    [
      'with an unsigned attribute',
      () => handMade((list) => list, encode(TAG.context(1), attribute('1.2.3.4', encode(TAG.null)))),
    ],
    [
      'with an indefinite length',
      () => indefinite(signCms(ec, CONTENT, { contentType: OID_AUDIT_RECORD, certificates: false })),
    ],
  ])('%s', (_, make) => {
    expect(codeOf(() => verifyCms(make(), DIGEST, options(ec)))).toMatch(/^PKI_CMS_(INVALID|SIGNER_UNKNOWN)$/);
  });

  test('hand-made as it should be, it is accepted', () => {
    expect(
      codeOf(() =>
        verifyCms(
          handMade((list) => list),
          DIGEST,
          options(ec),
        ),
      ),
    ).toBe('accepted');
  });
});

function attribute(oid: string, value: Buffer): Buffer {
  return encode(TAG.sequence, encodeOid(oid), encode(TAG.set, value));
}

/** Signed with the right key, over attributes changed at will. */
function handMade(change: (attributes: Buffer[]) => Buffer[], unsigned: Uint8Array = Buffer.alloc(0)): Buffer {
  const { issuer, serial } = ec.certificate.fields;
  const sha256 = encode(TAG.sequence, encodeOid('2.16.840.1.101.3.4.2.1'));
  const name = encode(TAG.sequence, encode(TAG.sequence, encode(TAG.context(4), issuer)), serial);
  const hash = encode(TAG.octetString, Buffer.from(ec.certificate.sha256, 'hex'));
  const attributes = change([
    attribute('1.2.840.113549.1.9.3', encodeOid(OID_AUDIT_RECORD)),
    attribute('1.2.840.113549.1.9.4', encode(TAG.octetString, DIGEST)),
    attribute(
      '1.2.840.113549.1.9.16.2.47',
      encode(TAG.sequence, encode(TAG.sequence, encode(TAG.sequence, hash, name))),
    ),
  ]);
  const signature = sign('sha256', encode(TAG.set, ...attributes), ec.key);
  const signerInfo = encode(
    TAG.sequence,
    encode(TAG.integer, Buffer.from([1])),
    encode(TAG.sequence, issuer, serial),
    sha256,
    encode(TAG.context(0), ...attributes),
    encode(TAG.sequence, encodeOid('1.2.840.10045.4.3.2')),
    encode(TAG.octetString, signature),
    unsigned,
  );
  const pieces = [
    encode(TAG.set, sha256),
    encode(TAG.sequence, encodeOid(OID_AUDIT_RECORD)),
    encode(TAG.set, signerInfo),
  ];
  const signedData = encode(TAG.sequence, encode(TAG.integer, Buffer.from([3])), ...pieces);
  return encode(TAG.sequence, encodeOid('1.2.840.113549.1.7.2'), encode(TAG.context(0), signedData));
}

/** The same message in BER, its outermost length left open. */
function indefinite(der: Uint8Array): Buffer {
  const contents = Buffer.from(der).subarray(4); // 30 82 xx xx
  return Buffer.concat([Buffer.from([0x30, 0x80]), contents, Buffer.from([0, 0])]);
}

describe('the template', () => {
  test('a message of one length has one possible signature length, down to the shortest in theory', () => {
    const template = new CmsTemplate(ec.certificate, OID_AUDIT_RECORD);
    for (let length = 8; length <= 72; length++) {
      expect(template.formOfTotal(template.form(length).der.length)).toBe(template.form(length));
    }
  });

  let lengths: Set<number>;
  beforeAll(() => {
    lengths = new Set();
    const signer = new CmsSigner(ec, OID_AUDIT_RECORD);
    for (let i = 0; i < 2000; i++) {
      const digest = createHash('sha256').update(String(i)).digest();
      const der = signer.sign(digest);
      lengths.add(der.length);
      verifyCms(der, digest, options(ec));
    }
  });

  test('signatures of several lengths come out and are accepted', () => {
    expect(lengths.size).toBeGreaterThanOrEqual(3);
  });
});
