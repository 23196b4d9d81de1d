import { execFile } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../src/audit/index.ts';
import type { ReplaySummary } from '../../src/replay/index.ts';
import type { DemoCall } from './calls.ts';
import { MAIN } from './gateway.ts';
import type { Screen } from './screen.ts';

/** Verifies the log, decides all of it again, then changes one byte in a copy and has that found. */
export async function showEvidence(screen: Screen, folder: string, calls: readonly DemoCall[]): Promise<void> {
  await showVerify(screen, folder, calls);
  await showReplay(screen, folder, calls);
  await showForgery(screen, folder);
}

async function showVerify(screen: Screen, folder: string, calls: readonly DemoCall[]): Promise<void> {
  const { code, json } = await verdict(['verify', join(folder, 'audit'), '--ca', ca(folder), '--json']);
  const report = json.at(-1) as Report;
  const forwarded = calls.filter(({ expected }) => expected.effect === 'forward').length;
  const { total, forwarded: seen, refused } = report.decisions;
  screen.fact(
    'verify',
    `${report.outcome}: ${report.records} records, ${total} decisions, ${report.outcomes} outcomes`,
  );
  screen.expect('exit code of verify', code, 0);
  screen.expect('outcome of verify', report.outcome, 'signed');
  screen.expect(
    'decisions, forwarded, refused',
    [total, seen, refused],
    [calls.length, forwarded, calls.length - forwarded],
  );
  screen.expect('outcomes', report.outcomes, forwarded);
  screen.expect('the log was closed in order', report.closed, true);
}

async function showReplay(screen: Screen, folder: string, calls: readonly DemoCall[]): Promise<void> {
  const bundles = join(folder, 'audit', 'bundles');
  const { code, json } = await verdict([
    'replay',
    join(folder, 'audit'),
    '--bundles',
    bundles,
    '--ca',
    ca(folder),
    '--json',
  ]);
  const { counts } = json.at(-1) as ReplaySummary;
  const byPolicy = calls.filter(({ expected }) => expected.byPolicy).length;
  const told = Object.entries(counts).filter(([, count]) => count > 0);
  screen.fact('replay', told.map(([outcome, count]) => `${count} ${outcome}`).join(', '));
  screen.expect('exit code of replay', code, 0);
  screen.expect('decisions that replay alike', counts.match, byPolicy);
  screen.expect('decisions that were not policy’s', counts.not_evaluated, calls.length - byPolicy);
}

/** Changes the first letter of the denied model's name, as somebody would who hides what was asked for. */
async function showForgery(screen: Screen, folder: string): Promise<void> {
  const copy = join(folder, 'forged');
  cpSync(join(folder, 'audit'), copy, { recursive: true });
  const segment = readdirSync(copy).find((name) => name.endsWith('.log')) ?? '';
  const bytes = readFileSync(join(copy, segment));
  const offset = bytes.indexOf('gpt-5-pro');
  const line = bytes.subarray(0, offset).filter((byte) => byte === 0x0a).length + 1;
  bytes.writeUInt8(bytes.readUInt8(offset) ^ 1, offset);
  writeFileSync(join(copy, segment), bytes);
  const { code, json } = await verdict(['verify', copy, '--ca', ca(folder), '--json']);
  const { outcome, finding } = json.at(-1) as Report;
  screen.fact(
    'forgery',
    `one byte of line ${line} changed in a copy; verify says: ${outcome}, line ${finding?.line}, ${finding?.code}`,
  );
  screen.expect('exit code of verify on the forged copy', code, 1);
  screen.expect('outcome of the forged copy', outcome, 'tampered');
  screen.expect('first bad line of the forged copy', [finding?.segment, finding?.line], [segment, line]);
}

const ca = (folder: string): string => join(folder, 'pki', 'root.pem');

/** Runs the program; what it prints is read as one JSON value a line. */
function verdict(args: string[]): Promise<{ code: number; json: unknown[] }> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [MAIN, ...args], (error, stdout, stderr) => {
      const lines = stdout.split('\n').filter((line) => line !== '');
      if (lines.length === 0) return reject(new Error(`verdict ${args[0]} printed nothing; it said: ${stderr}`));
      resolve({ code: error ? Number(error.code) : 0, json: lines.map((line) => JSON.parse(line)) });
    });
  });
}
