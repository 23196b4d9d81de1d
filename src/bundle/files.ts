import { createHash } from 'node:crypto';
import { BundleError } from './error.ts';

/** Files by name, relative and with `/`. */
export type Files = ReadonlyMap<string, Uint8Array>;

export const MANIFEST = '.manifest';
export const DATA = 'data.json';
export const WASM = 'policy.wasm';
export const SUMS = 'SHA256SUMS';
export const SUMS_SIGNATURE = 'SHA256SUMS.p7s';
export const OPA_SIGNATURE = '.signatures.json';

/** Signatures cannot list themselves. */
export const UNLISTED: ReadonlySet<string> = new Set([SUMS, SUMS_SIGNATURE, OPA_SIGNATURE]);
const FIXED: ReadonlySet<string> = new Set([MANIFEST, DATA, WASM, ...UNLISTED]);

/** As much as the name field of a tar header holds: no extension header is ever needed. */
const LONGEST_NAME = 100;
const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/**
 * A bundle holds the files of a fixed set and Rego in folders, nothing else. Plain characters only, so that no tool
 * that unpacks a bundle can be led out of its folder (`..`, absolute paths, `\`) or to another file (case, Unicode forms).
 *
 * @throws BundleError BUNDLE_FILE_NAME
 */
export function checkName(name: string): void {
  if (FIXED.has(name)) return;
  const plain = name.length <= LONGEST_NAME && name.split('/').every((segment) => SEGMENT.test(segment));
  if (!plain || !name.endsWith('.rego')) {
    throw new BundleError(
      'BUNDLE_FILE_NAME',
      `expected ${[...FIXED].join(', ')} or a relative path of plain characters that ends in .rego, got ${JSON.stringify(name.slice(0, 200))}`,
    );
  }
}

/** SHA-256, lower-case hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** By code unit, as `LC_ALL=C sort` and OPA do. */
export function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
