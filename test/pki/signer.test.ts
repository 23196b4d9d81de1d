import { createHash, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import {
  OID_AUDIT_RECORD,
  openSigner,
  PkiError,
  type Signer,
  type SignerSource,
  signCms,
  verifyCms,
} from '../../src/pki/index.ts';
import { AUDIT, type Issued, type KeyKind, OpenSsl, ROOT } from './openssl.ts';

const openssl = new OpenSsl();
afterAll(() => openssl.close());

const root = openssl.issue({ subject: '/CN=Root', extensions: ROOT });
const intermediate = openssl.issue({ subject: '/CN=Intermediate', extensions: ROOT, issuer: root });
const issue = (kind: KeyKind): Issued =>
  openssl.issue({ subject: '/CN=Signer', extensions: AUDIT, issuer: intermediate, kind });
const ec = issue('P-256');
const rsa = issue('RSA-2048');

const PASSPHRASE = 'correct horse';
const pass = (passphrase = PASSPHRASE): string[] => ['-passout', `pass:${passphrase}`];

/** The key as this OpenSSL command writes it. */
function rewritten({ keyFile }: Issued, ...command: string[]): string {
  openssl.run(...command, '-in', keyFile, '-out', 'rewritten.key');
  return openssl.read('rewritten.key').toString();
}

function pkcs12({ keyFile, certificateFile }: Issued, passphrase: string, ...more: string[]): Uint8Array {
  const chain = openssl.write('chain.pem', intermediate.certificate + root.certificate);
  const files = ['-inkey', keyFile, '-in', certificateFile, '-certfile', chain, '-out', 'signer.p12'];
  openssl.run('pkcs12', '-export', ...files, ...pass(passphrase), ...more);
  return openssl.read('signer.p12');
}

function refusal(source: SignerSource): PkiError {
  try {
    openSigner(source);
  } catch (error) {
    if (error instanceof PkiError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

/** The key is the one that was written, it signs, and root and strangers are left out of the chain. */
function expectSigner(signer: Signer, { key }: Issued): void {
  expect(signer.key.equals(createPrivateKey(key))).toBe(true);
  expect(signer.certificate.subject).toBe('CN=Signer');
  expect(signer.chain.map(({ subject }) => subject)).toEqual(['CN=Intermediate']);
  const content = Buffer.from('content');
  const der = signCms(signer, content, { contentType: OID_AUDIT_RECORD, certificates: false });
  const digest = createHash('sha256').update(content).digest();
  verifyCms(der, digest, { contentType: OID_AUDIT_RECORD, certificates: [signer.certificate] });
}

describe.each([
  ['P-256', ec, 'ec'],
  ['RSA', rsa, 'rsa'],
])('a PEM key, %s', (_, issued, command) => {
  const certificatePem = root.certificate + issued.certificate + intermediate.certificate + intermediate.certificate;

  test.each([
    ['PKCS#8', ['pkey']],
    ['SEC 1 or PKCS#1', ['pkey', '-traditional']],
  ])('%s', (_form, args) => {
    expectSigner(openSigner({ certificatePem, keyPem: rewritten(issued, ...args) }), issued);
  });

  test.each([
    ['PKCS#8 with AES-256', ['pkcs8', '-topk8', '-v2', 'aes256']],
    ['PKCS#8 with scrypt', ['pkcs8', '-topk8', '-scrypt']],
    ['PKCS#8 with 3DES of PKCS#12', ['pkcs8', '-topk8', '-v1', 'PBE-SHA1-3DES']],
    ['the traditional way', [command, ...(command === 'rsa' ? ['-traditional'] : []), '-aes256']],
  ])('encrypted, %s', (_form, args) => {
    const keyPem = rewritten(issued, ...args, ...pass());
    expectSigner(openSigner({ certificatePem, keyPem, passphrase: PASSPHRASE }), issued);
    expect(refusal({ certificatePem, keyPem }).code).toBe('PKI_PASSPHRASE_MISSING');
    for (let i = 0; i < 3; i++) {
      const wrong = refusal({ certificatePem, keyPem, passphrase: `wrong ${i}` });
      expect(wrong.code).toBe('PKI_PASSPHRASE_WRONG');
      expect(wrong.message).not.toContain('wrong ');
    }
  });

  test('with other text and blocks around it, with CR LF', () => {
    const around = `Bag Attributes\n  localKeyID: 01\n${certificatePem}${rewritten(issued, 'pkey')}trailing text\n`;
    const pem = around.replaceAll('\n', '\r\n');
    expectSigner(openSigner({ certificatePem: pem, keyPem: pem }), issued);
  });

  test("another's key, after which the right one still opens", () => {
    const other = issued === ec ? rsa : ec;
    expect(refusal({ certificatePem, keyPem: other.key }).code).toBe('PKI_KEY_MISMATCH');
    expectSigner(openSigner({ certificatePem, keyPem: issued.key }), issued);
  });
});

test('an EC key with its parameters in front, as `openssl ecparam -genkey` writes it', () => {
  openssl.run('ecparam', '-genkey', '-name', 'prime256v1', '-out', 'param.key');
  const keyFile = openssl.path('param.key');
  const key = readFileSync(keyFile, 'utf8');
  expect(key).toContain('BEGIN EC PARAMETERS');
  const keyOf = { ...ec, key, keyFile };
  const issued = openssl.issue({ subject: '/CN=Signer', extensions: AUDIT, issuer: intermediate, keyOf });
  expectSigner(openSigner({ certificatePem: issued.certificate + intermediate.certificate, keyPem: key }), issued);
});

describe.each([
  ['P-256', ec],
  ['RSA', rsa],
])('a PKCS#12 file, %s', (_, issued) => {
  test.each([
    ["OpenSSL 3's own way", []],
    ['the legacy way: RC2-40, 3DES, SHA-1', ['-legacy']],
    ['3DES throughout', ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES']],
    ['AES-128 and SHA-512', ['-keypbe', 'AES-128-CBC', '-certpbe', 'AES-128-CBC', '-macalg', 'sha512']],
    ['not encrypted, but with a MAC', ['-keypbe', 'NONE', '-certpbe', 'NONE']],
  ])('%s', (_way, more) => {
    for (const passphrase of ['pässwörd €😀', '']) {
      const file = pkcs12(issued, passphrase, ...more);
      expectSigner(openSigner({ pkcs12: file, passphrase }), issued);
      const wrong = refusal({ pkcs12: file, passphrase: 'wrong one' });
      expect(wrong.code).toBe('PKI_PASSPHRASE_WRONG');
      expect(wrong.message).not.toContain('wrong one');
    }
  });

  test('without a MAC', () => {
    expectSigner(openSigner({ pkcs12: pkcs12(issued, PASSPHRASE, '-nomac'), passphrase: PASSPHRASE }), issued);
  });

  test('with an indefinite length, as other programs write it', () => {
    const der = pkcs12(issued, PASSPHRASE); // 30 82 xx xx
    const ber = Buffer.concat([Buffer.from([0x30, 0x80]), der.subarray(4), Buffer.from([0, 0])]);
    expectSigner(openSigner({ pkcs12: ber, passphrase: PASSPHRASE }), issued);
  });

  test('cut short: refused; changed: refused, or nothing that was read had changed', () => {
    const file = pkcs12(issued, PASSPHRASE);
    for (let at = 0; at < file.length; at += 101) {
      refusal({ pkcs12: file.subarray(0, at), passphrase: PASSPHRASE });
      const damaged = Buffer.from(file);
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      try {
        expectSigner(openSigner({ pkcs12: damaged, passphrase: PASSPHRASE }), issued);
      } catch (error) {
        expect(error).toBeInstanceOf(PkiError);
      }
    }
  });
});

describe('refused', () => {
  test('PKCS#12 with the key of another certificate', () => {
    const chain = openssl.write('one.pem', ec.certificate);
    openssl.run('pkcs12', '-export', '-inkey', rsa.keyFile, '-nocerts', '-out', 'key.p12', ...pass());
    expect(refusal({ pkcs12: openssl.read('key.p12'), passphrase: PASSPHRASE }).code).toBe('PKI_KEY_MISMATCH');
    openssl.run('pkcs12', '-export', '-nokeys', '-in', chain, '-out', 'certificates.p12', ...pass());
    const none = refusal({ pkcs12: openssl.read('certificates.p12'), passphrase: PASSPHRASE });
    expect(none.code).toBe('PKI_PKCS12_INVALID');
  });

  test.each(['P-384', 'P-521', 'RSA-1024'] as const)('a key of kind %s', (kind) => {
    const issued = issue(kind);
    const error = refusal({ certificatePem: issued.certificate, keyPem: issued.key });
    expect(error.code).toBe('PKI_KEY_UNSUPPORTED');
  });

  test.each([
    ['no key', '', 'PKI_KEY_INVALID'],
    ['a certificate for a key', ec.certificate, 'PKI_KEY_INVALID'],
    ['two keys', ec.key + ec.key, 'PKI_KEY_INVALID'],
    ['a key that is cut', ec.key.replace(/\n.{40}/, '\n'), 'PKI_KEY_INVALID'],
    ['a key that is no base64', ec.key.replace(/\n../, '\n!!'), 'PKI_KEY_INVALID'],
    ['far too much', ec.key + ' '.repeat(2 << 20), 'PKI_KEY_INVALID'],
  ])('%s', (_, keyPem, code) => {
    const error = refusal({ certificatePem: ec.certificate, keyPem });
    expect(error.code).toBe(code);
    const secret = ec.key.split('\n')[1] ?? '';
    expect(error.message).not.toContain(secret.slice(0, 20));
  });

  test('no certificate, or bytes that are no PKCS#12', () => {
    expect(refusal({ certificatePem: '', keyPem: ec.key }).code).toBe('PKI_CERTIFICATE_INVALID');
    const noFile = { pkcs12: Buffer.from(ec.key), passphrase: PASSPHRASE };
    expect(refusal(noFile).code).toBe('PKI_PKCS12_INVALID');
  });
});
