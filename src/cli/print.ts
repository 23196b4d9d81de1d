import { once } from 'node:events';

/** Where a command prints. Commands take one, so that tests read what they print. */
export interface Printer {
  /** True if a person looks at it: then progress may be drawn. */
  readonly terminal: boolean;
  /** One line; resolves when there is room for more. False once the reader has gone, such as `head` in a pipe. */
  line(text: string): Promise<boolean>;
  /** Replaces the last progress on a terminal; does nothing elsewhere. */
  progress(text: string): void;
}

/** Prints to standard output, progress to standard error. */
export function terminal(): Printer {
  let gone = false;
  let drawn = false;
  const { stdout, stderr } = process;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    gone = true;
  });
  const progress = (text: string): void => {
    if (stderr.isTTY) stderr.write(`\r\x1b[K${text}`);
    drawn = text !== '';
  };
  return {
    terminal: Boolean(stdout.isTTY),
    progress,
    async line(text) {
      if (drawn) progress('');
      if (!gone && !stdout.write(`${text}\n`))
        await Promise.race([once(stdout, 'drain'), once(stdout, 'close')]).catch(() => {});
      return !gone;
    },
  };
}

/**
 * Makes text from a record safe to print: control characters, which could redraw or command the reader's terminal, and
 * the marks that turn the direction of writing are shown as escapes.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, (char) =>
    JSON.stringify(char).length > 3
      ? JSON.stringify(char).slice(1, -1)
      : `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
