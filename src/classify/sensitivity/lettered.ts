import type { Finding } from '../finding.ts';
import { isDay, mod97 } from './check-digit.ts';
import { isCnpj } from './ids-americas.ts';
import { isNir } from './ids-europe.ts';
import { endsFree, findingOf, isWord, startsFree } from './numbers.ts';
import { isNear, type Scan } from './scan.ts';
import { NEAR } from './words.ts';

/** A number with letters in it. Where its digits begin is known, so its form is tried at one place. */
interface LetteredForm {
  kind: string;
  /** Digits that begin it, and how many signs stand in front of them. */
  digits: number[];
  before: number[];
  form: RegExp;
  isValid(signs: string): boolean;
  near: number;
  withWord: number;
  alone: number;
}

/** HMRC, NIM39110: letters that no prefix has, and prefixes that are not given. There is no check digit. */
const isNino = (signs: string): boolean => !/^(?:[DFIQUV]|.[DFIOQUV]|BG|GB|KN|NK|NT|TN|ZZ)/.test(signs);

/** Real Decreto 1553/2005: the letter stands for the rest modulo 23; X, Y, Z of foreigners for 0, 1, 2. */
const isDni = (signs: string): boolean =>
  'TRWAGMYFPDXBNJZSQVHLCKE'[Number(signs.slice(0, -1).replace(/^[XYZ]/, (x) => `${'XYZ'.indexOf(x)}`)) % 23] ===
  signs.at(-1);

/** Income Tax Department: the fourth letter is the kind of holder. How the last is computed is not published. */
const isPan = (signs: string): boolean => /^...[ABCFGHJLPT]/.test(signs);

const ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/** Decreto ministeriale 23 dicembre 1976, with letters for digits where two people would have the same (omocodia). */
function isCodiceFiscale(signs: string): boolean {
  const values = [...signs].map((sign) => (sign < 'A' ? Number(sign) : sign.charCodeAt(0) - 65));
  const sum = values.slice(0, 15).reduce((all, value, at) => all + (at % 2 === 0 ? (ODD[value] as number) : value), 0);
  const plain = signs.replace(/[LMNPQRSTUV]/g, (x) => `${'LMNPQRSTUV'.indexOf(x)}`);
  const day = Number(plain.slice(9, 11));
  return sum % 26 === values[15] && isDay(1, day > 40 ? day - 40 : day);
}

/** Corsica's departments count as 19 and 18. */
const isCorsicanNir = (signs: string): boolean => isNir(signs.replace('2A', '19').replace('2B', '18'));

const id = (name: string): string => `personal.national_id.${name}`;

const FORMS: LetteredForm[] = [
  {
    ...{ kind: id('uk_nino'), digits: [6, 2], before: [2, 3], isValid: isNino, near: NEAR.nino },
    ...{ form: /[A-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D]/iy, withWord: 0.95, alone: 0.6 },
  },
  {
    ...{ kind: id('es_dni'), digits: [8], before: [0], isValid: isDni, near: NEAR.dni },
    ...{ form: /\d{8}-?[A-Z]/iy, withWord: 1, alone: 0.6 },
  },
  {
    ...{ kind: id('es_dni'), digits: [2], before: [0], isValid: isDni, near: NEAR.dni },
    ...{ form: /\d\d\.\d{3}\.\d{3}[- ]?[A-Z]/iy, withWord: 1, alone: 0.9 },
  },
  {
    ...{ kind: id('es_nie'), digits: [7], before: [1, 2], isValid: isDni, near: NEAR.dni },
    ...{ form: /[XYZ][- ]?\d{7}[- ]?[A-Z]/iy, withWord: 1, alone: 0.8 },
  },
  {
    ...{ kind: id('in_pan'), digits: [4], before: [5], isValid: isPan, near: NEAR.pan },
    ...{ form: /[A-Z]{5}\d{4}[A-Z]/y, withWord: 0.95, alone: 0.6 },
  },
  {
    ...{
      kind: id('it_codice_fiscale'),
      digits: [2, 1],
      before: [6],
      isValid: isCodiceFiscale,
      near: NEAR.codiceFiscale,
    },
    ...{ form: /[A-Z]{6}[\dLMNP-V]{2}[A-EHLMPR-T][\dLMNP-V]{2}[A-Z][\dLMNP-V]{3}[A-Z]/iy, withWord: 1, alone: 1 },
  },
  {
    ...{ kind: id('fr_nir'), digits: [1, 6], before: [0], isValid: isCorsicanNir, near: NEAR.nir },
    ...{ form: /\d ?\d\d ?\d\d ?2[AB] ?\d{3} ?\d{3} ?\d\d/iy, withWord: 1, alone: 0.95 },
  },
  {
    // Looked for from its end: what is in front may all be letters.
    ...{ kind: id('br_cnpj'), digits: [2], before: [16], isValid: isCnpj, near: NEAR.cnpj },
    ...{ form: /(?=[^-]{0,15}[A-Z])[\dA-Z]{2}\.[\dA-Z]{3}\.[\dA-Z]{3}\/[\dA-Z]{4}-\d\d/y, withWord: 1, alone: 0.95 },
  },
];

