import { expect, test } from '@jest/globals';
import {
  checkHost,
  checkOrigin,
  clientHeaders,
  endToEnd,
  faultAnswer,
  faultMessage,
  McpError,
  type McpErrorCode,
  PROTOCOL_VERSIONS,
  refusalAnswer,
  refusalMessage,
  responseKind,
  serverHeaders,
} from '../../src/mcp/index.ts';
import { codeOf, messagesOf, REFUSAL, request } from './support.ts';

const CLIENT = {
  host: 'gateway',
  authorization: 'Bearer of the gateway',
  cookie: 'c',
  origin: 'http://localhost',
  accept: 'application/json, text/event-stream',
  'content-type': 'application/json; charset=utf-16',
  'content-encoding': 'identity',
  'mcp-protocol-version': 'v',
  'mcp-session-id': 's',
  'last-event-id': '7',
  'mcp-method': 'tools/call',
  'mcp-name': 'n',
  'mcp-param-region': 'r',
  'x-forwarded-for': '1.2.3.4',
};

test('a legacy server gets session and resumption, a modern one what repeats the body', () => {
  const common = {
    accept: CLIENT.accept,
    'accept-encoding': 'identity',
    'content-type': 'application/json',
    'mcp-protocol-version': 'v',
  };
  expect(serverHeaders(CLIENT, '2025-11-25', '')).toEqual({ ...common, 'mcp-session-id': 's', 'last-event-id': '7' });
  expect(serverHeaders(CLIENT, '2026-07-28', 'token')).toEqual({
    ...common,
    authorization: 'Bearer token',
    'mcp-method': 'tools/call',
    'mcp-name': 'n',
    'mcp-param-region': 'r',
  });
});

test('what Connection names, and a session id that is none, do not pass', () => {
  const { 'mcp-session-id': _, ...rest } = { ...CLIENT, connection: 'close, MCP-Session-Id' };
  expect(endToEnd({ ...rest, 'mcp-session-id': 's' })).toEqual(rest);
  expect(endToEnd(CLIENT)).toEqual(CLIENT);
  expect(serverHeaders({ 'mcp-session-id': 'a b' }, '2025-11-25', '')).not.toHaveProperty('mcp-session-id');
  expect(serverHeaders({ 'mcp-session-id': 'a'.repeat(1025) }, '2025-11-25', '')).not.toHaveProperty('mcp-session-id');
});

test('a client gets the session of a legacy server, and no challenge; the type is our own', () => {
  const server = {
    'content-type': 'Application/JSON; profile=x; charset=utf-16',
    'mcp-session-id': 's',
    'www-authenticate': 'Bearer',
    'content-length': '5',
    'set-cookie': ['a'],
  };
  expect(clientHeaders(server, '2025-06-18', 'body')).toEqual({
    'content-type': 'application/json',
    'mcp-session-id': 's',
  });
  expect(clientHeaders(server, '2026-07-28', 'stream')).toEqual({ 'content-type': 'text/event-stream' });
  expect(clientHeaders(server, '2026-07-28', 'none')).toEqual({});
});

test.each([
  [200, 'text/event-stream; charset=utf-8', 'stream'],
  [200, 'application/json', 'body'],
  [400, 'Application/JSON; charset=utf-8', 'body'],
  [404, 'application/json', 'body'],
  [202, undefined, 'none'],
  [202, 'application/json', 'none'],
  [204, undefined, 'none'],
  [405, 'text/plain', 'none'],
  [502, 'text/html', 'none'],
  [200, 'text/html', 'unreadable'],
  [200, undefined, 'none'],
  [200, 'application/json ; Charset = "UTF-8"', 'unreadable'],
  [200, 'application/json;charset="UTF-8"', 'body'],
  [200, 'application/json; boundary=x; charset=us-ascii', 'body'],
  [200, 'application/json; charset=utf-16', 'unreadable'],
  [200, 'application/json; charset=utf-8; CHARSET=utf-7', 'unreadable'],
  [200, 'application/json; charset=', 'unreadable'],
  [200, "application/json; charset*=utf-8''utf-16", 'unreadable'],
  [200, 'application/json; x=";charset=utf-16"', 'unreadable'],
  [200, 'text/event-stream; charset=utf-16le', 'unreadable'],
  [400, 'application/json; charset=utf-32', 'unreadable'],
  [400, 'text/event-stream', 'unreadable'],
  [302, 'application/json', 'unreadable'],
])('status %i with %s is read as %s', (status, type, kind) => {
  expect(responseKind(status, type === undefined ? {} : { 'content-type': type })).toBe(kind);
});

test('a compressed response is not read', () => {
  expect(responseKind(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })).toBe('unreadable');
});

const HOSTS = ['localhost', '127.0.0.1', '[::1]:8080', 'App.example'];

