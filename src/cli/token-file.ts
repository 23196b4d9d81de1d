import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tryLock } from 'fs-native-extensions';
import { marshalTokens, parseTokens, type TokenRecord, TokensError } from '../identity/index.ts';
import { CliError, EXIT } from './exit.ts';

const LOCK_TIMEOUT_MS = 5_000;
const LOCK_POLL_MS = 20;
const OWNER_ONLY = 0o600;

/** Reads a tokens file; one that is not there holds no tokens. Throws CliError. */
export async function readTokenFile(path: string): Promise<TokenRecord[]> {
  try {
    return parseTokens(await readFile(path));
  } catch (error) {
    if (error instanceof TokensError) throw new CliError(EXIT.usage, `${path}: ${error.message}`);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unable(path, 'read', error);
  }
}

/**
 * Changes a tokens file as a whole: a gateway that reads it meanwhile sees what was there before or after, never a
 * part, and of two that change it at once none undoes the other's work. Durable when it resolves. Throws CliError.
 */
export async function updateTokenFile(
  path: string,
  change: (tokens: TokenRecord[]) => TokenRecord[],
): Promise<TokenRecord[]> {
  const lock = await takeLock(`${path}.lock`);
  try {
    const tokens = change(await readTokenFile(path));
    await replace(path, marshalTokens(tokens));
    return tokens;
  } finally {
    await lock.close(); // gives the lock back; the file stays, removing it would let two have a lock
  }
}

/** The kernel's lock: it ends with the process, so none is left behind by one that was killed. */
async function takeLock(path: string): Promise<FileHandle> {
  const file = await open(path, 'a', OWNER_ONLY).catch((error: unknown) => {
    throw unable(path, 'written', error);
  });
  for (const begin = performance.now(); performance.now() - begin < LOCK_TIMEOUT_MS; await sleep(LOCK_POLL_MS)) {
    if (tryLock(file.fd)) return file;
  }
  await file.close();
  throw new CliError(EXIT.unable, `${path}: another verdict holds it; expected it within ${LOCK_TIMEOUT_MS / 1000} s`);
}

async function replace(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeDurably(temporary, text);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw unable(path, 'written', error);
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', OWNER_ONLY);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function unable(path: string, done: string, error: unknown): CliError {
  return new CliError(EXIT.unable, `${path}: cannot be ${done} (${(error as NodeJS.ErrnoException).code ?? error})`);
}
