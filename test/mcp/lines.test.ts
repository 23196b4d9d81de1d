import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isBlankLine, LineSplitter, type Message, OpenRequests, parseLine } from '../../src/mcp/index.ts';
import { bytesOf, codeOf, messagesOf, request } from './support.ts';

test('lines keep their bytes, however they arrive', () => {
  const text = fc.array(fc.constantFrom('a', 'ä', '\n', '\r', '{}', ' '), { maxLength: 60 });
  const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 });
  fc.assert(
    fc.property(text, sizes, (parts, cuts) => {
      const bytes = Buffer.from(parts.join(''));
      const splitter = new LineSplitter(1000);
      const lines: Uint8Array[] = [];
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = cuts[turn % cuts.length] as number;
        lines.push(...splitter.feed(bytes.subarray(at, at + size)));
        at += size;
      }
      const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
      expect(Buffer.concat(lines)).toEqual(whole);
      expect(lines.every((line) => line.indexOf(0x0a) === line.length - 1)).toBe(true);
      expect(splitter.heldBytes).toBe(bytes.length - whole.length);
    }),
  );
});

test('a line is bounded, complete or not', () => {
  expect([...new LineSplitter(4).feed(Buffer.from('abc\nabc\nabcd'))]).toHaveLength(2);
  expect(codeOf(() => [...new LineSplitter(4).feed(Buffer.from('abcd\n'))])).toBe('LINE_TOO_LONG');
  expect(codeOf(() => [...new LineSplitter(4).feed(Buffer.from('abcde'))])).toBe('LINE_TOO_LONG');
  const splitter = new LineSplitter(4);
  expect([...splitter.feed(Buffer.from('abc'))]).toEqual([]);
  expect(codeOf(() => [...splitter.feed(Buffer.from('de'))])).toBe('LINE_TOO_LONG');
});

test('a line is one text that every reader sees as one', () => {
  expect(parseLine(Buffer.from(' {"a":1}\r\n')).get('a')?.number()).toBe(1);
  expect(codeOf(() => parseLine(Buffer.from('{"a":\r{"jsonrpc":"2.0"}\r}\n')))).toBe('LINE_INVALID');
  expect(codeOf(() => parseLine(Buffer.from('{"a":1}{"b":2}\n')))).toBe('MESSAGE_NOT_JSON');
  expect(codeOf(() => parseLine(Buffer.from('{"a":1,"A":2}\n')))).toBe('MESSAGE_NOT_JSON');
  expect(isBlankLine(Buffer.from(' \t\r\n'))).toBe(true);
  expect(isBlankLine(Buffer.from(' x\n'))).toBe(false);
});

test('open requests are told apart by their ids, until they are cancelled', () => {
  const requests = new OpenRequests();
  const add = (value: unknown) => requests.add(messagesOf(value).messages[0] as Message);
  add(request('tools/list', {}, 1));
  add(request('tools/call', {}, '1'));
  expect([requests.methodOf(1), requests.methodOf('1'), requests.methodOf(2)]).toEqual([
    'tools/list',
    'tools/call',
    undefined,
  ]);
  expect(codeOf(() => add(request('ping', {}, 1)))).toBe('ID_DUPLICATE');
  add({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
  expect(requests.ids()).toEqual(['1']);
  for (let id = 2; id <= 10_000; id++) add(request('ping', {}, id));
  expect(codeOf(() => add(JSON.parse(bytesOf(request('ping', {}, 10_001)).toString())))).toBe('REQUESTS_TOO_MANY');
});
