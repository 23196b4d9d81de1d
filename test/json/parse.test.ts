import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { JsonError, type JsonValue, parse } from '../../src/json/index.ts';

const LIMITS = { maxBytes: 1 << 24, maxDepth: 64, refuseCaseCollisions: false };
const parseText = (text: string) => parse(Buffer.from(text));

/** Reads everything by navigation, nothing by JSON.parse. */
function walk(value: JsonValue): unknown {
  switch (value.kind) {
    case 'object': {
      const entries = value.entries();
      for (const [key, part] of entries) expect(value.get(key)?.start).toBe(part.start);
      return Object.fromEntries(entries.map(([key, part]) => [key, walk(part)]));
    }
    case 'array':
      return value.items().map(walk);
    case 'string':
      return value.string();
    case 'number':
      return value.number();
    case 'boolean':
      return value.boolean();
    default:
      return null;
  }
}

function outcome(bytes: Uint8Array): string {
  try {
    parse(bytes, LIMITS);
    return 'accepted';
  } catch (error) {
    if (error instanceof JsonError) return `${error.code}@${error.offset}`;
    throw error;
  }
}

describe('a parsed document', () => {
  const document = parseText(
    ' {"model":"m","n":-1.5e1,"yes":true,"no":false,"none":null,"list":[1,[2],{"a":"b"}],"é\\n":"\\u00e9"} ',
  );

  test('is read by key, by index, by kind', () => {
    expect(document.kind).toBe('object');
    expect(document.get('model')?.string()).toBe('m');
    expect(document.get('n')?.number()).toBe(-15);
    expect(document.get('yes')?.boolean()).toBe(true);
    expect(document.get('no')?.boolean()).toBe(false);
    expect(document.get('none')?.kind).toBe('null');
    expect(document.get('list')?.items()[2]?.get('a')?.string()).toBe('b');
    expect(document.get('é\n')?.string()).toBe('é');
    expect(document.entries().map(([key]) => key)).toEqual(['model', 'n', 'yes', 'no', 'none', 'list', 'é\n']);
  });

  test('says undefined, or nothing, for what is not there', () => {
    expect(document.get('mode')).toBeUndefined();
    expect(document.get('models')).toBeUndefined();
    expect(document.get('a')).toBeUndefined(); // only deeper down
    expect(document.get('model')?.get('x')).toBeUndefined();
    expect(document.get('toString')).toBeUndefined();
    expect(document.get('model')?.number()).toBeUndefined();
    expect(document.get('n')?.string()).toBeUndefined();
    expect(document.get('none')?.boolean()).toBeUndefined();
    expect(document.get('model')?.items()).toEqual([]);
    expect(document.get('list')?.entries()).toEqual([]);
  });

  test('hands out its bytes, not copies', () => {
    const bytes = Buffer.from(' [ {"a" : 1} , "x" ] ');
    const [object, string] = parse(bytes).items();
    expect(Buffer.from(object?.raw() ?? []).toString()).toBe('{"a" : 1}');
    expect(Buffer.from(string?.raw() ?? []).toString()).toBe('"x"');
    expect(object?.raw().buffer).toBe(bytes.buffer);
    expect(parse(bytes).raw().length).toBe(bytes.length - 2);
    expect(parse(bytes).text.length).toBe(bytes.length);
    expect([object?.start, object?.end]).toEqual([3, 12]);
  });

  test('keeps its place when another text is parsed', () => {
    const first = parseText('{"a":[1,2,3]}');
    parseText(`[${'[[]],'.repeat(5000)}0]`);
    expect(
      first
        .get('a')
        ?.items()
        .map((item) => item.number()),
    ).toEqual([1, 2, 3]);
  });

  test.each([
    ['{"a":"b\\n\\t\\r"}', false],
    ['\n\t{"a": 1}\r\n', false],
    ['{"a":\t1}', true],
    ['{"a":1\n}', true],
    ['{"a"\r:1}', true],
    ['[\n]', true],
    ['{\n}', true],
    ['[1,\n2]', true],
  ])('%j has line breaks between its tokens: %j', (text, expected) => {
    expect(parseText(text).hasLineBreaks).toBe(expected);
  });
});

