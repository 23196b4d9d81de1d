import { isDay, isLuhn, isMod11And10, mod97, two, weighted } from './check-digit.ts';
import type { NumberForm } from './numbers.ts';
import { NEAR } from './words.ts';

/** NHS Data Dictionary, "NHS NUMBER": modulus 11, and the check digit is never 10. */
function isNhs(digits: string): boolean {
  const check = (11 - (weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
  return check === Number(digits[9]) && !/^(\d)\1{9}$/.test(digits);
}

/** Steuer-ID (§ 139b AO, BZSt): ISO 7064 MOD 11,10; of the first ten digits just one comes twice or three times. */
function isGermanTaxId(digits: string): boolean {
  if (digits[0] === '0' || !isMod11And10(digits)) return false;
  const counts = new Map<string, number>();
  for (const sign of digits.slice(0, 10)) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  const repeated = [...counts.values()].filter((count) => count > 1);
  return repeated.length === 1 && (repeated[0] as number) <= 3;
}

/** INSEE, NIR: sex, year, month, place, order; the key is 97 less the rest. Corsica's letters are read in `lettered.ts`. */
export function isNir(digits: string): boolean {
  const month = two(digits, 3);
  const isMonth = (month >= 1 && month <= 12) || (month >= 20 && month <= 42) || month >= 50;
  return /^[123478]/.test(digits) && isMonth && 97 - mod97(digits.slice(0, 13)) === Number(digits.slice(13));
}

/** Burgerservicenummer, "elfproef": the last digit weighs -1. */
const isBsn = (digits: string): boolean =>
  weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0 && !/^(\d)\1{8}$/.test(digits) && !digits.startsWith('00');

/** PESEL (Ustawa o ewidencji ludności, art. 15): the century is added to the month, by 20s. */
const isPesel = (digits: string): boolean =>
  weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0 && isDay(two(digits, 2) % 20, two(digits, 4));

/** Rijksregisternummer (Royal decree of 3 April 1984): 97 less the rest; born from 2000 on with a 2 in front. */
function isNrn(digits: string): boolean {
  const [body, key] = [digits.slice(0, 9), Number(digits.slice(9))];
  // Foreigners' numbers (BIS) have 20 or 40 more in the month; an unknown birthday is 00.
  const isDate = two(digits, 2) % 20 <= 12 && two(digits, 2) < 60 && two(digits, 4) <= 31;
  return isDate && (97 - mod97(body) === key || 97 - mod97(`2${body}`) === key) && !body.startsWith('000000');
}

/** Personnummer (Skatteverket SKV 704): Luhn over the last ten digits; a coordination number has 60 more in the day. */
function isPersonnummer(digits: string): boolean {
  const ten = digits.slice(-10);
  const isCentury = digits.length === 10 || /^(?:18|19|20)/.test(digits);
  return isCentury && isDay(two(ten, 2), two(ten, 4) > 60 ? two(ten, 4) - 60 : two(ten, 4)) && isLuhn(ten);
}

/** NIF (Decreto-Lei 463/79): modulus 11. */
function isPortugueseNif(digits: string): boolean {
  const rest = weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2]) % 11;
  return /^[1235689]/.test(digits) && (rest < 2 ? 0 : 11 - rest) === Number(digits[8]);
}

/** One number in ten passes a check digit by chance: without a word near such a number is no finding. */
const weak = { withWord: 0.95, alone: 0 };
const nhs = { kind: 'personal.national_id.uk_nhs', isValid: isNhs, near: NEAR.nhs, ...weak };
const tax = { kind: 'personal.national_id.de_tax_id', isValid: isGermanTaxId, near: NEAR.deTax, ...weak };
const nir = { kind: 'personal.national_id.fr_nir', isValid: isNir, near: NEAR.nir, withWord: 1 };
const bsn = { kind: 'personal.national_id.nl_bsn', isValid: isBsn, near: NEAR.bsn, ...weak };
const pesel = { kind: 'personal.national_id.pl_pesel', isValid: isPesel, near: NEAR.pesel, withWord: 1, alone: 0.4 };
const nrn = { kind: 'personal.national_id.be_nrn', isValid: isNrn, near: NEAR.nrn, withWord: 1 };
const personnummer = { kind: 'personal.national_id.se_personnummer', isValid: isPersonnummer, near: NEAR.personnummer };
const nif = { kind: 'personal.national_id.pt_nif', isValid: isPortugueseNif, near: NEAR.nif, ...weak };

export const EUROPE: NumberForm[] = [
  { ...nhs, groups: [3, 3, 4], gaps: [' '] },
  { ...nhs, groups: [3, 3, 4], gaps: ['-'] },
  { ...nhs, groups: [10] },
  { ...tax, groups: [2, 3, 3, 3], gaps: [' '] },
  { ...tax, groups: [11] },
  { ...nir, groups: [1, 2, 2, 2, 3, 3, 2], gaps: [' '], alone: 0.95 },
  { ...nir, groups: [13, 2], gaps: [' '], alone: 0.9 },
  { ...nir, groups: [15], alone: 0.6 },
  { ...bsn, groups: [9] },
  { ...bsn, groups: [4, 2, 3], gaps: ['.'] },
  { ...bsn, groups: [3, 3, 3], gaps: [' '] },
  { ...pesel, groups: [11] },
  { ...nrn, groups: [2, 2, 2, 3, 2], gaps: ['.', '.', '-', '.'], alone: 0.95 },
  { ...nrn, groups: [6, 3, 2], gaps: [' '], alone: 0.6 },
  { ...nrn, groups: [11], alone: 0.5 },
  ...['-', '+'].flatMap((sign) => [
    { ...personnummer, groups: [6, 4], gaps: [sign], withWord: 1, alone: 0.6 },
    { ...personnummer, groups: [8, 4], gaps: [sign], withWord: 1, alone: 0.8 },
  ]),
  { ...personnummer, groups: [10], ...weak },
  { ...personnummer, groups: [12], ...weak },
  { ...nif, groups: [9] },
  { ...nif, groups: [3, 3, 3], gaps: [' '] },
];
