export { type ReplayOptions, type ReplaySummary, replayLog } from './log.ts';
export { type BundleStore, type Replayed, Replayer, type ReplayOutcome } from './replayer.ts';
