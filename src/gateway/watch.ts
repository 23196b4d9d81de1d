import { type Stats, unwatchFile, watchFile } from 'node:fs';

const INTERVAL_MS = 1000;
/** A file that is missing for longer was removed: what it said may not go on holding. */
const GONE_MS = 2 * INTERVAL_MS;

/**
 * Calls back when a file is replaced or changed. Polls: it must also see a renamed file, a mounted secret that is a
 * symbolic link, and a network folder. Returns what ends it.
 */
export function watchFiles(actions: Record<string, () => Promise<void>>): () => void {
  const watched = Object.entries(actions)
    .filter(([file]) => file !== '')
    .map(([file, action]) => {
      let gone: NodeJS.Timeout | undefined;
      const listener = (now: Stats, before: Stats): void => {
        const wasGone = gone !== undefined; // `before` is then how it was before that
        clearTimeout(gone);
        gone = undefined;
        // Half-way between two names it is missing for a moment.
        if (now.mtimeMs === 0) gone = setTimeout(() => void action(), GONE_MS).unref();
        else if (wasGone || now.mtimeMs !== before.mtimeMs || now.ino !== before.ino || now.mode !== before.mode)
          void action();
      };
      watchFile(file, { interval: INTERVAL_MS, persistent: false }, listener);
      return () => {
        clearTimeout(gone);
        unwatchFile(file, listener);
      };
    });
  return () => {
    for (const unwatch of watched) unwatch();
  };
}
