import { gunzipSync, gzipSync } from 'node:zlib';
import { extract, type Header, pack } from 'tar-stream';
import { BundleError } from './error.ts';
import { byName, checkName, type Files } from './files.ts';

/** Bounds of a bundle; the second stops a small file that unpacks to fill the memory. */
export const ARCHIVE_LIMITS = { packedBytes: 32 * 1024 * 1024, unpackedBytes: 64 * 1024 * 1024, files: 2000 } as const;

const BLOCK = 512;
const MODE = 0o644;
/** No time and no owner: only names and contents make the archive. */
const EPOCH = new Date(0);

/** A tar.gz with the files in order of their names. The same files give the same archive with the same zlib. */
export async function packArchive(files: Files): Promise<Uint8Array> {
  const tar = pack();
  for (const [name, bytes] of [...files].sort(byName)) {
    checkName(name);
    tar.entry({ name, mode: MODE, mtime: EPOCH, type: 'file', size: bytes.length }, Buffer.from(bytes));
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks), { level: 9 });
}

/**
 * Unpacks in memory: plain files with plain names, each once, and nothing after them.
 * @throws BundleError BUNDLE_TOO_LARGE, BUNDLE_ARCHIVE_INVALID, BUNDLE_FILE_NAME, BUNDLE_FILE_TYPE, BUNDLE_FILE_DUPLICATE
 */
export async function unpackArchive(bytes: Uint8Array): Promise<Files> {
  const tar = gunzip(bytes);
  const files = new Map<string, Uint8Array>();
  const folded = new Set<string>(); // where case is not told apart, one would overwrite the other
  for await (const [header, contents] of entries(tar)) {
    checkHeader(header);
    if (folded.has(header.name.toLowerCase()))
      throw new BundleError('BUNDLE_FILE_DUPLICATE', `expected ${header.name} once, whatever its case`);
    if (files.size === ARCHIVE_LIMITS.files) {
      throw new BundleError('BUNDLE_TOO_LARGE', `expected at most ${ARCHIVE_LIMITS.files} files`);
    }
    folded.add(header.name.toLowerCase());
    files.set(header.name, contents);
  }
  checkLayout(tar, files);
  return files;
}

/** The files of an archive that OPA wrote: it starts names with a slash. */
export async function unpackOpaArchive(bytes: Uint8Array): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for await (const [header, contents] of entries(gunzip(bytes))) files.set(header.name.replace(/^\//, ''), contents);
  return files;
}

function gunzip(bytes: Uint8Array): Buffer {
  const { packedBytes, unpackedBytes } = ARCHIVE_LIMITS;
  if (bytes.length > packedBytes) {
    throw new BundleError('BUNDLE_TOO_LARGE', `expected at most ${packedBytes} bytes, got ${bytes.length}`);
  }
  try {
    const options = { maxOutputLength: unpackedBytes, info: true } as const;
    const { buffer, engine } = gunzipSync(bytes, options) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    if (engine.bytesWritten === bytes.length) return buffer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new BundleError('BUNDLE_TOO_LARGE', `expected at most ${unpackedBytes} bytes when unpacked`);
    }
  }
  throw new BundleError('BUNDLE_ARCHIVE_INVALID', 'expected one gzip member and nothing after it');
}

async function* entries(tar: Buffer): AsyncGenerator<[Header, Buffer]> {
  const reader = extract();
  reader.end(tar);
  try {
    for await (const entry of reader) {
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      yield [entry.header, Buffer.concat(chunks)];
    }
  } catch (error) {
    if (error instanceof BundleError) throw error;
    throw new BundleError('BUNDLE_ARCHIVE_INVALID', `expected a whole tar archive, got ${(error as Error).message}`);
  }
}

function checkHeader(header: Header): void {
  // Links and devices: what they name would be read or written where a bundle is unpacked.
  if (header.type !== 'file') {
    throw new BundleError(
      'BUNDLE_FILE_TYPE',
      `expected plain files, got a ${header.type} at ${JSON.stringify(header.name.slice(0, 200))}`,
    );
  }
  checkName(header.name);
}

/**
 * Every file takes one header block and its contents padded with zeros, then come zeros. So there are no extension
 * headers, which could give a file another name in another reader, and nothing hides behind the end.
 */
function checkLayout(tar: Buffer, files: Files): void {
  let at = 0;
  for (const { length } of files.values()) {
    const end = at + BLOCK + length;
    at += BLOCK + Math.ceil(length / BLOCK) * BLOCK;
    checkZeros(tar.subarray(end, at));
  }
  if (tar.length < at + 2 * BLOCK) {
    throw new BundleError('BUNDLE_ARCHIVE_INVALID', 'expected two blocks of zeros at the end of the tar archive');
  }
  checkZeros(tar.subarray(at));
}

function checkZeros(bytes: Buffer): void {
  if (!bytes.every((byte) => byte === 0)) {
    throw new BundleError('BUNDLE_ARCHIVE_INVALID', 'expected plain tar headers, and zeros as padding and at the end');
  }
}
