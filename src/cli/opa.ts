import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { OPA_VERSION } from '../bundle/index.ts';
import { CliError, EXIT } from './exit.ts';

const run = promisify(execFile);

/** Where `scripts/setup` puts the OPA that it found or built. */
const CACHED = fileURLToPath(new URL(`../../.cache/opa/${OPA_VERSION}/opa`, import.meta.url));

/**
 * Finds the pinned OPA: `$OPA`, then PATH, then the project's cache. Another version is passed over: it might compile
 * the same policies to other bytes.
 * @returns its path
 * @throws CliError
 */
export async function findOpa(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const onPath = (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'opa'));
  const seen: string[] = [];
  for (const path of [...(env.OPA ? [env.OPA] : []), ...onPath, CACHED]) {
    const version = await versionOf(path);
    if (version === OPA_VERSION) return path;
    if (version !== undefined) seen.push(`${path} is ${version}`);
  }
  throw new CliError(
    EXIT.unable,
    `expected OPA ${OPA_VERSION}, found ${seen.join(', ') || 'none'}; scripts/setup builds it, or set OPA to the path of one`,
  );
}

async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ['version'], { timeout: 20_000 });
    return /^Version: (\S+)/.exec(stdout)?.[1] ?? 'no OPA';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'not to be run';
  }
}
