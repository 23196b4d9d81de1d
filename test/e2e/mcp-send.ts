import type { Entry, Stand } from './harness.ts';

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

/** A request of 2026-07-28, with the headers that repeat it. */
export function modernMessage(method: string, params: Record<string, unknown> = {}) {
  const version = '2026-07-28';
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientInfo': { name: 'agent', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const name = params.name ?? params.uri ?? params.taskId;
  const headers = {
    ...{ 'mcp-protocol-version': version, 'mcp-method': method },
    ...(typeof name === 'string' && { 'mcp-name': name }),
  };
  return { body: message(method, { ...params, _meta }), headers };
}

/** The JSON of a response, or of the first event of its stream that has some. */
export async function jsonOf(response: Response): Promise<Entry> {
  const text = await response.text();
  const [, data] = /^data: (\{.*)$/m.exec(text) ?? [];
  return JSON.parse(data ?? text);
}

/** Begins a session, as a client of that version. */
export async function begin(
  stand: Stand,
  version = '2025-11-25',
  { token = stand.site.token, path = '/mcp/tickets' } = {},
) {
  const clientInfo = { name: 'agent', version: '1' };
  const body = message('initialize', { protocolVersion: version, capabilities: {}, clientInfo });
  const response = await post(stand, { body, token, path });
  await response.text();
  const session = { 'mcp-session-id': response.headers.get('mcp-session-id') ?? '', 'mcp-protocol-version': version };
  await post(stand, { body: message('notifications/initialized', undefined, null), token, path, headers: session });
  return session;
}
