import { BundleError } from './error.ts';
import { byName, type Files, sha256, UNLISTED } from './files.ts';

const LINE = /^([0-9a-f]{64}) {2}([\x21-\x7e]+)$/;

/** The text of SHA256SUMS, as `LC_ALL=C sha256sum` prints it for the files in order: `sha256sum -c` checks it. */
export function marshalSums(files: Files): Uint8Array {
  const listed = [...files].filter(([name]) => !UNLISTED.has(name)).sort(byName);
  return Buffer.from(listed.map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`).join(''));
}

/**
 * Holds the files to a list whose signature was verified.
 * @returns name to SHA-256 (hex)
 * @throws BundleError BUNDLE_FILE_MISSING, BUNDLE_FILE_EXTRA, BUNDLE_FILE_CHANGED; BUNDLE_SIGNATURE_INVALID if the
 *   signer signed something that is no list
 */
export function checkSums(sums: Uint8Array, files: Files): ReadonlyMap<string, string> {
  const listed = parseSums(sums);
  for (const [name, digest] of listed) {
    const bytes = files.get(name);
    if (bytes === undefined) throw new BundleError('BUNDLE_FILE_MISSING', `expected ${name}, which SHA256SUMS lists`);
    const got = sha256(bytes);
    if (got !== digest)
      throw new BundleError('BUNDLE_FILE_CHANGED', `expected ${name} with SHA-256 ${digest}, got ${got}`);
  }
  for (const name of files.keys()) {
    if (!listed.has(name) && !UNLISTED.has(name)) {
      throw new BundleError('BUNDLE_FILE_EXTRA', `expected only files that SHA256SUMS lists, got ${name}`);
    }
  }
  return listed;
}

function parseSums(sums: Uint8Array): Map<string, string> {
  const listed = new Map<string, string>();
  let last = '';
  for (const line of Buffer.from(sums)
    .toString('latin1')
    .split(/(?<=\n)/)) {
    const match = line.endsWith('\n') ? LINE.exec(line.slice(0, -1)) : null;
    const [, digest = '', name = ''] = match ?? [];
    if (match === null || name <= last || UNLISTED.has(name)) {
      throw new BundleError(
        'BUNDLE_SIGNATURE_INVALID',
        `expected SHA256SUMS as sorted lines of sha256sum, got a bad one after ${last || 'the start'}`,
      );
    }
    listed.set(name, digest);
    last = name;
  }
  return listed;
}
