import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import { errorBody } from '../../src/provider/index.ts';

const DECISION = '0199f1de-0000-7000-8000-000000000001';
const refusal = (status: number) => ({
  status,
  code: 'MODEL_NOT_ALLOWED',
  message: 'not this one',
  decisionId: DECISION,
});

let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((req, res) => {
    const status = Number(req.headers['x-stainless-test']);
    const provider = req.headers['anthropic-version'] ? 'anthropic' : 'openai';
    res.writeHead(status, { 'content-type': 'application/json' }).end(errorBody(provider, refusal(status)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

describe('the OpenAI SDK raises its own exception', () => {
  test.each([
    [400, OpenAI.BadRequestError],
    [401, OpenAI.AuthenticationError],
    [403, OpenAI.PermissionDeniedError],
    [404, OpenAI.NotFoundError],
    [413, OpenAI.APIError],
    [429, OpenAI.RateLimitError],
    [503, OpenAI.InternalServerError],
  ])('for %i', async (status, type) => {
    const client = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1`, maxRetries: 0 });
    for (const stream of [false, true]) {
      const error = await client.chat.completions
        .create({ model: 'm', messages: [], stream }, { headers: { 'x-stainless-test': String(status) } })
        .then(
          () => undefined,
          (reason: unknown) => reason,
        );
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ status, code: 'MODEL_NOT_ALLOWED' });
      expect(String(error)).toContain('MODEL_NOT_ALLOWED: not this one');
      expect(String(error)).toContain(DECISION);
    }
  });
});

describe('the Anthropic SDK raises its own exception', () => {
  test.each([
    [400, Anthropic.BadRequestError, 'invalid_request_error'],
    [401, Anthropic.AuthenticationError, 'authentication_error'],
    [403, Anthropic.PermissionDeniedError, 'permission_error'],
    [404, Anthropic.NotFoundError, 'not_found_error'],
    [413, Anthropic.APIError, 'request_too_large'],
    [429, Anthropic.RateLimitError, 'rate_limit_error'],
    [503, Anthropic.InternalServerError, 'overloaded_error'],
  ])('for %i', async (status, type, name) => {
    const client = new Anthropic({ apiKey: 'k', baseURL: url, maxRetries: 0 });
    for (const stream of [false, true]) {
      const error = await client.messages
        .create(
          { model: 'm', messages: [], max_tokens: 1, stream },
          { headers: { 'x-stainless-test': String(status) } },
        )
        .then(
          () => undefined,
          (reason: unknown) => reason,
        );
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ status, type: name, errorCode: 'MODEL_NOT_ALLOWED' });
      expect(String(error)).toContain('MODEL_NOT_ALLOWED: not this one');
      expect(String(error)).toContain(DECISION);
    }
  });
});
