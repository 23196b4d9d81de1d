/**
 * What a reader sees of a character, as one of a few classes: so that `ＩＧＮＯＲＥ`, `ignóre`, `1gn0re`, `і𝓰nore` (Cyrillic, script)
 * and `i g n o r e` are one word. After Unicode TR39's skeletons, only coarser: it is for finding phrases, not for telling
 * names apart. `i` and `l` are one letter, since I, l, 1 and | are; digits that stand for letters in "leet" are these letters.
 */
export const DROPPED = 0;
/** Han and kana, kept as they are. Below, 1 to 26 are a to z. */
export const KEPT = 27;
/** Invisible in most places: a reason to look closer. */
export const HIDDEN = 28;
/** The first half of a pair: `classOfPair` says more. */
export const PAIR = 29;

const numberOf = (letter: string): number => (letter === 'l' ? 'i' : letter).charCodeAt(0) - 0x60;

/** Look-alikes that no decomposition leads to their Latin letter. */
const ALIKE: Readonly<Record<string, string>> = {
  ...{
    a: 'аαɑ@4æ',
    b: 'вβЬьɓ',
    c: 'сϲ¢',
    d: 'ԁđðɗ',
    e: 'еєε3əɛ',
    f: 'ƒ',
    g: 'ɡգɢ',
    h: 'һнհ',
    i: 'іιıɩ1lłɭӏļ',
    j: 'јʝ',
  },
  ...{
    k: 'кκ',
    m: 'мμ',
    n: 'пηոռŋ',
    o: 'оοσօ0øœ',
    p: 'рρþ',
    q: 'ԛզ',
    r: 'гɾʀ',
    s: 'ѕ5$ßʂ',
    t: 'тτ7ŧ',
    u: 'υцսʋ',
    v: 'νѵ',
  },
  ...{ w: 'ѡωԝա', x: 'хχ×', y: 'уүγʏ', z: 'ʐƶ' },
};

/** Blocks whose characters decompose to Latin letters: accents, phonetic, letterlike, super- and subscript, enclosed, full-width. */
const LATIN: readonly [number, number][] = [
  ...([
    [0x21, 0x7e],
    [0xa0, 0x24f],
    [0x250, 0x2af],
    [0x1d00, 0x1dbf],
    [0x1e00, 0x1eff],
  ] as [number, number][]),
  ...([
    [0x2070, 0x209f],
    [0x2100, 0x218f],
    [0x2460, 0x24ff],
    [0xff01, 0xff5e],
  ] as [number, number][]),
];
const CJK: readonly [number, number][] = [
  [0x3041, 0x30ff],
  [0x3400, 0x9fff],
  [0xf900, 0xfaff],
];
/** Default-ignorable characters and controls of direction: TR39 section 3, Trojan Source (CVE-2021-42574). */
const INVISIBLE: readonly [number, number][] = [
  ...([
    [0xad, 0xad],
    [0x34f, 0x34f],
    [0x61c, 0x61c],
    [0x115f, 0x1160],
    [0x17b4, 0x17b5],
    [0x180b, 0x180f],
  ] as [number, number][]),
  ...([
    [0x200b, 0x200f],
    [0x202a, 0x202e],
    [0x2060, 0x206f],
    [0x3164, 0x3164],
    [0xfe00, 0xfe0f],
  ] as [number, number][]),
  ...([
    [0xfeff, 0xfeff],
    [0xffa0, 0xffa0],
  ] as [number, number][]),
];

function baseLetter(code: number): number {
  const base = String.fromCodePoint(code).normalize('NFKD').toLowerCase();
  const first = /^\P{L}?([a-z])/u.exec(base)?.[1];
  return first === undefined ? DROPPED : numberOf(first);
}

/** Class by UTF-16 code unit. */
export const CLASSES: Uint8Array = (() => {
  const table = new Uint8Array(0x10000);
  for (const [from, to] of CJK) table.fill(KEPT, from, to + 1);
  for (const [from, to] of LATIN) for (let code = from; code <= to; code++) table[code] = baseLetter(code);
  for (const [name, alike] of Object.entries(ALIKE)) {
    for (const char of `${alike}${alike.toUpperCase()}`) table[char.charCodeAt(0)] = numberOf(name);
  }
  for (const [from, to] of INVISIBLE) table.fill(HIDDEN, from, to + 1);
  table.fill(PAIR, 0xd800, 0xdc00);
  return table;
})();

/** Mathematical alphabets (U+1D400) and enclosed letters (U+1F100), by the second half of the pair. */
const [MATHEMATICAL, ENCLOSED] = [0x1d400, 0x1f000].map((block) =>
  Uint8Array.from({ length: 0x400 }, (_, at) => {
    const code = block + at;
    if (code >= 0x1f150 && code <= 0x1f169) return numberOf(String.fromCharCode(0x61 + code - 0x1f150));
    if (code >= 0x1f170 && code <= 0x1f189) return numberOf(String.fromCharCode(0x61 + code - 0x1f170));
    if (code >= 0x1f1e6 && code <= 0x1f1ff) return numberOf(String.fromCharCode(0x61 + code - 0x1f1e6));
    return baseLetter(code);
  }),
) as [Uint8Array, Uint8Array];

/** The class of two halves of a pair; tags and the second set of variation selectors are hidden. */
export function classOfPair(high: number, low: number): number {
  if (low < 0xdc00 || low > 0xdfff) return DROPPED;
  if (high === 0xd835) return MATHEMATICAL[low - 0xdc00] as number;
  if (high === 0xd83c) return ENCLOSED[low - 0xdc00] as number;
  return high === 0xdb40 ? HIDDEN : DROPPED;
}

/** The folded letter at an offset, as a code unit; 0 where there is none. A pair stands where its first half is. */
export function letterAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  let seen = CLASSES[code] as number;
  if (seen === PAIR) seen = classOfPair(code, text.charCodeAt(at + 1));
  if (seen === DROPPED || seen > KEPT) return 0;
  return seen === KEPT ? code : seen + 0x60;
}

/** A stretch of a text, folded: letters a to z, Han and kana, nothing else. */
export interface Folded {
  letters: string;
  /** Where in the text each of the letters is. */
  at: number[];
}

export function fold(text: string, from = 0, to = text.length): Folded {
  const at: number[] = [];
  let letters = '';
  for (let i = from; i < to; i++) {
    const letter = letterAt(text, i);
    if (letter === 0) continue;
    letters += String.fromCharCode(letter);
    at.push(i);
  }
  return { letters, at };
}
