import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Shell text with a name, to run in one session with others. */
export interface Step {
  name: string;
  text: string;
}

export interface Done {
  ok: boolean;
  stdout: string;
  stderr: string;
}

/** A minute where nothing else runs. */
const SESSION_MS = 480_000;

/**
 * Runs the steps one after the other in one shell, as a reader types them into one terminal: variables and the folder go
 * on from step to step. The first that fails ends it.
 */
export async function runSession(
  folder: string,
  steps: readonly Step[],
  env: NodeJS.ProcessEnv,
): Promise<Map<string, Done>> {
  const out = mkdtempSync(join(tmpdir(), 'verdict-session-'));
  const file = (index: number, kind: string): string => join(out, `${index}.${kind}`);
  const parts = steps.map(
    ({ text }, index) =>
      `{\n${text}\n} > '${file(index, 'out')}' 2> '${file(index, 'err')}'\ntouch '${file(index, 'ok')}'\n`,
  );
  const script = join(out, 'session.sh');
  writeFileSync(script, `set -euo pipefail\n${parts.join('')}`);
  // A process group of its own: whatever a step leaves running ends with the session.
  const shell = spawn('bash', [script], { cwd: folder, env, stdio: 'ignore', detached: true });
  const group = -(shell.pid ?? 0);
  const late = setTimeout(() => process.kill(group, 'SIGKILL'), SESSION_MS);
  await once(shell, 'exit');
  clearTimeout(late);
  try {
    process.kill(group, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // nothing was left
  }
  const read = (path: string): string =>
    existsSync(path) ? readFileSync(path, 'utf8') : 'it did not come to this step';
  const done = new Map(
    steps.map(({ name }, index) => [
      name,
      { ok: existsSync(file(index, 'ok')), stdout: read(file(index, 'out')), stderr: read(file(index, 'err')) },
    ]),
  );
  rmSync(out, { recursive: true });
  return done;
}

/** A TCP port that nobody had a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
