import { verify } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import { PkiError } from './error.ts';
import { KEY_USAGE, keyIdentifiers, type Permissions, permissionsOf } from './extensions.ts';
import { describeKey, type KeyType, keyType } from './key.ts';
import { checkNameConstraints } from './names.ts';
import { OID } from './oid.ts';
import { checkOpinion } from './opinion.ts';

/** What a signature is for; each needs its own extended key usage, so that one leaked key cannot do the other's work. */
export type Purpose = 'bundle-signing' | 'audit-signing';

const PURPOSES: Record<Purpose, string> = {
  'bundle-signing': OID.codeSigning, // RFC 5280 section 4.2.1.12
  'audit-signing': OID.documentSigning, // RFC 9336
};

export interface PathOptions {
  /** Candidates, in any order; those that do not belong to the path do no harm. */
  readonly intermediates: readonly Certificate[];
  readonly anchors: readonly Certificate[];
  /** When the path must hold. */
  readonly time: Date;
  readonly purpose: Purpose;
  /** SHA-256 of the DER, lower-case hex, of certificates that are no longer to be believed. */
  readonly revoked?: ReadonlySet<string> | undefined;
}

/** A path that holds, and from when to when (both inclusive): within it a caller need not validate again. */
export interface ValidPath {
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** From the certificate to the trust anchor, both included. */
  readonly chain: readonly Certificate[];
}

const MAX_DEPTH = 8;
/** Certificates that issue each other in circles could be tried in very many orders. */
const MAX_SIGNATURE_CHECKS = 64;

/** AlgorithmIdentifiers allowed on a link, whole, with the kinds of key that make them. */
const ALGORITHMS: ReadonlyMap<string, { hash: string; keys: readonly KeyType[] }> = new Map([
  ['300d06092a864886f70d01010b0500', { hash: 'sha256', keys: ['rsa'] }],
  ['300d06092a864886f70d01010c0500', { hash: 'sha384', keys: ['rsa'] }],
  ['300d06092a864886f70d01010d0500', { hash: 'sha512', keys: ['rsa'] }],
  ['300a06082a8648ce3d040302', { hash: 'sha256', keys: ['p256', 'p384'] }],
  ['300a06082a8648ce3d040303', { hash: 'sha384', keys: ['p256', 'p384'] }],
  ['300a06082a8648ce3d040304', { hash: 'sha512', keys: ['p256', 'p384'] }],
]);

/**
 * Validates a certification path (RFC 5280 section 6.1), stricter than it where Verdict needs less. pkijs must agree;
 * it alone would not do, as it ignores path length and purpose (see `opinion.ts`).
 * @throws PkiError with a `PKI_PATH_` code: why no path holds, as far as the best of them came
 */
export async function validatePath(certificate: Certificate, options: PathOptions): Promise<ValidPath> {
  if (Number.isNaN(options.time.getTime())) throw new PkiError('PKI_PATH_UNTRUSTED', 'expected a time to validate at');
  const refusals: PkiError[] = []; // of whole paths
  const brokenLinks: PkiError[] = [];
  for (const chain of findChains(certificate, options, brokenLinks)) {
    try {
      checkChain(chain, options);
      await checkOpinion(chain, options.time);
      return { ...windowOf(chain), chain };
    } catch (error) {
      note(error, refusals);
    }
  }
  const untrusted = new PkiError('PKI_PATH_UNTRUSTED', `found no path from ${certificate.subject} to a trust anchor`);
  throw refusals[0] ?? brokenLinks[0] ?? untrusted;
}

function note(error: unknown, refusals: PkiError[]): void {
  if (!(error instanceof PkiError)) throw error;
  refusals.push(error);
}

/** Chains from the certificate to an anchor whose names and signatures link, shortest ways up first. */
function* findChains(
  certificate: Certificate,
  { anchors, intermediates }: PathOptions,
  brokenLinks: PkiError[],
): Generator<Certificate[]> {
  let checks = 0;
  const trusted = new Set(anchors.map(({ sha256 }) => sha256));
  const candidates = [...anchors, ...intermediates.filter(({ sha256 }) => !trusted.has(sha256))];
  function* extend(chain: Certificate[], last: Certificate): Generator<Certificate[]> {
    for (const issuer of candidates) {
      if (chain.some(({ sha256 }) => sha256 === issuer.sha256)) continue;
      try {
        if (!mayHaveIssued(issuer, last)) continue;
        if (++checks > MAX_SIGNATURE_CHECKS) return;
        checkLink(last, issuer);
      } catch (error) {
        note(error, brokenLinks);
        continue;
      }
      const longer = [...chain, issuer];
      if (trusted.has(issuer.sha256)) yield longer;
      else if (longer.length < MAX_DEPTH) yield* extend(longer, issuer);
    }
  }
  yield* extend([certificate], certificate);
}

