import type { Finding } from './finding.ts';
import { readKind } from './ruleset-kind.ts';
import type { Reader } from './ruleset-read.ts';

/** Words and names of the operator's, such as those of projects that nobody outside should read of. */
interface WordList {
  name: string;
  kind: string;
  confidence: number;
  words: readonly string[];
  isExact: boolean;
}

const MOST_LISTS = 50;
const MOST_WORDS = 10_000;
const LONGEST_WORD = 100;

export function readWords(reader: Reader): Words {
  const lists = reader.entries(MOST_LISTS).map(([name, entry]) => readList(name, entry));
  const count = lists.reduce((sum, { words }) => sum + words.length, 0);
  if (count > MOST_WORDS) reader.fail(`at most ${MOST_WORDS} words together, got ${count}`);
  return new Words(lists);
}

function readList(name: string, reader: Reader): WordList {
  const fields = reader.members('kind', 'confidence', 'words', 'case');
  return {
    name,
    kind: readKind(fields.kind),
    confidence: fields.confidence.confidence(),
    words: fields.words.texts(1, MOST_WORDS, LONGEST_WORD, /^\S.*\S$/s, `a word of 2 to ${LONGEST_WORD} characters`),
    isExact: fields.case.optional((field) => field.oneOf(['exact', 'ignore'])) === 'exact',
  };
}

/** All word lists of a rule set. */
export class Words {
  private readonly exact: WordIndex | undefined;
  private readonly folded: WordIndex | undefined;

  constructor(lists: readonly WordList[]) {
    const [exact, folded] = [lists.filter(({ isExact }) => isExact), lists.filter(({ isExact }) => !isExact)];
    this.exact = exact.length > 0 ? new WordIndex(exact, (word) => word) : undefined;
    this.folded = folded.length > 0 ? new WordIndex(folded, lowerCase) : undefined;
  }

  find(text: string): Finding[] {
    const found = [...(this.exact?.find(text, text) ?? []), ...(this.folded?.find(text, lowerCase(text)) ?? [])];
    return found.sort((a, b) => a.start - b.start || a.end - b.end);
  }
}

/** Lower case of the same length: the dotted capital I is the one letter that gets longer. */
const lowerCase = (text: string): string => text.replaceAll('\u0130', 'i').toLowerCase();

const hash = (first: number, second: number): number => Math.imul((first << 16) | second, 0x9e3779b1) >>> 16;

/** Words by their first two characters, then by length: a text is looked at once, however many words there are. */
class WordIndex {
  private readonly maybe = new Uint8Array(0x10000);
  private readonly byStart = new Map<string, Map<number, Map<string, WordList>>>();

  constructor(lists: readonly WordList[], fold: (word: string) => string) {
    for (const list of lists) {
      for (const word of list.words) this.add(fold(word), list);
    }
  }

  private add(word: string, list: WordList): void {
    this.maybe[hash(word.charCodeAt(0), word.charCodeAt(1))] = 1;
    const lengths = this.byStart.get(word.slice(0, 2)) ?? new Map<number, Map<string, WordList>>();
    const words = lengths.get(word.length) ?? new Map<string, WordList>();
    this.byStart.set(word.slice(0, 2), lengths.set(word.length, words.set(word, list)));
  }

  /** The longest word at each place; none within another. */
  find(text: string, folded: string): Finding[] {
    const found: Finding[] = [];
    let before = 0;
    for (let i = 1; i < folded.length; i++) {
      const first = i - 1;
      const code = folded.charCodeAt(i);
      const isMaybe = this.maybe[hash(first === 0 ? folded.charCodeAt(0) : before, code)] === 1;
      before = code;
      if (!isMaybe) continue;
      const finding = this.at(text, folded, first);
      if (finding === undefined) continue;
      found.push(finding);
      i = finding.end;
      before = folded.charCodeAt(i - 1);
    }
    return found;
  }

  private at(text: string, folded: string, start: number): Finding | undefined {
    const lengths = this.byStart.get(folded.slice(start, start + 2));
    if (lengths === undefined || isInside(text, start)) return undefined;
    let longest: Finding | undefined;
    for (const [length, words] of lengths) {
      const end = start + length;
      const list = words.get(folded.slice(start, end));
      if (list === undefined || isInside(text, end) || (longest && longest.end >= end)) continue;
      const { kind, confidence, name } = list;
      longest = { kind, start, end, confidence, rule: `own/words/${name}` };
    }
    return longest;
  }
}

/** Letters of scripts that put spaces between words; in others a word may begin anywhere. */
const SPACED =
  /[\p{N}_]|(?=\p{L})[^\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Whether an offset is within a word. */
const isInside = (text: string, at: number): boolean =>
  at > 0 && at < text.length && SPACED.test(text.charAt(at - 1)) && SPACED.test(text.charAt(at));
