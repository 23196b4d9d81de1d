import { Piscina } from 'piscina';
import { type Inspected, inspect, parseRuleset, type RegimeContext, type Ruleset } from '../classify/index.ts';
import { type JsonDocument, parse } from '../json/index.ts';
import type { Inspection } from './classifier-worker.ts';

/** A body up to this size is looked through at once, in well under a millisecond; larger ones must not hold other calls up. */
const INLINE_BYTES = 16 * 1024;
/** Two, so that one text that takes long does not hold up all others. */
const THREADS = 2;
/** A little of what detectors look for, none of it anybody's. */
const WARMING =
  'Where is order 4711? Write to nobody@example.com or call +1 202 555 0123, card 4111 1111 1111 1111, see https://example.com/?q=1. ';

/** The rules of a bundle, and their source for another thread. */
export interface Rules {
  ruleset: Ruleset;
  json: string;
}

/**
 * The rules in a bundle's data.
 * @throws ClassifyError
 */
export function readRules(data: Uint8Array): Rules {
  const { classify = {} } = JSON.parse(Buffer.from(data).toString('utf8')) as { classify?: unknown };
  return { ruleset: parseRuleset(classify), json: JSON.stringify(classify) };
}

export interface ClassifierOptions {
  /** Longest time for one body, waiting included, in milliseconds. */
  deadlineMs: number;
}

/** Looks through bodies: small ones here, large ones on threads of their own, which are ended when one takes too long. */
export class Classifier {
  private readonly deadlineMs: number;
  private readonly pool: Piscina<Inspection, Inspected>;

  constructor({ deadlineMs }: ClassifierOptions) {
    this.deadlineMs = deadlineMs;
    const file = import.meta.url.endsWith('.ts') ? './classifier-worker.ts' : './classifier-worker.js';
    this.pool = new Piscina({
      filename: new URL(file, import.meta.url).href,
      minThreads: THREADS,
      maxThreads: THREADS,
      atomics: 'disabled', // a thread that waits in Atomics.wait answers no debugger and takes no signal to end
    });
  }

  /** Looks through a text here and on the other thread, so that the first calls need not wait for code to be read and compiled. */
  async warm(rules: Rules): Promise<void> {
    const bytes = Buffer.from(JSON.stringify({ messages: [{ role: 'user', content: WARMING }] }));
    const task = inspectionOf(bytes, rules, { route: null, tenant: null, jurisdiction: null }, []);
    const elsewhere = Promise.all(Array.from({ length: THREADS }, () => this.pool.run(task)));
    for (let i = 0; i < 2; i++) inspect(parse(bytes), { rules: rules.ruleset, context: task.context, mask: [] });
    await elsewhere;
  }

  /**
   * @param body of bytes that nobody changes meanwhile
   * @throws whatever went wrong, a deadline that passed among it: the call must be refused then
   */
  async inspect(body: JsonDocument, rules: Rules, context: RegimeContext, mask: readonly string[]): Promise<Inspected> {
    if (body.text.length <= INLINE_BYTES) return inspect(body, { rules: rules.ruleset, context, mask });
    const signal = AbortSignal.timeout(this.deadlineMs);
    return this.pool.run(inspectionOf(body.text, rules, context, mask), { signal });
  }

  async stop(): Promise<void> {
    await this.pool.destroy();
  }
}

const inspectionOf = (
  bytes: Uint8Array,
  { ruleset, json }: Rules,
  context: RegimeContext,
  mask: readonly string[],
): Inspection => ({ bytes, rules: { json, digest: ruleset.digest }, context, mask });
