import { join } from 'node:path';
import { OID_BUNDLE_SUMS, type Signer, signCms } from '../pki/index.ts';
import { packArchive } from './archive.ts';
import { canonicalJson } from './canonical.ts';
import { DATA, type Files, MANIFEST, OPA_SIGNATURE, SUMS, SUMS_SIGNATURE, sha256, WASM } from './files.ts';
import { marshalManifest, parseExact } from './manifest.ts';
import { signForOpa } from './opa-signature.ts';
import { OPA_VERSION } from './opa-version.ts';
import { type RegoTests, runRegoTests } from './rego-tests.ts';
import type { Spec } from './spec.ts';
import { marshalSums } from './sums.ts';
import { type Compiled, readSpec, Workshop, writeWhole } from './workshop.ts';

export interface BuildOptions {
  /** Path of the pinned OPA. */
  opa: string;
  signer: Signer;
  outDir: string;
  /** Looks at the data before it is signed; throws what is wrong with it. */
  checkData?: ((data: Uint8Array) => void) | undefined;
  /** For the manifest: the commit that the sources are of. */
  sourceCommit?: string | undefined;
}

export interface Built {
  path: string;
  /** SHA-256 of SHA256SUMS, hex. */
  digest: string;
  tests: RegoTests;
}

/**
 * Makes a bundle of a spec: check, tests, compile, sums, signatures.
 * @throws BundleError, PkiError
 */
export async function build(specFile: string, options: BuildOptions): Promise<Built> {
  const spec = await readSpec(specFile);
  const { tests, compiled } = await Workshop.use(spec, options.opa, async (workshop) => {
    await workshop.check();
    const [tests, compiled] = await Promise.allSettled([
      runRegoTests(workshop, spec.coverage),
      workshop.compile(spec.entrypoints),
    ]);
    if (tests.status === 'rejected') throw tests.reason;
    if (compiled.status === 'rejected') throw compiled.reason;
    options.checkData?.(compiled.value.data);
    return { tests: tests.value, compiled: compiled.value };
  });
  const contents = assemble(spec, compiled, options.sourceCommit);
  const { bytes, digest } = await sign(contents, options.signer);
  const path = join(options.outDir, `${spec.name}.tar.gz`);
  await writeWhole(path, bytes);
  return { path, digest, tests };
}

/** The files that are signed; the same for the same sources and OPA, wherever and whenever they are made. */
export function assemble(spec: Spec, compiled: Compiled, sourceCommit?: string): Files {
  const { revision, sequence, roots, entrypoints, notBefore, notAfter } = spec;
  const manifest = {
    revision,
    sequence,
    roots,
    entrypoints,
    notBefore,
    notAfter,
    sourceCommit,
    opaVersion: OPA_VERSION,
  };
  const data = canonicalJson(parseExact(compiled.data, 'BUNDLE_DATA_INVALID', DATA));
  return new Map([
    ...compiled.rego,
    [MANIFEST, marshalManifest(manifest)],
    [DATA, Buffer.from(data)],
    [WASM, compiled.wasm],
  ]);
}

/** Lists the files, signs the list twice (for us and OpenSSL, and for OPA), and packs it all. */
export async function sign(contents: Files, signer: Signer): Promise<{ bytes: Uint8Array; digest: string }> {
  const sums = marshalSums(contents);
  const files = new Map(contents);
  files.set(SUMS, sums);
  files.set(SUMS_SIGNATURE, signCms(signer, sums, { contentType: OID_BUNDLE_SUMS, certificates: true }));
  files.set(OPA_SIGNATURE, await signForOpa(files, signer));
  return { bytes: await packArchive(files), digest: sha256(sums) };
}
