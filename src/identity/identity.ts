import type { Subject } from '../input/index.ts';
import { type Credentialed, takeCredential } from './credential.ts';
import { IdentityError } from './error.ts';
import type { FetchKeys } from './keys.ts';
import { issuerOf, type OidcIssuer, OidcVerifier } from './oidc.ts';
import { TokenTable } from './token.ts';
import type { TokenRecord } from './token-record.ts';

export interface IdentityOptions {
  readonly tokens: readonly TokenRecord[];
  readonly oidc: readonly OidcIssuer[];
  readonly fetchKeys: FetchKeys;
}

/** Credentials → who is calling, for whom. */
export class Identity {
  private tokens: TokenTable | undefined;
  private readonly issuers: Map<string, OidcVerifier>;

  constructor({ tokens, oidc, fetchKeys }: IdentityOptions) {
    this.tokens = new TokenTable(tokens);
    this.issuers = new Map(oidc.map((issuer) => [issuer.issuer, new OidcVerifier(issuer, fetchKeys)]));
  }

  /** Takes a changed tokens file into use; undefined when it cannot be read, and then no gateway token is accepted. */
  replaceTokens(tokens: readonly TokenRecord[] | undefined): void {
    this.tokens = tokens && new TokenTable(tokens);
  }

  /**
   * The caller of a request at that time.
   * Throws IdentityError: IDENTITY_MISSING, IDENTITY_INVALID, IDENTITY_EXPIRED, or IDENTITY_UNAVAILABLE when it cannot be
   * told now.
   */
  async authenticate(request: Credentialed, now: Date): Promise<Subject> {
    const credential = takeCredential(request);
    if (credential.startsWith('vdt_')) {
      if (!this.tokens) throw new IdentityError('IDENTITY_UNAVAILABLE', 'the gateway tokens cannot be read now');
      return this.tokens.authenticate(credential, now);
    }
    const issuer = this.issuers.get(issuerOf(credential) ?? '');
    if (!issuer)
      throw new IdentityError('IDENTITY_INVALID', 'expected a gateway token, or a JWT of a configured issuer');
    return issuer.authenticate(credential, now);
  }
}
