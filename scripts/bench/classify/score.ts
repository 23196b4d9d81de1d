import { INTENT_KINDS } from '../../../test/classify/corpus/intents.ts';
import type { Sample } from '../../../test/classify/corpus/piece.ts';
import type { Found } from './contender.ts';

/** What came of one kind. Kinds of whole texts are counted by text, the others by place. */
export interface Tally {
  planted: number;
  /** From end to end. */
  found: number;
  /** Not from end to end: what a redaction would leave of it stands there. */
  cut: number;
  falseAlarms: number;
}

export interface Example {
  what: 'missed' | 'cut' | 'false';
  kind: string;
  text: string;
}

/** What a contender made of a corpus. */
export class Score {
  readonly tallies = new Map<string, Tally>();
  /** How many traps there were, and in how many something was seen. */
  readonly trapped = { set: 0, taken: 0 };
  /** How often a trap was taken for what it is not: `UUID -> personal.phone`. */
  readonly traps = new Map<string, number>();
  readonly examples: Example[] = [];
  private readonly wholes: ReadonlySet<string>;
  private readonly knows: (kind: string) => boolean;

  constructor(samples: readonly Sample[], knows: (kind: string) => boolean) {
    this.wholes = new Set(samples.flatMap(({ whole }) => whole));
    this.knows = knows;
  }

  add(sample: Sample, found: readonly Found[]): void {
    const judged = sample.genre === 'intent' ? found : found.filter(({ kind }) => !INTENT_KINDS.includes(kind));
    this.places(sample, judged);
    this.whole(sample, judged);
  }

  private places({ text, plants, maybe }: Sample, found: readonly Found[]): void {
    for (const { kind, start, end } of plants) {
      if (kind.startsWith('!')) {
        this.trapped.set++;
        if (found.some((one) => !this.wholes.has(one.kind) && one.start < end && one.end > start)) this.trapped.taken++;
      }
      if (kind.startsWith('!') || !this.knows(kind)) continue;
      const near = found.filter((one) => isSame(kind, one.kind) && one.start < end && one.end > start);
      const isWhole = near.some((one) => one.start <= start && one.end >= end);
      const result = isWhole ? 'found' : near.length > 0 ? 'cut' : 'missed';
      for (const row of rowsOf(kind)) {
        const tally = this.tally(row);
        tally.planted++;
        if (result !== 'missed') tally[result]++;
      }
      if (result !== 'found') this.example(result, kind, text, start, end);
    }
    for (const one of found) {
      if (this.wholes.has(one.kind) || maybe.includes(one.kind)) continue;
      const near = plants.filter(({ start, end }) => one.start < end && one.end > start);
      if (near.some(({ kind }) => isSame(kind, one.kind))) continue;
      this.tally(rowOf(one.kind)).falseAlarms++;
      const trap = near.find(({ kind }) => kind.startsWith('!'))?.kind.slice(1) ?? near[0]?.kind ?? 'plain text';
      const taken = `${trap} -> ${one.kind}`;
      this.traps.set(taken, (this.traps.get(taken) ?? 0) + 1);
      this.example('false', one.kind, text, one.start, one.end);
    }
  }

  private whole({ genre, text, whole, maybe }: Sample, found: readonly Found[]): void {
    const kinds = new Set(found.map(({ kind }) => kind).filter((kind) => this.wholes.has(kind)));
    for (const kind of whole.filter(this.knows)) {
      const tally = this.tally(kind);
      tally.planted++;
      if (kinds.has(kind)) tally.found++;
      else this.example('missed', kind, text, 0, text.length);
    }
    for (const kind of kinds) {
      if (whole.includes(kind) || maybe.includes(kind)) continue;
      this.tally(kind).falseAlarms++;
      const taken = `${genre} -> ${kind}`;
      this.traps.set(taken, (this.traps.get(taken) ?? 0) + 1);
      const one = found.find((each) => each.kind === kind);
      this.example('false', kind, text, one?.start ?? 0, one?.end ?? text.length);
    }
  }

  private tally(kind: string): Tally {
    let tally = this.tallies.get(kind);
    if (!tally) {
      tally = { planted: 0, found: 0, cut: 0, falseAlarms: 0 };
      this.tallies.set(kind, tally);
    }
    return tally;
  }

  private example(what: Example['what'], kind: string, text: string, start: number, end: number): void {
    const around = `${text.slice(Math.max(0, start - 40), start)}⟦${text.slice(start, end)}⟧${text.slice(end, end + 20)}`;
    this.examples.push({ what, kind, text: around });
  }
}

/** Which secret it is does not matter; that it is one does. */
const isSame = (planted: string, found: string): boolean =>
  rowOf(planted) === 'secret' ? rowOf(found) === 'secret' : found === planted || found.startsWith(`${planted}.`);

const rowOf = (kind: string): string => (/^secret(?:\.|$)/.test(kind) ? 'secret' : kind);

/** Secrets have a row for each vendor, and one for all together. */
const rowsOf = (kind: string): Set<string> => new Set([rowOf(kind), kind]);

export const recall = ({ planted, found }: Tally): number => found / planted;

export const precision = ({ found, cut, falseAlarms }: Tally): number => (found + cut) / (found + cut + falseAlarms);
