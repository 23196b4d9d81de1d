import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { Workshop } from '../../src/bundle/index.ts';
import { readModule } from '../../src/bundle/module.ts';
import { SUPPORTED_BUILTINS } from '../../src/policy/index.ts';
import { opa, temporaryFolder } from '../bundle/support.ts';

interface Builtin {
  name: string;
  decl: { args?: unknown[] };
}

const capabilities = resolve('policies/capabilities.json');
const ours: { builtins: Builtin[]; allow_net: string[] } = JSON.parse(readFileSync(capabilities, 'utf8'));
const current = JSON.parse(execFileSync(opa, ['capabilities', '--current'], { encoding: 'utf8', maxBuffer: 1e7 }));
const folder = temporaryFolder();

/** The compiler takes these away: they reach neither WebAssembly nor its host. */
const COMPILE_TIME = [
  'assign',
  'eq',
  'internal.print',
  'internal.template_string',
  'internal.test_case',
  'print',
  'rego.metadata.chain',
  'rego.metadata.rule',
];

test("are OPA's own of this version, less what we take away", () => {
  const { builtins, allow_net, ...rest } = ours;
  const { builtins: all, ...currentRest } = current;
  expect(rest).toEqual(currentRest);
  expect(allow_net).toEqual([]);
  const names = new Set(builtins.map(({ name }) => name));
  expect(builtins).toEqual(all.filter(({ name }: Builtin) => names.has(name)));
});

test('leave nothing that varies', () => {
  const varying = /^(http\.|net\.|rand\.|uuid\.|opa\.|time\.|io\.jwt\.|crypto\.|providers\.|trace$)/;
  expect(ours.builtins.map(({ name }) => name).filter((name) => varying.test(name))).toEqual([]);
});

test('leave only what is native to WebAssembly or what the engine brings', async () => {
  const called = ours.builtins.filter(({ name }) => !COMPILE_TIME.includes(name));
  expect(called.length).toBeGreaterThan(80);
  const rules = called.map(({ name, decl }, index) => {
    const args = (decl.args ?? []).map((_, at) => `input.a${at}`);
    // `in` is a relation without a result.
    if (name.startsWith('internal.member_')) return `r contains ${index} if ${name}(${args.join(', ')})`;
    return `r contains ${index} if ${name}(${[...args, '_'].join(', ')})`;
  });
  mkdirSync(join(folder, 'x'));
  writeFileSync(join(folder, 'x/x.rego'), `package x\n\n${rules.join('\n')}\n`);
  const compiled = await Workshop.use({ sources: [join(folder, 'x')], capabilities }, opa, (workshop) =>
    workshop.compile(['x/r']),
  );
  const { builtins } = readModule(compiled.wasm);
  expect(builtins.filter((name) => !SUPPORTED_BUILTINS.has(name))).toEqual([]);
  expect(builtins).toEqual(['sprintf']);
});
