/** What a command's exit code says. The table is documented in the README and stable. */
export const EXIT = {
  /** All is well. */
  fine: 0,
  /** The command ran and found something: a broken log, a decision that replays otherwise, a failing Rego test; or a person said no. */
  finding: 1,
  /** The command line or a configuration file is wrong; nothing was done. */
  usage: 2,
  /** The command could not do its work: a file or program is missing, a port is taken. */
  unable: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a message for a person; it says what was expected and what to do next. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
