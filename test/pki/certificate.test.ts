import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ObjectIdentifier } from 'asn1js';
import { DerReader, encode, encodeInteger, encodeOid, TAG } from '../../src/pki/der.ts';
import { Certificate, createDevelopmentPki, OID_AUDIT_RECORD, OID_BUNDLE_SUMS, PkiError } from '../../src/pki/index.ts';
import { OpenSsl } from './openssl.ts';

const openssl = new OpenSsl();
afterAll(() => openssl.close());

function outcome(der: Uint8Array): string {
  try {
    Certificate.fromDer(der);
    return 'accepted';
  } catch (error) {
    if (error instanceof PkiError) return error.code;
    throw error;
  }
}

describe('a certificate', () => {
  const { root } = createDevelopmentPki({ now: new Date('2026-11-24T20:20:46Z'), days: 30 });
  const [certificate] = Certificate.fromPem(root.certificatePem);
  const der = Buffer.from(certificate?.der ?? []);

  test('reads as OpenSSL reads it: every public root that comes with Node, but for those that are not v3', () => {
    let read = 0;
    for (const pem of rootCertificates) {
      const theirs = new X509Certificate(pem);
      if (outcome(theirs.raw) !== 'accepted') continue;
      const ours = Certificate.fromDer(theirs.raw);
      expect(ours.sha256).toBe(theirs.fingerprint256.replaceAll(':', '').toLowerCase());
      expect(ours.serialNumber).toBe(theirs.serialNumber);
      expect([ours.notBefore, ours.notAfter]).toEqual([theirs.validFromDate, theirs.validToDate]);
      expect(ours.publicKey.equals(theirs.publicKey)).toBe(true);
      expect(ours.subject).toBe(theirs.subject.replaceAll('\n', ', '));
      expect(Buffer.from(Certificate.fromPem(ours.pem())[0]?.der ?? []).equals(theirs.raw)).toBe(true);
      read++;
    }
    expect(read).toBeGreaterThan(rootCertificates.length * 0.95);
  });

  test('cut short or followed by anything: refused', () => {
    expect(outcome(der)).toBe('accepted');
    for (let length = 0; length < der.length; length++) {
      expect(outcome(der.subarray(0, length))).toBe('PKI_CERTIFICATE_INVALID');
    }
    expect(outcome(Buffer.concat([der, Buffer.from([0])]))).toBe('PKI_CERTIFICATE_INVALID');
    expect(outcome(Buffer.alloc(1 << 20, 0x30))).toBe('PKI_CERTIFICATE_INVALID');
  });

  test('changed anywhere: refused or another certificate, never another error', () => {
    for (let at = 0; at < der.length; at++) {
      for (const change of [0x01, 0x20, 0x80, 0xff]) {
        const bytes = Buffer.from(der);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        if (outcome(bytes) === 'accepted') expect(Certificate.fromDer(bytes).sha256).not.toBe(certificate?.sha256);
      }
    }
  });

  const fields = (change: (pieces: Buffer[]) => Buffer[]): Buffer => {
    const outer = new DerReader(der, 'PKI_CERTIFICATE_INVALID').enter(TAG.sequence);
    const tbs = outer.enter(TAG.sequence);
    const pieces: Buffer[] = [];
    while (!tbs.done) pieces.push(tbs.any().der);
    const rest = [outer.any().der, outer.any().der];
    return encode(TAG.sequence, encode(TAG.sequence, ...change(pieces)), ...rest);
  };
  const [VERSION, SERIAL, ALGORITHM, EXTENSIONS] = [0, 1, 2, 7];
  const extensionsTwice = (wrapper: Buffer): Buffer => {
    const list = new DerReader(wrapper, 'PKI_CERTIFICATE_INVALID').enter(TAG.context(3)).read(TAG.sequence).contents;
    return encode(TAG.context(3), encode(TAG.sequence, list, list));
  };

  test.each<[string, (pieces: Buffer[]) => Buffer[]]>([
    ['version 1', (pieces) => pieces.slice(1, -1)],
    ['version 2', (pieces) => pieces.with(VERSION, encode(TAG.context(0), encodeInteger(1)))],
    ['a negative serial number', (pieces) => pieces.with(SERIAL, encode(TAG.integer, Buffer.from([0x80])))],
    ['a padded serial number', (pieces) => pieces.with(SERIAL, encode(TAG.integer, Buffer.from([0, 1])))],
    ['a serial number of 21 bytes', (pieces) => pieces.with(SERIAL, encode(TAG.integer, Buffer.alloc(21, 1)))],
    [
      'another algorithm inside',
      (pieces) => pieces.with(ALGORITHM, encode(TAG.sequence, encodeOid('1.2.840.10045.4.3.3'))),
    ],
    ['each extension twice', (pieces) => pieces.with(EXTENSIONS, extensionsTwice(pieces[EXTENSIONS] ?? der))],
    ['something after the extensions', (pieces) => [...pieces, encode(TAG.null)]],
  ])('with %s: refused', (_, change) => {
    expect(outcome(fields((pieces) => pieces))).toBe('accepted');
    expect(outcome(fields(change))).toBe('PKI_CERTIFICATE_INVALID');
  });
});

