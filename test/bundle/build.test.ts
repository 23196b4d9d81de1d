import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { unpackArchive } from '../../src/bundle/archive.ts';
import { type BuildOptions, build, open } from '../../src/bundle/index.ts';
import { Evaluator } from '../../src/policy/index.ts';
import { ENTRYPOINTS, opa, openOptions, SPEC, signer, temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const options = (changes: Partial<BuildOptions> = {}): BuildOptions => ({
  opa,
  signer,
  outDir: join(folder, 'out'),
  ...changes,
});

/** A copy of the policies and the bundle's file, to be changed. */
function copyOfSources(name: string): string {
  const root = join(folder, name);
  cpSync('policies', join(root, 'policies'), { recursive: true });
  cpSync('bundles/default.yaml', join(root, 'bundles/default.yaml'));
  return root;
}

/** The least that a bundle can be made of, to be changed: the example policies take seconds to test. */
function smallSources(name: string): string {
  const root = join(folder, name);
  const files = {
    'policies/verdict/verdict.rego':
      'package verdict\n\nrequest := {"effect": "allow"} if input.model == data.routes.support.model\n',
    'policies/verdict/verdict_test.rego':
      'package verdict_test\n\nimport data.verdict\n\ntest_request if verdict.request with input.model as data.routes.support.model\n',
    'policies/routes/support/data.yaml': 'model: gpt-5-mini\n',
    'policies/capabilities.json': readFileSync('policies/capabilities.json', 'utf8'),
    'bundles/default.yaml': [
      'name: default',
      'revision: "1"',
      'sequence: 1',
      'sources: [../policies]',
      'capabilities: ../policies/capabilities.json',
      'entrypoints: [verdict/request]',
      'roots: [verdict, org, routes]',
      'coverage: 100',
    ].join('\n'),
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(root, file, '..'), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}

async function filesOf(path: string): Promise<ReadonlyMap<string, Uint8Array>> {
  return unpackArchive(readFileSync(path));
}

describe('the default bundle', () => {
  test('is built, opened, and decides', async () => {
    const built = await build(SPEC, options({ sourceCommit: '15ad04e' }));
    const bundle = await open(readFileSync(built.path), openOptions());
    expect(bundle).toMatchObject({
      digest: built.digest,
      revision: '0.1.0',
      sequence: 1,
      entrypoints: ENTRYPOINTS,
      opaVersion: '1.21.1',
      sourceCommit: '15ad04e',
    });
    expect(bundle.signer.sha256).toBe(signer.certificate.sha256);
    expect(built.tests).toMatchObject({ coverage: 100 });
    const input = readFileSync('policies/inputs/deny/support-tool.json');
    const decision = new Evaluator(bundle).decide('verdict/request', input);
    expect(decision.reasons.map(({ code, rule }) => [code, rule])).toEqual([
      ['TOOL_NOT_ALLOWED', 'data.routes.support.deny'],
    ]);
  });

  test('has the same files but for the signatures on every run and from another folder', async () => {
    const root = copyOfSources('elsewhere/deeper');
    const first = await build(SPEC, options({ outDir: join(folder, 'first') }));
    const second = await build(join(root, 'bundles/default.yaml'), options({ outDir: join(folder, 'second') }));
    expect(second.digest).toBe(first.digest);
    const [one, other] = [await filesOf(first.path), await filesOf(second.path)];
    expect([...other.keys()]).toEqual([...one.keys()]);
    const differ = [...one].filter(([name, bytes]) => !Buffer.from(bytes).equals(other.get(name) ?? Buffer.alloc(0)));
    // ECDSA takes a random number for each signature.
    expect(differ.map(([name]) => name).sort()).toEqual(['.signatures.json', 'SHA256SUMS.p7s']);
  });

  test('holds the source of its WebAssembly: OPA compiles the one from the other', async () => {
    const { path } = await build(SPEC, options());
    const unpacked = join(folder, 'unpacked');
    mkdirSync(unpacked);
    execFileSync('tar', ['xzf', path, '-C', unpacked]);
    const entrypoints = ENTRYPOINTS.flatMap((entrypoint) => ['-e', entrypoint]);
    execFileSync('rm', ['.signatures.json', 'policy.wasm'], { cwd: unpacked });
    execFileSync(opa, ['build', '-b', '.', '-t', 'wasm', ...entrypoints, '-o', '../again.tar.gz'], { cwd: unpacked });
    const wasm = execFileSync('tar', ['xzOf', join(folder, 'again.tar.gz'), '/policy.wasm'], {
      maxBuffer: 1e8,
      stdio: 'pipe',
    });
    expect(wasm.equals(Buffer.from((await filesOf(path)).get('policy.wasm') ?? []))).toBe(true);
  });

  test('changes its digest with its data, its Rego and its sequence', async () => {
    const digests = new Set<string>();
    const add = async (root: string) =>
      digests.add((await build(join(root, 'bundles/default.yaml'), options())).digest);
    await add(smallSources('unchanged'));
    const change = async (name: string, file: string, from: string, to: string): Promise<void> => {
      const root = smallSources(name);
      const path = join(root, file);
      const text = readFileSync(path, 'utf8');
      expect(text).toContain(from);
      writeFileSync(path, text.replace(from, to));
      await add(root);
    };
    await change('data', 'policies/routes/support/data.yaml', 'gpt-5-mini', 'gpt-5-nano');
    await change('rego', 'policies/verdict/verdict.rego', 'allow', 'deny');
    await change('sequence', 'bundles/default.yaml', 'sequence: 1', 'sequence: 2');
    expect(digests.size).toBe(4);
  });
});

describe('a build is refused', () => {
  const refused = async (name: string, change: (root: string) => void): Promise<string> => {
    const root = smallSources(name);
    change(root);
    return build(join(root, 'bundles/default.yaml'), options()).then(
      () => 'built',
      (error: Error) => error.message,
    );
  };
  const add = (file: string, text: string) => (root: string) => {
    mkdirSync(join(root, file, '..'), { recursive: true });
    writeFileSync(join(root, file), text);
  };

  test.each([
    ['the clock', 'time.now_ns() > 0'],
    ['the network', 'http.send({"url": "http://x"})'],
    ['randomness', 'rand.intn("x", 2) == 1'],
    ['the environment', 'opa.runtime()'],
    ['what WebAssembly lacks', 'crypto.sha256("x") == ""'],
  ])('when a policy uses %s', async (name, condition) => {
    const message = await refused(
      name,
      add('policies/org/bad/bad.rego', `package org.bad\n\ndeny contains "x" if ${condition}\n`),
    );
    expect(message).toMatch(/^BUNDLE_CHECK_FAILED: .*undefined function/s);
    expect(message).toContain('org/bad/bad.rego:3');
  });

  test.each([
    ['below a topic', 'policies/org/a/b/b.rego', 'package org.a.b', 'org.a.b'],
    ['below a topic, by another name', 'policies/org/a/b/b.rego', 'package org["a-x"].b', 'org["a-x"].b'],
    ['in no topic', 'policies/org/org.rego', 'package org', 'org'],
  ])('when a rule of the organisation stands %s, where nothing asks for it', async (name, file, header, got) => {
    const message = await refused(`nested ${name}`, add(file, `${header}\n\ndeny contains "x" if input.bad\n`));
    expect(message).toMatch(/^BUNDLE_CHECK_FAILED: expected org\.<topic> as the package of every rule/);
    expect(message).toContain(`got ${got}: nothing asks for its rules`);
  });

  test('when a Rego test fails', async () => {
    const message = await refused(
      'failing',
      add('policies/org/bad/bad_test.rego', 'package org.bad_test\n\ntest_x if 1 == 2\n'),
    );
    expect(message).toMatch(/^BUNDLE_TESTS_FAILED: .*data\.org\.bad_test\.test_x: FAIL/s);
  });

  test('when a Rego test is put off', async () => {
    const message = await refused(
      'skipped',
      add('policies/org/bad/bad_test.rego', 'package org.bad_test\n\ntodo_test_x if true\n'),
    );
    expect(message).toMatch(/^BUNDLE_TESTS_FAILED: .*data\.org\.bad_test\.todo_test_x: SKIPPED/s);
  });

  test('when a rule is not covered', async () => {
    const message = await refused(
      'uncovered',
      add('policies/org/bad/bad.rego', 'package org.bad\n\ndeny contains "x" if input.bad\n'),
    );
    expect(message).toMatch(
      /^BUNDLE_TESTS_FAILED: expected 100 % coverage, got \d\d(\.\d+)? %: org\/bad\/bad\.rego:3$/,
    );
  });

  test('when there are no tests at all', async () => {
    const message = await refused('testless', (root) => {
      execFileSync('find', [join(root, 'policies'), '-name', '*_test.rego', '-delete']);
    });
    expect(message).toMatch(/^BUNDLE_TESTS_FAILED/);
  });

  test('when a source is a link', async () => {
    const message = await refused('linked', (root) => symlinkSync('/etc/hostname', join(root, 'policies/data.json')));
    expect(message).toMatch(/^BUNDLE_SOURCE_INVALID: expected no links/);
  });

  test('when a source is missing', async () => {
    const message = await refused('missing', (root) => execFileSync('rm', ['-r', join(root, 'policies')]));
    expect(message).toMatch(/^BUNDLE_SOURCE_INVALID: expected to read .*policies, got ENOENT/);
  });

  test('when two sources have the same file', async () => {
    const message = await refused('twice', (root) => {
      cpSync(join(root, 'policies'), join(root, 'more'), { recursive: true });
      const spec = join(root, 'bundles/default.yaml');
      writeFileSync(spec, readFileSync(spec, 'utf8').replace('[../policies]', '[../policies, ../more]'));
    });
    expect(message).toMatch(/^BUNDLE_SOURCE_INVALID: expected .* in one source only/);
  });

  test('when OPA cannot be run', async () => {
    await expect(build(SPEC, options({ opa: join(folder, 'none') }))).rejects.toThrow('BUNDLE_OPA_FAILED');
  });
});
