import type { IncomingHttpHeaders } from 'node:http';
import { isModern, type ProtocolVersion } from './version.ts';

/** What a client may say to any MCP server, next to the protocol's own headers. */
const COMMON = ['accept', 'user-agent'];
/** Sessions and resumption: until 2025-11-25. */
const LEGACY = ['mcp-protocol-version', 'mcp-session-id', 'last-event-id'];
/** Repeat the body, which was checked. Legacy servers check them not, so there they could say anything. */
const MODERN = ['mcp-protocol-version', 'mcp-method', 'mcp-name'];
const MODERN_PREFIX = 'mcp-param-';

/** What a client needs of a server's response. No `www-authenticate`: the account at the server is the gateway's. */
const RESPONSE = ['cache-control', 'x-accel-buffering', 'allow', 'retry-after'];
const SESSION = 'mcp-session-id';
const TYPES = {
  stream: { 'content-type': 'text/event-stream' },
  body: { 'content-type': 'application/json' },
  none: {},
} as const;
/** The charset of JSON and of event streams, or a part of it. */
const CHARSET = /^charset="?(?:utf-?8|us-ascii)"?$/i;
/** 2025-03-26, Session Management: visible ASCII only. */
const SESSION_ID = /^[\x21-\x7e]{1,1024}$/;

/** A client's headers without those of this connection (RFC 9110, section 7.6.1): what does not go on must count for nothing. */
export function endToEnd(client: IncomingHttpHeaders): IncomingHttpHeaders {
  const connection = new Set((client.connection ?? '').toLowerCase().split(/[\s,]+/));
  return Object.fromEntries(Object.entries(client).filter(([name]) => !connection.has(name)));
}

/**
 * The headers of a request to the server; nothing of the client's passes but what is listed.
 * @param client end to end
 * @param credential the server's token; empty for one that asks for none
 */
export function serverHeaders(
  client: IncomingHttpHeaders,
  version: ProtocolVersion,
  credential: string,
): Record<string, string> {
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  const own = isModern(version) ? MODERN : LEGACY;
  for (const [name, value] of Object.entries(client)) {
    const listed = COMMON.includes(name) || own.includes(name) || (isModern(version) && name.startsWith(MODERN_PREFIX));
    if (!listed || typeof value !== 'string') continue;
    if (name !== SESSION || SESSION_ID.test(value)) headers[name] = value;
  }
  if (client['content-type'] !== undefined) headers['content-type'] = 'application/json';
  if (credential !== '') headers.authorization = `Bearer ${credential}`;
  return headers;
}

/**
 * The headers of a server's response that its client gets. Lengths are those of what is released, so not among them. The type
 * is our own: a client must read the text in the charset that it was judged in.
 */
export function clientHeaders(
  server: IncomingHttpHeaders,
  version: ProtocolVersion,
  kind: keyof typeof TYPES,
): Record<string, string> {
  const headers: Record<string, string> = { ...TYPES[kind] };
  const names = isModern(version) ? RESPONSE : [...RESPONSE, SESSION];
  for (const name of names) {
    const value = server[name];
    if (typeof value === 'string' && (name !== SESSION || SESSION_ID.test(value))) headers[name] = value;
  }
  return headers;
}

/**
 * How a server's response is to be read: `stream` by the gate, `body` whole; `none` has nothing for the client to act
 * on (202, 204, 405 …), so status and headers pass and the body, if any, does not; `unreadable` cannot be followed: 502.
 * The `body` of a status from 400 on may be no message, such as a proxy's own error: then only the status passes, which
 * tells the client what to do (404: its session is over).
 */
export type ResponseKind = 'stream' | 'body' | 'none' | 'unreadable';

export function responseKind(status: number, headers: IncomingHttpHeaders): ResponseKind {
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const [type, ...parameters] = (headers['content-type'] ?? '').split(';').map((part) => part.trim().toLowerCase());
  if (status === 202 || status === 204) return 'none';
  if (status < 200 || (status >= 300 && status < 400) || encoding !== 'identity') return 'unreadable';
  const isText = parameters.every((parameter) => !parameter.startsWith('charset') || CHARSET.test(parameter));
  if (type === 'text/event-stream') return status === 200 && isText ? 'stream' : 'unreadable';
  if (type === 'application/json') return isText ? 'body' : 'unreadable';
  // Servers answer a DELETE with an empty body of no type, and its length need not be announced.
  return status >= 400 || type === '' || headers['content-length'] === '0' ? 'none' : 'unreadable';
}
