import type { Contender } from './contender.ts';
import { precision, recall, type Score, type Tally } from './score.ts';

const percent = (share: number): string => (Number.isNaN(share) ? '-' : `${(share * 100).toFixed(1)}`);

/** Lines of cells: the first column to the left, the others to the right. */
export function printColumns(title: string, lines: readonly (readonly string[])[]): void {
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((cells) => cells[i]?.length ?? 0)));
  console.log(`\n${title}`);
  for (const cells of lines) {
    const padded = cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)));
    console.log(`  ${padded.join('  ').trimEnd()}`);
  }
}

/** General kinds before the special ones below them. */
const byKind = ([a]: [string, Tally], [b]: [string, Tally]): number => (a < b ? -1 : 1);

export const rowsOf = (score: Score): [string, Tally][] => [...score.tallies].sort(byKind);

/** What each contender made of each kind. A part of a secret's row has no false alarms of its own: nobody can say whose they are. */
export function printScore(title: string, { name }: Contender, score: Score): void {
  const lines = rowsOf(score).map(([kind, tally]) => {
    const { planted, found, cut, falseAlarms } = tally;
    const isPart = kind.startsWith('secret.');
    const missed = planted - found - cut;
    return [
      isPart ? `  ${kind}` : kind,
      ...[planted, found, cut, missed].map(String),
      isPart ? '' : String(falseAlarms),
      percent(recall(tally)),
      isPart ? '' : percent(precision(tally)),
    ];
  });
  printColumns(`${title}: ${name}`, [
    ['kind', 'planted', 'found', 'cut', 'missed', 'false', 'recall %', 'precision %'],
    ...lines,
  ]);
}

/** The same kinds side by side, as recall / precision in percent. */
export function printComparison(title: string, scores: readonly (readonly [Contender, Score])[]): void {
  const kinds = [...new Set(scores.slice(1).flatMap(([, score]) => [...score.tallies.keys()]))].sort();
  const cell = (tally: Tally | undefined, kind: string): string => {
    if (!tally) return '-';
    return kind.startsWith('secret.')
      ? percent(recall(tally))
      : `${percent(recall(tally))} / ${percent(precision(tally))}`;
  };
  printColumns(`${title}: recall % / precision %`, [
    ['kind', ...scores.map(([{ name }]) => name)],
    ...kinds.map((kind) => [kind, ...scores.map(([, score]) => cell(score.tallies.get(kind), kind))]),
  ]);
}

/** What was taken for what, the most frequent first. */
export function printTraps({ traps, trapped }: Score, most: number): void {
  if (trapped.set > 0) console.log(`\n${trapped.set} traps were set, something was seen in ${trapped.taken} of them`);
  const sorted = [...traps].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).slice(0, most);
  if (sorted.length === 0) return;
  printColumns(
    'false alarms: what it is -> what it was taken for',
    sorted.map(([trap, count]) => [trap, String(count)]),
  );
}

export function printExamples({ examples }: Score, kind: string): void {
  const own = examples.filter((one) => kind === 'all' || one.kind === kind || one.kind.startsWith(`${kind}.`));
  for (const { what, kind, text } of own) console.log(`  ${what.padEnd(6)} ${kind}: ${JSON.stringify(text)}`);
}

export const asJson = (score: Score): Record<string, unknown> =>
  Object.fromEntries(
    rowsOf(score).map(([kind, tally]) => [kind, { ...tally, recall: recall(tally), precision: precision(tally) }]),
  );
