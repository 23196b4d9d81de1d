import pino, { type Logger } from 'pino';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type { Logger };

/** Lines are gathered for this long before they are written, unless a person is watching. */
const FLUSH_MS = 200;
const FLUSH_BYTES = 8192;

/** Operational log: one JSON object a line on standard output. It never holds a prompt or a credential. */
export function createLogger(level: string): Logger {
  const gathered = process.stdout.isTTY ? {} : { minLength: FLUSH_BYTES, periodicFlush: FLUSH_MS };
  const destination = pino.destination({ fd: 1, sync: false, ...gathered });
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}

/** Metrics in the Prometheus text format. Labels come from closed sets or the configuration, never from a caller. */
export class Metrics {
  readonly registry = new Registry();
  readonly decisions = this.counter('verdict_decisions_total', 'Decisions committed or refused', [
    'route',
    'effect',
    'code',
  ]);
  readonly upstream = this.counter('verdict_upstream_responses_total', 'Forwarded calls by how they ended', [
    'route',
    'ended',
  ]);
  readonly decisionSeconds = new Histogram({
    name: 'verdict_decision_seconds',
    help: 'From arrival of a call to its committed decision',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
    registers: [this.registry],
  });

  constructor(inFlight: () => number, writable: () => boolean) {
    collectDefaultMetrics({ register: this.registry });
    this.gauge('verdict_calls_in_flight', 'Calls on their way', inFlight);
    this.gauge('verdict_log_writable', '1 while the audit log takes records', () => (writable() ? 1 : 0));
  }

  private counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }
}

/** The kind of an error, for the operational log: its text may hold what a caller sent. */
export function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? `${error.name} ${error.code}` : error.name;
}
