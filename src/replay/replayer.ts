import { createHash } from 'node:crypto';
import type { VerifiedRecord } from '../audit/index.ts';
import { BundleError, open, type VerifiedBundle } from '../bundle/index.ts';
import { parse } from '../json/index.ts';
import type { Certificate } from '../pki/index.ts';
import { ENGINE, Evaluator, PolicyError, SUPPORTED_BUILTINS } from '../policy/index.ts';
import { differences } from './difference.ts';

/**
 * What deciding again showed.
 * - match: the same bytes
 * - mismatch: other bytes; `details` says where
 * - bundle_missing: no bundle of the recorded digest, or none that opens
 * - input_withheld: the record holds digests in place of the text that policy saw
 * - not_evaluated: policy did not make this decision: the gateway did, or the engine failed or ran out of time
 */
export type ReplayOutcome = 'match' | 'mismatch' | 'bundle_missing' | 'input_withheld' | 'not_evaluated';

export interface Replayed {
  record: VerifiedRecord;
  outcome: ReplayOutcome;
  details: string[];
}

/** Where bundles are found. The bytes are checked after, so a store may be wrong but cannot lie. */
export interface BundleStore {
  /** Files that may be the bundle of this digest (hex), the likely ones first. */
  candidates(digest: string): AsyncIterable<{ name: string; bytes: Uint8Array }>;
}

interface Ready {
  bundle: VerifiedBundle;
  evaluator: Evaluator;
}

/** Evaluators keep hundreds of megabytes of address space each. */
const MOST_READY = 3;
/** Denials by the engine that depend on the machine and the moment, not on policy and input. */
const NOT_REPEATABLE = ['POLICY_ERROR', 'POLICY_DEADLINE'];

/** Decides again what a log recorded. Takes the records of one log in order: activations date the bundles. */
export class Replayer {
  private readonly store: BundleStore;
  private readonly anchors: Certificate[];
  private readonly activated = new Map<string, Date>();
  private readonly ready = new Map<string, Ready | string>();

  constructor(store: BundleStore, anchors: Certificate[]) {
    this.store = store;
    this.anchors = anchors;
  }

  /** Notes when a bundle was activated: that is the time at which its certificates had to hold. */
  note(record: VerifiedRecord): void {
    if (record.type !== 'bundle_activated') return;
    const digest = record.field('bundle').get('digest')?.string() ?? '';
    this.activated.set(digest, new Date(record.time));
  }

  /** Decides again on a decision record's own input bytes and compares the bytes of the result. */
  async replay(record: VerifiedRecord): Promise<Replayed> {
    const entrypoint = record.text('entrypoint');
    const digest = record.field('bundle').get('digest')?.string();
    if (entrypoint === null || digest === undefined) {
      return { record, outcome: 'not_evaluated', details: ['the gateway itself decided; policy was not asked'] };
    }
    const code = record.field('result').get('reasons')?.items()[0]?.get('code')?.string() ?? '';
    if (NOT_REPEATABLE.includes(code)) {
      return { record, outcome: 'not_evaluated', details: [`the engine denied (${code}), not the policy`] };
    }
    const input = record.field('input').raw();
    if (createHash('sha256').update(input).digest('hex') !== record.text('input_sha256')) {
      return { record, outcome: 'input_withheld', details: ['the record holds digests in place of text'] };
    }
    const ready = await this.prepare(record, digest);
    if (typeof ready === 'string') return { record, outcome: 'bundle_missing', details: [ready] };
    return this.compare(record, ready, entrypoint, input);
  }

  private compare(record: VerifiedRecord, { evaluator }: Ready, entrypoint: string, input: Uint8Array): Replayed {
    const recorded = record.field('result');
    const { json } = evaluator.decide(entrypoint, input);
    const bytes = Buffer.from(json);
    if (bytes.equals(recorded.raw())) return { record, outcome: 'match', details: [] };
    const details = differences(recorded, parse(bytes));
    const engine = record.text('engine');
    if (engine !== ENGINE) details.push(`recorded by engine ${engine}, replayed by ${ENGINE}`);
    return { record, outcome: 'mismatch', details };
  }

  /** The bundle, opened and loaded; or why there is none. */
  private async prepare(record: VerifiedRecord, digest: string): Promise<Ready | string> {
    const known = this.ready.get(digest);
    if (known !== undefined) return known;
    const ready = await this.load(record, digest);
    const oldest = this.ready.keys().next().value;
    if (this.ready.size >= MOST_READY && oldest !== undefined) this.ready.delete(oldest);
    this.ready.set(digest, ready);
    return ready;
  }

  private async load(record: VerifiedRecord, digest: string): Promise<Ready | string> {
    const time = this.activated.get(digest) ?? new Date(record.time);
    const refused: string[] = [];
    for await (const { name, bytes } of this.store.candidates(digest)) {
      try {
        const bundle = await open(bytes, { anchors: this.anchors, time, builtins: SUPPORTED_BUILTINS });
        if (bundle.digest === digest) return { bundle, evaluator: new Evaluator(bundle) };
      } catch (error) {
        if (!(error instanceof BundleError || error instanceof PolicyError)) throw error;
        refused.push(`${name} was refused: ${error.message}`);
      }
    }
    return [`no bundle ${digest}`, ...refused.slice(0, 3)].join('; ');
  }
}
