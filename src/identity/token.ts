import { hash } from 'node:crypto';
import type { Subject } from '../input/index.ts';
import { IdentityError, TokensError } from './error.ts';
import { parseRecord, type TokenRecord } from './token-record.ts';

export interface TokenClaims {
  subject: string;
  roles: string[];
  tenant: string | null;
  application: string | null;
  expires: Date | null;
}

/** What subjects of gateway tokens have as issuer. */
export const TOKEN_ISSUER = 'verdict';

const ID_BYTES = 6;
const SECRET_BYTES = 32;
/** 256 secret bits: nothing to guess, so a plain SHA-256 is all that storing needs. */
export const TOKEN_SHAPE = /^vdt_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;

/** Makes a token from 38 random bytes. The token is for its holder alone; the record is for the tokens file. */
export function issueToken(random: Uint8Array, claims: TokenClaims, now: Date): { token: string; record: TokenRecord } {
  if (random.length !== ID_BYTES + SECRET_BYTES)
    throw new TokensError(`expected ${ID_BYTES + SECRET_BYTES} random bytes`);
  const id = Buffer.from(random.subarray(0, ID_BYTES)).toString('hex');
  const token = `vdt_${id}_${Buffer.from(random.subarray(ID_BYTES)).toString('base64url')}`;
  const record: TokenRecord = {
    id,
    sha256: hash('sha256', token),
    subject: claims.subject,
    roles: claims.roles,
    tenant: claims.tenant,
    application: claims.application,
    created: now.toISOString(),
    expires: claims.expires?.toISOString() ?? null,
    revoked: null,
  };
  return { token, record: parseRecord(record, '$') };
}

/** The records by what a caller shows, for one lookup per call. */
export class TokenTable {
  private readonly bySha256: Map<string, TokenRecord>;

  constructor(records: readonly TokenRecord[]) {
    this.bySha256 = new Map(records.map((record) => [record.sha256, record]));
  }

  /** The token's subject at that time. Throws IDENTITY_INVALID (unknown, revoked) or IDENTITY_EXPIRED. */
  authenticate(token: string, now: Date): Subject {
    // Looked up by digest: the time that takes says nothing of how near a guess came.
    const record = TOKEN_SHAPE.test(token) ? this.bySha256.get(hash('sha256', token)) : undefined;
    if (!record || record.revoked !== null)
      throw new IdentityError('IDENTITY_INVALID', 'expected a gateway token that is known');
    if (record.expires !== null && Date.parse(record.expires) <= now.getTime()) {
      throw new IdentityError('IDENTITY_EXPIRED', 'expected a gateway token that has not expired');
    }
    return {
      id: record.subject,
      method: 'token',
      issuer: TOKEN_ISSUER,
      roles: record.roles,
      tenant: record.tenant,
      application: record.application,
      verified_at: now.toISOString(),
      expires: record.expires,
    };
  }
}
