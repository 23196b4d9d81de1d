import { createHmac, createPrivateKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import forge from 'node-forge';
import { Certificate } from './certificate.ts';
import { PkiError } from './error.ts';

/**
 * PKCS#12 (RFC 7292). node-forge supplies what node:crypto lacks: a BER reader, the PKCS#12 key derivation and the old
 * ciphers. The walk is ours, because forge parses EC keys not at all and gives certificates back re-encoded. Keys and
 * certificates leave here as the bytes that lay in the bags, opened by node:crypto; forge verifies nothing.
 */
const MAX_BYTES = 1024 * 1024;
const MAX_ROUNDS = 1_000_000;
const { asn1, pkcs12, util, md } = forge;
/** Not in forge's published types. */
const pbe = (
  forge.pki as unknown as { pbe: { getCipher(oid: string, parameters: Node | undefined, secret: string): Cipher } }
).pbe;

const OID_DATA = '1.2.840.113549.1.7.1';
const OID_ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const OID_PBES2 = '1.2.840.113549.1.5.13';
const OID_KEY_BAG = '1.2.840.113549.1.12.10.1.1';
const OID_SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const OID_CERT_BAG = '1.2.840.113549.1.12.10.1.3';
const OID_X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';
const OCTET_STRING = 4;

type Node = forge.asn1.Asn1;
type Cipher = forge.cipher.BlockCipher;
type MacHash = 'sha1' | 'sha256' | 'sha384' | 'sha512';

const MAC_HASHES: Record<string, MacHash> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

interface Contents {
  keys: KeyObject[];
  certificates: Certificate[];
}

/** @throws PkiError PKI_PASSPHRASE_WRONG, PKI_PKCS12_INVALID, PKI_KEY_INVALID, PKI_CERTIFICATE_INVALID */
export function openPkcs12(file: Uint8Array, passphrase: string): { key: KeyObject; certificates: Certificate[] } {
  if (file.length > MAX_BYTES) {
    throw new PkiError('PKI_PKCS12_INVALID', `expected at most ${MAX_BYTES} bytes, got ${file.length}`);
  }
  try {
    return open(file, passphrase);
  } catch (error) {
    if (error instanceof PkiError) throw error;
    throw new PkiError('PKI_PKCS12_INVALID', 'expected a PKCS#12 file'); // forge's own messages quote what they read
  }
}

function open(file: Uint8Array, passphrase: string): { key: KeyObject; certificates: Certificate[] } {
  const [version, authSafe, macData] = children(readBer(Buffer.from(file).toString('latin1')));
  if (octets(version) !== '\x03') throw new PkiError('PKI_PKCS12_INVALID', 'expected PKCS#12 version 3');
  const safe = contentOf(authSafe);
  if (safe.type !== OID_DATA) throw new PkiError('PKI_PKCS12_INVALID', 'expected a file protected by a passphrase');
  const content = octets(safe.value);
  if (macData !== undefined) verifyMac(content, macData, passphrase);

  const contents: Contents = { keys: [], certificates: [] };
  for (const info of children(readBer(content))) {
    for (const bag of children(readBer(safeContents(info, passphrase)))) openBag(bag, passphrase, contents);
  }
  const [key, ...more] = contents.keys;
  if (key === undefined || more.length > 0) {
    throw new PkiError('PKI_PKCS12_INVALID', `expected one private key, found ${contents.keys.length}`);
  }
  return { key, certificates: contents.certificates };
}

function verifyMac(content: string, macData: Node, passphrase: string): void {
  const [digestInfo, salt, iterations] = children(macData);
  const [algorithm, digest] = children(digestInfo);
  const oid = oidOf(children(algorithm)[0]);
  const hash = MAC_HASHES[oid];
  if (hash === undefined) throw new PkiError('PKI_PKCS12_INVALID', `expected an HMAC with SHA-1 or SHA-2, got ${oid}`);
  const rounds = iterations === undefined ? 1 : Number.parseInt(util.bytesToHex(octets(iterations)), 16);
  if (!(rounds >= 1 && rounds <= MAX_ROUNDS)) {
    throw new PkiError('PKI_PKCS12_INVALID', `expected 1 to ${MAX_ROUNDS} rounds of key derivation, got ${rounds}`);
  }
  const expected = Buffer.from(octets(digest), 'latin1');
  const salted = util.createBuffer(octets(salt));
  const key = pkcs12.generateKey(passphrase, salted, 3, rounds, expected.length, md[hash].create());
  const actual = createHmac(hash, Buffer.from(key.getBytes(), 'latin1')).update(content, 'latin1').digest();
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) {
    throw new PkiError('PKI_PASSPHRASE_WRONG', 'the PKCS#12 file cannot be opened with this passphrase, or is damaged');
  }
}

