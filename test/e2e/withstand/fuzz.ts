import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { Follower } from './follower.ts';
import { type Visit, visit } from './fuzz-http.ts';
import { GatewayProcess } from './gateway-process.ts';
import { Ledger } from './ledger.ts';
import { makePlace, type Place, verifyLog } from './place.ts';
import { CountingUpstream } from './upstream.ts';

export interface FuzzOptions {
  seconds: number;
  seed: number;
  /** fast-check's path to one failing case, to see it again. */
  path?: string | undefined;
}

export interface FuzzReport {
  visits: number;
  /** Heads of responses, by status. */
  responses: Record<string, number>;
  /** Responses that name their decision. */
  named: number;
  arrivals: number;
  decisions: number;
  records: number;
}

/** After this silence nothing more is expected from the gateway on a connection. */
const SILENCE_MS = 60;
const REST_MS = 3000;
const LIMITS = {
  body_bytes: 65_536,
  header_bytes: 16_384,
  headers_timeout_ms: 2000,
  body_timeout_ms: 2000,
  stop_timeout_ms: 10_000,
};
/** Answers to what is no HTTP request, and so has no head to put a decision's id in; they have their records too. */
const UNNAMED = [400, 405, 408, 431];
const HEALTH = /^content-type: (text\/plain|application\/json\r\ncontent-length: \d+\r\n)/im;

/**
 * Sends the built gateway whatever fast-check thinks of, by raw connections, and checks after each handful of them: it runs; whatever
 * arrived upstream has its committed decision; each answer names a decision that is in the log; none is a 500.
 *
 * @throws fast-check's report of the smallest failing case; the log is kept then
 */
