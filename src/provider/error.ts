/** A call that has not the shape its endpoint needs. */
export type ProviderErrorCode = 'CALL_INVALID';

/** Names the place in the body (a path such as `$.messages[2].role`) and what was expected there; never what stood there. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly code: ProviderErrorCode;
  readonly path: string;

  constructor(path: string, expected: string) {
    super(`CALL_INVALID at ${path}: expected ${expected}`);
    this.code = 'CALL_INVALID';
    this.path = path;
  }
}
