import { holdsNoCall, readBody } from './callless.ts';

/**
 * What stands at the top of an error: of OpenAI, Azure and OpenRouter (`error`), Anthropic (`type`, `error`, `request_id`), vLLM
 * and Mistral (the error itself), FastAPI and what is built on it (`detail`), Azure's front (`statusCode`, `message`), and of
 * problem details (RFC 9457).
 */
const TOP = new Set([
  ...['error', 'errors', 'type', 'request_id', 'message', 'code', 'param', 'object', 'raw_status_code'],
  ...['detail', 'title', 'status', 'instance', 'statusCode', 'user_id', 'error_type', 'error_code'],
]);

/** What stands in `error` itself: of the same, of LiteLLM and of llama.cpp. */
const ERROR = new Set([
  ...['message', 'type', 'code', 'param', 'status', 'title', 'name', 'request_id', 'decision_id', 'doc_url', 'help'],
  ...['innererror', 'inner_error', 'details', 'target', 'additionalInfo', 'content_filter_result'],
  ...['content_filter_results', 'metadata', 'provider_specific_fields', 'error_type', 'n_prompt_tokens', 'n_ctx'],
]);

/**
 * Whether a body is an error as vendors document theirs, and nothing else: clients that do not look at the status would run
 * the calls of an answer that comes as an error.
 */
export function isErrorBody(body: Uint8Array): boolean {
  const value = readBody(body)?.body;
  if (value?.kind !== 'object' || !holdsNoCall(value)) return false;
  const error = value.get('error');
  return hasOnly(value.entries(), TOP) && hasOnly(error?.entries() ?? [], ERROR);
}

const hasOnly = (entries: readonly [string, unknown][], keys: ReadonlySet<string>): boolean =>
  entries.every(([key]) => keys.has(key));
