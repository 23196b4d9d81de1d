import { open } from 'node:fs/promises';
import type { KeySource } from '../identity/index.ts';

const MAX_BYTES = 512 * 1024;
const TIMEOUT_MS = 5_000;

/**
 * Reads an issuer's key set from its URL or file: at most 512 KiB, within 5 seconds, no redirects (they could lead
 * to another host, or inside the network). Rejects with an Error; what came is not in it.
 */
export function fetchKeys(source: KeySource): Promise<Uint8Array> {
  return 'url' in source ? fetchUrl(source.url) : readBounded(source.file);
}

async function fetchUrl(url: string): Promise<Uint8Array> {
  const response = await fetch(url, {
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: { accept: 'application/jwk-set+json, application/json' },
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`expected status 200 from the issuer's key set, got ${response.status}`);
  }
  return collect(response.body ?? new ReadableStream());
}

/** Counts what was unpacked, so a compressed answer cannot grow past the bound either. */
async function collect(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new Error(`expected a key set of at most ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function readBounded(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(MAX_BYTES + 1);
    let size = 0;
    for (let read = -1; read !== 0 && size < buffer.length; size += read) {
      read = (await file.read(buffer, size, buffer.length - size)).bytesRead;
    }
    if (size > MAX_BYTES) throw new Error(`expected a key set of at most ${MAX_BYTES} bytes`);
    return buffer.subarray(0, size);
  } finally {
    await file.close();
  }
}
