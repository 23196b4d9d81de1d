import type { Finding } from '../finding.ts';
import { findingOf } from './numbers.ts';
import type { Scan } from './scan.ts';
import type { Hit } from './vocabulary.ts';
import { NEAR } from './words.ts';

/** Words that are a marker only in capitals, alone in their line, or with another before or behind: in a sentence they are just words. */
const LOOSE =
  /^(?:confiden[ct]i|proprietary|classified|copyright|privileged|trade|need|internal$|restricted$|unpublished|non.?disclosure|vertraulich|geheimhaltung|geschäfts|betriebs|nur intern|riservat|vertrouwelijk|poufne|secret|segredo|do not share|do not forward|do not copy)/i;
const BEFORE =
  /(?:strictly|company|highly|private (?:and|&)|proprietary (?:and|&)|business|commercial in|classification ?:|classified as|sensitivity ?:|status ?:|streng|strikt|strictement|estrictamente|documento|document|informaci[oó]n|informação|dokument|einstufung ?:|klassifi\w{0,12} ?:|clasificación ?:|classificação ?:|tlp ?:|[[<])[ *_]{0,4}$/iu;
const BEHIND =
  /^(?:[ *_,.]{0,3}(?:and|&|\/|-|–|—|und|et|y|e) ?(?:proprietary|confidential|privileged|vertraulich|geheim)|[ -](?:information of|property of|do not|and may not|material)| (?:\(c\)|©)? ?(?:19|20)\d\d|\s?©|[ ,.–-]{1,3}(?:nur für|not for|for internal|do not|internal|uso interno|usage interne|ne pas|no ))/iu;
/** `Trade secret of Acme`. */
const OWNER = /^s? (?:of|von|de|da|du|der) (?:the )?\p{Lu}/u;
/** Words that begin many a line: a marker only where nothing follows. */
const COMMON = /^(?:internal|restricted|classified|need|trade|secret|segredo)/i;
/** A line of a few words that says what the document is. */
const LABEL = /^[\s#>*_[(-]{0,6}(?:[\p{L}&]{1,16}[ :–/-]{1,3}){0,2}$/u;
const LABEL_END = /^[\s*_.!\])-]{0,6}(?:[ \p{L}\d:,./()–-]{0,40})$/u;

/** Markers that a text is somebody's: classification lines, copyright and licence headers. */
export function findProprietary(scan: Scan): Finding[] {
  if ((scan.seen & NEAR.marker) === 0) return [];
  const findings: Finding[] = [];
  for (const hit of scan.hits) {
    if ((hit.mask & NEAR.marker) === 0) continue;
    const confidence = confidenceOf(scan.text, hit);
    if (confidence > 0) findings.push(findingOf('proprietary', hit.start, hit.end, confidence));
  }
  return findings;
}

function confidenceOf(text: string, { start, end }: Hit): number {
  const words = text.slice(start, end);
  // Open source is copyrighted too.
  if (/^(?:copyright|all|alle|tous|todos|tutti)/i.test(words))
    return !LOOSE.test(words) || isHeader(text, start, end) ? 0.5 : 0;
  if (words === words.toUpperCase())
    return words.length > 8 || isHeader(text, start, end) || isAlone(text, start, end) ? 0.9 : 0;
  if (!LOOSE.test(words)) return 0.7;
  return isHeader(text, start, end) || (/^\p{Lu}/u.test(words) && isAlone(text, start, end)) ? 0.7 : 0;
}

const isHeader = (text: string, start: number, end: number): boolean =>
  (COMMON.test(text.slice(start, end)) && OWNER.test(text.slice(end, end + 24))) ||
  BEHIND.test(text.slice(end, end + 24)) ||
  BEFORE.test(text.slice(Math.max(0, start - 24), start));

function isAlone(text: string, start: number, end: number): boolean {
  const before = text
    .slice(Math.max(0, start - 80), start)
    .split('\n')
    .at(-1) as string;
  const behind = text.slice(end, end + 80).split('\n', 1)[0] as string;
  return (
    LABEL.test(before) &&
    LABEL_END.test(behind) &&
    (COMMON.test(text.slice(start, end)) ? !/\p{L}/u.test(behind) : behind.trim().split(' ').length <= 4)
  );
}
