/**
 * How well the classification room finds what is planted in texts, by kind, and what it takes for what it is not: on the
 * generated corpus (test/classify/corpus), next to secretlint alone; on texts that no rule was made for; and on test sets
 * that others made. Then what it costs, as a ratio to secretlint in the same run.
 *
 *   npm run bench:classify -- [--public] [--presidio] [--from 0.5] [--seed N] [--examples KIND|all] [--rounds 15] [--json]
 *
 * --public brings test sets from PyPI into .cache/ (60 MB), --presidio Microsoft Presidio (400 MB); --rounds 0 leaves the
 * speed out; --from is the lowest confidence that counts; --examples shows what was missed or wrong. Exit codes: 0 nothing
 * is below its floor (floors.yaml), 1 something is.
 */
import { parseArgs } from 'node:util';
import { corpus, SEED } from '../../../test/classify/corpus/corpus.ts';
import type { Sample } from '../../../test/classify/corpus/piece.ts';
import { type Contender, type Found, secretlint, verdict } from './contender.ts';
import { belowFloor, belowSpeed } from './floors.ts';
import { presidio } from './presidio.ts';
import { testSets } from './public.ts';
import { asJson, printComparison, printExamples, printScore, printTraps } from './report.ts';
import { Score } from './score.ts';
import { measureSpeed, printSpeeds } from './speed.ts';

const { values: options } = parseArgs({
  options: {
    public: { type: 'boolean', default: false },
    presidio: { type: 'boolean', default: false },
    from: { type: 'string', default: '0.5' },
    seed: { type: 'string', default: String(SEED) },
    rounds: { type: 'string', default: '15' },
    examples: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const lowest = Number(options.from);
const json: Record<string, unknown> = {};
const failures: string[] = [];

interface Task {
  contender: Contender;
  samples: readonly Sample[];
  /** What is judged. */
  knows: (kind: string) => boolean;
  read?: (found: Found) => string;
}

async function score({ contender, samples, knows, read = ({ kind }) => kind }: Task): Promise<Score> {
  const result = new Score(samples, knows);
  const all = await contender.find(samples.map(({ text }) => text));
  samples.forEach((sample, i) => {
    const sure = (all[i] ?? []).filter(({ confidence }) => confidence >= lowest);
    const asRead = sure.map((found) => ({ ...found, kind: read(found) }));
    result.add(
      sample,
      asRead.filter(({ kind }) => knows(kind)),
    );
  });
  return result;
}

async function onCorpus(): Promise<void> {
  const samples = corpus(Number(options.seed));
  const contenders = [verdict, secretlint, ...(options.presidio ? [presidio()] : [])];
  const scores: [Contender, Score][] = [];
  for (const contender of contenders) {
    scores.push([contender, await score({ contender, samples, knows: contender.knows })]);
  }
  for (const [{ name }, result] of scores) json[name] = asJson(result);
  const [, own] = scores[0] as [Contender, Score];
  failures.push(...belowFloor('corpus', own));
  if (options.json) return;
  printScore(`corpus of ${samples.length} texts, seed ${options.seed}`, verdict, own);
  printTraps(own, 25);
  if (options.examples) printExamples(own, options.examples);
  printComparison('side by side, where the others know the kind', scores);
}

async function onTestSets(): Promise<void> {
  for (const { name, samples, knows, read } of testSets(options.public)) {
    const result = await score({ contender: verdict, samples, knows, read });
    json[name] = asJson(result);
    failures.push(...belowFloor(name, result));
    if (options.json) continue;
    printScore(`${name}, ${samples.length} texts`, verdict, result);
    printTraps(result, 10);
    if (options.examples) printExamples(result, options.examples);
  }
}

async function onSpeed(): Promise<void> {
  const speeds = await measureSpeed(Number(options.rounds));
  json.speed = speeds;
  failures.push(...belowSpeed(speeds));
  if (!options.json) printSpeeds(speeds);
}

await onCorpus();
await onTestSets();
if (Number(options.rounds) > 0) await onSpeed();
if (options.json) console.log(JSON.stringify({ ...json, failures }, null, 2));
else
  console.log(
    failures.length === 0 ? '\nNothing is below its floor.' : `\nBelow its floor:\n  ${failures.join('\n  ')}`,
  );
process.exitCode = failures.length === 0 ? 0 : 1;
