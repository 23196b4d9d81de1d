import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

const MAIN = resolve('src/cli/main.ts');

/** Runs the program as a person does, in a process of its own. */
export function verdict(args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Ran> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [MAIN, ...args],
      { ...options, env: { ...process.env, NODE_OPTIONS: '', ...options.env } },
      (error, stdout, stderr) => {
        done({ code: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
  });
}
