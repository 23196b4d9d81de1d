import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { NoAnswer } from './hook-gateway.ts';
import { APPROVALS_FILE } from './hook-options.ts';

/** A JWT; the claims are looked at only to leave out what is long over. */
const TOKEN = /^[\w-]+\.([\w-]+)\.[\w-]+$/;
/** Fewer than the gateway takes of headers, in bytes. */
const LONGEST_HEADER = 8192;
/** Clocks may differ: it is the gateway that says what has expired. */
const OVER_MS = 3_600_000;

/**
 * The approvals that a developer was given, newest first and separated by commas; undefined if there are none. Whatever else
 * stands beside them is passed over: what is not presented cannot let a call pass.
 *
 * @param file one a line; undefined: the usual one in the home folder
 * @param variable some more, separated by commas or white space
 * @throws NoAnswer if there is a file that cannot be read
 */
export function readApprovals(file: string | undefined, variable: string | undefined): string | undefined {
  const path = file ?? join(homedir(), APPROVALS_FILE);
  const words = `${readIfThere(path)} ${variable ?? ''}`.split(/[\s,]+/);
  const chosen: string[] = [];
  let length = 0;
  for (const token of words.reverse()) {
    if (!isCurrent(token)) continue;
    length += token.length + 1;
    if (length > LONGEST_HEADER) break;
    chosen.push(token);
  }
  return chosen.length === 0 ? undefined : chosen.join();
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return '';
    throw new NoAnswer(`the approvals file cannot be read (${code})`);
  }
}

function isCurrent(token: string): boolean {
  const claims = TOKEN.exec(token)?.[1];
  if (claims === undefined) return false;
  try {
    const { exp } = JSON.parse(Buffer.from(claims, 'base64url').toString());
    return typeof exp === 'number' && exp * 1000 > Date.now() - OVER_MS;
  } catch {
    return false;
  }
}
