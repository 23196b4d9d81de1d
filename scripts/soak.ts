/**
 * Many calls through the built gateway: 4 KB and 100 KB bodies, streams and denials, over 32 connections. Holds if its memory
 * stays flat, every call is answered as it should be, and the log verifies.
 *
 *   npm run soak -- [--calls 100000] [--connections 32]
 *
 * Resident memory is sampled all along (median of each fifth of the calls), and taken after each fifth once the garbage of all
 * threads is collected; both are compared between the second fifth and the last.
 * Exit codes: 0 all of it held, 1 something did not.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { MAIN } from '../test/e2e/program.ts';
import { GatewayProcess } from '../test/e2e/withstand/gateway-process.ts';
import { Inspector } from '../test/e2e/withstand/inspector.ts';
import { makePlace, type Place, verifyLog } from '../test/e2e/withstand/place.ts';

const { values } = parseArgs({
  options: { calls: { type: 'string', default: '100000' }, connections: { type: 'string', default: '32' } },
});
const FIFTH = Math.floor(Number(values.calls) / 5);
const CALLS = FIFTH * 5;
const CONNECTIONS = Number(values.connections);
const SAMPLE_MS = 100;
const MIB = 1024 * 1024;

interface Kind {
  /** How many of ten calls. */
  share: number;
  bytes: number;
  stream?: boolean;
  model?: string;
  status: number;
}

const KINDS: Kind[] = [
  { share: 5, bytes: 4096, status: 200 },
  { share: 1, bytes: 102_400, status: 200 },
  { share: 2, bytes: 4096, stream: true, status: 200 },
  { share: 2, bytes: 4096, model: 'a-model-that-is-not-allowed', status: 403 },
];
const STEP = 3; // has no divisor in common with ten, so that kinds take turns

function body({ bytes, stream, model = 'gpt-5-mini' }: Kind): string {
  const build = (content: string): string =>
    JSON.stringify({ model, max_tokens: 256, messages: [{ role: 'user', content }], ...(stream && { stream }) });
  return build('where is order 1183? '.repeat(bytes).slice(0, bytes - build('').length));
}

const inARow = KINDS.flatMap((kind) => Array<Kind>(kind.share).fill(kind));
const MIX = inARow.map((_, i) => body(inARow[(i * STEP) % inARow.length] as Kind));
const ALLOWED = inARow.filter(({ status }) => status === 200).length / inARow.length;

async function startUpstream(): Promise<{ url: string; stop(): void }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'bench', 'upstream.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = await once(createInterface(child.stdout), 'line');
  return { url, stop: () => void child.kill('SIGTERM') };
}

/** Resident memory during and after a fifth, in MiB. */
interface Memory {
  during: number;
  after: number;
}

/** Makes a fifth of the calls, and counts the answers by status. */
async function fifth(
  gateway: GatewayProcess,
  inspector: Inspector,
  { token }: Place,
  statuses: Map<string, number>,
): Promise<Memory> {
  const samples: number[] = [];
  const sampling = setInterval(() => samples.push(gateway.rss() / MIB), SAMPLE_MS);
  try {
    const result = await autocannon({
      url: `${gateway.url}/support/v1/chat/completions`,
      connections: CONNECTIONS,
      amount: FIFTH,
      requests: MIX.map((one) => ({
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: one,
      })),
    });
    for (const [status, { count = 0 }] of Object.entries(result.statusCodeStats ?? {})) {
      statuses.set(status, (statuses.get(status) ?? 0) + count);
    }
    if (result.errors > 0) throw new Error(`${result.errors} calls failed`);
  } finally {
    clearInterval(sampling);
  }
  await inspector.collectGarbage();
  const during = samples.toSorted((a, b) => a - b)[samples.length >> 1] ?? Number.NaN;
  return { during, after: gateway.rss() / MIB };
}

/** Growth from the second fifth to the last that still counts as flat. How lazily V8 collects shows in the samples; a leak shows in both. */
const ALLOWED_GROWTH = { during: { share: 1.2, mib: 48 }, after: { share: 1.1, mib: 24 } };

async function soak(gateway: GatewayProcess, place: Place): Promise<string[]> {
  const failures: string[] = [];
  const inspector = await Inspector.attach(gateway);
  const statuses = new Map<string, number>();
  const began = performance.now();
  const memory: Memory[] = [];
  for (let nth = 0; nth < 5; nth++) memory.push(await fifth(gateway, inspector, place, statuses));
  inspector.close();
  const seconds = (performance.now() - began) / 1000;
  console.log(
    `${CALLS} calls over ${CONNECTIONS} connections in ${seconds.toFixed(0)} s, ${(CALLS / seconds).toFixed(0)}/s`,
  );
  console.log(`answers: ${[...statuses].map(([status, count]) => `${count} × ${status}`).join(', ')}`);
  const others = [...statuses.keys()].filter((status) => status !== '200' && status !== '403');
  const allowed = (statuses.get('200') ?? 0) / CALLS;
  if (others.length > 0 || Math.abs(allowed - ALLOWED) > 0.01)
    failures.push(`expected ${ALLOWED} of them to be 200, the others 403`);

  for (const when of ['during', 'after'] as const) {
    const mib = memory.map((one) => one[when]);
    console.log(`resident memory ${when} each fifth: ${mib.map((one) => `${one.toFixed(0)} MiB`).join(', ')}`);
    const [second = Number.NaN, last = Number.NaN] = [mib[1], mib[4]];
    const { share, mib: more } = ALLOWED_GROWTH[when];
    if (!(last <= Math.max(second * share, second + more)))
      failures.push(`memory ${when} a fifth grew from ${second.toFixed(0)} to ${last.toFixed(0)} MiB`);
  }
  const code = await gateway.stop();
  if (code !== 0) failures.push(`expected exit code 0, got ${code}: ${gateway.lines.join('\n')}`);
  return [...failures, ...verified(place)];
}

function verified(place: Place): string[] {
  const before = performance.now();
  const report = verifyLog(place.log, place);
  const seconds = ((performance.now() - before) / 1000).toFixed(0);
  console.log(
    `log: ${report.outcome}, ${report.records} records, ${(report.bytes / MIB).toFixed(0)} MiB, verified in ${seconds} s`,
  );
  const whole =
    report.outcome === 'signed' && report.closed && report.unfinished === 0 && report.decisions.total === CALLS;
  return whole ? [] : [`expected a signed, closed log of ${CALLS} decisions, got ${JSON.stringify(report)}`];
}

const upstream = await startUpstream();
const place = await makePlace({ upstream: upstream.url });
const gateway = new GatewayProcess(place, [process.execPath, '--inspect-port=0', MAIN, 'start', '--config']);
try {
  await gateway.ready;
  const failures = await soak(gateway, place);
  for (const failure of failures) console.error(`soak: ${failure}`);
  if (failures.length === 0) console.log('soak: all of it held');
  process.exitCode = failures.length === 0 ? 0 : 1;
} finally {
  if (gateway.running) await gateway.stop('SIGKILL');
  upstream.stop();
  await place.site.remove();
}
