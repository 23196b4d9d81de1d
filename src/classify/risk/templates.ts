import { fold } from './fold.ts';
import type { RiskKind } from './kinds.ts';
import { LANGUAGES, type Language } from './phrases.ts';

/** A phrase over folded text. All its repetitions are bounded, so a try at one place takes a bounded number of steps. */
export interface Phrase {
  rule: string;
  kind: RiskKind;
  confidence: number;
  pattern: RegExp;
  /** The words of the set with `!`. */
  words: readonly Word[];
}

/** A word that the scan finds by its pivot: five letters a to z, or two of Han and kana. */
export interface Word {
  /** The word up to the pivot's end, and what follows. */
  head: string;
  tail: string;
  pivot: string;
}

const PART = /\{(\w+)(!|:\d+)?\}|\{\.\.(\d+)\}|\{\^(\w+)\}/g;

function alternatives(language: Language, set: string): string {
  const words = (language.sets[set] ?? '').split('|').map((word) => fold(word).letters);
  if (words.includes('')) throw new Error(`expected words in the set ${set}`);
  return `(?:${[...new Set(words)].sort((a, b) => b.length - a.length).join('|')})`;
}

function compile(language: Language, template: string): RegExp {
  let source = '';
  let last = 0;
  for (const part of template.matchAll(PART)) {
    source += fold(template.slice(last, part.index)).letters;
    last = part.index + part[0].length;
    const [, set, mark = '', gap, not] = part;
    if (not !== undefined) source += `(?!${alternatives(language, not)})`;
    else if (set === undefined) source += `[^]{0,${gap}}?`;
    else source += alternatives(language, set) + (mark.startsWith(':') ? `{0,${mark.slice(1)}}` : '');
  }
  // The plural of whatever comes last belongs to what is found.
  return new RegExp(`${source}${fold(template.slice(last)).letters}s?`, 'g');
}

function parseWord(word: string): Word {
  const plain = fold(word).letters;
  const size = /^[a-z]/.test(plain) ? 5 : 2;
  if (plain.length < size) throw new Error(`expected at least ${size} letters, got ${JSON.stringify(word)}`);
  const capital = word.search(/\p{Lu}/u);
  const begins = capital === -1 ? plain.length : fold(word.slice(0, capital)).letters.length;
  const end = Math.min(begins + size, plain.length);
  return { head: plain.slice(0, end), tail: plain.slice(end), pivot: plain.slice(end - size, end) };
}

function wordsOf(language: Language, template: string): Word[] {
  const set = language.sets[/\{(\w+)!\}/.exec(template)?.[1] ?? ''];
  if (set === undefined) throw new Error(`expected a set with ! in the template ${template}`);
  return set.split('|').map(parseWord);
}

export const PHRASES: readonly Phrase[] = Object.entries(LANGUAGES).flatMap(([code, language]) =>
  language.phrases.map(([name, kind, confidence, template]) => ({
    rule: `risk/phrase/${code}/${name}`,
    kind,
    confidence,
    pattern: compile(language, template),
    words: wordsOf(language, template),
  })),
);
