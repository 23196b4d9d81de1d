import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type InputFields, marshalInput } from '../../src/input/index.ts';
import { parse } from '../../src/json/index.ts';

const SCHEMA = JSON.parse(readFileSync(new URL('../../src/input/input.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(SCHEMA);

const FIELDS: InputFields = {
  phase: 'request',
  time: '2026-11-24T20:20:46.123Z',
  route: { id: 'support', policy: 'support', mode: 'enforce' },
  http: { method: 'POST', path: '/support/v1/chat/completions', query: '' },
  ...{ subject: null, app: null, call: null, labels: [] },
};
const approval = {
  id: 'a1',
  by: { id: 'bob', issuer: 'verdict', role: 'lead' },
  at: '2026-11-24T20:19:46.000Z',
  expires: '2026-11-24T20:29:46.000Z',
};
const written = (fields: InputFields) => JSON.parse(Buffer.from(marshalInput(fields)).toString());

test('a request holds the approval that was presented for it, before the body, and no such field without one', () => {
  const document = written({ ...FIELDS, approval, body: parse(Buffer.from('{"approval": {"id": "of the caller"}}')) });
  expect(validate(document)).toBe(true);
  expect(document.approval).toEqual(approval);
  expect(Object.keys(document).slice(-2)).toEqual(['approval', 'body']);
  expect(written(FIELDS)).not.toHaveProperty('approval');
});

test('the schema wants all of it, and in the request phase only', () => {
  const document = written({ ...FIELDS, approval });
  expect(validate({ ...document, approval: { ...approval, by: { id: 'bob', issuer: 'verdict' } } })).toBe(false);
  const tool = { name: 't', type: 'function', origin: 'hook', server: null, id: null, parent: null, workspace: null };
  const call = { ...tool, description_sha256: null, actions: [], approval, arguments: {} };
  const { approval: _, ...rest } = document;
  expect(validate({ ...rest, phase: 'tool', tool: call })).toBe(true);
  expect(validate({ ...document, phase: 'tool', tool: call })).toBe(false);
});
