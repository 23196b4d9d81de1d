import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { check, DEFAULT_LIMITS, JsonError } from '../../src/json/index.ts';

function outcome(text: string | Uint8Array, limits = DEFAULT_LIMITS): string {
  try {
    check(typeof text === 'string' ? Buffer.from(text) : text, limits);
    return 'accepted';
  } catch (error) {
    if (error instanceof JsonError) return `${error.code}@${error.offset}`;
    throw error;
  }
}

describe('an exact JSON text', () => {
  test.each([
    'null',
    ' true ',
    '"a"',
    '-0',
    '1.5e300',
    '9007199254740991',
    '[]',
    '{}',
    '[[],{},[1,{"a":[]}]]',
    '{"a":{"b":1},"b":{"a":1}}',
    '"\\ud83d\\ude00 \\u0000 \\" \\\\"',
    '\t{\r\n"é" : [ 1 , 2 ] }\n',
  ])('%j is accepted', (text) => {
    expect(outcome(text)).toBe('accepted');
  });

  test.each([
    ['', 'JSON_SYNTAX@0'],
    ['[1,]', 'JSON_SYNTAX@3'],
    ['{"a":1,}', 'JSON_SYNTAX@7'],
    ['{"a" 1}', 'JSON_SYNTAX@5'],
    ['{a:1}', 'JSON_SYNTAX@1'],
    ['[1 2]', 'JSON_SYNTAX@3'],
    ['[1}', 'JSON_SYNTAX@2'],
    ['1 2', 'JSON_SYNTAX@2'],
    ['[', 'JSON_SYNTAX@1'],
    ['"a', 'JSON_SYNTAX@2'],
    ['"\n"', 'JSON_SYNTAX@1'],
    ['"\\x"', 'JSON_SYNTAX@1'],
    ['"\\u12g4"', 'JSON_SYNTAX@3'],
    ['01', 'JSON_SYNTAX@0'],
    ['1.', 'JSON_SYNTAX@0'],
    ['tru', 'JSON_SYNTAX@0'],
    ['NaN', 'JSON_SYNTAX@0'],
    ['\ufeff1', 'JSON_SYNTAX@0'],
    ['{"a":1,"a":2}', 'JSON_DUPLICATE_KEY@7'],
    ['{"a":1,"\\u0061":2}', 'JSON_DUPLICATE_KEY@7'],
    ['{"model":1,"Model":2}', 'JSON_CASE_COLLISION@11'],
    ['{"messages":1,"me\u017f\u017fages":2}', 'JSON_CASE_COLLISION@14'],
    ['"\\ud83d"', 'JSON_LONE_SURROGATE@1'],
    ['"\\ude00\\ud83d"', 'JSON_LONE_SURROGATE@1'],
    ['"\\ud83d\\ud83d"', 'JSON_LONE_SURROGATE@1'],
    ['1e9999', 'JSON_NUMBER_RANGE@0'],
    ['9007199254740992', 'JSON_NUMBER_RANGE@0'],
    ['1'.repeat(1000), 'JSON_NUMBER_RANGE@0'],
  ])('%j is refused as %s', (text, expected) => {
    expect(outcome(text)).toBe(expected);
  });

  test('bytes that are not UTF-8 are refused', () => {
    expect(outcome(Uint8Array.of(0x22, 0xff, 0x22))).toBe('JSON_UTF8@0');
    expect(outcome(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22))).toBe('JSON_UTF8@0');
  });

  test('limits are the last value that passes', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(outcome(nested(64))).toBe('accepted');
    expect(outcome(nested(65))).toBe('JSON_DEPTH@64');
    expect(outcome(nested(1_000_000))).toBe('JSON_DEPTH@64');
    const limits = { ...DEFAULT_LIMITS, maxBytes: 4 };
    expect(outcome('1234', limits)).toBe('accepted');
    expect(outcome('12345', limits)).toBe('JSON_SIZE@4');
  });

  test('case collisions may be allowed, duplicates never', () => {
    const limits = { ...DEFAULT_LIMITS, refuseCaseCollisions: false };
    expect(outcome('{"a":1,"A":2}', limits)).toBe('accepted');
    expect(outcome('{"a":1,"a":2}', limits)).toBe('JSON_DUPLICATE_KEY@7');
  });

  test('a refusal never quotes the text', () => {
    expect(() => check(Buffer.from('{"canary":1,"canary":2}'))).toThrow(/^(?!.*canary).*$/);
  });

  test('whatever is accepted, JSON.parse accepts; what JSON.stringify writes within the limits is accepted', () => {
    const limits = { ...DEFAULT_LIMITS, refuseCaseCollisions: false };
    fc.assert(
      fc.property(fc.json({ maxDepth: 5, noUnicodeString: false }), fc.nat(), fc.nat(255), (text, where, byte) => {
        const bytes = Buffer.from(text);
        bytes[where % bytes.length] = byte;
        if (outcome(bytes, limits) === 'accepted') JSON.parse(bytes.toString());
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean()))), (value) => {
        expect(outcome(JSON.stringify(value), limits)).toBe('accepted');
      }),
    );
  });
});

test('a text has at most so many values and keys as the limits say, whatever they are', () => {
  const limits = { ...DEFAULT_LIMITS, maxValues: 5 };
  for (const text of ['[1,2,3,4]', '{"a":1,"b":2}', '[[],{},[1]]']) expect(outcome(text, limits)).toBe('accepted');
  expect(outcome('[1,2,3,4,5]', limits)).toBe('JSON_SIZE@9');
  expect(outcome('{"a":1,"b":2,"c":3}', limits)).toBe('JSON_SIZE@13');
  expect(outcome('[[],{},[1,2]]', limits)).toBe('JSON_SIZE@10');
  expect(outcome(`[${'1,'.repeat(300_000)}1]`)).toBe('accepted');
});