/** By name, and by key identifier where both sides have one; the signature decides. */
function mayHaveIssued(issuer: Certificate, certificate: Certificate): boolean {
  if (!issuer.fields.subject.equals(certificate.fields.issuer)) return false;
  const wanted = keyIdentifiers(certificate).issuers;
  const own = keyIdentifiers(issuer).own;
  return wanted === undefined || own === undefined || wanted.equals(own);
}

function checkLink(certificate: Certificate, issuer: Certificate): void {
  const { tbs, signatureAlgorithm, signature } = certificate.fields;
  const type = keyType(issuer.publicKey);
  const algorithm = ALGORITHMS.get(signatureAlgorithm.toString('hex'));
  if (algorithm === undefined || type === undefined || !algorithm.keys.includes(type)) {
    const key = describeKey(issuer.publicKey);
    throw new PkiError(
      'PKI_PATH_ALGORITHM',
      `expected SHA-256 or better with P-256, P-384 or RSA of at least 2048 bits on ${certificate.subject} (issuer: ${key})`,
    );
  }
  if (!verify(algorithm.hash, tbs, issuer.publicKey, signature)) {
    throw new PkiError('PKI_PATH_SIGNATURE_INVALID', `${issuer.subject} did not sign ${certificate.subject}`);
  }
}

function checkChain(chain: readonly Certificate[], { time, purpose, revoked }: PathOptions): void {
  const [leaf, ...cas] = chain;
  if (leaf === undefined) throw new PkiError('PKI_PATH_UNTRUSTED', 'expected a path');
  for (const certificate of chain) {
    const { subject, notBefore, notAfter, sha256 } = certificate;
    if (revoked?.has(sha256)) throw new PkiError('PKI_PATH_REVOKED', `${subject} is revoked`);
    if (time < notBefore) {
      throw new PkiError('PKI_PATH_NOT_YET_VALID', `${subject} is valid from ${notBefore.toISOString()}`);
    }
    if (time > notAfter) throw new PkiError('PKI_PATH_EXPIRED', `${subject} was valid until ${notAfter.toISOString()}`);
  }
  checkLeaf(leaf, PURPOSES[purpose], purpose);
  let below = 0; // intermediates under this CA that count for its path length: not those it issued to itself
  cas.forEach((ca, index) => {
    checkCa(ca, below, PURPOSES[purpose], index === cas.length - 1);
    if (!ca.fields.issuer.equals(ca.fields.subject)) below++;
  });
  checkNameConstraints(chain);
}

function checkLeaf(leaf: Certificate, wanted: string, purpose: Purpose): void {
  const permissions = permissionsOf(leaf);
  if (keyType(leaf.publicKey) === undefined) {
    throw new PkiError('PKI_PATH_ALGORITHM', `expected P-256, P-384 or RSA of at least 2048 bits in ${leaf.subject}`);
  }
  const usage = permissions.keyUsage ?? 0;
  const signsCertificates = permissions.isCa || (usage & KEY_USAGE.keyCertSign) !== 0;
  if (signsCertificates || (usage & KEY_USAGE.digitalSignature) === 0) {
    throw new PkiError('PKI_PATH_PURPOSE', `expected ${leaf.subject} to have key usage digitalSignature and be no CA`);
  }
  // "Any purpose" is not this purpose: such a certificate was not issued with our separation of duties in mind.
  if (permissions.extKeyUsage?.includes(wanted) !== true) {
    throw new PkiError(
      'PKI_PATH_PURPOSE',
      `expected ${leaf.subject} to have extended key usage ${wanted} (${purpose})`,
    );
  }
}

function checkCa(ca: Certificate, below: number, wanted: string, isAnchor: boolean): void {
  const permissions: Permissions = permissionsOf(ca);
  // Roots made by `openssl req -x509` have no key usage; being trusted, they may sign. An intermediate has to say so.
  const mayCertify =
    permissions.keyUsage === undefined ? isAnchor : (permissions.keyUsage & KEY_USAGE.keyCertSign) !== 0;
  if (!permissions.isCa || !mayCertify) {
    throw new PkiError('PKI_PATH_NOT_A_CA', `expected ${ca.subject} to be a CA with key usage keyCertSign`);
  }
  if (permissions.pathLength !== undefined && below > permissions.pathLength) {
    throw new PkiError('PKI_PATH_LENGTH', `${ca.subject} allows ${permissions.pathLength} CAs below it, got ${below}`);
  }
  const purposes = permissions.extKeyUsage;
  if (purposes !== undefined && !purposes.includes(wanted) && !purposes.includes(OID.anyExtendedKeyUsage)) {
    throw new PkiError('PKI_PATH_PURPOSE', `${ca.subject} may not issue certificates for extended key usage ${wanted}`);
  }
}

function windowOf(chain: readonly Certificate[]): { notBefore: Date; notAfter: Date } {
  const starts = chain.map(({ notBefore }) => notBefore.getTime());
  const ends = chain.map(({ notAfter }) => notAfter.getTime());
  return { notBefore: new Date(Math.max(...starts)), notAfter: new Date(Math.min(...ends)) };
}
