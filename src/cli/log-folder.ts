import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Head, LogSource, Segment } from '../audit/index.ts';
import { Certificate, PkiError } from '../pki/index.ts';
import { CliError, EXIT } from './exit.ts';

const CHUNK_BYTES = 1024 * 1024;

/**
 * A log on disk: a folder of segments, or one file as a log of one segment. Sizes are taken once, so that a log that
 * is being written to is read up to where it was.
 */
export async function openLogFolder(path: string): Promise<LogSource> {
  try {
    const { isDirectory, names } = await listed(path);
    const files = isDirectory ? names.map((name) => join(path, name)) : [path];
    return { segments: await Promise.all(files.map(segment)) };
  } catch (error) {
    throw new CliError(EXIT.unable, `${path}: cannot be read as a log (${reason(error)})`);
  }
}

async function listed(path: string): Promise<{ isDirectory: boolean; names: string[] }> {
  if (!(await stat(path)).isDirectory()) return { isDirectory: false, names: [] };
  const names = (await readdir(path)).filter((name) => name.endsWith('.log'));
  return { isDirectory: true, names };
}

async function segment(file: string): Promise<Segment> {
  const { size } = await stat(file);
  const chunks = (): AsyncIterable<Uint8Array> =>
    size === 0 ? nothing() : createReadStream(file, { highWaterMark: CHUNK_BYTES, end: size - 1 });
  return { name: basename(file), size, chunks };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** Reads trust anchors from a PEM file. */
export async function readAnchors(path: string): Promise<Certificate[]> {
  let pem: string;
  try {
    pem = await readFile(path, 'utf8');
  } catch (error) {
    throw new CliError(EXIT.unable, `--ca ${path}: cannot be read (${reason(error)})`);
  }
  try {
    return Certificate.fromPem(pem);
  } catch (error) {
    if (error instanceof PkiError) throw new CliError(EXIT.usage, `--ca ${path}: ${error.message}`);
    throw error;
  }
}

/** Parses `--at`: RFC 3339. */
export function parseTime(text: string): Date {
  const time = new Date(text);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) || Number.isNaN(time.getTime())) {
    throw new CliError(EXIT.usage, `--at: expected a time such as 2026-11-24T20:20:46Z, got ${text}`);
  }
  return time;
}

/** Parses `--head`: sequence number and digest, as `verdict verify` prints them. */
export function parseHead(text: string): Head {
  const [, seq = '', digest = ''] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (digest === '') throw new CliError(EXIT.usage, `--head: expected SEQ:SHA256, such as 41:9f86d0…, got ${text}`);
  return { seq: Number(seq), digest };
}

function reason(error: unknown): string {
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
}
