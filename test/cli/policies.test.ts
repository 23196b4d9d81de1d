import { createPrivateKey } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as build from '../../src/cli/build.ts';
import * as bundle from '../../src/cli/bundle.ts';
import { findOpa } from '../../src/cli/opa.ts';
import * as policyTest from '../../src/cli/test.ts';
import { Authority } from '../bundle/openssl.ts';
import { temporaryFolder } from '../bundle/support.ts';
import { run } from './reading.ts';

const folder = temporaryFolder();
const file = (name: string): string => join(folder, name);
let key: string[];

beforeAll(() => {
  const authority = new Authority(folder);
  const pem = authority.issue();
  writeFileSync(file('root.pem'), authority.certificatePem);
  writeFileSync(file('signer.pem'), pem.certificatePem);
  writeFileSync(file('signer.key'), pem.keyPem, { mode: 0o600 });
  writeFileSync(file('signer.p12'), authority.pkcs12(pem, 'the-passphrase'));
  key = ['--cert', file('signer.pem'), '--key', file('signer.key')];
});

afterEach(() => {
  delete process.env.VERDICT_BUNDLE_PASSPHRASE;
});

function copyOfPolicies(name: string): string {
  cpSync('policies', file(`${name}/policies`), { recursive: true });
  mkdirSync(file(`${name}/bundles`));
  cpSync('bundles/default.yaml', file(`${name}/bundles/default.yaml`));
  return file(name);
}

