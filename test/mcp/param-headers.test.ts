import { expect, test } from '@jest/globals';
import { parse } from '../../src/json/index.ts';
import { checkParamHeaders, OpenRequests, openReply, type ParamHeader } from '../../src/mcp/index.ts';
import { bytesOf, codeOf } from './support.ts';

const SCHEMA = {
  type: 'object',
  properties: {
    region: { type: 'string', 'x-mcp-header': 'Region' },
    size: { type: 'integer', 'x-mcp-header': 'Size' },
    dry: { type: 'boolean', 'x-mcp-header': 'Dry' },
    where: { type: 'object', properties: { zone: { type: 'string', 'x-mcp-header': 'Zone' } } },
    list: { type: 'array', items: { type: 'string', 'x-mcp-header': 'Unreachable' } },
    bad: { type: 'string', 'x-mcp-header': 'not a token' },
  },
};

function declared(): ParamHeader[] {
  const text = bytesOf({ jsonrpc: '2.0', id: 1, result: { tools: [{ name: 'sql', inputSchema: SCHEMA }] } });
  const context = { version: '2026-07-28', server: null, carrier: 'body', requests: new OpenRequests() } as const;
  const question = openReply(text, context).questions[0];
  return question?.kind === 'item' ? question.item.headers : [];
}

function check(headers: Record<string, string>, args: object, known: ParamHeader[] | undefined) {
  return codeOf(() => checkParamHeaders(headers, parse(bytesOf(args)), known));
}

test('a definition asks for what a chain of properties leads to', () => {
  expect(declared()).toEqual([
    { name: 'mcp-param-region', path: ['region'] },
    { name: 'mcp-param-size', path: ['size'] },
    { name: 'mcp-param-dry', path: ['dry'] },
    { name: 'mcp-param-zone', path: ['where', 'zone'] },
  ]);
});

test('headers that repeat the arguments pass', () => {
  const args = { region: 'us-west1', size: 42, dry: false, where: { zone: 'Zürich' } };
  const headers = {
    'mcp-param-region': 'us-west1',
    'mcp-param-size': '42.0',
    'mcp-param-dry': 'false',
    'mcp-param-zone': `=?base64?${Buffer.from('Zürich').toString('base64')}?=`,
  };
  expect(check(headers, args, declared())).toBeUndefined();
  expect(check(headers, args, undefined)).toBeUndefined();
  expect(check({}, {}, declared())).toBeUndefined();
  expect(check({}, { region: null }, declared())).toBeUndefined();
});

test.each([
  ['another value', { 'mcp-param-region': 'eu' }, { region: 'us' }],
  ['a header that is missing', {}, { region: 'us' }],
  ['a header for what is not there', { 'mcp-param-region': 'us' }, {}],
  ['a header for null', { 'mcp-param-region': 'null' }, { region: null }],
  ['a value of another argument', { 'mcp-param-region': 'eu' }, { region: 'us', other: 'eu' }],
  ['a number that is none', { 'mcp-param-size': '0x2a' }, { size: 42 }],
  ['bytes that a header must not have', { 'mcp-param-region': 'Zürich' }, { region: 'Zürich' }],
  ['base64 that is none', { 'mcp-param-region': '=?base64?%%%?=' }, { region: '%%%' }],
  ['a header of no argument', { 'mcp-param-region': 'us', 'mcp-param-tenant': 'other' }, { region: 'us' }],
] as [string, Record<string, string>, object][])('%s is a mismatch', (_, headers, args) => {
  expect(check(headers, args, declared())).toBe('HEADER_MISMATCH');
});

test('without the definition a header must at least repeat some value', () => {
  expect(check({ 'mcp-param-x': 'us' }, { a: { b: 'us' } }, undefined)).toBeUndefined();
  expect(check({ 'mcp-param-x': '-7' }, { a: -7 }, undefined)).toBeUndefined();
  expect(check({ 'mcp-param-x': 'true' }, { a: true }, undefined)).toBeUndefined();
  expect(check({ 'mcp-param-x': 'eu' }, { a: 'us' }, undefined)).toBe('HEADER_MISMATCH');
  expect(check({ 'mcp-param-x': 'a' }, { a: 'us' }, undefined)).toBe('HEADER_MISMATCH');
  expect(check({ 'mcp-param-x': 'us' }, { a: ['us'] }, undefined)).toBe('HEADER_MISMATCH');
});
