/**
 * Kills the built gateway at random moments under load and checks after every kill that nothing was lost that must not be:
 * no call reached the upstream without its committed decision, the log goes on whole, no sequence number comes twice.
 *
 *   npm run crash -- [--rounds 200] [--seed 1] [--verify-every 20]
 *
 * Exit codes: 0 all of it held, 1 something did not (the folder with the log is kept and named).
 */
import { parseArgs } from 'node:util';
import { crash } from '../test/e2e/withstand/crash.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    'verify-every': { type: 'string', default: '20' },
  },
});
const [rounds, seed, verifyEvery] = [Number(values.rounds), Number(values.seed), Number(values['verify-every'])];
console.log(`crash: ${rounds} rounds, seed ${seed}`);
try {
  const report = await crash({ rounds, seed, verifyEvery, say: (line) => console.log(line) });
  console.log(JSON.stringify(report, null, 2));
  console.log(`crash: held through ${report.rounds} kills in ${report.seconds} s`);
} catch (error) {
  console.error(`crash: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