function safeContents(info: Node, passphrase: string): string {
  const { type, value } = contentOf(info);
  if (type === OID_DATA) return octets(value);
  if (type !== OID_ENCRYPTED_DATA) {
    throw new PkiError('PKI_PKCS12_INVALID', `expected data or encrypted data, got ${type}`);
  }
  const [, encrypted] = children(value);
  const [, algorithm, ciphertext] = children(encrypted);
  return decrypt(algorithm, octets(ciphertext), passphrase);
}

function openBag(bag: Node, passphrase: string, into: Contents): void {
  const { type, value } = contentOf(bag);
  if (type === OID_KEY_BAG) into.keys.push(readKey(asn1.toDer(value).getBytes()));
  if (type === OID_SHROUDED_KEY_BAG) {
    const [algorithm, ciphertext] = children(value);
    into.keys.push(readKey(decrypt(algorithm, octets(ciphertext), passphrase)));
  }
  if (type === OID_CERT_BAG) {
    const { type: kind, value: certificate } = contentOf(value);
    if (kind === OID_X509_CERTIFICATE) {
      into.certificates.push(Certificate.fromDer(Buffer.from(octets(certificate), 'latin1')));
    }
  }
}

function decrypt(algorithm: Node | undefined, ciphertext: string, passphrase: string): string {
  const [oidNode, parameters] = children(algorithm);
  const oid = oidOf(oidNode);
  // PBES2 takes the passphrase as UTF-8 bytes, the old schemes and the MAC as UTF-16 (RFC 7292 appendix B.1).
  const secret = oid === OID_PBES2 ? util.encodeUtf8(passphrase) : passphrase;
  try {
    const cipher = pbe.getCipher(oid, parameters, secret);
    cipher.update(util.createBuffer(ciphertext));
    if (cipher.finish()) return cipher.output.getBytes();
  } catch {
    throw new PkiError('PKI_PKCS12_INVALID', `expected PBES2 with AES, 3DES or RC2-40, got ${oid}`);
  }
  throw new PkiError('PKI_PASSPHRASE_WRONG', 'the PKCS#12 file cannot be opened with this passphrase, or is damaged');
}

function readKey(pkcs8: string): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(pkcs8, 'latin1'), format: 'der', type: 'pkcs8' });
  } catch {
    throw new PkiError('PKI_KEY_INVALID', 'expected a private key that OpenSSL can read in the PKCS#12 file');
  }
}

/** BER, as several makers of these files use indefinite lengths; `true` refuses lengths that go past the end. */
function readBer(bytes: string): Node {
  try {
    return asn1.fromDer(bytes, true);
  } catch {
    throw new PkiError('PKI_PKCS12_INVALID', 'expected BER');
  }
}

function children(node: Node | undefined): Node[] {
  if (node === undefined || !Array.isArray(node.value)) throw new PkiError('PKI_PKCS12_INVALID', 'expected a sequence');
  return node.value;
}

/** SEQUENCE { type OID, [0] EXPLICIT value }: the shape of ContentInfo, SafeBag and CertBag alike. */
function contentOf(node: Node | undefined): { type: string; value: Node } {
  const [type, wrapper] = children(node);
  const [value] = children(wrapper);
  if (value === undefined) throw new PkiError('PKI_PKCS12_INVALID', 'expected content');
  return { type: oidOf(type), value };
}

function oidOf(node: Node | undefined): string {
  return asn1.derToOid(octets(node));
}

/** Contents of a primitive; the parts of an OCTET STRING in pieces are joined. */
function octets(node: Node | undefined): string {
  if (node === undefined) throw new PkiError('PKI_PKCS12_INVALID', 'expected a value');
  if (!Array.isArray(node.value)) return node.value;
  return node.value.map((piece) => (piece.type === OCTET_STRING ? octets(piece) : '')).join('');
}