function isSide(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 65 || code === 45 || code === 32 || code === 46;
}

/** Again without an expression: a letter where the form has one. */
function mayBegin(text: string, first: number, size: number, before: number): boolean {
  if (before === 0) {
    const next = text[first + size];
    return size === 2 ? next === '.' : (size === 1 ? next === ' ' : next === '-') || isWord(text, first + size);
  }
  // All forms but the longest begin with a letter.
  return before > 6 ? text[first - 1] === '-' : text.charCodeAt(first - before) >= 65;
}

const BY_DIGITS = Array.from({ length: 16 }, (_, size) => FORMS.filter(({ digits }) => digits.includes(size)));

export function findLettered(scan: Scan): Finding[] {
  const findings: Finding[] = [];
  for (let run = 0; run < scan.starts.length; run++) {
    const first = scan.starts[run] as number;
    const size = (scan.ends[run] as number) - first;
    // Cheap first: most numbers have nothing at their sides that a form has there.
    if (!isSide(scan.text, first - 1) && !isSide(scan.text, first + size)) continue;
    for (const form of BY_DIGITS[size] ?? []) {
      for (const before of form.before) {
        if (!mayBegin(scan.text, first, size, before)) continue;
        const finding = match(scan, form, first - before);
        if (finding !== undefined) findings.push(finding);
      }
    }
    // The country's two letters are all that stands in front of an IBAN's digits.
    if (size >= 2 && isWord(scan.text, first - 2) && isWord(scan.text, first - 1))
      findings.push(...ibanAt(scan, first - 2));
  }
  return findings;
}

function match(
  scan: Scan,
  { kind, form, isValid, near, withWord, alone }: LetteredForm,
  start: number,
): Finding | undefined {
  const { text } = scan;
  form.lastIndex = start;
  const found = startsFree(text, start) ? form.exec(text)?.[0] : undefined;
  if (found === undefined || !endsFree(text, start + found.length)) return undefined;
  if (!isValid(found.replace(/[ ./-]/g, '').toUpperCase())) return undefined;
  const end = start + found.length;
  return findingOf(kind, start, end, isNear(scan, near, start, end) ? withWord : alone);
}

/** Lengths from the IBAN registry of SWIFT (ISO 13616), release 99. */
const LENGTHS =
  'NO15 BE16 DK18 FI18 FO18 GL18 NL18 SD18 MK19 SI19 AT20 BA20 EE20 KZ20 LT20 LU20 MN20 XK20 CH21 HR21 LI21 LV21 BG22 ' +
  'BH22 CR22 DE22 GB22 GE22 IE22 ME22 RS22 VA22 AE23 GI23 IL23 IQ23 OM23 SO23 TL23 AD24 CZ24 ES24 MD24 PK24 RO24 SA24 ' +
  'SE24 SK24 TN24 VG24 LY25 PT25 IS26 TR26 BI27 DJ27 FR27 GR27 IT27 MC27 MR27 SM27 AL28 AZ28 BY28 CY28 DO28 GT28 HU28 ' +
  'LB28 NI28 PL28 SV28 BR29 EG29 PS29 QA29 UA29 JO30 KW30 MU30 YE30 MT31 SC31 LC32 RU33 FK18 HN28';
const LENGTH_OF = new Map(LENGTHS.split(' ').map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]));

function ibanAt({ text }: Scan, start: number): Finding[] {
  const size = LENGTH_OF.get(text.slice(Math.max(start, 0), start + 2).toUpperCase());
  if (size === undefined || !startsFree(text, start)) return [];
  let signs = '';
  let at = start;
  // Printed in groups of four, or with any single space or hyphen between.
  for (; signs.length < size; at++) {
    const sign = text.charAt(at);
    if (/[\dA-Za-z]/.test(sign)) signs += sign;
    else if (!/[ -]/.test(sign) || !/[\dA-Za-z]/.test(text.charAt(at - 1))) return [];
  }
  const iban = signs.toUpperCase();
  // Check digits are 02 to 98: others with the same rest were never given.
  const isValid = /^..(?!0[01]|99)\d\d/.test(iban) && mod97(iban.slice(4) + iban.slice(0, 4)) === 1;
  return isValid && endsFree(text, at) ? [findingOf('payment.iban', start, at, 1)] : [];
}
