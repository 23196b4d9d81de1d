export type { ClaimName, ClaimNames } from './claims.ts';
export type { Credentialed } from './credential.ts';
export { IdentityError, type IdentityErrorCode, TokensError } from './error.ts';
export { Identity, type IdentityOptions } from './identity.ts';
export type { FetchKeys, KeySource } from './keys.ts';
export { ALGORITHMS, type OidcIssuer } from './oidc.ts';
export { issueToken, TOKEN_ISSUER, type TokenClaims } from './token.ts';
export { marshalTokens, parseTokens, type TokenRecord } from './token-record.ts';
