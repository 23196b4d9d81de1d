import { expect, test } from '@jest/globals';
import {
  type McpErrorCode,
  type ProtocolVersion,
  versionOfBodiless,
  versionOfLine,
  versionOfPost,
} from '../../src/mcp/index.ts';
import { codeOf, MODERN_META, messagesOf, modern, request } from './support.ts';

const V = 'mcp-protocol-version';
const M = 'mcp-method';
const N = 'mcp-name';
const MODERN = '2026-07-28';

/** The version that governs, or the code of the refusal. */
function govern(headers: Record<string, string>, body: unknown): ProtocolVersion | McpErrorCode | undefined {
  let version: ProtocolVersion | undefined;
  const code = codeOf(() => {
    version = versionOfPost(headers, messagesOf(body));
  });
  return code ?? version;
}

test('a legacy request is governed by its header, without one by 2025-03-26', () => {
  expect(govern({}, request('tools/list'))).toBe('2025-03-26');
  for (const version of ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25']) {
    expect(govern({ [V]: ` ${version} ` }, request('tools/list'))).toBe(version);
  }
  expect(govern({}, request('initialize', { protocolVersion: '2025-11-25' }))).toBe('2025-03-26');
  expect(govern({ [V]: '2025-11-25' }, { jsonrpc: '2.0', id: 1, result: {} })).toBe('2025-11-25');
});

test('an unknown version is refused as the specification says', () => {
  expect(govern({ [V]: '2099-01-01' }, request('tools/list'))).toBe('VERSION_UNSUPPORTED');
  expect(govern({ [V]: '2025-06-18, 2025-06-18' }, request('tools/list'))).toBe('VERSION_UNSUPPORTED');
  const meta = { ...MODERN_META, 'io.modelcontextprotocol/protocolVersion': '2099-01-01' };
  expect(govern({ [V]: '2099-01-01', [M]: 'tools/list' }, request('tools/list', { _meta: meta }))).toBe(
    'VERSION_UNSUPPORTED',
  );
  expect(codeOf(() => versionOfBodiless({ [V]: '2099-01-01' }))).toBe('VERSION_UNSUPPORTED');
});

test('a modern request is governed when headers and body agree', () => {
  const headers = { [V]: MODERN, [M]: 'tools/call', [N]: 'get_weather' };
  expect(govern(headers, modern('tools/call', { name: 'get_weather' }))).toBe(MODERN);
  expect(govern({ [V]: MODERN, [M]: 'server/discover' }, modern('server/discover'))).toBe(MODERN);
  expect(govern({ [V]: MODERN, [M]: 'prompts/get', [N]: 'p' }, modern('prompts/get', { name: 'p' }))).toBe(MODERN);
  const uri = 'file:///ä b';
  const encoded = `=?base64?${Buffer.from(uri).toString('base64')}?=`;
  expect(govern({ [V]: MODERN, [M]: 'resources/read', [N]: encoded }, modern('resources/read', { uri }))).toBe(MODERN);
});

const call = modern('tools/call', { name: 'a' });
const MISMATCHES: [string, Record<string, string>, object][] = [
  ['no version header', { [M]: 'tools/call', [N]: 'a' }, call],
  ['another version in the header', { [V]: '2025-11-25', [M]: 'tools/call', [N]: 'a' }, call],
  ['no method header', { [V]: MODERN, [N]: 'a' }, call],
  ['another method', { [V]: MODERN, [M]: 'tools/list', [N]: 'a' }, call],
  ['a method in another case', { [V]: MODERN, [M]: 'Tools/call', [N]: 'a' }, call],
  ['no name header', { [V]: MODERN, [M]: 'tools/call' }, call],
  ['another name', { [V]: MODERN, [M]: 'tools/call', [N]: 'b' }, call],
  ['two names', { [V]: MODERN, [M]: 'tools/call', [N]: 'a, a' }, call],
  [
    'a name that is not the name',
    { [V]: MODERN, [M]: 'tools/call', [N]: 'u' },
    modern('tools/call', { name: 'a', uri: 'u' }),
  ],
  ['base64 without padding', { [V]: MODERN, [M]: 'tools/call', [N]: '=?base64?YQ?=' }, call],
  ['base64 with stray bits', { [V]: MODERN, [M]: 'tools/call', [N]: '=?base64?YR==?=' }, call],
  [
    'base64 of what is no UTF-8',
    { [V]: MODERN, [M]: 'tools/call', [N]: '=?base64?/w==?=' },
    modern('tools/call', { name: '\ufffd' }),
  ],
  ['the mark in another case', { [V]: MODERN, [M]: 'tools/call', [N]: '=?BASE64?YQ==?=' }, call],
  ['raw bytes beyond ASCII', { [V]: MODERN, [M]: 'tools/call', [N]: 'ä' }, modern('tools/call', { name: 'ä' })],
  ['a name where the params have none', { [V]: MODERN, [M]: 'tools/list', [N]: 'a' }, modern('tools/list')],
  ['another task', { [V]: MODERN, [M]: 'tasks/get', [N]: 't2' }, modern('tasks/get', { taskId: 't1' })],
  [
    'another method for a notification',
    { [V]: MODERN, [M]: 'tools/call' },
    { jsonrpc: '2.0', method: 'notifications/x' },
  ],
];

