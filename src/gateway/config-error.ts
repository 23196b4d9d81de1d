/** A place in a configuration file; line and column count from 1. */
export interface Place {
  file: string;
  line: number;
  column: number;
}

/** A configuration that is refused: where, which value (as a JSON path), what was expected and what came; never a string's own value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'CONFIG_INVALID';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(format).join('\n'));
    this.problems = problems;
  }
}

export interface Problem {
  place: Place;
  /** For instance `$.routes[0].mode`. */
  path: string;
  /** What was expected, and what came. */
  message: string;
}

function format({ place, path, message }: Problem): string {
  return `${place.file}:${place.line}:${place.column}: ${path}: ${message}`;
}
