import type { Hit } from './vocabulary.ts';

/** A cell of a column whose head tells what it holds. */
export interface Cell {
  start: number;
  end: number;
  mask: number;
}

/** Rows below a line of heads, and the cells in them that the heads tell of; both in order. */
export interface Tables {
  rows: { start: number; end: number }[];
  cells: Cell[];
}

/** A line of heads is no longer. */
const LONGEST = 1000;
const SEPARATORS = [';', '\t', '|', ','];
const HEAD = /^[ "'*]{0,3}(?:[\p{L}_#][\p{L}\w .()/#-]{0,40})?[ "'*]{0,3}$/u;
const NO_HEADS = /[={}<>:?!&$\\`[\]]|^[^;\t|,]*$/;
const RULE = /^[|:\- ]+$/;
/** Rows in a row that have another number of cells: the table is over. */
const MOST_OTHERS = 3;

/** Comma- or tab-separated values and Markdown tables: what a number is stands at the top of its column, not near it. */
export function tablesOf(text: string, hits: readonly Hit[]): Tables {
  const tables: Tables = { rows: [], cells: [] };
  let done = 0;
  for (let at = 0; at < hits.length; at++) {
    const { start } = hits[at] as Hit;
    if (start < done) continue;
    const before = Math.max(0, start - LONGEST);
    const from = before + text.slice(before, start).lastIndexOf('\n') + 1;
    const line = lineAt(text, from);
    done = Math.max(start + 1, line.end);
    const heads = headsOf(line.text);
    if (heads) done = Math.max(done, readRows(text, line.end + 1, heads, masksOf(hits, at, line.start, heads), tables));
  }
  return tables;
}

interface Line {
  start: number;
  end: number;
  text: string;
}

function lineAt(text: string, start: number): Line {
  const line = text.slice(start, start + 2 * LONGEST);
  const size = line.indexOf('\n');
  const end = size < 0 ? start + line.length : start + size;
  return { start, end, text: text.slice(start, end) };
}

interface Heads {
  separator: string;
  heads: string[];
}

function headsOf(line: string): Heads | undefined {
  // Cheap first: what else a line of heads has none of.
  if (line.length > LONGEST || NO_HEADS.test(line)) return undefined;
  for (const separator of SEPARATORS) {
    if (!line.includes(separator)) continue;
    const heads = line.replace(/\r$/, '').split(separator);
    if (heads.length >= 2 && heads.every((head) => HEAD.test(head)) && (separator !== ',' || areNames(heads)))
      return { separator, heads };
  }
  return undefined;
}

/** Between words of a sentence a space follows a comma, and there are more of them. */
const areNames = (heads: string[]): boolean =>
  heads.slice(1).every((head) => !head.startsWith(' ')) ||
  (heads.length > 2 && heads.every((head) => head.trim().split(' ').length <= 3 && !head.endsWith('.')));

/** What the words in each head tell. */
function masksOf(hits: readonly Hit[], first: number, line: number, { heads }: Heads): number[] {
  let at = first;
  let end = line;
  return heads.map((head) => {
    end += head.length + 1;
    let mask = 0;
    for (; at < hits.length && (hits[at] as Hit).start < end; at++) mask |= (hits[at] as Hit).mask;
    return mask;
  });
}

/** Gives where the table ends. */
function readRows(text: string, from: number, { separator, heads }: Heads, masks: number[], tables: Tables): number {
  let others = 0;
  let last = from;
  for (let at = from; at < text.length && others < MOST_OTHERS; ) {
    const line = lineAt(text, at);
    const cells = line.text.split(separator);
    at = line.end + 1;
    if (cells.length !== heads.length) others++;
    else if (!RULE.test(line.text)) {
      // Two lines of the same words with commas are prose.
      if (last === from && !/\d/.test(line.text)) break;
      others = 0;
      last = line.end;
      tables.rows.push({ start: line.start, end: line.end });
      pushCells(cells, masks, line.start, tables.cells);
    }
  }
  return last;
}

function pushCells(cells: string[], masks: number[], line: number, into: Cell[]): void {
  let start = line;
  cells.forEach((cell, i) => {
    const mask = masks[i] as number;
    const end = start + cell.length;
    if (mask !== 0 && cell.trim() !== '') into.push({ start, end, mask });
    start = end + 1;
  });
}

/** The one of spans in order that holds a place. */
export function spanAt<T extends { start: number; end: number }>(spans: readonly T[], place: number): T | undefined {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((spans[middle] as T).end <= place) low = middle + 1;
    else high = middle;
  }
  const span = spans[low];
  return span !== undefined && span.start <= place ? span : undefined;
}
