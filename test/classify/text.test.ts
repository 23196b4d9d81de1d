import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Text, textsOf } from '../../src/classify/text.ts';
import { parse } from '../../src/json/index.ts';

const textsIn = (body: string): Text[] => textsOf(parse(Buffer.from(body))).texts;

test('each string has its pointer, and the role of whoever says it', () => {
  const texts = textsIn(
    JSON.stringify({
      system: [{ type: 'text', text: 'be kind' }],
      messages: [
        { role: 'user', content: 'hello' },
        {
          role: 'user',
          content: [
            { type: 'tool_result', content: [{ text: 'found' }] },
            { type: 'document', source: { text: 'read' } },
          ],
        },
        { role: 'assistant', content: 'yes' },
        { role: 'tool', content: 'out' },
      ],
      tools: [{ name: 'read', description: 'reads' }],
      input: [{ type: 'function_call_output', output: 'ran' }],
      user: 'a/b~c',
    }),
  );
  const roles = texts.map(({ pointer, role, text }) => [text, role, pointer]);
  for (const expected of [
    ['be kind', 'system', '/system/0/text'],
    ['hello', 'user', '/messages/0/content'],
    ['found', 'tool', '/messages/1/content/0/content/0/text'],
    ['read', 'document', '/messages/1/content/1/source/text'],
    ['yes', 'assistant', '/messages/2/content'],
    ['out', 'tool', '/messages/3/content'],
    ['reads', 'tools', '/tools/0/description'],
    ['ran', 'tool', '/input/0/output'],
    ['a/b~c', 'other', '/user'],
  ]) {
    expect(roles).toContainEqual(expected);
  }
});

test('a long key is a text of its own, and its pointer is escaped as RFC 6901 says', () => {
  const texts = textsIn('{"a/b~c-is-long":"v"}');
  expect(texts.map(({ text, pointer }) => [text, pointer])).toEqual([
    ['a/b~c-is-long', '/a~1b~0c-is-long'],
    ['v', '/a~1b~0c-is-long'],
  ]);
});

/** Writes a string with any of JSON's ways of writing each character. */
function write(text: string, ways: number[]): string {
  let at = 0;
  const units = [...text].map((character) => {
    const plain = JSON.stringify(character).slice(1, -1);
    const coded = [...Array(character.length).keys()]
      .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
      .join('');
    return (ways[at++ % ways.length] as number) % 2 === 0 ? plain : coded;
  });
  return `"${units.join('')}"`;
}

const someText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((text) => text.isWellFormed());
const ways = fc.array(fc.nat({ max: 1 }), { minLength: 1, maxLength: 8 });

test('a part of a text is found in the body, however its characters are written', () => {
  fc.assert(
    fc.property(someText, someText, someText, ways, (before, part, after, how) => {
      const body = Buffer.from(`{"k": ${write(before + part + after, how)}}`);
      const [text] = textsOf(parse(body)).texts;
      const [place] = text?.places([{ start: before.length, end: before.length + part.length }]) ?? [];
      expect(place?.start).toBe(Buffer.byteLength(before));
      expect(place?.end).toBe(Buffer.byteLength(before + part));
      const raw = body.subarray(place?.raw.start, place?.raw.end).toString();
      expect(JSON.parse(`"${raw}"`)).toBe(part);
    }),
  );
});

test('JSON within a string is read, and a part of it is found in the body', () => {
  fc.assert(
    fc.property(someText, ways, ways, (part, inner, outer) => {
      const args = `{"q":"x \\u0041 ","key":${write(part, inner)}}`;
      const body = Buffer.from(`{"messages":[{"arguments":${write(args, outer)}}]}`);
      const text = textsOf(parse(body)).texts.find((one) => one.text === part);
      expect(text?.pointer).toBe('/messages/0/arguments');
      const [place] = text?.places([{ start: 0, end: part.length }]) ?? [];
      const raw = body.subarray(place?.raw.start, place?.raw.end).toString();
      expect(JSON.parse(`"${JSON.parse(`"${raw}"`)}"`)).toBe(part);
    }),
  );
});

test('base64 that says it is text is read, and stands for the whole; what is no text is named', () => {
  const data = Buffer.from('secret plans').toString('base64');
  const body = {
    messages: [
      { content: [{ type: 'document', source: { type: 'base64', media_type: 'text/plain', data } }] },
      { content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data } }] },
      { content: [{ type: 'file', file: { file_data: `data:text/markdown;charset=utf-8;base64,${data}` } }] },
      { content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } }] },
    ],
  };
  const bytes = Buffer.from(JSON.stringify(body));
  const { texts, opaque } = textsOf(parse(bytes));
  const plans = texts.filter(({ text }) => text === 'secret plans');
  expect(plans.map(({ pointer }) => pointer)).toEqual([
    '/messages/0/content/0/source/data',
    '/messages/2/content/0/file/file_data',
  ]);
  expect(opaque).toEqual(['/messages/1/content/0/source/data', '/messages/3/content/0/image_url/url']);
  const [place] = plans[0]?.places([{ start: 0, end: 6 }]) ?? [];
  expect(bytes.subarray(place?.raw.start, place?.raw.end).toString()).toBe(data);
});
