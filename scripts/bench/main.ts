/**
 * Measures Verdict against the bare proxy that it is built on, in one run, interleaved: requests/s, latency, CPU per
 * request of the whole process, and the ratios to the bare proxy's. Quote the ratios: machines differ, and are noisy.
 *
 *   npm run bench -- [--seconds 4] [--rounds 3] [--connections 1,32] [--only 4KB] [--against http://127.0.0.1:4000/v1/chat/completions]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { Server } from './process.ts';
import { median, printTable } from './table.ts';
import { prepareVerdict } from './verdict.ts';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '1,32' },
    only: { type: 'string' },
    against: { type: 'string' },
  },
});
const PROMPT = 'Our customer asks, "where is order 1183?"\nWe answer politely, in two sentences, and cite the policy. ';

interface Contender {
  name: string;
  /** URL of the chat completions endpoint. */
  url: string;
  headers: Record<string, string>;
  server?: Server;
}

interface Load {
  name: string;
  body: string;
  /** Whether the wait for the first chunk is told too. */
  isLong?: boolean;
}

interface Sample {
  perSecond: number;
  p50: number;
  p99: number;
  /** Microseconds of CPU per request; NaN for a process that is not ours. */
  cpu: number;
}

function chat(bytes: number, stream: boolean, events?: number): string {
  const build = (content: string): string =>
    JSON.stringify({
      model: 'gpt-5-mini',
      max_tokens: 256,
      messages: [{ role: 'user', content }],
      ...(stream && { stream, seed: events }),
    });
  const text = PROMPT.repeat(Math.ceil(bytes / PROMPT.length));
  const surplus = build(text).length - bytes;
  return build(text.slice(0, Math.max(1, text.length - surplus)));
}

const LOADS: Load[] = [
  { name: '4KB', body: chat(4096, false) },
  { name: '100KB', body: chat(102_400, false) },
  { name: 'stream', body: chat(4096, true) },
  { name: 'stream-2000', body: chat(4096, true, 2000), isLong: true },
];

const FIRST_CHUNKS = 40;

/** Milliseconds from a request to the first chunk of its stream, one request after the other. */
async function waitForFirst({ url, headers }: Contender, { body }: Load): Promise<number> {
  const waits: number[] = [];
  for (let i = 0; i < FIRST_CHUNKS; i++) {
    const began = performance.now();
    const all = { 'content-type': 'application/json', ...headers };
    const response = await fetch(url, { method: 'POST', headers: all, body });
    let chunks = 0;
    for await (const _ of response.body ?? []) if (chunks++ === 0) waits.push(performance.now() - began);
  }
  return median(waits);
}

