import type { KeyObject } from 'node:crypto';
import { CompactSign, compactVerify } from 'jose';
import type { Signer } from '../pki/index.ts';
import { BundleError } from './error.ts';
import { byName, type Files, OPA_SIGNATURE, sha256 } from './files.ts';

/**
 * OPA's own signature, `.signatures.json`: one JWS over the list of all other files, so that
 * `opa run -b … --verification-key` loads the bundle and refuses any other file in it.
 * Structured files are canonical JSON (canonical.ts), so for each file OPA's digest is that of its bytes.
 */
export async function signForOpa(files: Files, signer: Signer): Promise<Uint8Array> {
  const payload = JSON.stringify({ files: listFiles(files) });
  const token = await new CompactSign(Buffer.from(payload))
    .setProtectedHeader({ alg: algorithm(signer.key) })
    .sign(signer.key);
  return Buffer.from(JSON.stringify({ signatures: [token] }));
}

/**
 * Checks that OPA would take the bundle from the same signer: otherwise one file could be two bundles.
 * @throws BundleError BUNDLE_SIGNATURE_INVALID
 */
export async function verifyForOpa(signatures: Uint8Array, files: Files, publicKey: KeyObject): Promise<void> {
  const text = Buffer.from(signatures).toString('utf8');
  const token = /^\{"signatures":\["([A-Za-z0-9_.-]+)"\]\}$/.exec(text)?.[1];
  // A decoder passes over unused bits, so one signature could be written in many ways.
  const exact = token?.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
  if (token === undefined || !exact) throw invalid('expected one JWS');
  const payload = await compactVerify(token, publicKey, { algorithms: [algorithm(publicKey)] }).then(
    (result) => Buffer.from(result.payload).toString('utf8'),
    () => '',
  );
  if (payload !== JSON.stringify({ files: listFiles(files) })) {
    throw invalid('expected a signature by the signer of SHA256SUMS over the list of all files');
  }
}

function listFiles(files: Files): object[] {
  const listed = [...files].filter(([name]) => name !== OPA_SIGNATURE).sort(byName);
  return listed.map(([name, bytes]) => ({ name, hash: sha256(bytes), algorithm: 'SHA-256' }));
}

/** As `opa run --signing-alg` must be told. */
function algorithm(key: KeyObject): 'ES256' | 'RS256' {
  return key.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256';
}

function invalid(expected: string): BundleError {
  return new BundleError('BUNDLE_SIGNATURE_INVALID', `${OPA_SIGNATURE}: ${expected}`);
}
