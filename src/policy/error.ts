/** Why a policy could not be loaded or asked. */
export type PolicyErrorCode = 'POLICY_LOAD_FAILED' | 'POLICY_BUILTIN_MISSING' | 'POLICY_ENGINE_STOPPED';

/** A policy that cannot be used at all; a call that policy judged badly is a {@link Decision} with `fault` instead. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly code: PolicyErrorCode;

  constructor(code: PolicyErrorCode, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}
