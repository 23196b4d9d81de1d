import { createHmac, randomBytes } from 'node:crypto';
import { type JWTPayload, jwtVerify, SignJWT } from 'jose';

const ALGORITHM = 'HS256';
const SHORTEST_KEY = 32;

/**
 * A key for one purpose, out of the secret that replicas share.
 * @param secret at least 32 characters; undefined: the key is this process's own
 */
export function deriveKey(secret: string | undefined, purpose: string): Uint8Array {
  if (secret === undefined) return randomBytes(32);
  if (secret.length < SHORTEST_KEY) throw new Error(`approvals.key: expected at least ${SHORTEST_KEY} characters`);
  return createHmac('sha256', secret).update(purpose).digest();
}

/** Makes tokens (JWT, RFC 7519) that only gateways with the same key can have made. Types keep one kind from passing as another. */
export class Seal {
  private readonly key: Uint8Array;

  /** @param secret what replicas share, at least 32 characters; undefined: tokens end with this process */
  constructor(secret: string | undefined) {
    this.key = deriveKey(secret, 'verdict approvals 1');
  }

  /** @param exp in seconds since 1970, as JWT has it */
  make(type: string, claims: JWTPayload, exp: number): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, typ: type }).setExpirationTime(exp).sign(this.key);
  }

  /** The claims; undefined for what has expired, is of another type, or was not sealed with this key. */
  async open(type: string, token: string, now: Date): Promise<JWTPayload | undefined> {
    try {
      const options = { algorithms: [ALGORITHM], typ: type, currentDate: now, requiredClaims: ['exp'] };
      return (await jwtVerify(token, this.key, options)).payload;
    } catch {
      return undefined;
    }
  }
}
