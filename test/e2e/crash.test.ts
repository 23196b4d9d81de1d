import { expect, test } from '@jest/globals';
import { crash } from './withstand/crash.ts';

// `npm run crash` does the same 200 times.
test('kill -9 under load loses no decision, repeats no number and leaves a log that verifies', async () => {
  const rounds = 15;
  const report = await crash({ rounds, seed: 20_261_124, verifyEvery: 5, say: () => {} });
  expect(report.rounds).toBe(rounds);
  expect(report.arrived).toBeGreaterThan(rounds); // the load was real
}, 180_000);
