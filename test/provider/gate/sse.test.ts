import { describe, expect, test } from '@jest/globals';
import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { readResponse } from '../../../src/provider/gate/reading.ts';
import { SseReader } from '../../../src/provider/gate/sse.ts';
import { Template } from '../../../src/provider/gate/template.ts';
import { type SseEvent, type SseFrame, sseFrame } from '../../../src/sse/index.ts';
import { rechunk } from './run.ts';

const MOST = 4096;

function readAll(chunks: Buffer[]): { frames: SseFrame[]; events: (SseEvent | undefined | null)[] } {
  const reader = new SseReader(MOST);
  const frames = [...chunks.flatMap((chunk) => reader.feed(chunk)), ...reader.end()];
  return { frames, events: frames.map((frame) => reader.read(frame)) };
}
const plain = (event: SseEvent | undefined | null): [string, string] | undefined =>
  event ? [event.type, event.data.toString('latin1')] : undefined;

describe('frames', () => {
  const line = fc.constantFrom(
    'data: a',
    'data:b',
    'data',
    'data:  ü',
    'event: x',
    'event:',
    ': c',
    'id: 1',
    'retry: x',
    '',
  );
  const piece = fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')).map(([field, end]) => field + end);

  test('say what the whole stream says, and are its bytes, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (pieces, sizes) => {
          const bytes = Buffer.from(pieces.join(''));
          const { frames, events } = readAll(rechunk(bytes, sizes));
          const whole: [string, string][] = []; // but for those that say nothing
          const parser = createParser({ onEvent: ({ event, data }) => data !== '' && whole.push([event ?? '', data]) });
          parser.feed(bytes.toString('latin1'));
          if (bytes.at(-1) === 0x0d) parser.feed('\n');
          expect(events.map(plain).filter(Boolean)).toEqual(whole);
          expect(bytes.subarray(0, Buffer.concat(frames.map(({ raw }) => raw)).length)).toEqual(
            Buffer.concat(frames.map(({ raw }) => raw)),
          );
          expect(frames.map(({ raw }) => raw.toString())).toEqual(
            readAll([bytes]).frames.map(({ raw }) => raw.toString()),
          );
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('a byte order mark begins a stream, and nothing else', () => {
    expect(readAll([Buffer.from('\ufeffdata: a\n\ndata: b\n\n')]).events.map(plain)).toEqual([
      ['', 'a'],
      ['', 'b'],
    ]);
    expect(readAll([Buffer.from('data: a\n\n\ufeffdata: b\n\n')]).events.map((e) => e === null)).toEqual([false, true]);
  });

  test('nor where it is read alone', () => {
    const raw = Buffer.from('\ufeffdata: b\n\n');
    expect(plain(new SseReader(MOST).read({ raw, first: true }))).toEqual(['', 'b']);
    expect(new SseReader(MOST).read({ raw, first: false })).toBeNull();
  });

  test('a field that is not known, clients may read in different ways', () => {
    expect(readAll([Buffer.from('Data: a\n\n')]).events).toEqual([null]);
    expect(readAll([Buffer.from('event: x\n data: a\n\n')]).events).toEqual([null]);
  });

  test('are bounded, whether they end or not', () => {
    for (const chunks of [
      [Buffer.alloc(MOST + 1, 'x')],
      [Buffer.from(`data: ${'x'.repeat(MOST)}\n\n`)],
      rechunk(Buffer.alloc(9999), [7]),
    ]) {
      const reader = new SseReader(MOST);
      const frames = [Buffer.from('data: a\n\n'), ...chunks].flatMap((chunk) => reader.feed(chunk));
      expect(frames).toHaveLength(1);
      expect(reader.overflowed).toBe(true);
      expect(reader.heldBytes).toBe(0);
      expect(reader.feed(Buffer.from('data: a\n\n'))).toEqual([]);
    }
  });

  test('of our own can be read back', () => {
    const event = { type: 'x', data: Buffer.from('{"a":\n"ü"}') };
    expect(readAll([sseFrame(event)]).events).toEqual([event]);
  });
});

describe('a template', () => {
  const frameOf = (raw: string | Buffer): SseFrame => ({ raw: Buffer.from(raw), first: false });
  const of = (raw: string): Template | undefined => {
    const frame = frameOf(raw);
    const event = new SseReader(MOST).read(frame) as SseEvent;
    const body = readResponse(event.data)?.body;
    const holes = ['text', 'pad'].map((key) => body?.get(key)).filter((value) => value !== undefined);
    return Template.of(frame, event, holes);
  };
  const event = (text: string, pad = '""'): string =>
    `event: e\ndata: {"a":1,"text":${text},"b":{"c":null},"pad":${pad}}\n\n`;

  test('matches just what differs in its strings, and is JSON', () => {
    const template = of(event('"x"'));
    const string = fc.oneof(
      fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
      fc
        .string({ unit: fc.constantFrom('"', '\\', 'u', '0', 'd', '8', '}', ',', ':', '\n', 'x', 'ü') })
        .map((text) => `"${text}"`),
    );
    fc.assert(
      fc.property(string, string, (text, pad) => {
        const frame = frameOf(event(text, pad));
        if (!template?.matches(frame.raw)) return;
        const read = new SseReader(MOST).read(frame) as SseEvent;
        const value = JSON.parse(read.data.toString());
        expect(Object.keys(value)).toEqual(['a', 'text', 'b', 'pad']);
        expect(value).toEqual({ a: 1, text: expect.any(String), b: { c: null }, pad: expect.any(String) });
        expect(readResponse(read.data)?.exact).toBe(true);
      }),
      { numRuns: 3000 },
    );
    for (const text of ['"y"', '""', '"ü\\n\\u00fc\\"😀"'])
      expect(template?.matches(frameOf(event(text, text)).raw)).toBe(true);
  });

  test.each([
    ['another value', event('"x"').replace('1', '2')],
    ['another key', event('"x"').replace('"c"', '"\\u0063"')],
    ['half a surrogate pair', event('"\\ud83d"')],
    ['no escape', event('"\\x"')],
    ['no hexadecimal digits', event('"\\u00g0"')],
    ['a control character', event('"\t"')],
    ['more fields', event('"x","text2":"y"')],
    ['another line', event('"x"').replace('\n\n', '\nid: 1\n\n')],
    ['less', event('"x"').slice(0, -1)],
  ])('does not match %s', (_, raw) => {
    const template = of(event('"x"'));
    expect(template?.matches(frameOf(event('"y"')).raw)).toBe(true);
    expect(template?.matches(frameOf(raw).raw)).toBe(false);
  });

  test('does not match what is no UTF-8', () => {
    const raw = Buffer.from(event('"y"'));
    raw[raw.indexOf('y')] = 0xff;
    expect(of(event('"x"'))?.matches(raw)).toBe(false);
  });

  test('is made of one line of data alone', () => {
    expect(of(`: data: ${event('"x"')}`)).toBeUndefined();
    expect(of(event('"x"').replace(':{', ':\ndata: {'))).toBeUndefined();
  });
});

describe('a response is read', () => {
  const read = (text: string) => readResponse(Buffer.from(text));

  test('exactly, or with what vendors send beside text softened at the same offsets', () => {
    expect(read('{"a":1}')?.exact).toBe(true);
    const big = read('{"s":"12345678901234567890","a":12345678901234567890,"b":[-98765432109876543210],"c":1}');
    expect(big?.exact).toBe(true);
    expect(big?.body.value()).toEqual({ s: '12345678901234567890', a: null, b: [null], c: 1 });
    const cut = read('{"a":"\\ud83d","b":"\\\\ud83d"}');
    expect(cut?.exact).toBe(false);
    expect(cut?.body.value()).toEqual({ a: '\ufffd', b: '\\ud83d' });
  });

  test.each([
    '',
    '{',
    '{"a":1,"a":2}',
    '{"a":1e999}',
    '{"a":12345678901234567890,"a":1}',
    '{"a":"\\ud83d}',
    '{"a":0123456789012345678}',
  ])('or not at all: %s', (text) => {
    expect(read(text)).toBeUndefined();
  });
});