test.each(MISMATCHES)('%s is a mismatch', (_, headers, body) => {
  expect(govern(headers, body)).toBe('HEADER_MISMATCH');
});

test('Mcp-Name may come with other methods if it repeats what they name', () => {
  expect(govern({ [V]: MODERN, [M]: 'tasks/get', [N]: 't1' }, modern('tasks/get', { taskId: 't1' }))).toBe(MODERN);
  expect(govern({ [V]: MODERN, [M]: 'tasks/get' }, modern('tasks/get', { taskId: 't1' }))).toBe(MODERN);
});

test('a modern request without what _meta must hold is refused', () => {
  const headers = { [V]: MODERN, [M]: 'tools/list' };
  const without = (key: string) => {
    const meta = Object.fromEntries(Object.entries(MODERN_META).filter(([name]) => !name.endsWith(key)));
    return request('tools/list', { _meta: meta });
  };
  expect(govern(headers, request('tools/list'))).toBe('PARAMS_INVALID');
  expect(govern(headers, without('/protocolVersion'))).toBe('PARAMS_INVALID');
  expect(govern(headers, without('/clientCapabilities'))).toBe('PARAMS_INVALID');
  expect(govern(headers, request('tools/list', { _meta: [] }))).toBe('PARAMS_INVALID');
  expect(govern(headers, request('tools/list', { _Meta: MODERN_META }))).toBe('PARAMS_INVALID');
  const number = { ...MODERN_META, 'io.modelcontextprotocol/protocolVersion': 20260728 };
  expect(govern(headers, request('tools/list', { _meta: number }))).toBe('PARAMS_INVALID');
});

test('modern clients post no responses; their notifications need no _meta', () => {
  expect(govern({ [V]: MODERN }, { jsonrpc: '2.0', id: 1, result: {} })).toBe('MESSAGE_INVALID');
  expect(govern({ [V]: MODERN }, { jsonrpc: '2.0', method: 'notifications/cancelled' })).toBe(MODERN);
});

test('only 2025-03-26 has batches', () => {
  const batch = [request('tools/list', {}, 1), request('ping', {}, 2)];
  expect(govern({}, batch)).toBe('2025-03-26');
  expect(govern({ [V]: '2025-03-26' }, batch)).toBe('2025-03-26');
  for (const version of ['2024-11-05', '2025-06-18', '2025-11-25', MODERN]) {
    expect(govern({ [V]: version }, batch)).toBe('BATCH_UNSUPPORTED');
  }
  expect(govern({}, [modern('tools/list'), request('ping', {}, 2)])).toBe('BATCH_UNSUPPORTED');
  expect(govern({}, [request('initialize', {}, 1), request('ping', {}, 2)])).toBe('MESSAGE_INVALID');
});

test('GET and DELETE are legacy', () => {
  expect(versionOfBodiless({})).toBe('2025-03-26');
  expect(versionOfBodiless({ [V]: '2025-11-25' })).toBe('2025-11-25');
  expect(codeOf(() => versionOfBodiless({ [V]: MODERN }))).toBe('METHOD_NOT_GOVERNED');
});

test('on stdio the message says whether it is modern, else what was negotiated holds', () => {
  const line = (body: unknown, negotiated?: ProtocolVersion) => versionOfLine(messagesOf(body), negotiated);
  expect(line(modern('server/discover'))).toBe(MODERN);
  expect(line(request('tools/list'), '2025-06-18')).toBe('2025-06-18');
  expect(line(request('initialize', {}))).toBe('2025-11-25');
  expect(line([request('ping')], '2025-03-26')).toBe('2025-03-26');
  expect(codeOf(() => line([request('ping')]))).toBe('BATCH_UNSUPPORTED');
  expect(codeOf(() => line([modern('tools/list')], '2025-03-26'))).toBe('BATCH_UNSUPPORTED');
  const meta = { 'io.modelcontextprotocol/protocolVersion': MODERN };
  expect(codeOf(() => line(request('tools/list', { _meta: meta })))).toBe('PARAMS_INVALID');
});