describe('DER', () => {
  test.each([
    ['an indefinite length', '3080 0000'],
    ['a length with a byte too many', '30 81 01 00'],
    ['a length with leading zeros', '04 82 0001 00'],
    ['a length past the end', '30 02 05'],
    ['a tag of several bytes', '1f 22 00'],
    ['nothing', ''],
    ['a length of five bytes', '04 85 0000000001 00'],
  ])('%s is refused', (_, hex) => {
    const reader = new DerReader(Buffer.from(hex.replaceAll(' ', ''), 'hex'), 'PKI_CMS_INVALID');
    expect(() => reader.any()).toThrow('PKI_CMS_INVALID');
  });

  test.each([0, 1, 127, 128, 255, 256, 65535, 65536])('a length of %d is written and read', (length) => {
    const der = encode(TAG.octetString, Buffer.alloc(length, 7));
    expect(new DerReader(der, 'PKI_CMS_INVALID').read(TAG.octetString).contents.length).toBe(length);
  });
});

describe('object identifiers', () => {
  test.each([
    OID_AUDIT_RECORD,
    OID_BUNDLE_SUMS,
    '2.25.340282366920938463463374607431768211455',
    '0.9.2342.19200300.100.1.3',
    '1.2.840.113549.1.9.16.2.47',
    '2.5.29.37.0',
    '2.999.1',
  ])('%s is written as OpenSSL and asn1js write it, and read back', (oid) => {
    const der = encodeOid(oid);
    openssl.run('asn1parse', '-genstr', `OID:${oid}`, '-noout', '-out', 'oid.der');
    expect(der.equals(openssl.read('oid.der'))).toBe(true);
    if (oid !== '2.999.1') expect(der.equals(Buffer.from(new ObjectIdentifier({ value: oid }).toBER()))).toBe(true);
    expect(new DerReader(der, 'PKI_CMS_INVALID').oid()).toBe(oid);
  });

  test('ours are random UUIDs: version 4, variant 1', () => {
    for (const oid of [OID_AUDIT_RECORD, OID_BUNDLE_SUMS]) {
      const hex = BigInt(oid.slice('2.25.'.length)).toString(16).padStart(32, '0');
      expect(hex).toMatch(/^.{12}4.{3}[89ab].{15}$/);
    }
    expect(OID_AUDIT_RECORD).not.toBe(OID_BUNDLE_SUMS);
  });

  test.each(['0600', '06022a80', '06032a8001', `0681ff${'81'.repeat(254)}01`])('%s is refused', (hex) => {
    expect(() => new DerReader(Buffer.from(hex, 'hex'), 'PKI_CMS_INVALID').oid()).toThrow('PKI_CMS_INVALID');
  });
});
