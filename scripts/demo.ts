/**
 * `npm run demo`: a gateway as `npm start` makes it, driven by the vendors' own SDKs, an MCP client and a coding agent's hook,
 * then its log verified, replayed and forged. Exits with 0 only if everything came as expected.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentCalls } from './demo/agent.ts';
import { type DemoCall, modelCalls } from './demo/calls.ts';
import { showEvidence } from './demo/evidence.ts';
import { DemoGateway } from './demo/gateway.ts';
import { mcpCalls, startTickets } from './demo/mcp.ts';
import { Screen } from './demo/screen.ts';
import { showCall } from './demo/show.ts';
import { textCalls } from './demo/text.ts';
import { toolCalls } from './demo/tools.ts';

async function main(): Promise<number> {
  forgetVendors();
  const began = performance.now();
  const screen = new Screen();
  const folder = mkdtempSync(join(tmpdir(), 'verdict-demo-'));
  screen.line(
    'Verdict demo: a gateway with development keys, the example policies, and a sandbox in place of the vendors',
  );
  const tickets = await startTickets();
  const gateway = await DemoGateway.start(folder, tickets.url);
  try {
    screen.fact('gateway', `${gateway.url}  ${screen.paint('dim', folder)}`);
    const calls: DemoCall[] = [];
    const show = async (heading: string, some: DemoCall[]): Promise<void> => {
      screen.heading(heading);
      for (const call of some) await showCall(screen, gateway, call);
      calls.push(...some);
    };
    await show('Calls to models', modelCalls(gateway));
    await show('What is in the text', textCalls(gateway));
    await show('Tool calls that models propose', toolCalls(gateway));
    await show('An MCP server, behind the gateway', mcpCalls(gateway, tickets));
    await show('A coding agent, which asks before it acts', agentCalls(gateway));
    screen.heading('Evidence');
    const code = await gateway.stop();
    screen.fact('stop', `SIGTERM, exit code ${code}`);
    screen.expect('exit code of the gateway', code, 0);
    await showEvidence(screen, folder, calls);
  } finally {
    await gateway.stop();
    await tickets.close();
  }
  return conclude(screen, folder, performance.now() - began);
}

/** The demo calls nobody for real: no key or address of a vendor reaches the gateway or an SDK. */
function forgetVendors(): void {
  for (const name of Object.keys(process.env)) if (/^(OPENAI|ANTHROPIC)_/.test(name)) delete process.env[name];
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
