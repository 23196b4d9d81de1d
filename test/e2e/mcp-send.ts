import type { Stand } from './harness.ts';

export interface Sent {
  path?: string;
  method?: string;
  token?: string;
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal;
}

/** Sends a message as a client that is no SDK. */
export const post = (stand: Stand, given: Sent): Promise<Response> => {
  const { path = '/mcp/tickets', method = 'POST', token = stand.site.token, headers = {}, body, signal } = given;
  const own = {
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${token}`,
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...headers,
  };
  const init = { method, headers: own, ...(body !== undefined && { body }), ...(signal && { signal }) };
  return fetch(`${stand.url}${path}`, init);
};

export const message = (method: string, params: object | undefined = undefined, id: unknown = 1): string =>
  JSON.stringify({ jsonrpc: '2.0', ...(id !== null && { id }), method, ...(params && { params }) });
export const callOf = (name: string, args: object = { id: 'T-17' }, id: unknown = 1): string =>
  message('tools/call', { name, arguments: args }, id);
