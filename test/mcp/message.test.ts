import { expect, test } from '@jest/globals';
import { codeOf, messagesOf, request } from './support.ts';

const INVALID: [string, unknown][] = [
  ['a string', '"x"'],
  ['another version', { jsonrpc: '1.0', id: 1, method: 'ping' }],
  ['no version', { id: 1, method: 'ping' }],
  ['a null id', { jsonrpc: '2.0', id: null, method: 'ping' }],
  ['a fraction as id', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}'],
  ['an integer written as a fraction', '{"jsonrpc":"2.0","id":1.0,"method":"ping"}'],
  ['a huge id', { jsonrpc: '2.0', id: 'x'.repeat(257), method: 'ping' }],
  ['an object as id', { jsonrpc: '2.0', id: {}, method: 'ping' }],
  ['a number as method', { jsonrpc: '2.0', id: 1, method: 1 }],
  ['an empty method', { jsonrpc: '2.0', id: 1, method: '' }],
  ['an endless method', { jsonrpc: '2.0', id: 1, method: 'm'.repeat(129) }],
  ['positional params', { jsonrpc: '2.0', id: 1, method: 'ping', params: [] }],
  ['null params', { jsonrpc: '2.0', id: 1, method: 'ping', params: null }],
  ['a method and a result', { jsonrpc: '2.0', id: 1, method: 'ping', result: {} }],
  ['a method and an error', { jsonrpc: '2.0', id: 1, method: 'ping', error: { code: 1, message: '' } }],
  ['a result and an error', { jsonrpc: '2.0', id: 1, result: {}, error: { code: 1, message: '' } }],
  ['nothing', { jsonrpc: '2.0', id: 1 }],
  ['a result without id', { jsonrpc: '2.0', result: {} }],
  ['a result with a null id', { jsonrpc: '2.0', id: null, result: {} }],
  ['a result that is a list', { jsonrpc: '2.0', id: 1, result: [] }],
  ['a response with params', { jsonrpc: '2.0', id: 1, result: {}, params: {} }],
  ['an error without code', { jsonrpc: '2.0', id: 1, error: { message: 'no' } }],
  ['an error with a fraction as code', { jsonrpc: '2.0', id: 1, error: { code: 0.5, message: 'no' } }],
  ['an error without message', { jsonrpc: '2.0', id: 1, error: { code: 1 } }],
  ['a member that JSON-RPC does not have', { jsonrpc: '2.0', id: 1, method: 'ping', extra: 1 }],
  ['a known member in another case', { jsonrpc: '2.0', id: 1, method: 'tools/list', Params: { name: 'x' } }],
  ['an empty batch', []],
  ['a batch in a batch', [[request('ping')]]],
];

test.each(INVALID)('%s is no message', (_, value) => {
  expect(codeOf(() => messagesOf(value))).toBe('MESSAGE_INVALID');
});

test('requests, notifications and responses are told apart', () => {
  const kinds = (value: unknown) => messagesOf(value).messages.map(({ kind }) => kind);
  expect(kinds(request('ping'))).toEqual(['request']);
  expect(kinds(request('ping', {}, 'a'))).toEqual(['request']);
  expect(kinds({ jsonrpc: '2.0', method: 'notifications/initialized' })).toEqual(['notification']);
  expect(kinds({ jsonrpc: '2.0', id: -3, result: {} })).toEqual(['response']);
  expect(kinds({ jsonrpc: '2.0', id: 1, error: { code: -32603, message: '' } })).toEqual(['response']);
  expect(kinds({ jsonrpc: '2.0', error: { code: -32700, message: '' } })).toEqual(['response']);
  expect(kinds({ jsonrpc: '2.0', id: null, error: { code: -32700, message: '' } })).toEqual(['response']);
});

test('ids keep their type, and 1 is not "1"', () => {
  const { batch, messages } = messagesOf([request('ping', {}, 1), request('ping', {}, '1')]);
  expect(batch).toBe(true);
  expect(messages.map((message) => message.kind === 'request' && message.id)).toEqual([1, '1']);
});

test('a batch holds each id once, however it is written', () => {
  expect(codeOf(() => messagesOf([request('ping', {}, 7), request('tools/list', {}, 7)]))).toBe('ID_DUPLICATE');
  expect(
    codeOf(() => messagesOf('[{"jsonrpc":"2.0","id":"a","method":"x"},{"jsonrpc":"2.0","id":"\\u0061","method":"x"}]')),
  ).toBe('ID_DUPLICATE');
  // A server may use the ids that a client uses.
  expect(codeOf(() => messagesOf([request('ping', {}, 7), { jsonrpc: '2.0', id: 7, result: {} }]))).toBeUndefined();
});

test('a batch is bounded', () => {
  const batch = (length: number) => Array.from({ length }, (_, id) => request('ping', {}, id));
  expect(messagesOf(batch(64)).messages).toHaveLength(64);
  expect(codeOf(() => messagesOf(batch(65)))).toBe('BATCH_TOO_LARGE');
});
