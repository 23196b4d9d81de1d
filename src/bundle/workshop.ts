import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { unpackOpaArchive } from './archive.ts';
import { BundleError } from './error.ts';
import { DATA, type Files, MANIFEST, WASM } from './files.ts';
import { unaskedPackages } from './packages.ts';
import { parseSpec, type Spec } from './spec.ts';

/** The only file of this room that touches disk or runs a program: the pinned OPA, in a folder of its own. */

const OPA_TIMEOUT_MS = 120_000;
const OPA_OUTPUT_BYTES = 32 * 1024 * 1024;
/** What OPA loads from a folder in bundle mode. */
const SOURCE = /\.rego$|^data\.(json|yaml|yml)$/;
const LARGEST_SOURCE = 16 * 1024 * 1024;

/** How one run of OPA ended. */
export interface OpaRun {
  ok: boolean;
  stdout: string;
  stderr: string;
}

/** What `Workshop.compile` makes of a spec. */
export interface Compiled {
  /** Rego without tests, by name. */
  rego: Files;
  /** All data as one JSON text, as OPA writes it. */
  data: Uint8Array;
  wasm: Uint8Array;
}

export async function readSpec(file: string): Promise<Spec> {
  const spec = parseSpec(await readFile(file, 'utf8').catch(unreadable(file)));
  const from = (path: string): string => resolve(dirname(file), path);
  return {
    ...spec,
    sources: spec.sources.map(from),
    capabilities: from(spec.capabilities),
    inputs: spec.inputs === undefined ? undefined : from(spec.inputs),
  };
}

/** The JSON files of a folder and its folders, by path within it, in order. */
export async function readInputs(folder: string): Promise<[string, Uint8Array][]> {
  const names = (await readdir(folder, { recursive: true }).catch(unreadable(folder))).filter((name) =>
    name.endsWith('.json'),
  );
  return Promise.all(
    names.sort().map(async (name): Promise<[string, Uint8Array]> => [name, await readFile(join(folder, name))]),
  );
}

