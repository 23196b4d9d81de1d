import { expect, test } from '@jest/globals';
import { matchEndpoint } from '../../src/provider/index.ts';

const ANTHROPIC = { 'anthropic-version': '2023-06-01' };

test.each([
  ['POST', '/v1/chat/completions', {}, { provider: 'openai', dialect: 'openai-chat', endpoint: 'chat.completions' }],
  ['POST', '/v1/responses', {}, { provider: 'openai', dialect: 'openai-responses', endpoint: 'responses' }],
  ['POST', '/v1/messages', ANTHROPIC, { provider: 'anthropic', dialect: 'anthropic-messages', endpoint: 'messages' }],
  ['POST', '/v1/messages', {}, { provider: 'anthropic', dialect: 'anthropic-messages' }],
  ['GET', '/v1/models', {}, { provider: 'openai', dialect: 'openai-models', endpoint: 'models', hasBody: false }],
  ['GET', '/v1/models', ANTHROPIC, { provider: 'anthropic', dialect: 'anthropic-models', endpoint: 'models' }],
  ['GET', '/v1/models/gpt-5-mini', {}, { dialect: 'openai-models', model: 'gpt-5-mini' }],
  ['GET', '/v1/models/ft:gpt-4o-mini:acme::a1', {}, { model: 'ft:gpt-4o-mini:acme::a1' }],
  ['GET', '/v1/models/claude-haiku-4-5', ANTHROPIC, { dialect: 'anthropic-models', model: 'claude-haiku-4-5' }],
] as const)('%s %s is governed', (method, path, headers, expected) => {
  expect(matchEndpoint(method, path, headers)).toMatchObject(expected);
});

test.each([
  ['GET', '/v1/chat/completions'],
  ['PUT', '/v1/messages'],
  ['post', '/v1/messages'],
  ['DELETE', '/v1/models/gpt-5-mini'],
  ['HEAD', '/v1/models'],
  ['POST', '/v1/models'],
  ['POST', '/v1/chat/completions/'],
  ['POST', '/v1/Messages'],
  ['POST', '/v1/messages/batches'],
  ['POST', '/v1/messages/count_tokens'],
  ['GET', '/v1/responses'],
  ['POST', '/v1/responses/'],
  ['GET', '/v1/responses/resp_1'],
  ['DELETE', '/v1/responses/resp_1'],
  ['POST', '/v1/responses/resp_1/cancel'],
  ['GET', '/v1/responses/resp_1/input_items'],
  ['POST', '/v1/responses/compact'],
  ['POST', '/v1/responses/input_tokens'],
  ['POST', '/v1/embeddings'],
  ['POST', '/v1/completions'],
  ['GET', '/v1/modelsx'],
  ['GET', '/v1/models/'],
  ['GET', '/v1/models/a/b'],
  ['GET', '/v1/models/..'],
  ['GET', '/v1/models/%2e'],
  ['GET', `/v1/models/${'a'.repeat(257)}`],
  ['GET', '/'],
])('%s %s is not governed', (method, path) => {
  expect(matchEndpoint(method, path, {})).toBeUndefined();
});