export async function fuzz({ seconds, seed, path }: FuzzOptions): Promise<FuzzReport> {
  const upstream = await CountingUpstream.start();
  const place = await makePlace({ upstream: upstream.url, limits: LIMITS });
  const gateway = new GatewayProcess(place);
  try {
    await gateway.ready;
    const target = new Target(gateway, upstream, place);
    const visits = fc.array(visit(place.token), { minLength: 1, maxLength: 24 });
    const property = fc.asyncProperty(visits, (some) => target.endure(some));
    const parameters = { seed, numRuns: 1e9, interruptAfterTimeLimit: seconds * 1000, markInterruptAsFailure: false };
    await fc.assert(property, { ...parameters, ...(path === undefined ? {} : { path }) });
    const report = await target.conclude();
    await place.site.remove();
    return report;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${why}\n(the log is kept in ${place.log})`, { cause: error });
  } finally {
    if (gateway.running) await gateway.stop('SIGKILL');
    await upstream.close();
  }
}

interface Head {
  status: number;
  text: string;
  decision: string | undefined;
}

class Target {
  private readonly gateway: GatewayProcess;
  private readonly upstream: CountingUpstream;
  private readonly place: Place;
  private readonly follower: Follower;
  private readonly ledger = new Ledger();
  private claimed = 0;
  /** Calls that a failing case has left behind. */
  private stuck = 0;
  private readonly report: FuzzReport = { visits: 0, responses: {}, named: 0, arrivals: 0, decisions: 0, records: 0 };
  private answers = 0;

  constructor(gateway: GatewayProcess, upstream: CountingUpstream, place: Place) {
    this.gateway = gateway;
    this.upstream = upstream;
    this.place = place;
    this.follower = new Follower(place.log);
    this.follower.onDecision = (decided) => this.ledger.add(decided);
  }

  /** Some clients at once; then everything that they brought about is checked. */
  async endure(visits: Visit[]): Promise<void> {
    const answers = await Promise.all(visits.map((one) => receive(this.gateway.url, one)));
    if (!this.gateway.running) throw new Error(`the gateway has ended:\n${this.gateway.lines.join('\n')}`);
    this.report.visits += visits.length;
    this.checkArrivals();
    for (const head of answers.flatMap(headsOf)) this.checkAnswer(head);
    await this.expectRest();
  }

  /** All clients are gone, so every call must end by itself, and give its room back. */
  private async expectRest(): Promise<void> {
    for (const late = Date.now() + REST_MS; ; await sleep(10)) {
      const metrics = await (await fetch(`${this.gateway.url}/metrics`)).text();
      const inFlight = Number(/^verdict_calls_in_flight (\d+)/m.exec(metrics)?.[1]);
      if (inFlight <= this.stuck) return;
      if (Date.now() < late) continue;
      const more = inFlight - this.stuck;
      this.stuck = inFlight; // so that a smaller case is judged by what it does itself
      throw new Error(`${more} calls have not ended ${REST_MS} ms after their clients went`);
    }
  }

  /** Stops the gateway and has its log verified. */
  async conclude(): Promise<FuzzReport> {
    const { gateway, place, follower, report } = this;
    const code = await gateway.stop();
    if (code !== 0) throw new Error(`expected exit code 0, got ${code}:\n${gateway.lines.join('\n')}`);
    this.checkArrivals();
    report.arrivals = this.upstream.arrivals.length;
    report.decisions = follower.decisions.size;
    report.records = follower.records;
    if (report.decisions < this.answers)
      throw new Error(`${this.answers} answers and only ${report.decisions} decisions`);
    const verified = verifyLog(place.log, place);
    if (
      verified.outcome !== 'signed' ||
      !verified.closed ||
      verified.unfinished > 0 ||
      verified.records !== follower.records
    ) {
      throw new Error(`expected a signed log, closed, with every outcome; got ${JSON.stringify(verified)}`);
    }
    return report;
  }

  private checkArrivals(): void {
    const arrivals = this.upstream.arrivals.slice(this.claimed);
    this.follower.read(); // after the arrivals were taken: what decided them is in the log by now
    for (const arrival of arrivals) {
      if (arrival.sha256 === undefined) return; // its body is on its way; next time
      if (!this.ledger.claim(arrival)) {
        throw new Error(`${arrival.method} ${arrival.target} arrived upstream without its committed decision`);
      }
      this.claimed++;
    }
  }

  private checkAnswer({ status, text, decision }: Head): void {
    this.report.responses[status] = (this.report.responses[status] ?? 0) + 1;
    if (status === 100) return;
    if (status === 500) throw new Error(`answered 500: ${text}\n${this.gateway.lines.join('\n')}`);
    if (decision === undefined) {
      const health = HEALTH.test(text) && [200, 503].includes(status);
      if (!health && !UNNAMED.includes(status)) throw new Error(`an answer names no decision: ${text}`);
      if (!health) this.answers++;
      return;
    }
    this.answers++;
    this.report.named++;
    const decided = this.follower.decisions.get(decision);
    if (!decided) throw new Error(`an answer names a decision that is not in the log: ${text}`);
    if (!decided.forward && status < 400) throw new Error(`a refused call was answered ${text}`);
  }
}

/** Sends what a client sends and returns all that came back. */
function receive(url: string, { bytes, piece, hangsUp }: Visit): Promise<Buffer> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true, allowHalfOpen: true });
    const received: Buffer[] = [];
    let at = 0;
    const send = (): void => {
      if (socket.destroyed) return;
      if (at >= bytes.length) return void (hangsUp ? socket.end() : socket.setTimeout(SILENCE_MS));
      const next = bytes.subarray(at, at + piece);
      at += piece;
      socket.write(next, () => setImmediate(send));
    };
    socket.once('connect', send);
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.once('end', () => socket.destroy());
    socket.once('timeout', () => socket.destroy());
    socket.on('error', () => {}); // a reset is an answer too
    socket.once('close', () => resolve(Buffer.concat(received)));
    socket.setTimeout(SILENCE_MS * 10);
  });
}

function headsOf(received: Buffer): Head[] {
  const heads = received.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3}) [^\r]*\r\n((?:[^\r\n]+\r\n)*)\r\n/g);
  return [...heads].map(([text, status, fields = '']) => ({
    status: Number(status),
    text,
    decision: /^x-verdict-decision: (\S+)/im.exec(fields)?.[1],
  }));
}
