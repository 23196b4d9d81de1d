import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { corpus } from '../../../test/classify/corpus/corpus.ts';
import { LANGUAGES } from '../../../test/classify/corpus/piece.ts';
import { FILLER } from '../../../test/classify/corpus/prose.ts';
import { Random } from '../../../test/classify/corpus/random.ts';
import { median } from '../table.ts';
import { bodyOf, labelsOf, lint } from './contender.ts';
import { printColumns } from './report.ts';

const SIZE = 100_000;
const WARM_UPS = 8;

export interface Speed {
  /** Milliseconds for 100 KB, medians. */
  lint: number;
  classify: number;
  /** The median of what pairs of the same round give, so that drift of the machine cancels out. */
  ratio: number;
}

type Part = (random: Random) => string;

/** Up to a size, from parts that come in a random order. */
function fill(size: number, part: Part): string {
  const random = new Random(7);
  const parts: string[] = [];
  for (let length = 0; length < size; ) {
    const one = part(random);
    parts.push(one);
    length += one.length;
  }
  return parts.join('').slice(0, size);
}

const ROOT = resolve(import.meta.dirname, '../../..');

/** Pieces of our own files: real code, real JSON. */
function piecesOf(...files: string[]): Part {
  const text = files.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');
  return (random) => {
    const at = random.int(0, text.length - 4000);
    return `${text.slice(at, at + 4000)}\n`;
  };
}

function ofGenre(genre: string): Part {
  const texts = corpus(1).flatMap((sample) => (sample.genre === genre ? [`${sample.text}\n`] : []));
  return (random) => random.pick(texts);
}

const codeFiles = (): string[] =>
  readdirSync(join(ROOT, 'src/gateway')).flatMap((name) => (name.endsWith('.ts') ? [`src/gateway/${name}`] : []));

/** What texts are measured: as people send them, and some with more to find in them than any real one. */
const TEXTS: Record<string, () => Part> = {
  'English prose': () => (random) => `${random.pick(FILLER.en)}${random.pick([' ', ' ', '\n\n'])}`,
  'prose in five languages': () => (random) => `${random.pick(FILLER[random.pick(LANGUAGES)])} `,
  code: () => piecesOf(...codeFiles()),
  'JSON with hashes': () => piecesOf('package-lock.json'),
  'table of numbers': () => (random) =>
    `${random.int(1, 99999)};${random.digits(random.int(2, 12))};${random.int(0, 9)}.${random.digits(2)}\n`,
  'full of finds: e-mails': () => ofGenre('e-mail'),
  'full of finds: code': () => ofGenre('code'),
  'full of finds: JSON': () => ofGenre('JSON'),
};

async function timed(run: () => unknown): Promise<number> {
  const began = performance.now();
  await run();
  return performance.now() - began;
}

async function pairs(text: string, rounds: number): Promise<Speed> {
  const body = bodyOf(text);
  const [lints, classifies]: [number[], number[]] = [[], []];
  for (let round = -WARM_UPS; round < rounds; round++) {
    const both = [await timed(() => lint(text)), await timed(() => labelsOf(body))] as const;
    if (round < 0) continue; // warm-up
    lints.push(both[0]);
    classifies.push(both[1]);
  }
  const ratio = median(classifies.map((time, i) => time / (lints[i] ?? Number.NaN)));
  return { lint: median(lints), classify: median(classifies), ratio };
}

/** How much longer a character of a text ten times as long takes. */
async function growth(part: Part): Promise<number> {
  const long = fill(100 * SIZE, part);
  const [small, large] = [bodyOf(long.slice(0, 10 * SIZE)), bodyOf(long)];
  const ratios: number[] = [];
  for (let round = 0; round < 3; round++) {
    const tenth = await timed(() => labelsOf(small));
    ratios.push((await timed(() => labelsOf(large))) / tenth / 10);
  }
  return median(ratios);
}

export interface Speeds {
  texts: Record<string, Speed>;
  growth: Record<string, number>;
}

export async function measureSpeed(rounds: number): Promise<Speeds> {
  const speeds: Speeds = { texts: {}, growth: {} };
  for (const [name, make] of Object.entries(TEXTS)) {
    const part = make();
    speeds.texts[name] = await pairs(fill(SIZE, part), rounds);
    speeds.growth[name] = await growth(part);
  }
  return speeds;
}

export function printSpeeds({ texts, growth }: Speeds): void {
  const lines = Object.entries(texts).map(([name, { lint, classify, ratio }]) => [
    name,
    lint.toFixed(1),
    classify.toFixed(1),
    ratio.toFixed(2),
    (growth[name] ?? Number.NaN).toFixed(2),
  ]);
  printColumns('100 KB of text', [
    ['', 'secretlint ms', 'all stages ms', 'ratio', '10 MB per char, to 1 MB'],
    ...lines,
  ]);
}
