import { expect, test } from '@jest/globals';
import { fuzz } from './withstand/fuzz.ts';

const SECONDS = 45;

// `npm run fuzz -- --seconds N` does the same for longer, and with another seed each time.
test('whatever is sent: nothing is forwarded without its record, no answer is without one, and the gateway goes on', async () => {
  const report = await fuzz({ seconds: SECONDS, seed: 20_261_124 });
  expect(report.visits).toBeGreaterThan(500);
  expect(report.arrivals).toBeGreaterThan(50);
  expect(Object.keys(report.responses)).toEqual(expect.arrayContaining(['200', '400', '401', '403', '404', '405']));
}, 240_000);
