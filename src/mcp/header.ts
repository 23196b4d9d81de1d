import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';

const PREFIX = '=?base64?';
const SUFFIX = '?=';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** What a header may hold in plain (RFC 9110, section 5.5, without obs-text). */
const PLAIN = /^[\t\x20-\x7e]*$/;

/** A header's value without the space around it; several of one name came joined, so they match nothing. */
export function readHeader(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value.replace(/^[\t ]+|[\t ]+$/g, '') : undefined;
}

/**
 * Reads a value that may be in the base64 form (2026-07-28, Streamable HTTP, Value Encoding). Only the canonical form
 * is one: `Buffer` itself would take anything, and two peers might read two values.
 * @returns undefined if it has bytes that a header must not have, or is no canonical base64 of UTF-8
 */
export function decodeHeader(value: string): string | undefined {
  if (!PLAIN.test(value)) return undefined;
  if (!value.startsWith(PREFIX) || !value.endsWith(SUFFIX)) return value;
  const text = value.slice(PREFIX.length, -SUFFIX.length);
  if (!BASE64.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return isUtf8(bytes) && bytes.toString('base64') === text ? bytes.toString('utf8') : undefined;
}
