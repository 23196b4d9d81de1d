import type { Call, Dialect } from '../input/index.ts';
import type { JsonDocument } from '../json/index.ts';
import { readMessages } from './anthropic.ts';
import type { Endpoint } from './endpoint.ts';
import { ProviderError } from './error.ts';
import { readChat } from './openai.ts';
import { readResponses } from './responses.ts';

/** Top-level keys that the readers of all dialects judge. */
const JUDGED = new Set([
  ...['model', 'messages', 'system', 'stream', 'fallbacks'],
  ...['max_tokens', 'max_completion_tokens', 'temperature', 'top_p', 'top_k', 'n'],
  ...['tools', 'functions', 'web_search_options', 'mcp_servers', 'container', 'tool_choice'],
  ...['input', 'instructions', 'prompt', 'max_output_tokens'],
  ...['previous_response_id', 'conversation', 'background', 'store'],
]);

/**
 * A decoder that folds case, such as Go's in servers that speak OpenAI's dialect, reads `Tools` as `tools`: the model would
 * get what policy did not see. Upper then lower also joins what simple folding leaves apart, such as 'ſ' and 's'.
 */
const isMisspelt = (key: string): boolean => !JUDGED.has(key) && JUDGED.has(key.toUpperCase().toLowerCase());

/**
 * The dialect-neutral view of a call, read from its checked body.
 *
 * @param digests whether messages and tools carry the SHA-256 of their bytes (for documents without text)
 * @throws ProviderError CALL_INVALID, naming a place in the body and never what stands there
 */
export function parseCall(
  endpoint: Endpoint,
  body: JsonDocument,
  digests: boolean,
  betas: readonly string[] = [],
): Call {
  if (body.kind !== 'object') throw new ProviderError('$', 'an object');
  const fields = body.entries().map(([key]) => key);
  if (fields.some(isMisspelt)) throw new ProviderError('$', 'keys in the case in which the vendor writes them');
  const { provider, dialect, endpoint: name } = endpoint;
  const view = readerOf(dialect)(body, digests);
  return {
    provider,
    dialect,
    endpoint: name,
    ...view,
    fields,
    betas: [...betas],
    bytes: body.text.length,
  };
}

function readerOf(dialect: Dialect): typeof readChat {
  if (dialect === 'openai-chat') return readChat;
  return dialect === 'openai-responses' ? readResponses : readMessages;
}

/** The view of a call to an endpoint without a body. */
export function bodilessCall({ provider, dialect, endpoint, model }: Endpoint, betas: readonly string[] = []): Call {
  return {
    provider,
    dialect,
    endpoint,
    model: model ?? null,
    fallbacks: [],
    stream: false,
    parameters: {},
    tools: [],
    messages: [],
    fields: [],
    betas: [...betas],
    bytes: 0,
  };
}
