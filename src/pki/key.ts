import type { KeyObject } from 'node:crypto';

export type KeyType = 'p256' | 'p384' | 'rsa';

const RSA_BITS = { min: 2048, max: 8192 };
/** FIPS 186-5 section 5.1; small exponents have a history of forgeries, 1 signs anything. */
const MIN_RSA_EXPONENT = 65537n;

/**
 * The kind of a key that may stand anywhere in a path: P-256, P-384, or RSA of 2048 bits and more (the upper bound
 * keeps a hostile certificate from costing seconds). Undefined for every other key, restricted RSA-PSS keys included.
 */
export function keyType(key: KeyObject): KeyType | undefined {
  const { namedCurve, modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ec') {
    if (namedCurve === 'prime256v1') return 'p256';
    return namedCurve === 'secp384r1' ? 'p384' : undefined;
  }
  if (key.asymmetricKeyType !== 'rsa' || publicExponent < MIN_RSA_EXPONENT) return undefined;
  return modulusLength >= RSA_BITS.min && modulusLength <= RSA_BITS.max ? 'rsa' : undefined;
}

/** The keys that sign bundles and records: P-256 or RSA 2048-4096. */
export function isSigningKey(key: KeyObject): boolean {
  const type = keyType(key);
  return type === 'p256' || (type === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) <= 4096);
}

/** For messages. */
export function describeKey(key: KeyObject): string {
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  return `${key.asymmetricKeyType} ${namedCurve ?? modulusLength ?? ''}`.trim();
}
