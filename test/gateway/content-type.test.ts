import { describe, expect, test } from '@jest/globals';
import { isUtf8 } from '../../src/gateway/content-type.ts';

describe('is read as UTF-8', () => {
  test.each([
    [undefined],
    ['application/json'],
    ['application/json;'],
    ['application/json; charset=utf-8'],
    ['APPLICATION/JSON;CHARSET="UTF-8"'],
    ['application/json ; ; charset=utf8 '],
    ['application/problem+json; profile="https://example.com/p"; charset=utf-8'],
    ['text/event-stream'],
    ['text/event-stream;charset=UTF-8'],
    ['text/plain; charset=utf-8'],
  ])('%s', (type) => expect(isUtf8(type)).toBe(true));
});

describe('is not, or not by everybody', () => {
  test.each([
    ['application/json; charset=utf-7'],
    ['application/json; charset=utf-16'],
    ['text/event-stream; charset="UTF-16LE"'],
    ['application/json;CharSet=iso-2022-jp'],
    ['application/json; charset=us-ascii'], // to browsers, that is windows-1252
    ['application/json; charset=utf-8; charset=utf-7'],
    ['application/json; charset=utf-8; charset=utf-8'],
    ["application/json; charset*=us-ascii'en'utf-7"],
    ['application/json; charset*0=utf; charset*1=-7'],
    ['application/json; charset="utf\\-8"'],
    ['application/json; charset=utf-8 (really)'],
    ['application/json; charset = utf-8'],
    ['application/json; charset="utf-7'],
    ['application/json; charset='],
    ['application/json; x="; charset=utf-7"'],
    ['application/json; x="charset=utf-7"'],
    ['application/json charset=utf-7'],
    ['application/json, text/html; charset=utf-7'],
    ['application/json\t;\x0bcharset=utf-7'],
    ['json'],
    [''],
    ['text/plain'],
    ['text/html'],
  ])('%s', (type) => expect(isUtf8(type)).toBe(false));
});

test('a long one takes no long time', () => {
  const began = performance.now();
  for (const type of [`a/b${';'.repeat(60_000)}=`, `a/b${' ;'.repeat(30_000)}=`, `a/b;x="${'"'.repeat(60_000)}`])
    isUtf8(type);
  expect(performance.now() - began).toBeLessThan(500);
});
