/**
 * Many calls through the built gateway: 4 KB and 100 KB bodies, streams and denials, over 32 connections. Holds if its memory
 * stays flat, every call is answered as it should be, and the log verifies.
 *
 *   npm run soak -- [--calls 100000] [--connections 32]
 *
 * Memory is flat if its median over the last fifth of the calls is at most a tenth, or 16 MiB, above that over the second fifth.
 * Exit codes: 0 all of it held, 1 something did not.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { GatewayProcess } from '../test/e2e/withstand/gateway-process.ts';
import { makePlace, type Place, verifyLog } from '../test/e2e/withstand/place.ts';

const { values } = parseArgs({
  options: { calls: { type: 'string', default: '100000' }, connections: { type: 'string', default: '32' } },
});
const CALLS = Number(values.calls);
const CONNECTIONS = Number(values.connections);
const SAMPLES = 500;
const MIB = 1024 * 1024;
const MORE_MIB = 16;
const MORE_SHARE = 1.1;

interface Mixed {
  /** How many of ten calls. */
  share: number;
  bytes: number;
  stream?: boolean;
  model?: string;
  status: number;
}

const MIX: Mixed[] = [
  { share: 5, bytes: 4096, status: 200 },
  { share: 1, bytes: 102_400, status: 200 },
  { share: 2, bytes: 4096, stream: true, status: 200 },
  { share: 2, bytes: 4096, model: 'a-model-that-is-not-allowed', status: 403 },
];

function body({ bytes, stream, model = 'gpt-5-mini' }: Mixed): string {
  const build = (content: string): string =>
    JSON.stringify({ model, max_tokens: 256, messages: [{ role: 'user', content }], ...(stream && { stream }) });
  return build('where is order 1183? '.repeat(bytes).slice(0, bytes - build('').length));
}

/** Which of ten calls in a row are of which kind, mixed. */
const ROUND = MIX.flatMap((kind) => Array.from({ length: kind.share }, () => kind)).map(
  (_, i, all) => all[(i * 3) % all.length] ?? _,
);

async function startUpstream(): Promise<{ url: string; stop(): void }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'bench', 'upstream.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = await once(createInterface(child.stdout), 'line');
  return { url, stop: () => void child.kill('SIGTERM') };
}

interface Memory {
  /** Resident bytes after equal numbers of calls. */
  samples: number[];
  statuses: Map<number, number>;
}

function run(gateway: GatewayProcess, { token }: Place): Promise<Memory> {
  return new Promise((resolve, reject) => {
    const memory: Memory = { samples: [], statuses: new Map() };
    const every = Math.max(1, Math.floor(CALLS / SAMPLES));
    let answered = 0;
    const instance = autocannon(
      {
        url: `${gateway.url}/support/v1/chat/completions`,
        connections: CONNECTIONS,
        amount: CALLS,
        requests: ROUND.map((kind) => ({
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          body: body(kind),
        })),
      },
      (error, result) => {
        if (error || result.errors > 0) reject(error ?? new Error(`${result.errors} calls failed`));
        else resolve(memory);
      },
    );
    instance.on('response', (_client, status) => {
      memory.statuses.set(status, (memory.statuses.get(status) ?? 0) + 1);
      if (++answered % every === 0) memory.samples.push(gateway.rss());
    });
  });
}

const median = (all: number[]): number => all.toSorted((a, b) => a - b)[all.length >> 1] ?? Number.NaN;

/** Median of one of five equal parts, in MiB. */
function fifth(samples: number[], nth: number): number {
  const size = samples.length / 5;
  return median(samples.slice(Math.floor(nth * size), Math.floor((nth + 1) * size))) / MIB;
}

const failures: string[] = [];
const upstream = await startUpstream();
const place = await makePlace({ upstream: upstream.url });
const gateway = new GatewayProcess(place);
try {
  await gateway.ready;
  const began = performance.now();
  const { samples, statuses } = await run(gateway, place);
  const seconds = (performance.now() - began) / 1000;
  console.log(
    `soak: ${CALLS} calls over ${CONNECTIONS} connections in ${seconds.toFixed(0)} s, ${(CALLS / seconds).toFixed(0)}/s`,
  );
  console.log(`answers: ${[...statuses].map(([status, count]) => `${count} × ${status}`).join(', ')}`);
  const expected = MIX.filter(({ status }) => status === 200).reduce((sum, { share }) => sum + share, 0) / 10;
  const share = (statuses.get(200) ?? 0) / CALLS;
  if (Math.abs(share - expected) > 0.02)
    failures.push(`expected ${expected} of the calls to be allowed, got ${share.toFixed(3)}`);
  if ([...statuses.keys()].some((status) => status !== 200 && status !== 403))
    failures.push('expected answers 200 and 403 only');

  const fifths = [0, 1, 2, 3, 4].map((nth) => fifth(samples, nth));
  console.log(`resident memory, median of each fifth: ${fifths.map((mib) => `${mib.toFixed(0)} MiB`).join(', ')}`);
  const [second = Number.NaN, last = Number.NaN] = [fifths[1], fifths[4]];
  if (!(last <= Math.max(second * MORE_SHARE, second + MORE_MIB))) {
    failures.push(`memory grew from ${second.toFixed(0)} to ${last.toFixed(0)} MiB`);
  }
  const code = await gateway.stop();
  if (code !== 0) failures.push(`expected exit code 0, got ${code}: ${gateway.lines.join('\n')}`);
  const before = performance.now();
  const report = verifyLog(place.log, place);
  const took = ((performance.now() - before) / 1000).toFixed(0);
  console.log(
    `log: ${report.outcome}, ${report.records} records, ${(report.bytes / MIB).toFixed(0)} MiB, verified in ${took} s`,
  );
  if (report.outcome !== 'signed' || !report.closed || report.unfinished > 0 || report.decisions.total !== CALLS) {
    failures.push(`expected a signed, closed log of ${CALLS} decisions, got ${JSON.stringify(report)}`);
  }
} catch (error) {
  failures.push(error instanceof Error ? error.message : String(error));
} finally {
  if (gateway.running) await gateway.stop('SIGKILL');
  upstream.stop();
  await place.site.remove();
}
for (const failure of failures) console.error(`soak: ${failure}`);
if (failures.length === 0) console.log('soak: all of it held');
process.exitCode = failures.length === 0 ? 0 : 1;
