import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readInputs } from '../../src/bundle/index.ts';
import { opa } from '../bundle/support.ts';

interface Annotations {
  title?: string;
  description?: string;
  scope: string;
  entrypoint?: boolean;
  custom?: { code: string; approver?: string; risk?: Record<string, unknown> };
}

const inspected = JSON.parse(
  execFileSync(opa, ['inspect', '--annotations', '--format', 'json', 'policies'], { encoding: 'utf8' }),
);
const annotated: { path: { value: string }[]; annotations: Annotations; location: { file: string } }[] =
  inspected.annotations;
const rules = annotated
  .filter(({ annotations }) => annotations.custom)
  .map(({ path, annotations }) => {
    const { code = '', approver, risk } = annotations.custom ?? {};
    return { rule: path.map(({ value }) => value).join('.'), code, approver, risk, title: annotations.title ?? '' };
  });

describe('every denying rule', () => {
  test('has a code and a title, and a risk that is whole if it has one', () => {
    expect(rules.length).toBeGreaterThan(20);
    for (const { code, risk, title } of rules) {
      expect(code).toMatch(/^[A-Z][A-Z_]+$/);
      expect(title).not.toBe('');
      if (risk === undefined) continue;
      expect(risk).toEqual({
        id: expect.stringMatching(/^(LLM|ASI)(0[1-9]|10)$/),
        year: String(risk.id).startsWith('LLM') ? 2025 : 2026,
        title: expect.any(String),
        owner: expect.any(String),
        treatment: expect.stringMatching(/^(avoid|mitigate)$/),
      });
    }
  });

  // Another name would be asked by nobody, and a question without an approver could not be answered.
  test('stands in a set that the composer asks, and names an approver if it asks one', () => {
    for (const { rule, approver } of rules) {
      expect(rule).toMatch(/\.(deny|deny_tool|approve_tool|\w+_denials)$/);
      expect([rule, approver !== undefined]).toEqual([rule, rule.endsWith('.approve_tool')]);
    }
  });

  test('takes its reason from its own METADATA', () => {
    const sources = execFileSync('find', ['policies', '-name', '*.rego', '!', '-name', '*_test.rego'], {
      encoding: 'utf8',
    });
    const text = sources
      .trim()
      .split('\n')
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const heads = text.match(/^\w+ contains reason\.of\(\s*rego\.metadata\.chain\(\),/gm) ?? [];
    expect(heads.length).toBe(rules.length);
    // No rule can deny but by such a head; the composer only passes on.
    const others = (text.match(/^\w+ contains .*/gm) ?? []).filter((head) => !head.includes('reason.of('));
    expect(others.sort()).toEqual([
      'models contains input.call.fallbacks[_]',
      'models contains input.call.fallbacks[_]',
      'models contains object.get(input, ["call", "model"], "") if generates',
      'models contains object.get(input, ["call", "model"], "") if generates',
      'open_questions contains question if {',
      'questions contains question if some question in data.org[_].approve_tool',
      'questions contains question if some question in data.routes[input.route.policy].approve_tool',
      'request_denials contains denial if some denial in data.org[_].deny',
      'request_denials contains denial if some denial in data.routes[input.route.policy].deny',
      'tool_denials contains denial if some denial in data.org[_].deny_tool',
      'tool_denials contains denial if some denial in data.routes[input.route.policy].deny_tool',
      'tool_denials contains question if {',
    ]);
  });

  test('stands in the README, and nothing else does', () => {
    const rows = readFileSync('policies/README.md', 'utf8').matchAll(
      /^\| `([A-Z_]+)` +\| `(data\.[\w.]+)` +\| [^|]+ \| (?:(\w+):(\d+))? *\|$/gm,
    );
    const documented = [...rows].map(([, code, rule, id = '', year = '']) => `${rule} ${code} ${id} ${year}`);
    const actual = rules.map(({ rule, code, risk }) => `${rule} ${code} ${risk?.id ?? ''} ${risk?.year ?? ''}`);
    expect(documented.sort()).toEqual(actual.sort());
  });
});

test('every package and every entrypoint has a title and a description', () => {
  const documented = annotated.filter(({ annotations }) => annotations.scope === 'package' || annotations.entrypoint);
  for (const { annotations } of documented) {
    expect(annotations).toMatchObject({ title: expect.any(String), description: expect.any(String) });
  }
  const entrypoints = documented.filter(({ annotations }) => annotations.entrypoint);
  expect(entrypoints.map(({ path }) => path.map(({ value }) => value).join('.')).sort()).toEqual([
    'data.verdict.request',
    'data.verdict.response',
    'data.verdict.tool',
  ]);
});

test('everything is formatted', () => {
  expect(execFileSync(opa, ['fmt', '--list', 'policies'], { encoding: 'utf8' })).toBe('');
});

test('the example inputs are such as the gateway makes', async () => {
  const isInput = new Ajv2020({ strictTypes: false }).compile(
    JSON.parse(readFileSync('src/input/input.schema.json', 'utf8')),
  );
  const inputs = await readInputs('policies/inputs');
  expect(inputs.length).toBeGreaterThan(25);
  for (const [name, bytes] of inputs) {
    expect([name, isInput(JSON.parse(Buffer.from(bytes).toString())), isInput.errors]).toEqual([name, true, null]);
  }
});
