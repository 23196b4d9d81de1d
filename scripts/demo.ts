/**
 * `npm run demo`: a gateway as `npm start` makes it, driven by the vendors' own SDKs, then its log verified, replayed and
 * forged. Exits with 0 only if everything came as expected.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answer } from './demo/ask.ts';
import { type DemoCall, demoCalls } from './demo/calls.ts';
import { showEvidence } from './demo/evidence.ts';
import { type DecisionLine, DemoGateway } from './demo/gateway.ts';
import { Screen } from './demo/screen.ts';

async function main(): Promise<number> {
  forgetVendors();
  const began = performance.now();
  const screen = new Screen();
  const folder = mkdtempSync(join(tmpdir(), 'verdict-demo-'));
  screen.line(
    'Verdict demo: a gateway with development keys, the example policies, and a sandbox in place of the vendors',
  );
  const gateway = await DemoGateway.start(folder);
  try {
    screen.fact('gateway', `${gateway.url}  ${screen.paint('dim', folder)}`);
    const calls = demoCalls(gateway.url, gateway.token);
    screen.heading('Decisions');
    for (const call of calls) await showCall(screen, gateway, call);
    screen.heading('Evidence');
    const code = await gateway.stop();
    screen.fact('stop', `SIGTERM, exit code ${code}`);
    screen.expect('exit code of the gateway', code, 0);
    await showEvidence(screen, folder, calls);
  } finally {
    await gateway.stop();
  }
  return conclude(screen, folder, performance.now() - began);
}

/** The demo calls nobody for real: no key or address of a vendor reaches the gateway or an SDK. */
function forgetVendors(): void {
  for (const name of Object.keys(process.env)) if (/^(OPENAI|ANTHROPIC)_/.test(name)) delete process.env[name];
}

async function showCall(screen: Screen, gateway: DemoGateway, { sdk, asked, send, expected }: DemoCall): Promise<void> {
  const answer = await send();
  const told = await gateway.decision(answer.decision);
  screen.line(decisionLine(screen, sdk, asked, answer, told));
  const { byPolicy: _, raised, ...decided } = expected;
  const came = { status: answer.status, effect: told?.effect, codes: told?.codes };
  screen.expect(`${sdk}, ${asked}`, came, decided);
  screen.expect(`${sdk}, ${asked}: the exception that the SDK raised`, answer.raised, raised);
  for (const code of decided.codes)
    screen.expect(`${sdk}, ${asked}: its message names ${code}`, answer.text.includes(code), true);
  if (decided.status === 200) screen.expect(`${sdk}, ${asked}: there is an answer`, answer.text.length > 0, true);
  if (asked.includes('streamed')) screen.expect(`${sdk}, ${asked}: came in pieces`, (answer.pieces ?? 0) > 1, true);
}

function decisionLine(
  screen: Screen,
  sdk: string,
  asked: string,
  answer: Answer,
  told: DecisionLine | undefined,
): string {
  const { status, decision } = answer;
  const { effect = 'untold', codes = [] } = told ?? {};
  const painted = screen.paint(effect === 'forward' ? 'green' : 'yellow', effect.padEnd(8));
  const words = [
    sdk.padEnd(10),
    asked.padEnd(28),
    painted,
    String(status),
    codes.join(',').padEnd(22),
    screen.paint('dim', decision),
  ];
  return `  ${words.join(' ')}`;
}

function conclude(screen: Screen, folder: string, ms: number): number {
  const seconds = (ms / 1000).toFixed(1);
  screen.line();
  if (screen.failures.length === 0) {
    rmSync(folder, { recursive: true });
    screen.line(`${screen.paint('green', 'All held:')} ${screen.checks} expectations in ${seconds} s`);
    return 0;
  }
  screen.line(
    `${screen.paint('red', `${screen.failures.length} of ${screen.checks} expectations failed`)}; see ${folder}`,
  );
  for (const failure of screen.failures) screen.line(`  ${failure}`);
  return 1;
}

process.exitCode = await main();
