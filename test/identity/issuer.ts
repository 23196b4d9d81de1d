import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { fetchKeys } from '../../src/gateway/jwks.ts';
import { type FetchKeys, Identity, type OidcIssuer } from '../../src/identity/index.ts';

export const NOW = new Date('2026-11-24T20:20:46.123Z');
export const seconds = (offset = 0): number => Math.floor(NOW.getTime() / 1000) + offset;
export const later = (ms: number): Date => new Date(NOW.getTime() + ms);

export interface SigningKey {
  kid: string;
  alg: string;
  privateKey: Parameters<SignJWT['sign']>[0];
  jwk: JWK;
}

export async function newKey(alg = 'ES256', kid = 'key-1'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** An identity provider: its key set over real HTTP, and tokens signed by its keys. */
export class Issuer {
  readonly issuer = 'https://idp.example.com/';
  requests = 0;
  keys: JWK[] = [];
  /** Answers in place of the key set, when a test wants something else. */
  answer: ((response: ServerResponse) => void) | undefined;
  private server: Server | undefined;
  private port = 0;

  async start(): Promise<this> {
    this.server = createServer((_request, response) => {
      this.requests++;
      if (this.answer) return this.answer(response);
      response.setHeader('content-type', 'application/jwk-set+json').end(JSON.stringify({ keys: this.keys }));
    });
    await new Promise<void>((resolve) => this.server?.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
    return this;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => (this.server ? this.server.close(resolve) : resolve(undefined)));
    this.server = undefined;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/jwks`;
  }

  config(changes: Partial<OidcIssuer> = {}): OidcIssuer {
    return {
      issuer: this.issuer,
      audience: ['verdict'],
      algorithms: ['ES256'],
      clockSkewSeconds: 60,
      keys: { url: this.url },
      claims: { roles: 'roles', tenant: 'tenant', application: 'azp' },
      ...changes,
    };
  }

  identity(changes: Partial<OidcIssuer> = {}, fetcher: FetchKeys = fetchKeys): Identity {
    return new Identity({ tokens: [], oidc: [this.config(changes)], fetchKeys: fetcher });
  }

  sign(key: SigningKey, claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> {
    const all = { iss: this.issuer, aud: 'verdict', sub: 'alice', iat: seconds(), exp: seconds(600), ...claims };
    return new SignJWT(all).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey);
  }
}

export const bearer = (token: string): { rawHeaders: string[] } => ({
  rawHeaders: ['Host', 'x', 'Authorization', `Bearer ${token}`],
});

/** The code with which a caller is refused, or `accepted`. */
export async function outcome(identity: Identity, token: string, now = NOW): Promise<string> {
  return identity.authenticate(bearer(token), now).then(
    () => 'accepted',
    (error) => error.code ?? String(error),
  );
}
