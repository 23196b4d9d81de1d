import { Piscina } from 'piscina';
import { type Inspected, inspect, parseRuleset, type RegimeContext, type Ruleset } from '../classify/index.ts';
import type { JsonDocument } from '../json/index.ts';
import type { Inspection } from './classifier-worker.ts';

/** A body up to this size is looked through at once, in well under a millisecond; larger ones must not hold other calls up. */
const INLINE_BYTES = 16 * 1024;
const IDLE_MS = 60_000;

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
      minThreads: 0,
      maxThreads: 2,
      idleTimeout: IDLE_MS,
    });
  }

  /**
   * @param body of bytes that nobody changes meanwhile
   * @throws whatever went wrong, a deadline that passed among it: the call must be refused then
   */
  async inspect(body: JsonDocument, rules: Rules, context: RegimeContext, mask: readonly string[]): Promise<Inspected> {
    const { ruleset, json } = rules;
    if (body.text.length <= INLINE_BYTES) return inspect(body, { rules: ruleset, context, mask });
    return this.pool.run(
      { bytes: body.text, rules: { json, digest: ruleset.digest }, context, mask },
      { signal: AbortSignal.timeout(this.deadlineMs) },
    );
  }

  async stop(): Promise<void> {
    await this.pool.destroy();
  }
}