async function fire(
  { url, headers, server }: Contender,
  { body }: Load,
  connections: number,
  seconds: number,
): Promise<Sample> {
  const before = server?.cpuMicros() ?? Number.NaN;
  const result = await autocannon({
    url,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
    connections,
    duration: seconds,
  });
  const answered = result['2xx'];
  if (answered === 0 || result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${url}: ${answered} answered, ${result.non2xx} refused, ${result.errors} failed`);
  }
  const cpu = ((server?.cpuMicros() ?? Number.NaN) - before) / answered;
  return { perSecond: answered / result.duration, p50: result.latency.p50, p99: result.latency.p99, cpu };
}

async function measure(contenders: Contender[], load: Load, connections: number): Promise<void> {
  const samples = new Map<Contender, Sample[]>(contenders.map((contender) => [contender, []]));
  const seconds = Number(options.seconds);
  for (const contender of contenders) await fire(contender, load, connections, 1); // warm-up
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const contender of contenders) {
      process.stderr.write(
        process.stderr.isTTY ? `\r\x1b[K${load.name} ×${connections} round ${round + 1}: ${contender.name}` : '',
      );
      samples.get(contender)?.push(await fire(contender, load, connections, seconds));
    }
  }
  process.stderr.write(process.stderr.isTTY ? '\r\x1b[K' : '');
  const bare = samples.get(contenders[0] as Contender) ?? [];
  printTable(
    `${load.name} body, ${connections} connection${connections > 1 ? 's' : ''}`,
    contenders.map(({ name }, index) => {
      const own = samples.get(contenders[index] as Contender) ?? [];
      const of = (key: keyof Sample): number => median(own.map((sample) => sample[key]));
      // Pairs of the same round are compared, so that drift of the machine cancels out.
      const ratio = (key: keyof Sample): number =>
        median(own.map((sample, i) => sample[key] / (bare[i]?.[key] ?? Number.NaN)));
      return {
        name,
        perSecond: of('perSecond'),
        p50: of('p50'),
        p99: of('p99'),
        cpu: of('cpu'),
        ratio: ratio('perSecond'),
        cpuRatio: ratio('cpu'),
      };
    }),
  );
}

const folder = mkdtempSync(join(tmpdir(), 'verdict-bench-'));
const servers: Server[] = [];
try {
  const here = import.meta.dirname;
  const URL_LINE = /^(http:\/\/\S+)$/m;
  const upstream = await Server.start([join(here, 'upstream.ts')], {}, URL_LINE, join(folder, 'upstream.out'));
  servers.push(upstream.server);
  const bare = await Server.start([join(here, 'bare.ts'), upstream.url], {}, URL_LINE, join(folder, 'bare.out'));
  servers.push(bare.server);
  const cli = resolve(here, '../../dist/cli/main.js');
  const { token, env } = prepareVerdict(cli, folder, upstream.url);
  const verdict = await Server.start(
    [cli, 'start', '--config', join(folder, 'verdict.yaml')],
    env,
    /listens on (http:\/\/\S+)/,
    join(folder, 'verdict.out'),
  );
  servers.push(verdict.server);
  const contender = (name: string, route: string): Contender => ({
    name,
    url: `${verdict.url}${route}/v1/chat/completions`,
    headers: { authorization: `Bearer ${token}` },
    server: verdict.server,
  });
  const contenders: Contender[] = [
    { name: 'bare proxy', url: `${bare.url}/v1/chat/completions`, headers: {}, server: bare.server },
    contender('verdict', '/full'),
    contender('verdict, no text', '/digest'),
    contender('verdict, labels', '/labels'),
  ];
  if (options.against) contenders.push({ name: options.against, url: options.against, headers: {} });
  for (const load of LOADS.filter(({ name }) => !options.only || name === options.only)) {
    for (const connections of options.connections.split(',').map(Number)) {
      verdict.server.newLines();
      const threads = verdict.server.cpuByThread();
      await measure(contenders, load, connections);
      printSteps(verdict.server, threads);
    }
    if (!load.isLong) continue;
    const waits: string[] = [];
    for (const one of contenders) waits.push(`${one.name} ${(await waitForFirst(one, load)).toFixed(1)}`);
    console.log(`  first chunk of ${load.name}, median ms: ${waits.join(', ')}\n`);
  }
  console.log(`memory: bare proxy ${bare.server.rssMiB()} MiB, verdict ${verdict.server.rssMiB()} MiB`);
} finally {
  for (const server of servers.reverse()) await server.stop();
  const check = spawnSync(
    process.execPath,
    [
      resolve(import.meta.dirname, '../../dist/cli/main.js'),
      'verify',
      join(folder, 'audit'),
      '--ca',
      join(folder, 'pki/root.pem'),
    ],
    { encoding: 'utf8' },
  );
  console.log(check.stdout + check.stderr);
  rmSync(folder, { recursive: true });
  process.exitCode = check.status ?? 3;
}

/** Medians of what the operational log says of each decision, by route, and the CPU of each thread. */
function printSteps(server: Server, threadsBefore: Map<string, number>): void {
  const steps = new Map<string, Map<string, number[]>>();
  let decisions = 0;
  for (const line of server.newLines()) {
    if (!line.includes('"steps_us"')) continue;
    const { route, steps_us } = JSON.parse(line);
    decisions++;
    const ofRoute = steps.get(route) ?? new Map<string, number[]>();
    steps.set(route, ofRoute);
    for (const [step, micros] of Object.entries(steps_us as Record<string, number>)) {
      ofRoute.set(step, [...(ofRoute.get(step)?.slice(-5000) ?? []), micros]);
    }
  }
  for (const [route, ofRoute] of steps) {
    const parts = [...ofRoute].map(([step, all]) => `${step} ${median(all)}`);
    console.log(`  waits of ${route}, median µs: ${parts.join(', ')}`);
  }
  const parts = [...server.cpuByThread()]
    .map(([name, cpu]) => ({ name, cpu: Math.round((cpu - (threadsBefore.get(name) ?? 0)) / decisions) }))
    .filter(({ cpu }) => cpu > 0)
    .map(({ name, cpu }) => `${name} ${cpu}`);
  console.log(`  CPU by thread, µs per call: ${parts.join(', ')}\n`);
}