describe('for any JSON', () => {
  test('navigation reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 6, noUnicodeString: false }),
        fc.constantFrom(undefined, 1, '\t'),
        (text, indent) => {
          const bytes = Buffer.from(JSON.stringify(JSON.parse(text), null, indent));
          if (outcome(bytes) !== 'accepted') return; // integers beyond 2^53
          const document = parse(bytes, LIMITS);
          expect(walk(document)).toEqual(JSON.parse(bytes.toString()));
          expect(document.value()).toEqual(JSON.parse(bytes.toString()));
          expect(document.hasLineBreaks).toBe(/[\t\n\r]/.test(bytes.toString().trim()));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('where the bytes lie in memory changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.nat(7), (string, shift) => {
        const text = Buffer.from(JSON.stringify({ [string]: string }));
        const memory = Buffer.alloc(text.length + 16, '"\\');
        text.copy(memory, shift);
        const bytes = memory.subarray(shift, shift + text.length);
        expect(outcome(bytes)).toBe(outcome(text));
        if (outcome(text) === 'accepted') expect(parse(bytes, LIMITS).entries()[0]?.[0]).toBe(string);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('strings are scanned by words of four bytes', () => {
  const lengths = Array.from({ length: 14 }, (_, i) => i);

  test.each(lengths)('a stop is found at every place after %i plain bytes', (length) => {
    for (const plain of ['a', '\u007f', '!', '#', '[', ']', ' ']) {
      const head = `"${plain.repeat(length)}`;
      expect(outcome(Buffer.from(`${head}"`))).toBe('accepted');
      expect(outcome(Buffer.from(`${head}\\n${plain}"`))).toBe('accepted');
      expect(outcome(Buffer.from(`${head}`))).toBe(`JSON_SYNTAX@${length + 1}`);
      expect(outcome(Buffer.from(`${head}\\`))).toBe(`JSON_SYNTAX@${length + 1}`);
      for (const control of ['\u0000', '\u001f', '\n', '\t']) {
        expect(outcome(Buffer.from(`${head}${control}aaaaaaaa"`))).toBe(`JSON_SYNTAX@${length + 1}`);
      }
    }
    for (const wide of ['é', '€', '😀', '\u0080'])
      expect(outcome(Buffer.from(`"${wide.repeat(length)}"`))).toBe('accepted');
  });
});

describe('keys of large objects', () => {
  const object = (count: number, last: string) =>
    Buffer.from(`{${Array.from({ length: count }, (_, i) => `"key${i}":{"key0":0}`).join()},"${last}":1}`);

  test.each([1, 5, 15, 16, 17, 18, 40, 1000])('are all compared: %i', (count) => {
    const at = object(count, '').length - 5;
    expect(outcome(object(count, 'other'))).toBe('accepted');
    expect(outcome(object(count, 'key0'))).toBe(`JSON_DUPLICATE_KEY@${at}`);
    expect(outcome(object(count, `key${count - 1}`))).toBe(`JSON_DUPLICATE_KEY@${at}`);
    expect(outcome(object(count, '\\u006bey0'))).toBe(`JSON_DUPLICATE_KEY@${at}`);
    expect(outcome(object(count, 'KEY0'))).toBe('accepted');
    expect(() => parse(object(count, 'KEY0'))).toThrow('JSON_CASE_COLLISION');
    expect(() => parse(object(count, '\u212aey0'))).toThrow('JSON_CASE_COLLISION'); // the Kelvin sign
  });

  test('keys that share a hash are told apart', () => {
    const [one, other] = ['costarring', 'liquid']; // known FNV-1a collision
    const text = Buffer.from(`{"${one}":1,"${other}":2}`);
    expect(outcome(text)).toBe('accepted');
    expect(parse(text).get('liquid')?.number()).toBe(2);
  });
});

test('time is linear in the text, whatever it is made of', () => {
  const time = (make: (n: number) => string, n: number): number => {
    const bytes = Buffer.from(make(n));
    const runs = Array.from({ length: 5 }, () => {
      const start = performance.now();
      outcome(bytes);
      return performance.now() - start;
    });
    return Math.min(...runs);
  };
  const shapes: Record<string, (n: number) => string> = {
    prose: (n) => `"${'words and words\\n'.repeat(n)}"`,
    quotes: (n) => `[${'"",'.repeat(n)}0]`,
    keys: (n) => `{${Array.from({ length: n }, (_, i) => `"${i}":0`).join()}}`,
    similarKeys: (n) => `[${'{"a":0,"b":0,"c":0,"d":0},'.repeat(n / 8)}0]`,
    objects: (n) => `[${'{},'.repeat(n)}0]`,
    spaces: (n) => `[${' '.repeat(n)}]`,
    numbers: (n) => `[${'1.5e3,'.repeat(n)}0]`,
  };
  for (const [name, make] of Object.entries(shapes)) {
    const ratio = time(make, 160_000) / Math.max(0.2, time(make, 20_000));
    expect({ name, linear: ratio < 40 }).toEqual({ name, linear: true }); // 8 times the text; quadratic would be 64
  }
});
