import type { Provider } from '../input/index.ts';

export interface RefusalFields {
  /** HTTP status of the response. */
  status: number;
  /** Reason code, such as POLICY_UNDEFINED. */
  code: string;
  message: string;
  decisionId: string;
}

/** https://platform.claude.com/docs/en/api/errors */
const ANTHROPIC_TYPES = new Map([
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [500, 'api_error'],
  [502, 'api_error'],
  [503, 'overloaded_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
]);

/** https://developers.openai.com/api/docs/guides/error-codes */
const OPENAI_TYPES = new Map([
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [429, 'rate_limit_error'],
]);

/**
 * The body of a refusal as the vendor itself would write it, so that its SDK raises its usual exception for the status.
 * SDKs show little more than the message, so that names the code and the decision; programs find both in fields of
 * their own: `error.code` (OpenAI) and `error.details.error_code` (Anthropic).
 */
export function errorBody(provider: Provider, { status, code, message, decisionId }: RefusalFields): string {
  const text = `${code}: ${message} (decision ${decisionId})`;
  if (provider === 'openai') {
    const type = OPENAI_TYPES.get(status) ?? (status < 500 ? 'invalid_request_error' : 'server_error');
    return JSON.stringify({ error: { message: text, type, param: null, code, decision_id: decisionId } });
  }
  const type = ANTHROPIC_TYPES.get(status) ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  const details = { error_code: code, decision_id: decisionId };
  return JSON.stringify({ type: 'error', error: { type, message: text, details }, request_id: decisionId });
}
