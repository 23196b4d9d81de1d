import type { Finding } from '../finding.ts';
import { entropyOf } from './entropy.ts';
import { isExample, isPlaceholder } from './examples.ts';
import { findingOf } from './numbers.ts';
import type { Scan } from './scan.ts';
import type { Cell } from './tables.ts';
import type { Hit } from './vocabulary.ts';
import { NEAR } from './words.ts';

/** What may follow the name: the rest of an identifier, a closing quote, a sign that assigns, an opening quote. */
const SIGN =
  /[\w-]{0,32}(?:\\?["'`]|\*\*)?\]?\s{0,8}(?:(?::?=>?|:|->|>|(?<![\p{L}])(?:is|was|ist|lautet|est|es|é|è)(?![\p{L}]):?|(?<=\s)\()(?:\*\*)?\s{0,8}|(?<=\s--[\w-]{1,40})\s)(?:(?:b|r|f|u)?(\\?["'`])|(?=[^\s"'`]))/uy;
/** A value with its type in front: `password: str = "…"`. */
const TYPE = /(?:[A-Za-z][\w.[\]<>?| ]{0,30})\s?=\s?(\\?["'`])/y;
const BARE = /[^\s"'`,;<>()&|\\]{0,4096}/y;
const QUOTED = /[^\n"'`\\]{0,4096}/y;
/** As much of a value as is judged. */
const HEAD = 128;

/** Names in front of `key`, `token`, `secret` that make it none: what they name is public, or no key. */
const HARMLESS =
  /(?:public|next|page|pagination|continuation|primary|foreign|partition|sort|cache|idempotency|max|total|num)[ _-]?$/i;

/** Secrets by their name: `password = "…"`, `API_KEY: …`, `<secret>…</secret>`, `--token …`, `the password is …`. */
export function findAssigned(scan: Scan): Finding[] {
  if ((scan.seen & (NEAR.password | NEAR.key)) === 0) return [];
  const findings: Finding[] = [];
  let done = 0;
  for (const hit of scan.hits) {
    if ((hit.mask & (NEAR.password | NEAR.key)) === 0 || hit.start < done) continue;
    const isPassword = (hit.mask & NEAR.password) !== 0;
    let value = assignedTo(scan.text, hit);
    let confidence = value === undefined ? 0 : judge(scan.text.slice(value.start, value.end), isPassword);
    if (confidence === 0 && !isPassword) {
      const told = toldBy(scan.text, hit);
      if (told) [value, confidence] = [told, 0.7];
    }
    // `secret key` is two names of one value.
    if (value === undefined || value.start < done) continue;
    if (confidence > 0) {
      findings.push(findingOf(isPassword ? 'secret.password' : 'secret.key', value.start, value.end, confidence));
    }
    // A long run without a gap is not read again for every name in it.
    if (confidence > 0 || value.end - value.start > 2 * HEAD) done = value.end;
  }
  for (const cell of scan.tables.cells) findings.push(...inCell(scan.text, cell));
  return findings;
}

/** Below a head such as `password`. */
function inCell(text: string, { start, end, mask }: Cell): Finding[] {
  if ((mask & (NEAR.password | NEAR.key)) === 0) return [];
  const isPassword = (mask & NEAR.password) !== 0;
  const value = text.slice(start, end).replace(/^[\s"']+|[\s"']+$/g, '');
  const confidence = judge(value, isPassword);
  const at = start + text.slice(start, end).indexOf(value);
  const kind = isPassword ? 'secret.password' : 'secret.key';
  return confidence === 0 ? [] : [findingOf(kind, at, at + value.length, Math.min(confidence, 0.8))];
}

/** `API key 3ec6… was entered`, `the token that she gave us is …`: words, then something long and random. */
const TOLD = /[^\d\n.;!?"'`=<>{}\\]{0,64}?[\s(:]["'`]?([\w+/=~-]{24,512})(?![\w+/=~-]|\.\w)/y;
/** What else is long and random, and no secret. */
const OTHER =
  /\b(?:commit|sha|hash|digest|checksum|revision|fingerprint|integrity|uu?id|url|file|path|branch|version)\b/i;

function toldBy(text: string, hit: Hit): { start: number; end: number } | undefined {
  TOLD.lastIndex = hit.end;
  const found = TOLD.exec(text);
  const value = found?.[1];
  if (value === undefined || HARMLESS.test(text.slice(Math.max(0, hit.start - 16), hit.start))) return undefined;
  const end = hit.end + (found as RegExpExecArray)[0].length;
  const start = text.lastIndexOf(value, end);
  if (OTHER.test(text.slice(Math.max(0, hit.start - 24), start)) || WORDS.test(value)) return undefined;
  return judge(value, false) >= 0.7 && entropyOf(value) >= 3.2 ? { start, end: start + value.length } : undefined;
}

/** `a-long-name-of-2-words`, `some/path/of/files`. */
const WORDS = /^(?:[A-Z]?[a-z]{2,}|[A-Z]{2,}\d{0,3}|\d{1,4})(?:[-_/+=~](?:[A-Z]?[a-z]+|[A-Z]+\d{0,3}|\d{1,4}))+$/;

/** The value that is assigned to a name, if one is. */
function assignedTo(text: string, hit: Hit): { start: number; end: number } | undefined {
  SIGN.lastIndex = hit.end;
  const sign = SIGN.exec(text);
  if (sign === null || HARMLESS.test(text.slice(Math.max(0, hit.start - 16), hit.start))) return undefined;
  let start = hit.end + sign[0].length;
  let quote = sign[1];
  if (quote === undefined) {
    TYPE.lastIndex = start;
    const type = TYPE.exec(text);
    if (type !== null) {
      start += type[0].length;
      quote = type[1];
    }
  }
  return { start, end: endOf(text, start, quote) };
}

function judge(value: string, isPassword: boolean): number {
  const head = value.slice(0, HEAD);
  const confidence = isPassword ? passwordLike(head) : keyLike(head);
  return confidence > 0 && (isPlaceholder(head) || isExample(value)) ? 0 : confidence;
}

/** To the closing quote on the same line, else to the next sign that ends a value. */
function endOf(text: string, start: number, quote: string | undefined): number {
  const form = quote === undefined ? BARE : QUOTED;
  form.lastIndex = start;
  form.test(text);
  let end = form.lastIndex;
  // The end of a sentence belongs to none.
  while (quote === undefined && end > start && '.!?:]}'.includes(text.charAt(end - 1))) end--;
  return end;
}

/** `process.env.PASSWORD`, `self.password`, `DB_PASSWORD`: a place, no value. */
const PLACE = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$|^(?:[A-Za-z_$]\w*(?:\[|\.|::|->))+(?:[A-Za-z_]\w*)?$/;

/** `Reset your password: https://…`, `[Reset password](https://…)`. */
const ADDRESS = /^(?:[a-z][a-z\d+.-]{1,15}:\/\/|www\.|\[|mailto:)/i;

function passwordLike(value: string): number {
  if (value.length < 6 || /\s/.test(value) || PLACE.test(value) || ADDRESS.test(value)) return 0;
  const hasLetter = /[A-Za-z]/.test(value);
  const isMixed = hasLetter && /\d|[^\w.-]/.test(value);
  const isNumber = /^\d{6,}$/.test(value);
  if (!isMixed && !isNumber) return 0;
  if (value.length >= 12 && entropyOf(value) >= 3) return 0.9;
  return /\d/.test(value) ? 0.8 : 0.6;
}

/** Long, of one alphabet, and random: 3 bits a sign is what 16 random hexadecimal digits nearly always have. */
function keyLike(value: string): number {
  if (value.length < 16 || !/^[\w+/=.~:-]+$/.test(value) || PLACE.test(value)) return 0;
  if (!/\d/.test(value) || !/[A-Za-z]/.test(value)) return 0;
  const entropy = entropyOf(value);
  return entropy < 3 ? 0 : entropy < 3.6 ? 0.7 : 0.85;
}
