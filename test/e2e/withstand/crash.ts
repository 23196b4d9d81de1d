import { setTimeout as sleep } from 'node:timers/promises';
import { Accounts } from './accounts.ts';
import { Follower, type Torn } from './follower.ts';
import { GatewayProcess } from './gateway-process.ts';
import { generator, Load } from './load.ts';
import { makePlace, type Place, verifyLog } from './place.ts';
import { CountingUpstream } from './upstream.ts';

export interface CrashOptions {
  rounds: number;
  /** Fixes when each kill falls and what is called. */
  seed: number;
  /** `verdict verify` is asked after so many rounds; the code here checks every line after each one. */
  verifyEvery: number;
  say(line: string): void;
}

export interface CrashReport {
  rounds: number;
  killedWhileStarting: number;
  /** Calls begun, answered, and arrived upstream; in part: whose body was cut by the kill. */
  calls: number;
  answered: number;
  arrived: number;
  arrivedInPart: number;
  records: number;
  /** Torn tails that kills or this trial left, and `recovered` records. */
  torn: number;
  recovered: number;
  /** Committed decisions to forward whose call had not left yet. */
  decidedNotArrived: number;
  startMs: { median: number; most: number };
  seconds: number;
}

const SEGMENT_BYTES = 2 * 1024 * 1024;
const LONGEST_LOAD_MS = 500;
/** Share of the rounds in which the kill falls before the gateway listens. */
const WHILE_STARTING = 0.15;
/** Share of the rounds after which this trial tears a line itself. */
const TORN_BY_HAND = 0.1;

/**
 * Kills the gateway at random moments under load, again and again over one log, and checks after each kill what must hold
 * (issue 3, section 9): the log goes on whole, no number comes twice, nothing arrived upstream without its committed decision,
 * and no answer named a decision that is not there.
 *
 * @throws at the first thing that does not hold; the log is kept then
 */
export async function crash(options: CrashOptions): Promise<CrashReport> {
  const upstream = await CountingUpstream.start();
  const place = await makePlace({ upstream: upstream.url, audit: { segment_bytes: SEGMENT_BYTES } });
  try {
    const report = await new Crash(options, upstream, place).run();
    await place.site.remove();
    return report;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${why} (the log is kept in ${place.log})`, { cause: error });
  } finally {
    await upstream.close();
  }
}

class Crash {
  private readonly options: CrashOptions;
  private readonly upstream: CountingUpstream;
  private readonly place: Place;
  private readonly follower: Follower;
  private readonly accounts: Accounts;
  private readonly random: () => number;
  private readonly startMs: number[] = [];
  private killedWhileStarting = 0;
  private torn = 0;
  /** The tail that the last kill left, until an opening has dealt with it. */
  private tail: Torn | undefined;

  constructor(options: CrashOptions, upstream: CountingUpstream, place: Place) {
    this.options = options;
    this.upstream = upstream;
    this.place = place;
    this.follower = new Follower(place.log);
    this.accounts = new Accounts(upstream, this.follower);
    this.random = generator(options.seed);
  }

  async run(): Promise<CrashReport> {
    const began = performance.now();
    const { rounds, verifyEvery, say } = this.options;
    for (let round = 1; round <= rounds; round++) {
      if (round > 2 && this.random() < WHILE_STARTING) await this.killWhileStarting();
      else await this.killUnderLoad();
      await this.check();
      if (!this.tail && this.random() < TORN_BY_HAND) await this.tear();
      if (round % verifyEvery !== 0) continue;
      this.verify('signed', 'torn_tail');
      say(
        `${round} kills: ${this.follower.records} records, ${this.upstream.arrivals.length} calls upstream, all decided`,
      );
    }
    await this.finish();
    return this.report((performance.now() - began) / 1000);
  }

  private async killUnderLoad(): Promise<void> {
    const gateway = new GatewayProcess(this.place);
    await gateway.ready;
    this.startMs.push(gateway.startedInMs);
    const load = new Load(gateway, this.accounts, this.place.token, this.random);
    await sleep(this.random() * LONGEST_LOAD_MS);
    await gateway.stop('SIGKILL');
    await load.stop();
    const [first] = load.unanswered;
    if (first)
      throw new Error(`${load.unanswered.length} calls were not answered though the gateway ran, first ${first}`);
  }

  private async killWhileStarting(): Promise<void> {
    const gateway = new GatewayProcess(this.place);
    await Promise.race([sleep(this.random() * median(this.startMs)), gateway.ended]);
    if (!gateway.running) throw new Error(`the gateway did not start:\n${gateway.lines.join('\n')}`);
    await gateway.stop('SIGKILL');
    this.killedWhileStarting++;
  }

  /** A kill seldom falls into a write; a torn line must be recovered all the same. */
  private async tear(): Promise<void> {
    this.follower.tear(1 + Math.floor(this.random() * (this.follower.lastLine.length - 1)));
    await this.check();
  }

  /** What must hold after every kill, before the next start. */
  private async check(): Promise<void> {
    await this.upstream.quiet();
    const { follower } = this;
    const [records, opened, recovered] = [follower.records, follower.opened, follower.recovered.length];
    const torn = follower.read();
    if (follower.opened > opened) this.checkRecovery(follower.recovered.slice(recovered));
    else if (follower.records > records)
      throw new Error('expected log_opened before any other record of a new process');
    if (torn && torn.sha256 !== this.tail?.sha256) this.torn++;
    this.tail = torn;
    this.accounts.check();
  }

  /** An opening cuts the torn tail that it finds, and says so; it cuts nothing else. */
  private checkRecovery(recovered: Torn[]): void {
    const expected = this.tail ? [this.tail] : [];
    if (JSON.stringify(recovered) !== JSON.stringify(expected)) {
      throw new Error(`expected recovered records ${JSON.stringify(expected)}, got ${JSON.stringify(recovered)}`);
    }
  }

  /** The log as the built program judges it. */
  private verify(...outcomes: string[]): void {
    const report = verifyLog(this.place.log, this.place);
    if (!outcomes.includes(report.outcome) || report.records !== this.follower.records) {
      throw new Error(`expected ${outcomes} with ${this.follower.records} records, got ${JSON.stringify(report)}`);
    }
  }

  /** A last start, ended as it should be. */
  private async finish(): Promise<void> {
    const gateway = new GatewayProcess(this.place);
    await gateway.ready;
    const code = await gateway.stop();
    if (code !== 0) throw new Error(`expected exit code 0 after SIGTERM, got ${code}:\n${gateway.lines.join('\n')}`);
    await this.check();
    this.verify('signed');
  }

  private report(seconds: number): CrashReport {
    return {
      rounds: this.options.rounds,
      killedWhileStarting: this.killedWhileStarting,
      calls: this.accounts.sent.size,
      answered: this.accounts.answered,
      arrived: this.upstream.arrivals.length,
      arrivedInPart: this.upstream.arrivals.filter(({ sha256 }) => sha256 === undefined).length,
      records: this.follower.records,
      torn: this.torn,
      recovered: this.follower.recovered.length,
      decidedNotArrived: this.accounts.neverArrived,
      startMs: { median: Math.round(median(this.startMs)), most: Math.round(Math.max(...this.startMs)) },
      seconds: Math.round(seconds),
    };
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
