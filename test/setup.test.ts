import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { OPA_VERSION } from '../src/bundle/index.ts';
import { opa, temporaryFolder } from './bundle/support.ts';

const root = temporaryFolder();

/** A checkout whose dependencies are installed; `programs` are all that its PATH holds. */
function checkout(
  name: string,
  programs: string[],
): { folder: string; run: (env?: NodeJS.ProcessEnv) => Promise<{ code: number; said: string }> } {
  const folder = join(root, name);
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  mkdirSync(join(folder, 'bin'));
  cpSync('scripts/setup', join(folder, 'scripts/setup'));
  for (const file of ['go.mod', 'go.sum']) cpSync(`scripts/opa/${file}`, join(folder, 'scripts/opa', file));
  cpSync('package-lock.json', join(folder, 'package-lock.json'));
  cpSync('package-lock.json', join(folder, 'node_modules/.setup'));
  symlinkSync(resolve('node_modules/.bin/node'), join(folder, 'node_modules/.bin/node'));
  for (const program of [
    'bash',
    'sed',
    'cmp',
    'mkdir',
    'mktemp',
    'rm',
    'mv',
    'cp',
    'cat',
    'sleep',
    'dirname',
    'chmod',
    ...programs,
  ]) {
    symlinkSync(execFileSync('which', [program], { encoding: 'utf8' }).trim(), join(folder, 'bin', program));
  }
  const run = (env: NodeJS.ProcessEnv = {}): Promise<{ code: number; said: string }> =>
    new Promise((done) => {
      const options = { env: { PATH: join(folder, 'bin'), HOME: process.env.HOME, ...env } };
      execFile(join(folder, 'scripts/setup'), [], options, (error, _out, said) =>
        done({ code: error ? Number(error.code) : 0, said }),
      );
    });
  return { folder, run };
}

describe('scripts/setup', () => {
  test('is quick and silent when there is nothing to do', async () => {
    const { run } = checkout('ready', []);
    await run({ OPA: opa });
    const start = performance.now();
    expect(await run({ OPA: opa })).toEqual({ code: 0, said: '' });
    expect(performance.now() - start).toBeLessThan(2000); // a tenth of that where nothing else runs
  });

  test('says what to do when OPA is missing and cannot be built', async () => {
    const { run } = checkout('without-go', ['flock']);
    const { code, said } = await run();
    expect(code).toBe(3);
    expect(said).toContain(`OPA ${OPA_VERSION} was not found, and cannot be built because Go is not installed`);
    expect(said).toContain('or its path in the environment variable OPA');
  });

  test('passes over another version of OPA', async () => {
    const { folder, run } = checkout('other-opa', []);
    writeFileSync(join(folder, 'bin/opa'), '#!/bin/sh\necho "Version: 1.0.0"\n', { mode: 0o755 });
    expect(await run()).toMatchObject({ code: 3 });
  });

  test('says what to do when dependencies cannot be installed', async () => {
    const { folder, run } = checkout('without-npm', ['flock']);
    writeFileSync(join(folder, 'package-lock.json'), '{}');
    expect(await run({ OPA: opa })).toEqual({
      code: 3,
      said: 'setup: npm was not found; install Node.js 20 or newer, then run this again\n',
    });
  });

  test.each([
    ['with flock', ['flock']],
    ['without flock', []],
  ])('lets one set-up work at a time %s', async (name, programs) => {
    const { folder, run } = checkout(name.replace(' ', '-'), programs);
    writeFileSync(join(folder, 'package-lock.json'), '{"lockfileVersion":3}');
    // Stands for npm, and tells if it runs twice at once.
    const npm = '#!/bin/bash\nmkdir busy || { echo "two at once" >&2; exit 1; }\nsleep 0.5\necho >>runs\nrm -r busy\n';
    writeFileSync(join(folder, 'bin/npm'), npm);
    chmodSync(join(folder, 'bin/npm'), 0o755);
    const results = await Promise.all([run({ OPA: opa }), run({ OPA: opa }), run({ OPA: opa })]);
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(results.map(({ said }) => said).join('')).not.toContain('two at once');
    expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('\n');
  });

  test('is not held up by a set-up that was killed', async () => {
    const { folder, run } = checkout('killed', []);
    mkdirSync(join(folder, '.cache/setup.lock.d'), { recursive: true });
    writeFileSync(join(folder, '.cache/setup.lock.d/pid'), '999999999\n');
    writeFileSync(join(folder, 'package-lock.json'), '{}');
    expect(await run({ OPA: opa })).toMatchObject({ code: 3, said: expect.stringContaining('npm was not found') });
    expect(statSync(join(folder, '.cache/setup.lock.d'), { throwIfNoEntry: false })).toBeUndefined();
  });
});
