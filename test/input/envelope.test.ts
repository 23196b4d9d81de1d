import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Envelope, type InputFields, marshalInput } from '../../src/input/index.ts';
import { parse } from '../../src/json/index.ts';

const FIELDS: InputFields = {
  phase: 'request',
  time: '2026-11-24T20:20:46.123Z',
  route: null,
  http: { method: 'POST', path: '/support/v1/messages', query: '' },
  subject: null,
  app: null,
  call: null,
  labels: [],
};

function enveloped(text: string): { envelope: Envelope; inPlace: Uint8Array; copied: Uint8Array } {
  const bytes = Buffer.from(text);
  const envelope = new Envelope(bytes.length);
  envelope.body.set(bytes);
  const copied = marshalInput({ ...FIELDS, body: parse(bytes) });
  return { envelope, inPlace: marshalInput({ ...FIELDS, body: parse(envelope.body) }, envelope), copied };
}

test('a document written around its body is the document that holds a copy of it', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
      fc.boolean(),
      (body, indent) => {
        let text = JSON.stringify(body, null, indent ? 2 : 0);
        try {
          parse(Buffer.from(text));
        } catch {
          text = '{}'; // keys that collide
        }
        const { envelope, inPlace, copied } = enveloped(text);
        expect(Buffer.from(inPlace).equals(copied)).toBe(true);
        expect(Buffer.from(envelope.body).toString()).toBe(text); // what is forwarded stays as it came
      },
    ),
  );
});

test('without line breaks the body is not copied, with them it is', () => {
  const { envelope, inPlace } = enveloped('{"a":1}');
  expect(inPlace.buffer).toBe(envelope.body.buffer);
  expect(inPlace.byteOffset + inPlace.byteLength).toBe(envelope.body.byteOffset + envelope.body.byteLength + 1);
  const broken = enveloped('{"a":\n1}');
  expect(broken.inPlace.buffer).not.toBe(broken.envelope.body.buffer);
  const spaced = enveloped(' {"a":1} ');
  expect(Buffer.from(spaced.inPlace).equals(spaced.copied)).toBe(true);
});

test.each([0, 1, 255 * 1024, 256 * 1024, 256 * 1024 + 1, 1024 * 1024])('a body of %i more bytes is whole', (pad) => {
  const { inPlace, copied } = enveloped(JSON.stringify({ pad: 'x'.repeat(pad) }));
  expect(Buffer.from(inPlace).equals(copied)).toBe(true);
});

test('a head that finds no room, and a second one, leave the envelope as it was', () => {
  const { envelope, inPlace } = enveloped('{"a":1}');
  const before = Buffer.from(inPlace).toString();
  const long = { ...FIELDS, http: { ...FIELDS.http, path: `/${'x'.repeat(5000)}` } };
  const body = parse(envelope.body);
  expect(JSON.parse(Buffer.from(marshalInput({ ...long, body }, envelope)).toString()).http.path).toHaveLength(5001);
  expect(marshalInput({ ...FIELDS, body }, envelope).buffer).not.toBe(envelope.body.buffer);
  expect(Buffer.from(inPlace).toString()).toBe(before);
  const fresh = new Envelope(2);
  fresh.body.set(Buffer.from('{}'));
  expect(marshalInput({ ...long, body: parse(fresh.body) }, fresh).buffer).not.toBe(fresh.body.buffer);
});
