/** A word or phrase in a text. */
export interface Hit {
  start: number;
  end: number;
  mask: number;
}

const LONGEST = 32;

/** One step of a word's hash, the same for big and small letters; its lower 16 bits count. */
export const nextHash = (hash: number, code: number): number => (Math.imul(hash, 0x01000193) ^ (code | 32)) | 0;

/**
 * Words and phrases with a bit for what each tells. A scan asks with a hash of the word, and only a word whose hash is
 * known is cut out and compared: a word that tells nothing costs a few steps and no memory.
 */
export class Vocabulary {
  /** Hashes of first words: 1 at each. */
  readonly filter = new Uint8Array(0x10000);
  readonly #entries = new Map<number, Entry[]>();

  /** @param lists for each bit its words, separated by commas; the words of a phrase by one space, all in small letters. */
  constructor(lists: [mask: number, words: string][]) {
    for (const [mask, words] of lists) for (const phrase of words.split(',')) this.#add(phrase.trim(), mask);
  }

  #add(phrase: string, mask: number): void {
    const gap = phrase.indexOf(' ');
    const word = gap < 0 ? phrase : phrase.slice(0, gap);
    const rest = gap < 0 ? '' : phrase.slice(gap);
    let hash = 0;
    for (let at = 0; at < word.length; at++) hash = nextHash(hash, word.charCodeAt(at));
    this.filter[hash & 0xffff] = 1;
    const entries = this.#entries.get(hash) ?? [];
    const same = entries.find((entry) => entry.word === word && entry.rest === rest);
    if (same === undefined) entries.push({ word, rest, mask });
    else same.mask |= mask;
    this.#entries.set(hash, entries);
  }

  /** Adds what a word of the text begins. Gives the bits of all that is added. */
  look(text: string, start: number, end: number, hash: number, hits: Hit[]): number {
    const entries = this.#entries.get(hash);
    if (entries === undefined || end - start > LONGEST) return 0;
    let seen = 0;
    for (const { word, rest, mask } of entries) {
      if (word.length !== end - start || !isWordAt(text, start, word)) continue;
      const to = follow(text, end, rest);
      if (to < 0) continue;
      hits.push({ start, end: to, mask });
      seen |= mask;
    }
    return seen;
  }
}

interface Entry {
  word: string;
  rest: string;
  mask: number;
}

function isWordAt(text: string, start: number, word: string): boolean {
  for (let at = 0; at < word.length; at++) {
    if ((text.charCodeAt(start + at) | 32) !== (word.charCodeAt(at) | 32)) return false;
  }
  return true;
}

/** Where the rest of a phrase ends: a space in it stands for one space, line end, `_`, `-` or nothing. -1 if it isn't there. */
function follow(text: string, from: number, rest: string): number {
  let at = from;
  for (let index = 0; index < rest.length; index++) {
    const sign = rest.charCodeAt(index);
    if (sign === 32) {
      if (/[\s_-]/.test(text.charAt(at))) at++;
    } else if ((text.charCodeAt(at) | 32) === sign) {
      at++;
    } else {
      return -1;
    }
  }
  // `api key` isn't in `api keyboard`, but it is in `api keys`, `apiKeyId` and `api_key2`.
  return rest !== '' && /[a-rt-z]/.test(text.charAt(at)) && /[a-z]/.test(text.charAt(at - 1)) ? -1 : at;
}
