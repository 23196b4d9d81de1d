import { createHash } from 'node:crypto';
import { expect } from '@jest/globals';
import type { Call } from '../../src/input/index.ts';
import { parse } from '../../src/json/index.ts';
import { type Endpoint, ProviderError, parseCall } from '../../src/provider/index.ts';

export function readCall(endpoint: Endpoint, body: object | string, digests = false): Call {
  return parseCall(endpoint, parse(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))), digests);
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export function expectRefusal(act: () => unknown, path: string): void {
  let refusal: unknown;
  try {
    act();
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(ProviderError);
  expect(refusal).toMatchObject({ code: 'CALL_INVALID', path });
  expect(String(refusal)).not.toContain('canary');
}
