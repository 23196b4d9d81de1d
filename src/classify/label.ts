import type { Label } from '../input/index.ts';
import type { Finding, Stage } from './finding.ts';
import type { Place, Span } from './place.ts';
import type { Text } from './text.ts';

/** Labels of one kind in one call that are listed one by one; the last of them says how many more there are. */
const MOST_OF_KIND = 50;

/** What was found, and where to replace it in the body. */
export interface Mark {
  kind: string;
  raw: Span;
}

/** Turns what was found in a call's texts into labels, and keeps where in the body each stands. */
export class Labels {
  readonly marks: Mark[] = [];
  private readonly ruleset: string;
  private readonly isMarked: (kind: string) => boolean;
  private readonly list: Label[] = [];
  private readonly seen = new Map<string, { count: number; last: Label }>();

  /** @param isMarked kinds of which every finding gets a mark; of the others those that are listed do */
  constructor(ruleset: string, isMarked: (kind: string) => boolean = () => true) {
    this.ruleset = ruleset;
    this.isMarked = isMarked;
  }

  /** Of one text and one stage. */
  add(stage: Stage, text: Text, findings: readonly Finding[]): void {
    const { located, counted } = this.split(findings);
    const places = located.length === 0 ? [] : text.places(located);
    located.forEach((finding, i) => {
      const { start, end, raw } = places[i] as Place;
      this.marks.push({ kind: finding.kind, raw });
      const { pointer, role, isKey } = text;
      this.push(stage, finding, { pointer, ...(isKey && { key: true as const }), role, start, end });
    });
    for (const finding of counted) this.push(stage, finding, null);
  }

  /** To say where something stands costs more than to find it, so this is not asked of what is only counted. */
  private split(findings: readonly Finding[]): { located: Finding[]; counted: Finding[] } {
    const counts = new Map<string, number>();
    const located: Finding[] = [];
    const counted: Finding[] = [];
    for (const finding of findings) {
      const { kind } = finding;
      const before = counts.get(kind) ?? this.seen.get(kind)?.count ?? 0;
      counts.set(kind, before + 1);
      (before < MOST_OF_KIND || this.isMarked(kind) ? located : counted).push(finding);
    }
    return { located, counted };
  }

  /** Of the call as a whole. */
  addWhole(stage: Stage, { kind, confidence, rule }: Pick<Finding, 'kind' | 'confidence' | 'rule'>): void {
    this.push(stage, { kind, confidence, rule }, null);
  }

  /** Of a part that is no text. */
  addPart(stage: Stage, finding: Pick<Finding, 'kind' | 'confidence' | 'rule'>, pointer: string): void {
    this.push(stage, finding, { pointer, role: 'other', start: 0, end: 0 });
  }

  get kinds(): ReadonlySet<string> {
    return new Set(this.seen.keys());
  }

  /** By stage, and within a stage in the order of the body. */
  get all(): Label[] {
    return this.list;
  }

  private push(
    stage: Stage,
    { kind, confidence, rule }: Pick<Finding, 'kind' | 'confidence' | 'rule'>,
    where: Label['where'],
  ): void {
    const { ruleset } = this;
    const seen = this.seen.get(kind);
    if (seen && seen.count >= MOST_OF_KIND) {
      seen.last.more = (seen.last.more ?? 0) + 1;
      return;
    }
    const label: Label = { stage, kind, where, confidence, rule, ruleset };
    this.list.push(label);
    if (seen) Object.assign(seen, { count: seen.count + 1, last: label });
    else this.seen.set(kind, { count: 1, last: label });
  }
}
