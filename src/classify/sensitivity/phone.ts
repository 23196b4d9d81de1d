import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import type { Finding } from '../finding.ts';
import { endsFree, findingOf, startsFree } from './numbers.ts';
import { isNear, type Scan } from './scan.ts';
import type { Hit } from './vocabulary.ts';
import { NEAR } from './words.ts';

// ITU-T E.164: fifteen digits at most.
const MOST_DIGITS = 15;
const LEAST_DIGITS = 7;
/** Numbering plans that a number without `+` is tried by, when a word says that it is a phone's: by how it begins. */
const PLANS: [start: RegExp, sizes: [least: number, most: number], plans: CountryCode[]][] = [
  [/^0[1-9]/, [9, 12], ['DE', 'GB', 'FR', 'IN', 'BR', 'IT']],
  [/^[2-9]/, [10, 10], ['US', 'IN', 'BR', 'IT']],
  [/^1[2-9]/, [10, 11], ['US', 'BR']],
  [/^[1-9]/, [11, 11], ['BR']],
  [/^[236789]/, [9, 9], ['ES', 'PT', 'IT']],
];
/** `00` and a country, as it is dialled in most of them. */
const DIALLED = /^\(?00[1-9]/;
/**
 * A check by the numbering plans costs about 50 µs, so a text has this many of them. What comes after is judged by its form alone:
 * a long list of numbers is found all the same, less surely.
 */
const MOST_CHECKS = 64;

/** A date has a phone's length too. */
const DATE = /^\d{1,2}[./-]\d{1,2}[./-]\d{4}$|^\d{4}[./-]\d\d[./-]\d\d/;

/** Phone numbers: in international form, or with a word such as `tel` near. */
export function findPhones(scan: Scan): Finding[] {
  const { text, starts, ends } = scan;
  const findings: Finding[] = [];
  let checks = 0;
  let done = 0;
  for (let run = 0; run < starts.length; run++) {
    const first = starts[run] as number;
    const hasPlus = text.charCodeAt(first - 1) === PLUS;
    const isInternational = hasPlus || (text.charCodeAt(first) === ZERO && DIALLED.test(text.slice(first, first + 4)));
    if (first < done || (!isInternational && (scan.seen & NEAR.phone) === 0)) continue;
    const last = lastOf(scan, run, hasPlus);
    // A bare run of digits with zeros in front is anything.
    if (last < 0 || (!hasPlus && last === run && (scan.seen & NEAR.phone) === 0)) continue;
    const end = ends[last] as number;
    const start = hasPlus || text.charAt(first - 1) === '(' ? first - 1 : first;
    if (!isFree(text, start, end)) continue;
    const isNamed = !hasPlus && isNear(scan, NEAR.phone, start, end, 56, isName);
    if (!isNamed && !hasPlus && !(isInternational && last > run)) continue;
    const number = text.slice(start, end);
    if (!isInternational && DATE.test(number)) continue;
    const isChecked = checks < MOST_CHECKS;
    const size = isChecked ? validSize(number, isInternational) : number.length;
    checks += isInternational ? 1 : 2;
    if (size === 0) continue;
    findings.push(findingOf('personal.phone', start, start + size, !isChecked ? 0.5 : isInternational ? 0.95 : 0.7));
    done = start + size;
  }
  return findings;
}

const PLUS = '+'.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);

/** `on the phone`, `by phone` name no number; nor does what stands in another sentence or line. */
const isName = (text: string, { start, end }: Hit, number: number): boolean =>
  !SPOKEN.test(text.slice(Math.max(0, start - 14), start)) && !OVER.test(text.slice(end, Math.max(end, number)));
const SPOKEN = /(?:^|\W)(?:on|over|by|via|per|am|au|por|ao|al|das)\s(?:the\s|my\s)?$/i;
const OVER = /[\p{L}\d)]{2}[.!?]\s{1,3}(?:[-*>] )?\p{Lu}|\n\s*\n|\S[^\n]{8}\n/u;

/** The last run of digits of a number that begins with one, -1 if there are too few or too many digits. */
function lastOf({ text, starts, ends }: Scan, run: number, hasPlus: boolean): number {
  let digits = (ends[run] as number) - (starts[run] as number);
  let last = run;
  while (last + 1 < starts.length && digits <= MOST_DIGITS) {
    const gap = text.slice(ends[last], Math.min(starts[last + 1] as number, (ends[last] as number) + 4));
    const size = (ends[last + 1] as number) - (starts[last + 1] as number);
    if (!/^(?:[ .\-/]|\) ?| \(|\)-)$/.test(gap) || digits + size > MOST_DIGITS) break;
    digits += size;
    last++;
  }
  // `1 2 3 4 5 6 7 8` counts.
  const isGrouped = hasPlus || digits >= 2 * (last - run + 1) - 1;
  return digits < LEAST_DIGITS || digits > MOST_DIGITS || !isGrouped ? -1 : last;
}

const isFree = (text: string, start: number, end: number): boolean =>
  startsFree(text, start) && !/\+$|\w\/$/.test(text.slice(Math.max(0, start - 2), start)) && endsFree(text, end);

/** How much of it is a number that its plan knows: a group that follows by chance, such as a year, is none of it. */
function validSize(number: string, isInternational: boolean): number {
  if (!isInternational) return isNational(number) ? number.length : 0;
  const dialled = number.replace(DIALLED, (zeros) => `+${zeros.at(-1)}`);
  for (let size = dialled.length, tries = 0; size > LEAST_DIGITS && tries < 3; tries++) {
    if (parsePhoneNumberFromString(dialled.slice(0, size))?.isValid()) return number.length - dialled.length + size;
    size = dialled.slice(0, size).search(/[^\d+]+\d+$/);
  }
  return 0;
}

function isNational(number: string): boolean {
  const digits = number.replace(/\D/g, '');
  return PLANS.some(
    ([start, [least, most], plans]) =>
      digits.length >= least &&
      digits.length <= most &&
      start.test(digits) &&
      plans.some((plan) => parsePhoneNumberFromString(number, plan)?.isValid()),
  );
}
