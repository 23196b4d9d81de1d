import { spanAt, type Tables, tablesOf } from './tables.ts';
import { type Hit, nextHash, type Vocabulary } from './vocabulary.ts';

/** Where the few things lie that detectors start from, found in one pass: every detector then looks only around them. */
export interface Scan {
  text: string;
  /** Runs of ASCII digits. */
  starts: number[];
  ends: number[];
  ats: number[];
  /** Colons with a hexadecimal digit or a colon on both sides. */
  colons: number[];
  /** Words and phrases of the vocabulary, in order of their starts. */
  hits: Hit[];
  /** All masks of the hits, or-ed: what isn't in the text at all needs no look around a number. */
  seen: number;
  tables: Tables;
}

const OTHER = 0;
const UPPER = 1;
const LOWER = 2;
const DIGIT = 3;
const AT = 4;
const COLON = 5;

/**
 * By code unit. Signs beyond ASCII count as small letters, so that `sécurité` is one word; typographic signs among them end
 * none.
 */
const CLASS = ((): Uint8Array => {
  const table = new Uint8Array(0x10000).fill(LOWER);
  table.fill(OTHER, 0, 0x80);
  table.fill(OTHER, 0x2000, 0x2070);
  for (const code of [0xa0, 0xab, 0xbb, 0x3000]) table[code] = OTHER;
  table.fill(UPPER, 65, 91);
  table.fill(LOWER, 97, 123);
  table.fill(DIGIT, 48, 58);
  table[64] = AT;
  table[58] = COLON;
  return table;
})();

/** Reads a text once. A word also ends where a capital follows a small letter: `dateOfBirth` is three words. */
export function scanOf(text: string, vocabulary: Vocabulary): Scan {
  const scan: Scan = { text, starts: [], ends: [], ats: [], colons: [], hits: [], seen: 0, tables: NO_TABLES };
  const { filter } = vocabulary;
  const size = text.length;
  let at = 0;
  while (at < size) {
    const start = at;
    let code = text.charCodeAt(at++);
    let kind = CLASS[code] as number;
    if (kind === OTHER) continue;
    if (kind <= LOWER) {
      let hash = nextHash(0, code);
      while (at < size) {
        const before = kind;
        code = text.charCodeAt(at);
        kind = CLASS[code] as number;
        if (kind !== LOWER && (kind !== UPPER || before !== UPPER)) break;
        hash = nextHash(hash, code);
        at++;
      }
      if (filter[hash & 0xffff] === 1) scan.seen |= vocabulary.look(text, start, at, hash, scan.hits);
    } else if (kind === DIGIT) {
      while (at < size && CLASS[text.charCodeAt(at)] === DIGIT) at++;
      scan.starts.push(start);
      scan.ends.push(at);
    } else if (kind === AT) scan.ats.push(start);
    else if (isHexOrColon(text, start - 1) && isHexOrColon(text, at)) scan.colons.push(start);
  }
  if (scan.hits.length > 0) scan.tables = tablesOf(text, scan.hits);
  return scan;
}

const NO_TABLES: Tables = { rows: [], cells: [] };

const isHexOrColon = (text: string, at: number): boolean => /[\dA-Fa-f:]/.test(text.charAt(at));

/**
 * True if a word with one of these bits tells of a span: the head of its column in a table, the name that it is assigned to,
 * else a word within `reach` in front of it, or half of that behind.
 */
export function isNear(scan: Scan, mask: number, start: number, end: number, reach = 72, isName = any): boolean {
  if ((scan.seen & mask) === 0) return false;
  if (spanAt(scan.tables.rows, start)) return ((spanAt(scan.tables.cells, start)?.mask ?? 0) & mask) !== 0;
  const { hits, text } = scan;
  const name = nameOf(text, start);
  const from = name ?? start - reach;
  for (let at = firstFrom(hits, from); at < hits.length; at++) {
    const hit = hits[at] as Hit;
    if (hit.start > end + reach / 2) return false;
    if ((hit.mask & mask) === 0 || !isName(text, hit, start)) continue;
    // Behind it, only in the same line and member: what begins with the next is another's name.
    if (hit.start < end || (name === undefined && !/["'`\n;|{}]/.test(text.slice(end, hit.start)))) return true;
  }
  return false;
}

const any = (_text: string, _hit: Hit, _start: number): boolean => true;

/** `"name": "`, `NAME = "`, and at the start of a line `name: `. */
const ASSIGNED = /(?:([\w$-]{2,40})(?:["'`]\]?\s?[:=]|\s?=>?)|(?<=^|\n)[ \t]{0,8}([\w-]{2,40}):)\s{0,2}(?:\\?["'`])?$/;
/** Names that tell nothing by themselves: `{"type": "phone", "value": "…"}`. */
const NAMELESS =
  /^(?:value|val|number|num|no|nr|text|content|data|home|work|office|main|other|default|id|code|answer)$/i;

/** Where the name begins that a value is assigned to in JSON or a program. */
function nameOf(text: string, start: number): number | undefined {
  // Cheap first: nearly always a space of prose.
  const before = text.slice(Math.max(0, start - 56), start);
  if (!/[:=>"'`]\s{0,2}$/.test(before)) return undefined;
  const found = ASSIGNED.exec(before);
  const name = found?.[1] ?? found?.[2];
  return !found || !name || NAMELESS.test(name) ? undefined : start - before.length + found.index;
}

/** Index of the first hit that starts at or after a place. */
function firstFrom(hits: Hit[], place: number): number {
  let low = 0;
  let high = hits.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((hits[middle] as Hit).start < place) low = middle + 1;
    else high = middle;
  }
  return low;
}