describe('verdict build and bundle inspect', () => {
  test('print path and digest, and what is in the bundle', async () => {
    const out = file('out');
    const built = await run(build.register, [
      'build',
      'bundles/default.yaml',
      ...key,
      '--out',
      out,
      '--source-commit',
      'abc123',
    ]);
    expect(built).toMatchObject({ code: 0, message: '' });
    expect(built.lines[0]).toMatch(/^\d+ Rego tests passed, 100% of lines covered$/);
    expect(built.lines[1]).toBe(`bundle ${join(out, 'default.tar.gz')}`);
    const digest = /^digest ([0-9a-f]{64})$/.exec(built.lines[2] ?? '')?.[1];
    expect(built.lines[3]).toBe('signed by CN=leaf1');

    const inspect = ['bundle', 'inspect', join(out, 'default.tar.gz'), '--ca', file('root.pem')];
    const at = ['--at', new Date(Date.now() + 60_000).toISOString()];
    const { code, lines } = await run(bundle.register, [...inspect, ...at]);
    expect([code, lines[0]]).toEqual([0, `digest       ${digest}`]);
    expect(lines.join('\n')).toContain('compiled by  OPA 1.21.1 from commit abc123');
    expect(lines.join('\n')).toMatch(/[0-9a-f]{64} +\d+ {2}policy\.wasm/);
    const json = JSON.parse((await run(bundle.register, [...inspect, ...at, '--json'])).lines[0] ?? '');
    expect(json).toMatchObject({ digest, sequence: 1, source_commit: 'abc123', signer: { subject: 'CN=leaf1' } });
    expect(json).toMatchObject({ not_before: null, not_after: null, decides_until: json.signer.not_after });
    expect(lines.join('\n')).toContain(`decides      ${json.decides_from} to ${json.decides_until}`);
    expect(lines.join('\n')).not.toContain('manifest  ');
  });

  test('print both windows where the manifest states one: its own, and when the bundle decides', async () => {
    const root = copyOfPolicies('window');
    const spec = join(root, 'bundles/default.yaml');
    writeFileSync(spec, `${readFileSync(spec, 'utf8')}\nnot_after: "2999-01-01T00:00:00Z"\n`);
    expect(await run(build.register, ['build', spec, ...key, '--out', root])).toMatchObject({ code: 0 });
    const at = new Date(Date.now() + 60_000).toISOString();
    const inspect = ['bundle', 'inspect', join(root, 'default.tar.gz'), '--ca', file('root.pem'), '--at', at];
    const json = JSON.parse((await run(bundle.register, [...inspect, '--json'])).lines[0] ?? '');
    expect(json).toMatchObject({ not_before: null, not_after: '2999-01-01T00:00:00.000Z' });
    expect(json.decides_until).toBe(json.signer.not_after);
    expect((await run(bundle.register, inspect)).lines).toEqual(
      expect.arrayContaining([
        `decides      ${json.decides_from} to ${json.decides_until}`,
        'manifest     from the start to 2999-01-01T00:00:00.000Z',
      ]),
    );
  });

  test('take PKCS#12 with the passphrase from the environment', async () => {
    const args = ['build', 'bundles/default.yaml', '--p12', file('signer.p12'), '--out', file('p12'), '--json'];
    expect(await run(build.register, args)).toMatchObject({
      code: 2,
      message: expect.stringContaining('VERDICT_BUNDLE_PASSPHRASE'),
    });
    process.env.VERDICT_BUNDLE_PASSPHRASE = 'wrong';
    expect(await run(build.register, args)).toMatchObject({
      code: 2,
      message: expect.stringContaining('PKI_PASSPHRASE_WRONG'),
    });
    process.env.VERDICT_BUNDLE_PASSPHRASE = 'the-passphrase';
    const { code, lines } = await run(build.register, args);
    expect(code).toBe(0);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      path: file('p12/default.tar.gz'),
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test('no private key gets into a bundle', () => {
    const { d = '' } = createPrivateKey(readFileSync(file('signer.key'))).export({ format: 'jwk' });
    const unpacked = gunzipSync(readFileSync(file('p12/default.tar.gz')));
    const secret = Buffer.from(d, 'base64url');
    for (const form of [
      secret,
      Buffer.from(d),
      Buffer.from(secret.toString('base64')),
      Buffer.from(secret.toString('hex')),
    ]) {
      expect(form.length).toBeGreaterThan(30);
      expect(unpacked.includes(form)).toBe(false);
    }
    expect(unpacked.includes('PRIVATE KEY')).toBe(false);
  });

  test('say whose turn it is when they fail', async () => {
    const refused = async (...args: string[]) => run(build.register, ['build', ...args, '--out', file('none')]);
    expect(await refused(file('nothing.yaml'), ...key)).toMatchObject({
      code: 3,
      message: expect.stringContaining('ENOENT'),
    });
    expect(await refused('bundles/default.yaml', '--cert', file('signer.pem'))).toMatchObject({ code: 2 });
    expect(await refused('bundles/default.yaml', '--cert', file('none.pem'), '--key', file('none.key'))).toMatchObject({
      code: 3,
    });
    expect(
      await refused('bundles/default.yaml', '--cert', file('root.pem'), '--key', file('signer.key')),
    ).toMatchObject({ code: 2, message: expect.stringContaining('PKI_KEY_MISMATCH') });
    writeFileSync(file('bad.yaml'), 'name: x\n');
    expect(await refused(file('bad.yaml'), ...key)).toMatchObject({
      code: 2,
      message: expect.stringContaining('BUNDLE_SPEC_INVALID: line 1'),
    });
    const root = copyOfPolicies('clock');
    writeFileSync(join(root, 'policies/org/identity/clock.rego'), 'package org.identity\n\nnow := time.now_ns()\n');
    expect(await refused(join(root, 'bundles/default.yaml'), ...key)).toMatchObject({
      code: 1,
      message: expect.stringContaining('undefined function time.now_ns'),
    });
  });

  test('a bundle that is not as signed is a finding', async () => {
    writeFileSync(file('cut.tar.gz'), readFileSync(file('out/default.tar.gz')).subarray(0, 5000));
    const { code, message } = await run(bundle.register, [
      'bundle',
      'inspect',
      file('cut.tar.gz'),
      '--ca',
      file('root.pem'),
    ]);
    expect([code, message]).toEqual([1, expect.stringContaining('BUNDLE_ARCHIVE_INVALID')]);
  });
});

describe('verdict test', () => {
  test.each(['bundles/default.yaml', 'policies'])('holds for %s', async (path) => {
    const { code, lines } = await run(policyTest.register, ['test', path]);
    expect(code).toBe(0);
    expect(lines[1]).toMatch(/^\d+ Rego tests and \d+ decisions by WebAssembly too: 0 not as expected$/);
  });

  test('finds a decision that differs between OPA and WebAssembly', async () => {
    const root = copyOfPolicies('differs');
    const rego = join(root, 'policies/org/request/request.rego');
    const text = readFileSync(rego, 'utf8');
    writeFileSync(
      rego,
      text.replace('answers at most"', 'answers at most, not {input.call.parameters.max_tokens * 2}"'),
    );
    const { code, lines } = await run(policyTest.register, ['test', join(root, 'policies'), '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(lines[0] ?? '').differences).toEqual([
      {
        input: 'deny/support-numbers.json',
        entrypoint: 'verdict/request',
        why: expect.stringMatching(/^OPA: .*0000".*\nWASM: .*2e\+300/),
      },
    ]);
  });

  test('finds a Rego test that holds in OPA only', async () => {
    const root = copyOfPolicies('test-differs');
    writeFileSync(
      join(root, 'policies/org/identity/more_test.rego'),
      'package org.more_test\n\ntest_number if json.marshal(1e300 * 10) == sprintf("1%s", [concat("", [z | some _ in numbers.range(1, 301); z := "0"])])\n',
    );
    const { code, lines } = await run(policyTest.register, ['test', join(root, 'policies')]);
    expect(lines.join('\n')).toContain('data.org.more_test.test_number\npasses by OPA, fails by WebAssembly');
    expect(code).toBe(1);
  });

  test('finds an example that is decided otherwise than its folder says', async () => {
    const root = copyOfPolicies('examples');
    const inputs = join(root, 'policies/inputs');
    cpSync(join(inputs, 'deny/nobody.json'), join(inputs, 'allow/nobody.json'));
    const { code, lines } = await run(policyTest.register, ['test', join(root, 'policies')]);
    expect(code).toBe(1);
    expect(lines.join('\n')).toContain('allow/nobody.json at verdict/request\nexpected allow, got {"effect":"deny"');
  });

  test('fails with a Rego test, and with an input that is not exact JSON', async () => {
    const root = copyOfPolicies('failing');
    writeFileSync(join(root, 'policies/inputs/deny/twice.json'), '{"a":1,"a":2}');
    expect(await run(policyTest.register, ['test', join(root, 'policies')])).toMatchObject({
      code: 2,
      message: expect.stringContaining('JSON_DUPLICATE_KEY'),
    });
    writeFileSync(join(root, 'policies/inputs/deny/twice.json'), '{}');
    writeFileSync(join(root, 'policies/org/identity/more_test.rego'), 'package org.more_test\n\ntest_x if false\n');
    expect(await run(policyTest.register, ['test', join(root, 'policies')])).toMatchObject({
      code: 1,
      message: expect.stringContaining('data.org.more_test.test_x: FAIL'),
    });
    expect(await run(policyTest.register, ['test', file('nothing')])).toMatchObject({ code: 3 });
  });
});

describe('the pinned OPA', () => {
  test('is taken from $OPA or PATH only in its version', async () => {
    const real = await findOpa();
    const fake = join(folder, 'bin');
    mkdirSync(fake);
    writeFileSync(join(fake, 'opa'), '#!/bin/sh\necho "Version: 0.1.0"\n', { mode: 0o755 });
    expect(await findOpa({ OPA: real, PATH: '' })).toBe(real);
    expect(await findOpa({ OPA: join(fake, 'opa'), PATH: join(real, '..') })).toBe(join(real, '..', 'opa'));
    const found = await findOpa({ OPA: join(fake, 'opa'), PATH: fake }).catch((error: Error) => error.message);
    // In a checkout the cache comes last; where OPA comes from PATH there is none.
    expect(found).toMatch(
      /^(\/.*\.cache\/opa\/1\.21\.1\/opa|expected OPA 1\.21\.1, found .*opa is 0\.1\.0.*scripts\/setup builds it.*)$/,
    );
  });
});
