import { expect, test } from '@jest/globals';
import { REASONS } from '../../src/gateway/reasons.ts';

test('every code has a status that refuses, and a message fit for strangers', () => {
  for (const [code, { status, message, retryAfter }] of Object.entries(REASONS)) {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(message).toMatch(/^[ -~]{10,100}$/);
    // Only what may be different soon is worth another try, and all of that is 503.
    if (retryAfter !== undefined) expect(status).toBe(503);
  }
});
