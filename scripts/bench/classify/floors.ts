import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { rowsOf } from './report.ts';
import { precision, recall, type Score, type Tally } from './score.ts';
import type { Speeds } from './speed.ts';

/** In percent; where nothing is planted, the most false alarms that are borne. */
type Floor = { recall: number; precision: number } | { false: number };

/** What must hold: see floors.yaml. */
interface Floors {
  quality: Record<string, Record<string, Floor>>;
  speed: { ratio: Record<string, number>; growth: number };
}

const floors = parse(readFileSync(join(import.meta.dirname, 'floors.yaml'), 'utf8')) as Floors;

/** One sentence for each kind that is below; a kind without a floor is too, so that a new one gets one. */
export function belowFloor(set: string, score: Score): string[] {
  const own = floors.quality[set] ?? {};
  const rows = rowsOf(score).filter(([kind]) => !kind.startsWith('secret.'));
  const gone = Object.keys(own).filter((kind) => 'recall' in (own[kind] as Floor) && !score.tallies.has(kind));
  return [
    ...gone.map((kind) => `${set}: nothing of ${kind} is planted`),
    ...rows.flatMap(([kind, tally]) => {
      const floor = own[kind];
      return floor ? below(`${set}: ${kind}`, tally, floor) : [`${set}: ${kind} has no floor`];
    }),
  ];
}

function below(what: string, tally: Tally, floor: Floor): string[] {
  if ('false' in floor) {
    return tally.falseAlarms > floor.false
      ? [`${what}: ${tally.falseAlarms} false alarms, expected at most ${floor.false}`]
      : [];
  }
  const values = { recall: recall(tally) * 100, precision: precision(tally) * 100 };
  return (['recall', 'precision'] as const).flatMap((name) =>
    values[name] < floor[name]
      ? [`${what}: ${name} is ${values[name].toFixed(1)} %, expected at least ${floor[name]} %`]
      : [],
  );
}

export function belowSpeed({ texts, growth }: Speeds): string[] {
  const { ratio, growth: most } = floors.speed;
  return [
    ...Object.entries(texts).flatMap(([name, speed]) =>
      speed.ratio > (ratio[name] ?? 0)
        ? [`speed: ${name} takes ${speed.ratio.toFixed(2)} times secretlint's, expected at most ${ratio[name]}`]
        : [],
    ),
    ...Object.entries(growth).flatMap(([name, value]) =>
      value > most
        ? [
            `speed: a character of 10 MB of ${name} takes ${value.toFixed(2)} times one of 1 MB, expected at most ${most}`,
          ]
        : [],
    ),
  ];
}
