import { type Stats, unwatchFile, watchFile } from 'node:fs';

const INTERVAL_MS = 1000;

/**
 * Calls back when a file is replaced or changed. Polls: it must also see a renamed file, a mounted secret that is a
 * symbolic link, and a network folder. Returns what ends it.
 */
export function watchFiles(actions: Record<string, () => Promise<void>>): () => void {
  const watched = Object.entries(actions)
    .filter(([file]) => file !== '')
    .map(([file, action]) => {
      const listener = (now: Stats, before: Stats): void => {
        // Not there for a moment, or half-way between two names: the next look tells.
        if (now.mtimeMs !== 0 && (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino)) void action();
      };
      watchFile(file, { interval: INTERVAL_MS, persistent: false }, listener);
      return () => unwatchFile(file, listener);
    });
  return () => {
    for (const unwatch of watched) unwatch();
  };
}
