import { IdentityError } from './error.ts';

/** A request's headers as they came: name, value, name, value, … (node's `rawHeaders`; its `headers` hides duplicates). */
export interface Credentialed {
  readonly rawHeaders: readonly string[];
}

/** Longest credential, in characters; a JWT with many groups may take some kilobytes. */
export const MAX_CREDENTIAL = 16_384;

/** RFC 6750 section 2.1: one token68. */
const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;
const TOKEN68 = /^[A-Za-z0-9._~+/-]+=*$/;

/**
 * The one credential of a request, taken from where SDKs put their API key: `Authorization: Bearer` or `x-api-key`.
 * Throws IDENTITY_MISSING when there is none, IDENTITY_INVALID when there are several (two parsers could choose
 * differently), or one that is no token.
 */
export function takeCredential({ rawHeaders }: Credentialed): string {
  let authorization: string | undefined;
  let apiKey: string | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length !== 13 && name.length !== 9) continue; // nothing to lower-case for the other headers
    const value = rawHeaders[at + 1] as string;
    const lower = name.toLowerCase();
    if (lower === 'authorization') authorization = once(authorization, value, 'Authorization');
    else if (lower === 'x-api-key') apiKey = once(apiKey, value, 'x-api-key');
  }
  const bearer =
    authorization === undefined ? undefined : parse(authorization, BEARER, 'Authorization: Bearer and a token');
  const key = apiKey === undefined ? undefined : parse(apiKey, TOKEN68, 'a token in x-api-key');
  if (bearer !== undefined && key !== undefined && bearer !== key) {
    throw new IdentityError(
      'IDENTITY_INVALID',
      'expected one credential, got different ones in Authorization and x-api-key',
    );
  }
  const credential = bearer ?? key;
  if (credential === undefined) {
    throw new IdentityError('IDENTITY_MISSING', 'expected a token in Authorization: Bearer or x-api-key');
  }
  return credential;
}

function once(before: string | undefined, value: string, header: string): string {
  if (before !== undefined) throw new IdentityError('IDENTITY_INVALID', `expected one ${header} header, got several`);
  return value;
}

function parse(value: string, shape: RegExp, expected: string): string {
  if (value.length > MAX_CREDENTIAL) {
    throw new IdentityError('IDENTITY_INVALID', `expected a credential of at most ${MAX_CREDENTIAL} characters`);
  }
  const match = shape.exec(value);
  if (!match) throw new IdentityError('IDENTITY_INVALID', `expected ${expected}`);
  return match[1] ?? match[0];
}
