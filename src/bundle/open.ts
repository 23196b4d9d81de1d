import {
  type Certificate,
  cmsCertificates,
  OID_BUNDLE_SUMS,
  PkiError,
  validatePath,
  verifyContent,
} from '../pki/index.ts';
import { unpackArchive } from './archive.ts';
import { BundleError, type BundleErrorCode } from './error.ts';
import { DATA, type Files, MANIFEST, OPA_SIGNATURE, SUMS, SUMS_SIGNATURE, sha256, WASM } from './files.ts';
import { type Manifest, parseExact, parseManifest } from './manifest.ts';
import { readModule } from './module.ts';
import { verifyForOpa } from './opa-signature.ts';
import { checkSums } from './sums.ts';

declare const verified: unique symbol;

/** A bundle that is whole, from a builder we trust, and that this engine can run. Only `open` makes one. */
export interface VerifiedBundle extends Omit<Manifest, 'notBefore' | 'notAfter'> {
  readonly [verified]: true;
  /** As it was signed; its window may be wider than that of the bundle, or open. */
  readonly manifest: Manifest;
  /** From when to when (both inclusive) it may decide: the manifest's window, as far as the signer's path holds in it. */
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SHA-256 of SHA256SUMS, hex: stands for every file of the bundle. */
  readonly digest: string;
  readonly wasm: Uint8Array;
  /** JSON. */
  readonly data: Uint8Array;
  readonly signer: Certificate;
  /** Those that SHA256SUMS lists. */
  readonly files: readonly { name: string; bytes: number; sha256: string }[];
  /** The archive as opened. */
  readonly bytes: Uint8Array;
}

export interface OpenOptions {
  /** Roots that may vouch for a builder. */
  anchors: readonly Certificate[];
  /** When certificate and window must hold. */
  time: Date;
  /** Those that the host implements. */
  builtins: ReadonlySet<string>;
  /** Of the bundle last active. */
  lastSequence?: number | undefined;
  /** Takes a lower sequence all the same: a deliberate step back, which the caller records. */
  allowRollback?: boolean | undefined;
  /** SHA-256 (hex) of certificates that are no longer to be trusted. */
  revoked?: ReadonlySet<string> | undefined;
}

/**
 * Opens a bundle: verifies who made it and that every byte is theirs before anything in it is parsed or run.
 * @param bytes the tar.gz
 * @throws BundleError
 */
export async function open(bytes: Uint8Array, options: OpenOptions): Promise<VerifiedBundle> {
  const archive = Uint8Array.from(bytes); // what is verified here must not change under us
  const files = await unpackArchive(archive);
  const sums = required(files, SUMS);
  const path = await verifySigner(required(files, SUMS_SIGNATURE), sums, options);
  const { signer } = path;
  const listed = checkSums(sums, files);
  await verifyForOpa(required(files, OPA_SIGNATURE), files, signer.publicKey);

  const manifest = parseManifest(required(files, MANIFEST));
  const data = required(files, DATA);
  const wasm = required(files, WASM);
  parseExact(data, 'BUNDLE_DATA_INVALID', DATA);
  checkModule(wasm, manifest, options.builtins);
  checkMoment(manifest, options);
  return {
    ...manifest,
    manifest,
    notBefore: later(path.notBefore, manifest.notBefore),
    notAfter: earlier(path.notAfter, manifest.notAfter),
    digest: sha256(sums),
    wasm,
    data,
    signer,
    files: [...listed].map(([name, digest]) => ({ name, bytes: files.get(name)?.length ?? 0, sha256: digest })),
    bytes: archive,
  } as unknown as VerifiedBundle;
}

const later = (moment: Date, other = moment): Date => (other > moment ? other : moment);
const earlier = (moment: Date, other = moment): Date => (other < moment ? other : moment);

function required(files: Files, name: string): Uint8Array {
  const bytes = files.get(name);
  if (bytes === undefined) throw new BundleError('BUNDLE_FILE_MISSING', `expected ${name}`);
  return bytes;
}

const SIGNER_CODES: Partial<Record<PkiError['code'], BundleErrorCode>> = {
  PKI_PATH_PURPOSE: 'BUNDLE_SIGNER_PURPOSE',
  PKI_PATH_EXPIRED: 'BUNDLE_SIGNER_EXPIRED',
  PKI_PATH_NOT_YET_VALID: 'BUNDLE_SIGNER_NOT_YET_VALID',
  PKI_PATH_REVOKED: 'BUNDLE_SIGNER_REVOKED',
};

/** The signer, and from when to when its path holds: a gateway may run for longer than a certificate does. */
interface SignerPath {
  signer: Certificate;
  notBefore: Date;
  notAfter: Date;
}

async function verifySigner(signature: Uint8Array, sums: Uint8Array, options: OpenOptions): Promise<SignerPath> {
  try {
    const certificates = cmsCertificates(signature);
    const { signer } = verifyContent(signature, sums, { contentType: OID_BUNDLE_SUMS, certificates });
    const { notBefore, notAfter } = await validatePath(signer, {
      intermediates: certificates.filter((certificate) => certificate !== signer),
      anchors: options.anchors,
      time: options.time,
      purpose: 'bundle-signing',
      ...(options.revoked && { revoked: options.revoked }),
    });
    return { signer, notBefore, notAfter };
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    const otherwise = error.code.startsWith('PKI_PATH_') ? 'BUNDLE_SIGNER_UNTRUSTED' : 'BUNDLE_SIGNATURE_INVALID';
    throw new BundleError(SIGNER_CODES[error.code] ?? otherwise, error.message);
  }
}

function checkModule(wasm: Uint8Array, manifest: Manifest, builtins: ReadonlySet<string>): void {
  const facts = readModule(wasm);
  if (facts.entrypoints.join() !== [...manifest.entrypoints].sort().join()) {
    const got = `expected policy.wasm with entrypoints ${manifest.entrypoints.join(', ')}, got ${facts.entrypoints.join(', ')}`;
    throw new BundleError('BUNDLE_WASM_INVALID', got);
  }
  const missing = facts.builtins.filter((name) => !builtins.has(name));
  if (missing.length > 0) {
    throw new BundleError(
      'BUNDLE_BUILTIN_MISSING',
      `expected a policy that needs only builtins of this engine, got ${missing.join(', ')}`,
    );
  }
}

function checkMoment(manifest: Manifest, options: OpenOptions): void {
  const { notBefore, notAfter, sequence } = manifest;
  const { time, lastSequence, allowRollback } = options;
  if (notBefore !== undefined && time < notBefore) {
    throw new BundleError(
      'BUNDLE_NOT_YET_VALID',
      `the bundle decides from ${notBefore.toISOString()}, it is ${time.toISOString()}`,
    );
  }
  if (notAfter !== undefined && time > notAfter) {
    throw new BundleError(
      'BUNDLE_EXPIRED',
      `the bundle decides until ${notAfter.toISOString()}, it is ${time.toISOString()}`,
    );
  }
  if (lastSequence !== undefined && sequence < lastSequence && allowRollback !== true) {
    throw new BundleError('BUNDLE_ROLLBACK', `expected sequence ${lastSequence} or higher, got ${sequence}`);
  }
}
