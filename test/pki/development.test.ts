import { afterAll, describe, expect, test } from '@jest/globals';
import {
  Certificate,
  createDevelopmentPki,
  openSigner,
  PkiError,
  type Purpose,
  validatePath,
} from '../../src/pki/index.ts';
import { OpenSsl } from './openssl.ts';

const openssl = new OpenSsl();
afterAll(() => openssl.close());

const now = new Date('2026-11-24T20:20:46.789Z');
const pki = createDevelopmentPki({ now, days: 30 });
const anchors = Certificate.fromPem(pki.root.certificatePem);
const signers = { bundle: openSigner(pki.bundle), audit: openSigner(pki.audit) };

async function outcome(signer: 'bundle' | 'audit', purpose: Purpose, time: Date): Promise<string> {
  try {
    await validatePath(signers[signer].certificate, { intermediates: [], anchors, time, purpose });
    return 'valid';
  } catch (error) {
    if (error instanceof PkiError) return error.code;
    throw error;
  }
}

describe('the development PKI', () => {
  test('each signer is for one purpose, from now on, for so many days', async () => {
    expect(await outcome('bundle', 'bundle-signing', now)).toBe('valid');
    expect(await outcome('audit', 'audit-signing', now)).toBe('valid');
    expect(await outcome('bundle', 'audit-signing', now)).toBe('PKI_PATH_PURPOSE');
    expect(await outcome('audit', 'bundle-signing', now)).toBe('PKI_PATH_PURPOSE');
    expect(await outcome('audit', 'audit-signing', new Date('2026-11-24T20:20:45Z'))).toBe('PKI_PATH_NOT_YET_VALID');
    expect(await outcome('audit', 'audit-signing', new Date('2026-12-24T20:20:46Z'))).toBe('valid');
    expect(await outcome('audit', 'audit-signing', new Date('2026-12-24T20:20:47Z'))).toBe('PKI_PATH_EXPIRED');
  });

  test.each(['bundle', 'audit'] as const)('OpenSSL verifies the %s certificate strictly', (name) => {
    const time = ['-attime', String(Math.floor(now.getTime() / 1000))];
    const trusted = ['-x509_strict', '-check_ss_sig', '-CAfile', openssl.write('root.pem', pki.root.certificatePem)];
    const leaf = openssl.write('leaf.pem', pki[name].certificatePem);
    expect(openssl.run('verify', ...time, ...trusted, leaf)).toContain('OK');
  });

  test('OpenSSL reads what was meant', () => {
    const text = openssl.run('x509', '-noout', '-text', '-in', openssl.write('audit.pem', pki.audit.certificatePem));
    expect(text).toContain('Key Usage: critical\n                Digital Signature\n');
    expect(text).toContain('Extended Key Usage: critical\n                1.3.6.1.5.5.7.3.36\n');
    expect(text).toContain('Basic Constraints: critical\n                CA:FALSE\n');
    expect(text).toContain('NIST CURVE: P-256');
    const root = openssl.run('x509', '-noout', '-text', '-in', openssl.path('root.pem'));
    expect(root).toContain('CA:TRUE, pathlen:0');
    expect(root).toContain('Certificate Sign, CRL Sign');
  });

  test('serial numbers are positive, 16 bytes, and never the same', () => {
    const again = createDevelopmentPki({ now, days: 30 });
    const serials = [pki, again]
      .flatMap(({ root, bundle, audit }) => [root, bundle, audit])
      .flatMap(({ certificatePem }) => Certificate.fromPem(certificatePem))
      .map(({ serialNumber }) => serialNumber);
    expect(serials.filter((serial) => !/^[4-7][0-9A-F]{31}$/.test(serial))).toEqual([]);
    expect(new Set(serials).size).toBe(6);
  });

  test('it can outlast 2049, when times are written otherwise', async () => {
    const long = createDevelopmentPki({ now, days: 10_000 });
    const [certificate] = Certificate.fromPem(long.audit.certificatePem);
    expect(certificate?.notAfter).toEqual(new Date('2054-04-11T20:20:46Z'));
    const file = openssl.write('long.pem', long.audit.certificatePem);
    expect(openssl.run('x509', '-noout', '-enddate', '-in', file)).toContain('Apr 11 20:20:46 2054 GMT');
  });
});