/** Writes a file whole or not at all: a gateway may be reading the one that it replaces. */
export async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.tmp`;
  await writeFile(draft, bytes);
  await rename(draft, file);
}

/**
 * A temporary folder with a copy of a bundle's sources, in which OPA runs with relative paths: so that neither messages
 * nor compiled code depend on where the sources lie.
 */
export class Workshop {
  private readonly folder: string;
  private readonly opa: string;
  private readonly capabilities: string;

  private constructor(folder: string, opa: string, capabilities: string) {
    this.folder = folder;
    this.opa = opa;
    this.capabilities = capabilities;
  }

  /** Copies the sources of a spec, does the work, and removes the folder. */
  static async use<T>(
    spec: Pick<Spec, 'sources' | 'capabilities'>,
    opa: string,
    work: (workshop: Workshop) => Promise<T>,
  ): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), 'verdict-bundle-'));
    try {
      for (const source of spec.sources) await copySources(source, join(folder, 'source'));
      return await work(new Workshop(folder, opa, spec.capabilities));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Runs OPA among the sources (tests too) or, once compiled, in another folder of the workshop. */
  run(args: string[], where = 'source'): Promise<OpaRun> {
    const options = {
      cwd: join(this.folder, where),
      timeout: OPA_TIMEOUT_MS,
      maxBuffer: OPA_OUTPUT_BYTES,
      env: { PATH: '' },
    };
    return new Promise((done, failed) => {
      execFile(this.opa, args, options, (error, stdout, stderr) => {
        if (error === null) return done({ ok: true, stdout, stderr });
        if (typeof error.code === 'number') return done({ ok: false, stdout, stderr });
        failed(new BundleError('BUNDLE_OPA_FAILED', `expected ${this.opa} to run, got ${error.message.slice(0, 300)}`));
      });
    });
  }

  /** `opa check --strict` with our capabilities: refuses what could not be replayed or is not in WebAssembly. */
  async check(): Promise<void> {
    const run = await this.run(['check', '--strict', '--bundle', '.', '--capabilities', this.capabilities]);
    if (!run.ok) throw new BundleError('BUNDLE_CHECK_FAILED', `opa check --strict:\n${run.stderr || run.stdout}`);
    await this.checkPackages();
  }

  private async checkPackages(): Promise<void> {
    const { ok, stdout, stderr } = await this.run(['inspect', '--format', 'json', '.']);
    if (!ok) throw new BundleError('BUNDLE_OPA_FAILED', `opa inspect:\n${stderr || stdout}`);
    const unasked = unaskedPackages(JSON.parse(stdout).namespaces ?? {});
    if (unasked.length === 0) return;
    const names = unasked.map((name) => name.replace(/^data\./, '')).join(', ');
    throw new BundleError(
      'BUNDLE_CHECK_FAILED',
      `expected org.<topic> as the package of every rule of the organisation, got ${names}: nothing asks for its rules`,
    );
  }

  /** The source bundle first, then WebAssembly from its files alone: what a bundle holds compiles to what it runs. */
  async compile(entrypoints: string[]): Promise<Compiled> {
    await this.build(['--ignore', '*_test.rego', '--output', '../source.tar.gz', '.'], 'source');
    const source = await unpackOpaArchive(await readFile(join(this.folder, 'source.tar.gz')));
    for (const [name, bytes] of source) {
      if (name === MANIFEST) continue;
      await mkdir(dirname(join(this.folder, 'plain', name)), { recursive: true });
      await writeFile(join(this.folder, 'plain', name), bytes);
    }
    const rego = new Map([...source].filter(([name]) => name.endsWith('.rego')));
    return { rego, ...(await this.compileWasm(entrypoints, 'plain')) };
  }

  /** Compiles the sources with their tests and one module more, which names the entrypoint. */
  async compileTests(module: string, entrypoint: string): Promise<Pick<Compiled, 'wasm' | 'data'>> {
    await writeFile(join(this.folder, 'source', `${entrypoint.replaceAll('/', '_')}.rego`), module);
    return this.compileWasm([entrypoint], 'source');
  }

  private async compileWasm(entrypoints: string[], where: string): Promise<Pick<Compiled, 'wasm' | 'data'>> {
    const entries = entrypoints.flatMap((entrypoint) => ['--entrypoint', entrypoint]);
    await this.build(['--target', 'wasm', ...entries, '--output', '../compiled.tar.gz', '.'], where);
    const compiled = await unpackOpaArchive(await readFile(join(this.folder, 'compiled.tar.gz')));
    const [data, wasm] = [compiled.get(DATA), compiled.get(WASM)];
    if (!data || !wasm) throw new BundleError('BUNDLE_OPA_FAILED', `expected ${DATA} and ${WASM} from opa build`);
    return { data, wasm };
  }

  private async build(args: string[], where: string): Promise<void> {
    const run = await this.run(['build', '--bundle', '--capabilities', this.capabilities, ...args], where);
    if (!run.ok) throw new BundleError('BUNDLE_CHECK_FAILED', `opa build:\n${run.stderr || run.stdout}`);
  }

  /**
   * What OPA itself decides, from the compiled sources, at one entrypoint for many inputs.
   * @param inputs JSON documents by name
   * @returns results by name; nothing for an input for which the entrypoint is undefined
   */
  async evaluate(entrypoint: string, inputs: ReadonlyMap<string, Uint8Array>): Promise<Record<string, unknown>> {
    const documents = [...inputs].map(
      ([name, bytes]) => `${JSON.stringify(name)}:${Buffer.from(bytes).toString('utf8')}`,
    );
    await writeFile(join(this.folder, 'inputs.json'), `{${documents.join(',')}}`);
    const path = entrypoint.replaceAll('/', '.');
    const query = `{name: result | some name, document in input; result := data.${path} with input as document}`;
    const run = await this.run(
      ['eval', '--bundle', '.', '--input', '../inputs.json', '--format', 'raw', query],
      'plain',
    );
    if (!run.ok) throw new BundleError('BUNDLE_OPA_FAILED', `opa eval:\n${run.stderr || run.stdout}`);
    return JSON.parse(run.stdout);
  }
}

async function copySources(source: string, target: string): Promise<void> {
  const entries = await readdir(source, { recursive: true, withFileTypes: true }).catch(unreadable(source));
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    // A link could bring in a file from anywhere, so none is followed.
    if (entry.isSymbolicLink()) throw new BundleError('BUNDLE_SOURCE_INVALID', `expected no links, got one at ${path}`);
    if (!entry.isFile() || !SOURCE.test(entry.name)) continue;
    if ((await stat(path)).size > LARGEST_SOURCE)
      throw new BundleError('BUNDLE_SOURCE_INVALID', `expected at most ${LARGEST_SOURCE} bytes, got more in ${path}`);
    const copy = join(target, relative(source, path));
    await mkdir(dirname(copy), { recursive: true });
    await writeFile(copy, await readFile(path), { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
      throw new BundleError('BUNDLE_SOURCE_INVALID', `expected ${relative(source, path)} in one source only`);
    });
  }
}

function unreadable(path: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    throw new BundleError('BUNDLE_SOURCE_INVALID', `expected to read ${path}, got ${error.code ?? error.message}`);
  };
}
