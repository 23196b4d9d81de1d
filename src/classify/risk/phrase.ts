import type { Finding } from '../finding.ts';
import { fold, letterAt } from './fold.ts';
import type { Scan } from './pivots.ts';
import type { Phrase } from './templates.ts';

/** Letters that a phrase may have before and after the ones that the scan found. */
const BEFORE = 100;
const AFTER = 140;
/** Characters that may lie between, however few are letters: bounds the walk through a desert of spaces. */
const FARTHEST = 4000;

/** A sentence ends inside of what looks like one phrase: "can be ignored. Previous instructions were". */
const SENTENCE_END = /[\p{L}\d]{2}[.!?]["')\]]?\s+\p{Lu}/u;

function walk(text: string, from: number, step: 1 | -1, letters: number): number {
  let at = from;
  let left = letters;
  for (let steps = 0; steps < FARTHEST && left > 0; steps++) {
    const next = at + step;
    if (next < 0 || next >= text.length) break;
    at = next;
    if (letterAt(text, at) !== 0) left -= 1;
  }
  return at;
}

/** Tries the phrases around what the scan found. Stretches that overlap are one, so that no letter is tried twice. */
export function findPhrases(text: string, { at, phrases }: Scan): Finding[] {
  const findings: Finding[] = [];
  for (let i = 0; i < at.length; ) {
    const from = walk(text, at[i] as number, -1, BEFORE);
    let to = walk(text, at[i] as number, 1, AFTER);
    const tried = new Set(phrases[i]);
    for (i += 1; i < at.length && (at[i] as number) <= to; i++) {
      to = walk(text, at[i] as number, 1, AFTER);
      for (const phrase of phrases[i] as Phrase[]) tried.add(phrase);
    }
    findings.push(...findIn(text, from, to + 1, tried));
  }
  return findings;
}

function findIn(text: string, from: number, to: number, tried: ReadonlySet<Phrase>): Finding[] {
  const { letters, at } = fold(text, from, to);
  const found: Finding[] = [];
  for (const { rule, kind, confidence, pattern } of tried) {
    for (const match of letters.matchAll(pattern)) {
      const start = at[match.index] as number;
      const end = endOfWord(text, at[match.index + match[0].length - 1] as number);
      const crossing = SENTENCE_END.test(text.slice(start, end));
      found.push({ kind, start, end, rule, confidence: crossing ? Math.min(confidence, 0.4) : confidence });
    }
  }
  return strongest(found);
}

/** Endings are not in the sets ("instruction" stands for the plural too): up to eight letters more belong to the word. */
function endOfWord(text: string, last: number): number {
  let end = last + ((text.codePointAt(last) ?? 0) > 0xffff ? 2 : 1);
  for (let more = 0; more < 8 && /[a-zß-ÿ]/i.test(text.charAt(end)); more++) end += 1;
  return end;
}

/** Of findings of one kind that overlap, the surest, then the longest. */
export function strongest(found: readonly Finding[]): Finding[] {
  const order = [...found].sort((a, b) => a.start - b.start || b.end - a.end);
  const kept: Finding[] = [];
  const last = new Map<string, number>();
  for (const finding of order) {
    const at = last.get(finding.kind);
    const rival = at === undefined ? undefined : kept[at];
    if (at === undefined || rival === undefined || rival.end <= finding.start) {
      last.set(finding.kind, kept.push(finding) - 1);
    } else {
      const better = finding.confidence > rival.confidence ? finding : rival;
      kept[at] = { ...better, start: rival.start, end: Math.max(rival.end, finding.end) };
    }
  }
  return kept;
}
