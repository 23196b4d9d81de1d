import { describe, expect, test } from '@jest/globals';
import { upstreamHeaders } from '../../src/provider/index.ts';

const CLIENT = {
  host: 'gateway.example',
  connection: 'keep-alive, X-Stainless-Lang , anthropic-beta',
  'keep-alive': 'timeout=5',
  'proxy-authorization': 'Basic canary',
  'proxy-connection': 'keep-alive',
  te: 'trailers',
  trailer: 'x-sum',
  upgrade: 'h2c',
  expect: '100-continue',
  'transfer-encoding': 'chunked',
  'content-length': '12',
  'content-encoding': 'gzip',
  'content-type': 'application/json; charset=utf-16',
  accept: 'application/json',
  'accept-encoding': 'gzip, br',
  'user-agent': 'OpenAI/JS 7',
  authorization: 'Bearer canary-gateway-token',
  'x-api-key': 'canary-gateway-token',
  'api-key': 'canary',
  cookie: 'canary',
  'x-forwarded-for': '10.0.0.1',
  'x-real-ip': '10.0.0.1',
  forwarded: 'for=10.0.0.1',
  via: '1.1 proxy',
  origin: 'https://app.example',
  referer: 'https://app.example',
  'openai-organization': 'org-other',
  'openai-project': 'proj-other',
  'openai-beta': 'assistants=v2',
  'anthropic-version': '2023-06-01',
  'anthropic-beta': 'files-api-2025-04-14',
  'idempotency-key': 'k1',
  'x-stainless-lang': 'js',
  'x-stainless-retry-count': '0',
  'x-verdict-route': 'other',
  'x-http-method-override': 'DELETE',
};

describe('headers to the vendor', () => {
  test('OpenAI', () => {
    expect(upstreamHeaders('openai', CLIENT, 'sk-vendor')).toEqual({
      accept: 'application/json',
      'accept-encoding': 'identity',
      authorization: 'Bearer sk-vendor',
      'content-type': 'application/json',
      'openai-beta': 'assistants=v2',
      'user-agent': 'OpenAI/JS 7',
      'x-stainless-retry-count': '0',
    });
  });

  test('Anthropic', () => {
    expect(upstreamHeaders('anthropic', CLIENT, 'sk-ant-vendor')).toEqual({
      accept: 'application/json',
      'accept-encoding': 'identity',
      'anthropic-version': '2023-06-01',
      'content-type': 'application/json',
      'user-agent': 'OpenAI/JS 7',
      'x-api-key': 'sk-ant-vendor',
      'x-stainless-retry-count': '0',
    });
  });

  test('no content type without a body', () => {
    expect(upstreamHeaders('openai', {}, 'k')).toEqual({ 'accept-encoding': 'identity', authorization: 'Bearer k' });
  });

  test('what Connection names is dropped, the credential is not', () => {
    const headers = upstreamHeaders('anthropic', { connection: 'x-api-key, accept', accept: 'a' }, 'k');
    expect(headers).toEqual({ 'accept-encoding': 'identity', 'x-api-key': 'k' });
  });
});
