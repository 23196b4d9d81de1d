import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Action, ToolFields } from '../../src/input/index.ts';

const SCHEMA = JSON.parse(readFileSync(new URL('../../src/input/input.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(SCHEMA);
const DIGEST = 'ab'.repeat(32);

const ACTIONS: Action[] = [
  { kind: 'command', words: ['rm', '-rf', '$'], via: ['sudo', 'sh -c'], dynamic: true, piped: false },
  { kind: 'file', access: 'delete', path: '/home/a/.env', place: 'outside' },
  { kind: 'network', host: 'example.com', port: null },
  { kind: 'network', host: 'example.com', port: 443 },
  { kind: 'opaque', why: 'shell_syntax' },
];
const TOOL: Omit<ToolFields, 'arguments'> = {
  name: 'Bash',
  type: 'function',
  origin: 'hook',
  server: null,
  id: 'call_1',
  parent: null,
  workspace: '/work',
  description_sha256: null,
  actions: ACTIONS,
  approval: null,
};
const DOCUMENT = {
  v: 1,
  phase: 'tool',
  time: '2026-11-24T20:20:46.123Z',
  route: { id: 'coding', policy: 'coding', mode: 'enforce' },
  http: { method: 'POST', path: '/v1/hooks/codex', query: '' },
  subject: null,
  app: null,
  call: null,
  labels: [],
  tool: { ...TOOL, arguments: { command: 'rm -rf $HOME' } },
};
const APPROVAL = {
  id: 'a1',
  by: { id: 'bob', issuer: 'verdict', role: 'lead' },
  at: '2026-11-24T20:19:46Z',
  expires: '2026-11-24T20:29:46Z',
};
const without = (key: string) => Object.fromEntries(Object.entries(DOCUMENT.tool).filter(([name]) => name !== key));

describe('the schema of the tool phase', () => {
  test.each([
    ['every kind of action', DOCUMENT.tool],
    ['an approval', { ...DOCUMENT.tool, approval: APPROVAL }],
    [
      'a server, a parent and a description',
      { ...DOCUMENT.tool, server: 's', parent: 'd', description_sha256: DIGEST },
    ],
    ['arguments that are a string', { ...TOOL, arguments: 'SELECT 1' }],
    ['arguments that are null', { ...TOOL, arguments: null }],
    ['no text', { ...TOOL, actions: [], arguments_sha256: DIGEST }],
  ])('accepts a tool with %s', (_, tool) => {
    validate({ ...DOCUMENT, tool });
    expect(validate.errors ?? []).toEqual([]);
  });

  test.each(Object.keys(DOCUMENT.tool))('refuses a tool without %s', (key) => {
    expect(validate({ ...DOCUMENT, tool: without(key) })).toBe(false);
  });

  test.each([
    ['arguments and their digest', { arguments_sha256: DIGEST }],
    ['an unknown field', { extra: 1 }],
    ['an unknown origin', { origin: 'user' }],
    ['a digest that is none', { description_sha256: 'x' }],
    ['an approval by nobody', { approval: { ...APPROVAL, by: { id: '', issuer: '', role: '' } } }],
    ['an unknown kind of action', { actions: [{ kind: 'thought' }] }],
    ['an action without its parts', { actions: [{ kind: 'command', words: ['ls'] }] }],
    ['an action with parts of another', { actions: [{ ...ACTIONS[4], host: 'example.com' }] }],
    ['a port that is none', { actions: [{ kind: 'network', host: 'example.com', port: 70000 }] }],
    ['a place that is none', { actions: [{ ...ACTIONS[1], place: 'home' }] }],
  ])('refuses %s', (_, change) => {
    expect(validate({ ...DOCUMENT, tool: { ...DOCUMENT.tool, ...change } })).toBe(false);
  });

  test('a tool is in the tool phase, and only there', () => {
    const { tool: _, ...rest } = DOCUMENT;
    expect(validate(rest)).toBe(false);
    expect(validate({ ...DOCUMENT, tool: null })).toBe(false);
    expect(validate({ ...DOCUMENT, phase: 'request' })).toBe(false);
    expect(validate({ ...rest, phase: 'request' })).toBe(true);
    expect(validate({ ...rest, phase: 'response' })).toBe(false);
  });
});
