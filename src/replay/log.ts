import { type LogSource, type Report, type VerifyOptions, verify } from '../audit/index.ts';
import type { Certificate } from '../pki/index.ts';
import { type BundleStore, type Replayed, Replayer, type ReplayOutcome } from './replayer.ts';

export interface ReplayOptions extends Omit<VerifyOptions, 'onRecord' | 'anchors'> {
  /** The roots that the reader trusts, for the log and the bundles. */
  anchors: Certificate[];
  bundles: BundleStore;
  /** Replay this decision only; all records are verified all the same. */
  id?: string;
  onReplayed?(replayed: Replayed): void | Promise<void>;
}

export interface ReplaySummary {
  /** Of the log: only what stands before its finding was replayed. */
  report: Report;
  counts: Record<ReplayOutcome, number>;
}

/** Verifies a log and decides each decision again, each record after it, and all before it, were found good. */
export async function replayLog(source: LogSource, options: ReplayOptions): Promise<ReplaySummary> {
  const { bundles, id, onReplayed, ...verifyOptions } = options;
  const replayer = new Replayer(bundles, options.anchors);
  const counts = { match: 0, mismatch: 0, bundle_missing: 0, input_withheld: 0, not_evaluated: 0 };
  const report = await verify(source, {
    ...verifyOptions,
    onRecord: async (record) => {
      replayer.note(record);
      if (record.type !== 'decision' || (id !== undefined && record.id !== id)) return;
      const replayed = await replayer.replay(record);
      counts[replayed.outcome]++;
      await onReplayed?.(replayed);
    },
  });
  return { report, counts };
}
