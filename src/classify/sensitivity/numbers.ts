import type { Finding } from '../finding.ts';
import { isNear, type Scan } from './scan.ts';

/** A number with a fixed form: how its digits are grouped, what checks it, which words tell of it. */
export interface NumberForm {
  kind: string;
  /** Numbers of digits in the groups; one group is the bare number. */
  groups: number[];
  /** The sign in each gap between groups: one for all gaps, or one a gap. */
  gaps?: string[];
  isValid(digits: string): boolean;
  /** Bits of `NEAR`. */
  near: number;
  /** Confidence with such a word near, and without: 0 is no finding. */
  withWord: number;
  alone: number;
}

/** Finds numbers of fixed forms. A run of digits is looked at only by the forms that begin with as many. */
export class Numbers {
  readonly #bare = byFirst();
  readonly #grouped = byFirst();

  constructor(forms: NumberForm[]) {
    for (const form of forms) {
      const table = form.groups.length === 1 ? this.#bare : this.#grouped;
      (table[form.groups[0] as number] as NumberForm[]).push(form);
    }
  }

  find(scan: Scan): Finding[] {
    const findings: Finding[] = [];
    const { starts, ends, seen } = scan;
    for (let run = 0; run < starts.length; run++) {
      const size = (ends[run] as number) - (starts[run] as number);
      if (size >= MOST_DIGITS) continue;
      const found: Finding[] = [];
      // Cheap first: most numbers have no other right behind them.
      const isJoined = starts[run + 1] === (ends[run] as number) + 1;
      for (const form of isJoined ? (this.#grouped[size] as NumberForm[]) : []) {
        if (form.alone === 0 && (seen & form.near) === 0) continue;
        const finding = isGrouped(scan, run, form) ? match(scan, run, form) : undefined;
        if (finding !== undefined) found.push(finding);
      }
      for (const form of this.#bare[size] as NumberForm[]) {
        if (form.alone === 0 && (seen & form.near) === 0) continue;
        const finding = match(scan, run, form);
        if (finding !== undefined) found.push(finding);
      }
      for (const finding of best(found)) findings.push(finding);
    }
    return findings;
  }
}

const MOST_DIGITS = 20;
const byFirst = (): NumberForm[][] => Array.from({ length: MOST_DIGITS }, () => []);

/** A run of digits with the right number of groups behind it, and nothing else in the gaps. */
function isGrouped({ text, starts, ends }: Scan, run: number, { groups, gaps = [] }: NumberForm): boolean {
  for (let at = 1; at < groups.length; at++) {
    const from = ends[run + at - 1] as number;
    const to = starts[run + at];
    if (to !== from + 1 || (ends[run + at] as number) - to !== groups[at]) return false;
    if (text[from] !== gaps[gaps.length === 1 ? 0 : at - 1]) return false;
  }
  return true;
}

function match(scan: Scan, run: number, form: NumberForm): Finding | undefined {
  const { text, starts, ends } = scan;
  const last = run + form.groups.length - 1;
  const start = starts[run] as number;
  const end = ends[last] as number;
  if (!startsFree(text, start) || !endsFree(text, end) || isLonger(text, start, end, form)) return undefined;
  let digits = '';
  for (let at = run; at <= last; at++) digits += text.slice(starts[at], ends[at]);
  if (!form.isValid(digits)) return undefined;
  const confidence = isNear(scan, form.near, start, end) ? form.withWord : form.alone;
  return confidence === 0 ? undefined : findingOf(form.kind, start, end, confidence);
}

/** Nothing around that makes it a part of something longer: a letter, `1-`, `2.`, `a-` (UUIDs, versions, decimals). */
export const startsFree = (text: string, start: number): boolean =>
  !isWord(text, start - 1) && !(isJoint(text, start - 1) && isWord(text, start - 2));

export const endsFree = (text: string, end: number): boolean =>
  !isWord(text, end) && !(isJoint(text, end) && isWord(text, end + 1));

/**
 * Of a number with spaces in it, more groups are a part: unless the check is strong it is another number. An IBAN or a
 * creditor's reference (ISO 11649) begins with a group of two letters and two digits.
 */
const isLonger = (text: string, start: number, end: number, { alone, gaps }: NumberForm): boolean =>
  alone <= 0.5 &&
  gaps?.[0] === ' ' &&
  (/(?:^|[^\p{L}\d])[A-Z]{0,2}\d+ $/u.test(text.slice(Math.max(0, start - 12), start)) ||
    /^ \d/.test(text.slice(end, end + 2)));

/** A letter, a digit, `_`. */
export function isWord(text: string, at: number): boolean {
  const code = text.charCodeAt(at) | 0;
  return (code >= 48 && code <= 57) || ((code | 32) >= 97 && (code | 32) <= 122) || code === 95;
}

const isJoint = (text: string, at: number): boolean => {
  const sign = text[at];
  return sign === '-' || sign === '.' || sign === '+';
};

/** Of several readings of the same digits, those that a word speaks for. */
function best(findings: Finding[]): Finding[] {
  if (findings.length < 2) return findings;
  const most = findings.reduce((max, { confidence }) => Math.max(max, confidence), 0);
  return findings.filter(({ confidence }) => confidence === most);
}

/** A finding whose rule is named after its kind. */
export function findingOf(kind: string, start: number, end: number, confidence: number): Finding {
  return { kind, start, end, confidence, rule: `sensitivity/${kind.replaceAll('.', '/')}` };
}
