import { parse } from '../json/index.ts';
import { TokensError } from './error.ts';

/** A gateway token as it is stored: what it stands for, and the SHA-256 of its text. The token itself is kept nowhere. */
export interface TokenRecord {
  /** Public; also in the token, so that a leaked one can be revoked by what is seen of it. */
  id: string;
  /** Hex, of the whole token. */
  sha256: string;
  subject: string;
  roles: string[];
  tenant: string | null;
  application: string | null;
  /** RFC 3339, UTC. */
  created: string;
  expires: string | null;
  revoked: string | null;
}

const ID_SHAPE = /^[0-9a-f]{12}$/;
const SHA256_SHAPE = /^[0-9a-f]{64}$/;
const MAX_TEXT = 512;
const MAX_ROLES = 256;
const FILE_LIMITS = { maxBytes: 64 * 1024 * 1024, maxDepth: 4, refuseCaseCollisions: true };
const KEYS = ['id', 'sha256', 'subject', 'roles', 'tenant', 'application', 'created', 'expires', 'revoked'] as const;

/** Reads a tokens file: `{"v": 1, "tokens": [TokenRecord, …]}`, exact JSON, nothing unknown in it. Throws TokensError. */
export function parseTokens(bytes: Uint8Array): TokenRecord[] {
  let file: unknown;
  try {
    file = parse(bytes, FILE_LIMITS).value();
  } catch (error) {
    throw new TokensError(`expected exact JSON: ${error instanceof Error ? error.message : ''}`);
  }
  const { v, tokens } = members(file, ['v', 'tokens'], '$');
  if (v !== 1) throw new TokensError('$.v: expected 1');
  if (!Array.isArray(tokens)) throw new TokensError('$.tokens: expected an array');
  const records = tokens.map((token, index) => parseRecord(token, `$.tokens[${index}]`));
  for (const key of ['id', 'sha256'] as const) {
    if (new Set(records.map((record) => record[key])).size < records.length) {
      throw new TokensError(`$.tokens: expected each ${key} once`);
    }
  }
  return records;
}

/** The text of a tokens file. */
export function marshalTokens(tokens: readonly TokenRecord[]): string {
  return `${JSON.stringify({ v: 1, tokens }, null, 2)}\n`;
}

/** Checks one record. Throws TokensError with the JSON path of what is wrong. */
export function parseRecord(value: unknown, path: string): TokenRecord {
  const record = members(value, KEYS, path);
  const { id, sha256, roles } = record;
  if (typeof id !== 'string' || !ID_SHAPE.test(id)) throw new TokensError(`${path}.id: expected 12 hex digits`);
  if (typeof sha256 !== 'string' || !SHA256_SHAPE.test(sha256)) {
    throw new TokensError(`${path}.sha256: expected 64 lower-case hex digits`);
  }
  if (!Array.isArray(roles) || roles.length > MAX_ROLES) {
    throw new TokensError(`${path}.roles: expected an array of at most ${MAX_ROLES} names`);
  }
  return {
    id,
    sha256,
    subject: text(record.subject, `${path}.subject`),
    roles: roles.map((role, index) => text(role, `${path}.roles[${index}]`)),
    tenant: record.tenant === null ? null : text(record.tenant, `${path}.tenant`),
    application: record.application === null ? null : text(record.application, `${path}.application`),
    created: time(record.created, `${path}.created`),
    expires: record.expires === null ? null : time(record.expires, `${path}.expires`),
    revoked: record.revoked === null ? null : time(record.revoked, `${path}.revoked`),
  };
}

function members<Key extends string>(value: unknown, keys: readonly Key[], path: string): Record<Key, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TokensError(`${path}: expected an object`);
  const found = Object.keys(value);
  if (found.length !== keys.length || keys.some((key) => !found.includes(key))) {
    throw new TokensError(`${path}: expected exactly the members ${keys.join(', ')}`);
  }
  return value as Record<Key, unknown>;
}

function text(value: unknown, path: string): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > MAX_TEXT || !value.isWellFormed()) {
    throw new TokensError(`${path}: expected a text of 1 to ${MAX_TEXT} characters`);
  }
  return value;
}

function time(value: unknown, path: string): string {
  // An unreadable expiry would compare as "not yet".
  const date = typeof value === 'string' ? new Date(value) : undefined;
  if (!date || Number.isNaN(date.getTime()) || date.toISOString() !== value) {
    throw new TokensError(`${path}: expected a time like 2026-11-24T20:20:46.123Z`);
  }
  return value as string;
}
