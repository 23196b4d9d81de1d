import type { IncomingHttpHeaders } from 'node:http';
import type { Dialect, EndpointName, Provider } from '../input/index.ts';

/** One thing that a vendor's API does, and that policy can judge. Whatever is not in the table is not governed. */
export interface Endpoint {
  readonly provider: Provider;
  readonly dialect: Dialect;
  readonly endpoint: EndpointName;
  readonly hasBody: boolean;
  /** The model that the path itself names. */
  readonly model?: string;
}

const CHAT: Endpoint = { provider: 'openai', dialect: 'openai-chat', endpoint: 'chat.completions', hasBody: true };
const RESPONSES: Endpoint = {
  provider: 'openai',
  dialect: 'openai-responses',
  endpoint: 'responses',
  hasBody: true,
};
const MESSAGES: Endpoint = {
  provider: 'anthropic',
  dialect: 'anthropic-messages',
  endpoint: 'messages',
  hasBody: true,
};
const OPENAI_MODELS: Endpoint = { provider: 'openai', dialect: 'openai-models', endpoint: 'models', hasBody: false };
const ANTHROPIC_MODELS: Endpoint = {
  provider: 'anthropic',
  dialect: 'anthropic-models',
  endpoint: 'models',
  hasBody: false,
};

/** Model ids are plain; what else stands in the path is some other endpoint (`/v1/models/{id}/permissions`). */
const MODEL_PATH = /^\/v1\/models\/([A-Za-z0-9][A-Za-z0-9._:@-]{0,255})$/;

/**
 * Takes the method, the canonical path after the route's prefix without its query, and the request's headers. Both
 * vendors list their models under one path; every request to Anthropic carries `anthropic-version`.
 */
export function matchEndpoint(method: string, path: string, headers: IncomingHttpHeaders): Endpoint | undefined {
  if (method === 'POST') {
    if (path === '/v1/chat/completions') return CHAT;
    if (path === '/v1/responses') return RESPONSES;
    if (path === '/v1/messages') return MESSAGES;
    return undefined;
  }
  if (method !== 'GET' || !path.startsWith('/v1/models')) return undefined;
  const models = headers['anthropic-version'] === undefined ? OPENAI_MODELS : ANTHROPIC_MODELS;
  if (path === '/v1/models') return models;
  const model = MODEL_PATH.exec(path)?.[1];
  return model === undefined ? undefined : { ...models, model };
}
