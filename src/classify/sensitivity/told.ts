import type { Finding } from '../finding.ts';
import { isDay } from './check-digit.ts';
import { findingOf } from './numbers.ts';
import type { Scan } from './scan.ts';
import { NEAR } from './words.ts';

/** What only the words in front of it make personal: a date is a birthday after `born`, a number a record after `MRN`. */
interface Told {
  kind: string;
  near: number;
  /** How far behind the word, in signs. */
  reach: number;
  /** Group 1 is what is found. Matched in the reach alone. */
  form: RegExp;
  isValid(found: string): boolean;
  confidence: number;
}

const MONTHS =
  'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?' +
  '|januar|februar|märz|mai|juni|juli|oktober|dezember|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre' +
  '|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre' +
  '|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro' +
  '|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre';
const DATE = new RegExp(
  String.raw`(?<![\w/.-])(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d\d)|\d{1,2}(?:st|nd|rd|th|\.)? (?:of |de )?(?:${MONTHS})\.?,? (?:de )?\d{4}|(?:${MONTHS})\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4})(?![\w/-])`,
  'i',
);

/** A day that there is, whichever of the first two numbers is the month, of somebody who may live. */
function isBirthday(date: string): boolean {
  const numbers = [...date.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  const year = numbers.find((value) => value > 31);
  if (year !== undefined && year > 99 && (year < 1900 || year > 2100)) return false;
  if (numbers.length < 3) return isDay(1, numbers.find((value) => value !== year) ?? 0);
  const [a = 0, b = 0] = (numbers[0] as number) > 31 ? numbers.slice(1) : numbers;
  return isDay(a, b) || isDay(b, a);
}

/** What stands between a name and its value, when a sentence says it: no digit, no end of the sentence. */
const SAID = String.raw`(?:[^\d\n.;!?,:=(]{0,64}?(?:[:=(#]|(?<![\p{L}])(?:is|was|ist|war|lautet|est|es|é|è|era|:))|["'\x60\]]{0,2}\s?[:=])`;
const OPEN = String.raw`[\s"'\x60\[(#*]{0,5}`;

const TOLD: Told[] = [
  { kind: 'personal.date_of_birth', near: NEAR.birth, reach: 72, form: DATE, isValid: isBirthday, confidence: 0.9 },
  {
    ...{ kind: 'health.medical_record_number', near: NEAR.record, reach: 72, confidence: 0.9 },
    form: new RegExp(
      String.raw`^(?:${SAID}|[\W_]{0,4}(?:(?:number|no|nr|num|id|is|was|#)\b[\W_]{0,3}){0,2})${OPEN}(?<![\p{L}\d])([A-Z]{0,4}-?\d[\dA-Z]*(?:-[\dA-Z]+){0,3})(?![\w/])`,
      'iu',
    ),
    isValid: (found) => found.length >= 5 && found.length <= 20 && (found.match(/\d/g) ?? []).length >= 4,
  },
  {
    ...{ kind: 'payment.card_security_code', near: NEAR.securityCode, reach: 72, confidence: 0.8 },
    form: new RegExp(
      String.raw`^2?(?:\W{0,3}\(?(?:cvv|cvc|csc)2?\)?)?(?:${SAID}|[^\d\n.;!?,:=(]{0,24}\s)${OPEN}(\d{3,4})(?![\w-]|[.,]\d)`,
      'iu',
    ),
    isValid: () => true,
  },
];

/** A sentence ends between the word and what is found: it is about something else. */
const OVER = /[\p{L}\d)]{3}[.!?]\s{1,3}\p{Lu}|\n\s*\n/u;

export function findTold(scan: Scan): Finding[] {
  const findings: Finding[] = [];
  for (const told of TOLD) if ((scan.seen & told.near) !== 0) find(scan, told, findings);
  return findings;
}

function find(scan: Scan, told: Told, into: Finding[]): void {
  const { kind, near, confidence } = told;
  let done = 0;
  for (const hit of scan.hits) {
    if ((hit.mask & near) === 0 || hit.start < done) continue;
    const found = behind(scan.text, hit.end, told);
    // Two words may tell of the same: `Birth date (DOB): …`.
    if (!found || found.start < done) continue;
    into.push(findingOf(kind, found.start, found.end, confidence));
    done = found.end;
  }
  for (const cell of scan.tables.cells) if ((cell.mask & near) !== 0) into.push(...inCell(scan.text, cell, told));
}

interface Span {
  start: number;
  end: number;
}

function behind(text: string, from: number, { reach, form, isValid }: Told): Span | undefined {
  const found = form.exec(text.slice(from, from + reach + 24));
  const value = found?.[1];
  if (!found || value === undefined || !isValid(value)) return undefined;
  const at = found.index + found[0].lastIndexOf(value);
  if (at > reach || OVER.test(text.slice(from, from + at))) return undefined;
  return { start: from + at, end: from + at + value.length };
}

/** What stands alone in a cell below a head, as if it stood behind the head's words. */
function inCell(text: string, { start, end }: Span, { kind, form, isValid, confidence }: Told): Finding[] {
  const cell = text.slice(start, Math.min(end, start + 64));
  const value = form.exec(`: ${cell.trim()} `)?.[1];
  if (value === undefined || !isValid(value)) return [];
  const at = start + cell.indexOf(value);
  return [findingOf(kind, at, at + value.length, confidence)];
}
