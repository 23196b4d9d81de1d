import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { Command } from 'commander';
import { CliError } from '../../src/cli/exit.ts';
import type { Printer } from '../../src/cli/print.ts';
import { FIRST, type HandLog } from '../audit/signed-log.ts';
import { pki } from '../replay/recorded.ts';

const root = mkdtempSync(join(tmpdir(), 'verdict-reading-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Writes files into a folder of their own and returns its path. */
export function folderOf(files: Record<string, Uint8Array | string>): string {
  const folder = mkdtempSync(join(root, 'folder-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

export const logFolder = (log: HandLog | Buffer): string => {
  const folder = folderOf({ [FIRST]: Buffer.isBuffer(log) ? log : log.bytes(), lock: '' });
  mkdirSync(join(folder, 'bundles'));
  return folder;
};

export const CA = join(folderOf({ 'root.pem': pki.anchors.map((anchor) => anchor.pem()).join('') }), 'root.pem');

export interface Ran {
  code: number;
  lines: string[];
  /** What the person is told on standard error. */
  message: string;
}

/** Runs one command in this process; `most` is how many lines its reader takes before it goes away. */
export async function run(
  register: (program: Command, printer: () => Printer) => void,
  args: string[],
  most = Infinity,
): Promise<Ran> {
  const lines: string[] = [];
  const printer: Printer = {
    terminal: false,
    progress: () => {},
    async line(text) {
      if (lines.length < most) lines.push(text);
      return lines.length < most;
    },
  };
  const program = new Command('verdict');
  register(program, () => printer);
  try {
    await program.parseAsync(['node', 'verdict', ...args]);
    return { code: Number(process.exitCode ?? 0), lines, message: '' };
  } catch (error) {
    if (error instanceof CliError) return { code: error.exitCode, lines, message: error.message };
    throw error;
  } finally {
    process.exitCode = undefined;
  }
}

/** Runs the program itself, with a shell in front. */
export function shell(script: string, ...args: string[]): Promise<Ran> {
  const child = spawn('bash', ['-o', 'pipefail', '-c', script, 'verdict', ...args], {
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      VERDICT: `${process.execPath} ${join('src', 'cli', 'main.ts')}`,
    },
  });
  let [out, message] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (message += chunk));
  return new Promise((resolve) =>
    child.on('close', (code) => resolve({ code: code ?? -1, lines: out.split('\n').slice(0, -1), message })),
  );
}
