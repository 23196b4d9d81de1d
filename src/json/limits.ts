export interface Limits {
  /** Largest text, in bytes. */
  maxBytes: number;
  /** Deepest nesting of arrays and objects; a scalar has depth 0. */
  maxDepth: number;
  /** Refuse keys of one object that differ only in case: parsers that fold case would read another value than policy did. */
  refuseCaseCollisions: boolean;
  /** Most values and keys together; undefined: as many as fit. A few megabytes of tiny ones take seconds to read. */
  maxValues?: number;
}

export const DEFAULT_LIMITS: Limits = { maxBytes: 10 * 1024 * 1024, maxDepth: 64, refuseCaseCollisions: true };
