import type { IncomingHttpHeaders } from 'node:http';
import { McpError } from './error.ts';

const BROWSER_SCHEMES = new Set(['http:', 'https:']);

/**
 * Refuses what a page of somebody else's sends. A page whose host name was bound anew to this machine (DNS rebinding)
 * names itself in `Origin`; programs that are no browsers send none.
 * @param hosts names that pages may have, with or without a port: `localhost`, `127.0.0.1`, `[::1]:8080`
 * @throws McpError ORIGIN_FORBIDDEN
 */
export function checkOrigin(headers: IncomingHttpHeaders, hosts: readonly string[]): void {
  const origin = headers.origin;
  if (origin === undefined) return;
  const url = URL.canParse(origin) ? new URL(origin) : undefined; // "null" is none, nor is a list of two
  const isOrigin = url !== undefined && BROWSER_SCHEMES.has(url.protocol) && url.origin === origin.toLowerCase();
  if (!isOrigin || !isAllowed(url, hosts)) throw forbidden('Origin');
}

/**
 * Refuses a host name that is not this server's: without `Origin` (some requests of a page have none) it is what gives
 * a rebound name away.
 */
export function checkHost(headers: IncomingHttpHeaders, hosts: readonly string[]): void {
  const host = headers.host ?? '';
  const url = URL.canParse(`http://${host}/`) ? new URL(`http://${host}/`) : undefined;
  const isHost = url !== undefined && url.username === '' && url.pathname === '/' && !/[/?#@\\\s]/.test(host);
  if (!isHost || !isAllowed(url, hosts)) throw forbidden('Host');
}

function isAllowed(url: URL, hosts: readonly string[]): boolean {
  return hosts.some((host) => host.toLowerCase() === url.hostname || host.toLowerCase() === url.host);
}

function forbidden(header: string): McpError {
  return new McpError('ORIGIN_FORBIDDEN', `a host of the allow list in ${header}`);
}
