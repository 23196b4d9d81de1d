import { hash } from 'node:crypto';
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Subject } from '../input/index.ts';
import { check } from '../json/index.ts';
import { type ClaimNames, subjectOf } from './claims.ts';
import { IdentityError } from './error.ts';
import { type FetchKeys, KeyCache, type KeySource } from './keys.ts';

/** Signature algorithms that may be allowed: asymmetric ones only, because the keys are public. */
export const ALGORITHMS = [
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
] as const;

/** One issuer of JWTs, and what is accepted of it. */
export interface OidcIssuer {
  readonly issuer: string;
  /** A token must name at least one of them. */
  readonly audience: readonly string[];
  readonly algorithms: readonly string[];
  readonly clockSkewSeconds: number;
  readonly keys: KeySource;
  readonly claims: ClaimNames;
}

interface Verified {
  readonly subject: Subject;
  /** Milliseconds; the token's `exp` with the skew. */
  readonly until: number;
  readonly generation: number;
}

/** Claims are parsed before anything is verified: nothing deep or large gets that far. */
const CLAIM_LIMITS = { maxBytes: 16_384, maxDepth: 16, refuseCaseCollisions: false };
const MAX_CACHED = 10_000;
/** RFC 8725 section 3.11: what was issued for another use (logout, security events, DPoP proofs) is no access token. */
const TYPES = ['jwt', 'at+jwt', 'application/jwt', 'application/at+jwt'];

/** Verifies one issuer's tokens. */
export class OidcVerifier {
  private readonly issuer: OidcIssuer;
  private readonly keys: KeyCache;
  private readonly verified = new Map<string, Verified>();

  constructor(issuer: OidcIssuer, fetchKeys: FetchKeys) {
    for (const algorithm of issuer.algorithms) {
      if (!(ALGORITHMS as readonly string[]).includes(algorithm))
        throw new TypeError(`unsupported algorithm ${algorithm}`);
    }
    this.issuer = issuer;
    this.keys = new KeyCache(issuer.keys, fetchKeys);
  }

  /** The token's subject. A token that was verified before is not verified again while it lasts and the keys are the same. */
  async authenticate(token: string, now: Date): Promise<Subject> {
    const key = hash('sha256', token, 'base64');
    const known = this.verified.get(key);
    if (known && this.keys.isFresh(now.getTime()) && this.holds(known, now)) return known.subject;
    await this.keys.ensure(now.getTime());
    if (known && this.holds(known, now)) return known.subject;
    this.verified.delete(key);
    const generation = this.keys.generation;
    const claims = await this.verify(token, now);
    const subject = deepFreeze(subjectOf(claims, this.issuer.claims, now));
    const until = ((claims.exp as number) + this.issuer.clockSkewSeconds) * 1000;
    this.remember(key, { subject, until, generation });
    return subject;
  }

  private holds(known: Verified, now: Date): boolean {
    return known.generation === this.keys.generation && now.getTime() < known.until;
  }

  private remember(key: string, verified: Verified): void {
    if (this.verified.size >= MAX_CACHED) this.verified.delete(this.verified.keys().next().value as string);
    this.verified.set(key, verified);
  }

  private async verify(token: string, now: Date): Promise<JWTPayload> {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, (header) => this.keys.find(header, now.getTime()), {
        algorithms: [...this.issuer.algorithms],
        issuer: this.issuer.issuer,
        audience: [...this.issuer.audience],
        clockTolerance: this.issuer.clockSkewSeconds,
        currentDate: now,
        requiredClaims: ['sub', 'exp'],
      });
      checkUse(payload, protectedHeader.typ);
      return payload;
    } catch (error) {
      throw refusal(error);
    }
  }
}

/** The issuer that a token names, not yet verified; throws IDENTITY_INVALID for what is no JWT at all. */
export function issuerOf(token: string): string | undefined {
  try {
    const [header, claims] = token.split('.').map((part) => decodePart(part)) as [Buffer, Buffer];
    check(header, CLAIM_LIMITS);
    check(claims, CLAIM_LIMITS);
    decodeProtectedHeader(token);
    const { iss } = JSON.parse(claims.toString());
    return typeof iss === 'string' ? iss : undefined;
  } catch {
    throw new IdentityError('IDENTITY_INVALID', 'expected a gateway token or a signed JWT');
  }
}

/** Node skips what is not base64url instead of refusing it, and many texts decode to the same bytes: only the one that they encode to passes. */
function decodePart(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part) throw new Error('expected base64url');
  return bytes;
}

function checkUse(claims: JWTPayload, typ: string | undefined): void {
  if (typ !== undefined && !TYPES.includes(typ.toLowerCase())) {
    throw new IdentityError('IDENTITY_INVALID', 'header typ: expected JWT or at+jwt');
  }
  // RFC 9449 section 7.1 and RFC 8705 section 3: bound to a key that we do not ask the caller to prove.
  if (claims.cnf !== undefined)
    throw new IdentityError('IDENTITY_INVALID', 'claim cnf: expected a bearer token, got one bound to a key');
}

/** jose's own messages and causes hold claims, so only its code goes on. */
function refusal(error: unknown): IdentityError {
  if (error instanceof IdentityError) return error;
  if (error instanceof errors.JWTExpired)
    return new IdentityError('IDENTITY_EXPIRED', 'expected a token that has not expired');
  if (error instanceof errors.JWTClaimValidationFailed) {
    return new IdentityError('IDENTITY_INVALID', `claim ${error.claim}: expected what is configured for its issuer`);
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return new IdentityError('IDENTITY_INVALID', 'header alg: expected an algorithm that is configured for its issuer');
  }
  return new IdentityError('IDENTITY_INVALID', "expected a token with a valid signature by one of its issuer's keys");
}

/** One subject serves many calls. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null)
    for (const member of Object.values(Object.freeze(value))) deepFreeze(member);
  return value;
}
