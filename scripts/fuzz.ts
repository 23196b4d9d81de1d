/**
 * Sends the built gateway strange requests over raw connections, and checks that nothing is forwarded without its record,
 * no answer is without one, none is a 500, the gateway goes on and its log verifies.
 *
 *   npm run fuzz -- [--seconds 300] [--seed N] [--path P]
 *
 * A failure prints the smallest failing case with its seed and path. Exit codes: 0 all of it held, 1 something did not.
 */
import { parseArgs } from 'node:util';
import { fuzz } from '../test/e2e/withstand/fuzz.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    path: { type: 'string' },
  },
});
console.log(`fuzz: ${values.seconds} s, seed ${values.seed}`);
try {
  const report = await fuzz({ seconds: Number(values.seconds), seed: Number(values.seed), path: values.path });
  console.log(JSON.stringify(report, null, 2));
  console.log('fuzz: all of it held');
} catch (error) {
  console.error(`fuzz: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
