import type { Call } from '../input/index.ts';
import type { JsonDocument } from '../json/index.ts';
import { readMessages } from './anthropic.ts';
import type { Endpoint } from './endpoint.ts';
import { ProviderError } from './error.ts';
import { readChat } from './openai.ts';

/**
 * The dialect-neutral view of a call, read from its checked body.
 *
 * @param digests whether messages and tools carry the SHA-256 of their bytes (for documents without text)
 * @throws ProviderError CALL_INVALID, naming a place in the body and never what stands there
 */
export function parseCall(endpoint: Endpoint, body: JsonDocument, digests: boolean): Call {
  if (body.kind !== 'object') throw new ProviderError('$', 'an object');
  const { provider, dialect, endpoint: name } = endpoint;
  const view = provider === 'openai' ? readChat(body, digests) : readMessages(body, digests);
  return {
    provider,
    dialect,
    endpoint: name,
    ...view,
    fields: body.entries().map(([key]) => key),
    bytes: body.text.length,
  };
}

/** The view of a call to an endpoint without a body. */
export function bodilessCall({ provider, dialect, endpoint, model }: Endpoint): Call {
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
    bytes: 0,
  };
}
