import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { type Call, type InputFields, marshalInput, withoutText } from '../../src/input/index.ts';
import { parse } from '../../src/json/index.ts';

const SCHEMA = JSON.parse(readFileSync(new URL('../../src/input/input.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(SCHEMA);
const DIGEST = 'ab'.repeat(32);

const CALL: Call = {
  provider: 'openai',
  dialect: 'openai-chat',
  endpoint: 'chat.completions',
  model: 'gpt-5-mini',
  fallbacks: [],
  stream: false,
  parameters: { max_tokens: 100 },
  tools: [{ name: 'lookup_order', type: 'function' }],
  messages: [{ role: 'user', kinds: ['text'], bytes: 31 }],
  fields: ['model', 'messages', 'max_tokens', 'tools'],
  betas: [],
  bytes: 200,
};

const FIELDS: InputFields = {
  phase: 'request',
  time: new Date('2026-11-24T20:20:46.123Z'),
  route: { id: 'support', policy: 'support', mode: 'enforce' },
  http: { method: 'POST', path: '/support/v1/chat/completions', query: '' },
  subject: {
    id: 'alice',
    method: 'token',
    issuer: 'verdict',
    roles: ['agent'],
    tenant: null,
    application: 'support-bot',
    verified_at: '2026-11-24T20:20:46.120Z',
    expires: null,
  },
  app: { id: 'support-bot' },
  call: CALL,
  labels: [],
};

const read = (bytes: Uint8Array): Record<string, unknown> => JSON.parse(Buffer.from(bytes).toString());
const bodyOf = (text: string) => parse(Buffer.from(text));

function expectValid(bytes: Uint8Array): void {
  validate(read(bytes));
  expect(validate.errors ?? []).toEqual([]);
}

describe('an input document', () => {
  test('has its fields in the order of the contract, on one line', () => {
    const bytes = marshalInput({ ...FIELDS, body: bodyOf('{"model":"gpt-5-mini"}') });
    const document = read(bytes);
    expect(Object.keys(document)).toEqual([
      'v',
      'phase',
      'time',
      'route',
      'http',
      'subject',
      'app',
      'call',
      'labels',
      'body',
    ]);
    expect(document.v).toBe(1);
    expect(document.time).toBe('2026-11-24T20:20:46.123Z');
    expectValid(bytes);
  });

  test('owns exactly its memory', () => {
    for (const body of [undefined, bodyOf('{"é":"ü"}'), { sha256: DIGEST }]) {
      const bytes = marshalInput(body ? { ...FIELDS, body } : FIELDS);
      expect(bytes.buffer).toBeInstanceOf(ArrayBuffer);
      expect(bytes.byteOffset).toBe(0);
      expect(bytes.buffer.byteLength).toBe(bytes.length);
    }
  });

  test('holds the body byte for byte', () => {
    const text = '{ "z":1.0,"a":"\\u0041\\/é" ,  "n":1e2}';
    const bytes = marshalInput({ ...FIELDS, body: bodyOf(`  ${text}\n`) });
    expect(Buffer.from(bytes).toString().endsWith(`,"body":${text}}`)).toBe(true);
  });

  test('blanks line breaks between tokens, and only those', () => {
    const bytes = marshalInput({ ...FIELDS, body: bodyOf('{\r\n\t"a":\t"x\\n\\ty"\n}') });
    expect(Buffer.from(bytes).toString().endsWith(',"body":{   "a": "x\\n\\ty" }}')).toBe(true);
  });

  test('has no body where there was none', () => {
    const call = { ...CALL, model: null, messages: [], tools: [] };
    const document = read(marshalInput({ ...FIELDS, call }));
    expect(document).not.toHaveProperty('body');
    expect(document).not.toHaveProperty('body_sha256');
  });

  test('says null for what is not known', () => {
    const bytes = marshalInput({ ...FIELDS, route: null, subject: null, app: null, call: null });
    expect(read(bytes)).toMatchObject({ route: null, subject: null, app: null, call: null });
    expectValid(bytes);
  });

  test('always has three decimals in its time', () => {
    expect(read(marshalInput({ ...FIELDS, time: '2026-11-24T20:20:46Z' })).time).toBe('2026-11-24T20:20:46.000Z');
    expect(read(marshalInput({ ...FIELDS, time: '2026-11-24T21:20:46.1+01:00' })).time).toBe(
      '2026-11-24T20:20:46.100Z',
    );
    expect(() => marshalInput({ ...FIELDS, time: 'yesterday' })).toThrow('INPUT_INVALID');
  });

  test('holds no lone surrogate, which readers take in different ways', () => {
    const subject = { ...(FIELDS.subject as NonNullable<InputFields['subject']>), id: 'a\ud800' };
    expect(() => marshalInput({ ...FIELDS, subject })).toThrow('INPUT_INVALID');
    expect(read(marshalInput({ ...FIELDS, subject: { ...subject, id: 'back\\ud800' } })).subject).toMatchObject({
      id: 'back\\ud800',
    });
  });
});

describe('a document without text', () => {
  const digests: Call = {
    ...CALL,
    tools: CALL.tools.map((tool) => ({ ...tool, sha256: DIGEST })),
    messages: CALL.messages.map((message) => ({ ...message, sha256: DIGEST })),
  };

  test('has digests in place of the body, the messages and the tools', () => {
    const fields = { ...FIELDS, body: bodyOf('{"messages":[{"content":"canary"}]}') };
    const bytes = marshalInput(withoutText(fields, digests, DIGEST));
    expect(Buffer.from(bytes).includes('canary')).toBe(false);
    expect(read(bytes)).toMatchObject({ body_sha256: DIGEST, call: { messages: [{ sha256: DIGEST }] } });
    expectValid(bytes);
  });

  test('is the same document otherwise', () => {
    const fields = { ...FIELDS, body: bodyOf('{}') };
    const { body_sha256, call: without, ...rest } = read(marshalInput(withoutText(fields, digests, DIGEST)));
    const { body, call: full, ...same } = read(marshalInput(fields));
    expect(rest).toEqual(same);
  });

  test('cannot be made of a call without digests', () => {
    expect(() => withoutText(FIELDS, CALL, DIGEST)).toThrow('INPUT_DIGEST_MISSING');
  });
});

describe('the schema', () => {
  const string = fc.string({ unit: 'grapheme' });
  const name = fc.string({ unit: 'grapheme', minLength: 1 });
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  const option = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
  const digest = fc.constant(DIGEST);
  const call = fc.record({
    provider: fc.constantFrom('openai' as const, 'anthropic' as const),
    dialect: fc.constantFrom(
      ...(['openai-chat', 'openai-responses', 'openai-models', 'anthropic-messages', 'anthropic-models'] as const),
    ),
    endpoint: fc.constantFrom(...(['chat.completions', 'responses', 'messages', 'models'] as const)),
    model: option(name),
    fallbacks: fc.array(name),
    stream: fc.boolean(),
    parameters: fc.record(
      { max_tokens: number, temperature: number, top_p: number, top_k: number, n: number },
      { requiredKeys: [] },
    ),
    tools: fc.array(fc.record({ name: string, type: string, sha256: digest }, { requiredKeys: ['name', 'type'] })),
    messages: fc.array(
      fc.record(
        {
          role: fc.constantFrom('system' as const, 'developer' as const, 'user' as const, 'tool' as const),
          kinds: fc.uniqueArray(string),
          bytes: fc.nat(),
          sha256: digest,
        },
        { requiredKeys: ['role', 'kinds', 'bytes'] },
      ),
    ),
    fields: fc.array(string),
    betas: fc.array(string),
    bytes: fc.nat(),
  });
  const subject = fc.record(
    {
      id: name,
      method: fc.constantFrom('token' as const, 'oidc' as const),
      issuer: string,
      roles: fc.array(string),
      tenant: option(string),
      application: option(string),
      verified_at: string,
      expires: option(string),
      act: fc.object(),
    },
    { requiredKeys: ['id', 'method', 'issuer', 'roles', 'tenant', 'application', 'verified_at', 'expires'] },
  );
  const date = fc.date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });

  test('accepts whatever is marshalled, and the bytes are one strict JSON text', () => {
    fc.assert(
      fc.property(
        call,
        option(subject),
        date,
        fc.object({ key: string, values: [string, fc.integer(), fc.boolean(), fc.constant(null)] }),
        (view, who, time, value) => {
          const text = Buffer.from(JSON.stringify(value, null, 1));
          const body = parse(text, { maxBytes: 1e9, maxDepth: 64, refuseCaseCollisions: false });
          const bytes = marshalInput({ ...FIELDS, time, call: view, subject: who, body });
          expectValid(bytes);
          expect(read(bytes).body).toEqual(JSON.parse(text.toString()));
          expect(read(bytes).call).toEqual(JSON.parse(JSON.stringify(view)));
          expect(Buffer.from(bytes).some((byte) => byte < 0x20)).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });

  test.each([
    ['an unknown field', { extra: 1 }],
    ['another version', { v: 2 }],
    ['a time without milliseconds', { time: '2026-11-24T20:20:46Z' }],
    ['a body and its digest', { body: {}, body_sha256: DIGEST }],
    ['a body that is no object', { body: [] }],
    ['an unknown field of the call', { call: { ...CALL, extra: 1 } }],
    ['an unknown role', { call: { ...CALL, messages: [{ role: 'root', kinds: [], bytes: 1 }] } }],
    ['a parameter that is no number', { call: { ...CALL, parameters: { max_tokens: '5' } } }],
    ['a subject without an id', { subject: { ...FIELDS.subject, id: '' } }],
  ])('refuses %s', (_, change) => {
    const document = read(marshalInput(FIELDS));
    expect(validate(document)).toBe(true);
    expect(validate({ ...document, ...change })).toBe(false);
  });
});