test('a page may call if its host is listed', () => {
  const origin = (value?: string) => codeOf(() => checkOrigin(value === undefined ? {} : { origin: value }, HOSTS));
  for (const good of [
    undefined,
    'http://localhost:3000',
    'https://LOCALHOST',
    'http://127.0.0.1',
    'http://[::1]:8080',
    'https://app.example',
  ]) {
    expect(origin(good)).toBeUndefined();
  }
  for (const bad of [
    'null',
    '',
    'http://evil.example',
    'http://localhost.evil.example',
    'http://localhost.',
    'http://127.0.0.1.evil.example',
    'http://[::1]:8081',
    'http://localhost@evil.example',
    'http://localhost/path',
    'http://localhost, http://evil.example',
    'file://localhost',
    'chrome-extension://localhost',
    'localhost',
  ]) {
    expect(origin(bad)).toBe('ORIGIN_FORBIDDEN');
  }
});

test('a request may name a host that is listed', () => {
  const host = (value?: string) => codeOf(() => checkHost(value === undefined ? {} : { host: value }, HOSTS));
  for (const good of ['localhost', 'LOCALHOST:9', '127.0.0.1:80', '[::1]:8080']) expect(host(good)).toBeUndefined();
  for (const bad of [
    undefined,
    '',
    'evil.example',
    'evil.example:80',
    '[::1]',
    'localhost@evil.example',
    'evil.example@localhost',
    'localhost/',
    'a b',
  ]) {
    expect(host(bad)).toBe('ORIGIN_FORBIDDEN');
  }
});

test('a refusal is an error outside the codes that JSON-RPC and MCP keep, and names its decision', () => {
  const message = JSON.parse(refusalMessage('a', REFUSAL));
  expect(message).toEqual({
    jsonrpc: '2.0',
    id: 'a',
    error: {
      code: 403,
      message: 'POLICY_DENIED: policy denies this call (decision 0190-d1)',
      data: { code: 'POLICY_DENIED', decision_id: '0190-d1' },
    },
  });
  expect(JSON.parse(refusalMessage(null, REFUSAL))).not.toHaveProperty('id');
});

test.each([
  ['MESSAGE_NOT_JSON', -32700, 400, 400],
  ['MESSAGE_INVALID', -32600, 400, 400],
  ['METHOD_NOT_GOVERNED', -32601, 404, 200],
  ['PARAMS_INVALID', -32602, 400, 200],
  ['HEADER_MISMATCH', -32020, 400, 400],
  ['VERSION_UNSUPPORTED', -32022, 400, 400],
  ['ORIGIN_FORBIDDEN', -32600, 403, 403],
  ['REPLY_INVALID', -32603, 502, 502],
] as [McpErrorCode, number, number, number][])(
  '%s has the code and the statuses of the specification',
  (code, rpc, modern, legacy) => {
    const error = new McpError(code, 'something else');
    expect([error.rpc, error.status(true), error.status(false)]).toEqual([rpc, modern, legacy]);
    expect(JSON.parse(faultMessage(1, error, 'd'))).toMatchObject({
      id: 1,
      error: { code: rpc, data: { code, decision_id: 'd' } },
    });
  },
);

test('an unsupported version is told which are supported', () => {
  const message = JSON.parse(faultMessage(1, McpError.version('2099-01-01'.padEnd(100, 'x'))));
  expect(message.error.data).toMatchObject({ supported: PROTOCOL_VERSIONS, requested: '2099-01-01'.padEnd(64, 'x') });
});

test('each request of a refused POST is answered; what asks nothing gets a status', () => {
  const notification = { jsonrpc: '2.0', method: 'notifications/initialized' };
  const answer = (body: unknown) => {
    const { status, body: text } = refusalAnswer(messagesOf(body), REFUSAL);
    return [status, JSON.parse(text)];
  };
  const error = expect.objectContaining({ code: 403 });
  expect(answer(request('ping', {}, 'a'))).toEqual([200, { jsonrpc: '2.0', id: 'a', error }]);
  expect(answer(notification)).toEqual([403, { jsonrpc: '2.0', error }]);
  expect(answer([notification])).toEqual([403, { jsonrpc: '2.0', error }]);
  expect(answer([request('ping', {}, 1), notification, request('ping', {}, 2)])).toEqual([
    200,
    [
      { jsonrpc: '2.0', id: 1, error },
      { jsonrpc: '2.0', id: 2, error },
    ],
  ]);
});

test('what cannot be followed is answered as its era does', () => {
  const ungoverned = new McpError('METHOD_NOT_GOVERNED', 'a method');
  const messages = messagesOf(request('x/y'));
  expect(faultAnswer(messages, ungoverned, '2026-07-28').status).toBe(404);
  expect(faultAnswer(messages, ungoverned, '2025-11-25').status).toBe(200);
  expect(JSON.parse(faultAnswer(messages, ungoverned, '2025-11-25').body)).toMatchObject({ id: 1 });
  const broken = faultAnswer(undefined, new McpError('MESSAGE_NOT_JSON', 'JSON'), undefined);
  expect([broken.status, JSON.parse(broken.body)]).toEqual([
    400,
    { jsonrpc: '2.0', error: expect.objectContaining({ code: -32700 }) },
  ]);
});
