import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { packArchive, unpackArchive } from '../../src/bundle/archive.ts';
import { BundleError, build, type Files, type OpenOptions, open } from '../../src/bundle/index.ts';
import { findOpa } from '../../src/cli/opa.ts';
import { Certificate, createDevelopmentPki, openSigner } from '../../src/pki/index.ts';
import { SUPPORTED_BUILTINS } from '../../src/policy/index.ts';

export const NOW = new Date('2026-11-24T12:00:00Z');
export const SPEC = 'bundles/default.yaml';
export const ENTRYPOINTS = ['verdict/request', 'verdict/tool', 'verdict/response'];

export const opa = await findOpa();
export const pki = createDevelopmentPki({ now: new Date('2026-11-01T00:00:00Z'), days: 60 });
export const signer = openSigner(pki.bundle);
export const anchors = Certificate.fromPem(pki.root.certificatePem);

/** A folder that is removed when the tests of the file are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'verdict-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const openOptions = (changes: Partial<OpenOptions> = {}): OpenOptions => ({
  anchors,
  time: NOW,
  builtins: SUPPORTED_BUILTINS,
  ...changes,
});

/** `opened`, or the code with which a bundle was refused. */
export async function outcome(bytes: Uint8Array, changes: Partial<OpenOptions> = {}): Promise<string> {
  try {
    await open(bytes, openOptions(changes));
    return 'opened';
  } catch (error) {
    if (error instanceof BundleError) return error.code;
    throw error;
  }
}

/** The same bundle with other files; what is put in as undefined is taken out. */
export async function changed(
  bytes: Uint8Array,
  changes: Record<string, Uint8Array | string | undefined>,
): Promise<Uint8Array> {
  const files = new Map(await unpackArchive(bytes));
  for (const [name, contents] of Object.entries(changes)) {
    if (contents === undefined) files.delete(name);
    else files.set(name, Buffer.from(contents));
  }
  return packArchive(files as Files);
}

/** A small bundle of one rule `r` in package x, and one test of it. */
export async function buildPolicy(folder: string, rule: string, condition: string): Promise<Uint8Array> {
  mkdirSync(join(folder, 'x'));
  writeFileSync(join(folder, 'x/x.rego'), `package x\n\n${rule}\n`);
  writeFileSync(join(folder, 'x/x_test.rego'), `package x_test\n\nimport data.x\n\ntest_r if ${condition}\n`);
  const lines = [
    'name: x',
    'revision: "1"',
    'sequence: 1',
    'sources: [x]',
    'capabilities: c.json',
    'entrypoints: [x/r]',
    'roots: [x]',
  ];
  writeFileSync(join(folder, 'x.yaml'), lines.join('\n'));
  writeFileSync(join(folder, 'c.json'), readFileSync('policies/capabilities.json'));
  return readFileSync((await build(join(folder, 'x.yaml'), { opa, signer, outDir: folder })).path);
}
