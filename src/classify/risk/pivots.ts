import { CLASSES, classOfPair, DROPPED, HIDDEN, KEPT, letterAt, PAIR } from './fold.ts';
import { PHRASES, type Phrase, type Word } from './templates.ts';

/**
 * The one pass over a whole text. It looks for the rarest letters of every phrase (five of a to z, two of Han and kana) by
 * their hash in a table of 64 KB, and notes whether anything invisible occurs: everything slower runs only where it points.
 */
export interface Scan {
  /** Offsets in the text of the last letters of what was found, ascending. */
  at: number[];
  /** For each, the phrases that are worth a try. */
  phrases: Phrase[][];
  /** Whether there is any character that is usually invisible. */
  hidden: boolean;
}

const FIVE_LETTERS = 0x1ffffff;
/** Keys of pairs are negative or above the keys of five letters, as Han and kana begin at U+3041. */
const keyOfPair = (first: number, second: number): number => (first << 16) | second;
const hash = (key: number): number => Math.imul(key, 0x9e3779b1) >>> 16;

function keyOf(letters: string): number {
  if (letters.length === 2) return keyOfPair(letters.charCodeAt(0), letters.charCodeAt(1));
  let key = 0;
  for (let i = 0; i < letters.length; i++) key = (key << 5) | (letters.charCodeAt(i) - 0x60);
  return key;
}

/** Words, and the phrases that each is in, by key; and by the key's hash whether there may be one, which is nearly all that a text costs. */
const WORDS = new Map<number, { word: Word; phrases: Phrase[] }[]>();
const MAYBE = new Uint8Array(0x10000);
/** By the key's hash the key itself, or SEVERAL: of what MAYBE lets through most is something else. */
const EXACT = new Int32Array(0x10000);
const SEVERAL = -1;
for (const phrase of PHRASES) {
  for (const word of phrase.words) {
    const key = keyOf(word.pivot);
    const known = WORDS.get(key) ?? [];
    const same = known.find((other) => other.word.head === word.head && other.word.tail === word.tail);
    if (same) same.phrases.push(phrase);
    else WORDS.set(key, [...known, { word, phrases: [phrase] }]);
    const place = hash(key);
    EXACT[place] = MAYBE[place] === 0 || EXACT[place] === key ? key : SEVERAL;
    MAYBE[place] = 1;
  }
}

/** Characters that may lie between two letters of a word. */
const FARTHEST = 256;

function spells(text: string, from: number, step: 1 | -1, letters: string): boolean {
  let at = from;
  for (let i = 0; i < letters.length; i++) {
    const expected = letters.charCodeAt(step === 1 ? i : letters.length - 1 - i);
    let letter = 0;
    for (let steps = 0; letter === 0 && steps < FARTHEST && at >= 0 && at < text.length; steps++) {
      letter = letterAt(text, at);
      at += step;
    }
    if (letter !== expected) return false;
  }
  return true;
}

/** The phrases whose word stands where its pivot was found; undefined, nearly always, if none does. */
function phrasesAt(text: string, last: number, key: number): Phrase[] | undefined {
  const known = WORDS.get(key);
  if (known === undefined) return undefined;
  let found: Phrase[] | undefined;
  for (const { word, phrases } of known) {
    if (!spells(text, last, -1, word.head) || !spells(text, last + 1, 1, word.tail)) continue;
    found = found ? [...found, ...phrases] : phrases;
  }
  return found;
}

export function scan(text: string): Scan {
  const at: number[] = [];
  const phrases: Phrase[][] = [];
  let hidden = false;
  let letters = 0;
  let before = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    let seen = CLASSES[code] as number;
    if (seen === DROPPED) continue;
    if (seen === PAIR) seen = classOfPair(code, text.charCodeAt(i + 1));
    let key: number;
    if (seen < KEPT) {
      letters = ((letters << 5) | seen) & FIVE_LETTERS;
      key = letters;
    } else if (seen === KEPT) {
      key = keyOfPair(before, code);
      before = code;
    } else {
      hidden ||= seen === HIDDEN;
      continue;
    }
    const place = hash(key);
    if (MAYBE[place] === 0 || (EXACT[place] !== key && EXACT[place] !== SEVERAL)) continue;
    const found = phrasesAt(text, i, key);
    if (found === undefined) continue;
    at.push(i);
    phrases.push(found);
  }
  return { at, phrases, hidden };
}
