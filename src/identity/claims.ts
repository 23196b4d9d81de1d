import type { JWTPayload } from 'jose';
import type { Subject } from '../input/index.ts';
import { IdentityError } from './error.ts';

/** A claim by its name, or by the names on the way to it (Keycloak: `["realm_access", "roles"]`). */
export type ClaimName = string | readonly string[];

/** Which claims hold what policy asks for. */
export interface ClaimNames {
  readonly roles: ClaimName;
  readonly tenant: ClaimName;
  readonly application: ClaimName;
}

const MAX_TEXT = 512;
const MAX_ROLES = 256;
const MAX_ACT_BYTES = 4096;
const MAX_ACT_DEPTH = 8;
/** Lists in one text, separated by spaces (RFC 6749 section 3.3); any other claim's text is one role. */
const SCOPE_CLAIMS = ['scope', 'scp'];

/** The subject of a verified token. Throws IDENTITY_INVALID for a claim of another shape than expected: nothing is dropped or cut. */
export function subjectOf(claims: JWTPayload, names: ClaimNames, verifiedAt: Date): Subject {
  const subject: Subject = {
    id: text(claims.sub, 'sub'),
    method: 'oidc',
    issuer: text(claims.iss, 'iss'),
    roles: roles(claims, names.roles),
    tenant: optionalText(claims, names.tenant),
    application: optionalText(claims, names.application),
    verified_at: verifiedAt.toISOString(),
    expires: time(claims.exp),
  };
  if (claims.act !== undefined) subject.act = actor(claims.act);
  return subject;
}

function at(claims: JWTPayload, name: ClaimName): unknown {
  let value: unknown = claims;
  for (const key of typeof name === 'string' ? [name] : name) {
    if (value === undefined || value === null) return undefined;
    if (!isObject(value)) throw invalid(name, 'an object on the way to it');
    value = Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value ?? undefined;
}

function roles(claims: JWTPayload, name: ClaimName): string[] {
  const value = at(claims, name);
  if (value === undefined) return [];
  const last = typeof name === 'string' ? name : name.at(-1);
  const list =
    typeof value !== 'string' ? value : SCOPE_CLAIMS.includes(last ?? '') ? value.split(' ').filter(Boolean) : [value];
  if (!Array.isArray(list) || list.length > MAX_ROLES) throw invalid(name, `a list of at most ${MAX_ROLES} texts`);
  return list.map((role) => text(role, name));
}

function optionalText(claims: JWTPayload, name: ClaimName): string | null {
  const value = at(claims, name);
  return value === undefined ? null : text(value, name);
}

function text(value: unknown, name: ClaimName): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > MAX_TEXT) {
    throw invalid(name, `a text of 1 to ${MAX_TEXT} characters`);
  }
  return value;
}

function time(seconds: unknown): string {
  const date = typeof seconds === 'number' ? new Date(seconds * 1000) : new Date(Number.NaN);
  // Beyond the year 9999 a date no longer has the form of RFC 3339.
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999) throw invalid('exp', 'a time in seconds');
  return date.toISOString();
}

/** RFC 8693 section 4.1: who acts for the subject; each `act` within is an earlier actor. */
function actor(act: unknown): Record<string, unknown> {
  if (!isObject(act)) throw invalid('act', 'an object');
  for (let actor: unknown = act; actor !== undefined; actor = (actor as { act?: unknown }).act) {
    if (!isObject(actor)) throw invalid('act', 'an object in each act');
    if (actor.sub !== undefined) text(actor.sub, 'act');
  }
  if (Buffer.byteLength(JSON.stringify(act)) > MAX_ACT_BYTES || depth(act) > MAX_ACT_DEPTH) {
    throw invalid('act', `at most ${MAX_ACT_BYTES} bytes and ${MAX_ACT_DEPTH} levels`);
  }
  return act;
}

/** Levels of objects and arrays; recursion is bounded by the depth to which a token's claims are parsed. */
function depth(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depth));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(name: ClaimName, expected: string): IdentityError {
  return new IdentityError(
    'IDENTITY_INVALID',
    `claim ${typeof name === 'string' ? name : name.join('.')}: expected ${expected}`,
  );
}
