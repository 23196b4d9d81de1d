import { execFile } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../src/audit/index.ts';
import type { ReplayOutcome } from '../../src/replay/index.ts';
import type { DemoCall, Expected } from './calls.ts';
import { MAIN, operationalLog } from './gateway.ts';
import type { Screen } from './screen.ts';
import { PLANTED_KEY } from './text.ts';

type Phase = 'request' | 'tool';

const PHASES: Phase[] = ['request', 'tool'];

/** Verifies the log, decides all of it again, then changes one byte in a copy and has that found. */
export async function showEvidence(screen: Screen, folder: string, calls: readonly DemoCall[]): Promise<void> {
  const expected = calls.flatMap((call) => call.expected.decisions);
  await showVerify(screen, folder, expected, calls.filter(isForwarded).length);
  showAbsence(screen, folder);
  await showReplay(screen, folder, expected);
  await showForgery(screen, folder);
}

/** To a vendor or a server; what a coding agent was allowed, it does itself. */
const isForwarded = ({ who, expected }: DemoCall): boolean =>
  who !== 'claude-code' && expected.decisions[0]?.effect === 'forward';

const phaseOf = ({ tool }: Expected): Phase => (tool === null ? 'request' : 'tool');

async function showVerify(
  screen: Screen,
  folder: string,
  expected: readonly Expected[],
  outcomes: number,
): Promise<void> {
  const { code, json } = await verdict(['verify', join(folder, 'audit'), '--ca', ca(folder), '--json']);
  const report = json.at(-1) as Report;
  const forwarded = expected.filter(({ effect }) => effect === 'forward').length;
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
    [expected.length, forwarded, expected.length - forwarded],
  );
  screen.expect('outcomes', report.outcomes, outcomes);
  screen.expect('the log was closed in order', report.closed, true);
}

/** The key was read and judged; it must stand nowhere. */
function showAbsence(screen: Screen, folder: string): void {
  const audit = join(folder, 'audit');
  const files = readdirSync(audit).filter((name) => name.endsWith('.log'));
  const texts = [...files.map((name) => join(audit, name)), operationalLog(folder)].map((file) =>
    readFileSync(file, 'utf8'),
  );
  const found = texts.filter((text) => text.includes(PLANTED_KEY)).length;
  screen.fact('secrets', `the key in the prompt stands in ${found} of ${texts.length} logs`);
  screen.expect('logs with the key in them', found, 0);
}

async function showReplay(screen: Screen, folder: string, expected: readonly Expected[]): Promise<void> {
  const log = [join(folder, 'audit'), '--ca', ca(folder), '--json'];
  const shown = await verdict(['show', ...log]);
  const phases = new Map((shown.json as { id: string; phase?: Phase }[]).map(({ id, phase }) => [id, phase]));
  const { code, json } = await verdict(['replay', ...log, '--bundles', join(folder, 'audit', 'bundles')]);
  screen.expect('exit code of replay', code, 0);
  const replayed = (json.slice(0, -1) as { id: string; outcome: ReplayOutcome }[]).map(({ id, outcome }) => ({
    ...{ phase: phases.get(id), outcome },
  }));
  for (const phase of PHASES) {
    const counts: Record<string, number> = {};
    for (const { outcome } of replayed.filter((one) => one.phase === phase))
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    const told = Object.entries(counts).map(([outcome, count]) => `${count} ${outcome}`);
    screen.fact('replay', `${phase === 'tool' ? 'of tool calls' : 'of calls to models'}: ${told.join(', ')}`);
    const wanted = expected.filter((one) => phaseOf(one) === phase);
    const byPolicy = wanted.filter((one) => one.byPolicy).length;
    screen.expect(
      `decisions on phase ${phase} that replay alike, and that were not policy’s`,
      [counts.match ?? 0, counts.not_evaluated ?? 0],
      [byPolicy, wanted.length - byPolicy],
    );
  }
  screen.expect('decisions that were replayed', replayed.length, expected.length);
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
