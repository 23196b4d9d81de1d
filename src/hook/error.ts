/** Why a hook's payload was refused. The set is closed: error bodies name these codes. */
export type HookErrorCode =
  | 'HOOK_AGENT_UNKNOWN'
  | 'HOOK_EVENT_UNSUPPORTED'
  | 'HOOK_PAYLOAD_INVALID'
  | 'HOOK_ARGUMENTS_INVALID';

/** A payload that cannot be judged. The message names the place and what was expected there; never what stood there. */
export class HookError extends Error {
  override readonly name = 'HookError';
  readonly code: HookErrorCode;

  constructor(code: HookErrorCode, expected: string, options?: ErrorOptions) {
    super(`${code}: ${expected}`, options);
    this.code = code;
  }
}
