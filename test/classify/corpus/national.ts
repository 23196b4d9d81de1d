/** Numbers that keep the rules of their countries, written as people there do. */
import * as check from './check.ts';
import { BASE62, type Random, UPPER } from './random.ts';

const isDate = (year: number, month: number, day: number): boolean =>
  new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;

/** A day of birth of a grown-up. */
export function birthday(random: Random): { year: number; month: number; day: number } {
  for (;;) {
    const [year, month, day] = [random.int(1940, 2006), random.int(1, 12), random.int(1, 31)];
    if (isDate(year, month, day)) return { year, month, day };
  }
}

const two = (n: number): string => String(n % 100).padStart(2, '0');

/** Tries until a payload has a check digit. */
function checked(random: Random, length: number, check: (payload: string) => string | undefined): string {
  for (;;) {
    const payload = `${random.int(1, 9)}${random.digits(length - 1)}`;
    const digit = check(payload);
    if (digit !== undefined) return payload + digit;
  }
}

export function ssn(random: Random): string {
  let area: number;
  do area = random.int(1, 899);
  while (area === 666);
  const separator = random.pick(['-', '-', '-', ' ']);
  return [String(area).padStart(3, '0'), random.padded(1, 99, 2), random.padded(1, 9999, 4)].join(separator);
}

/** IRS: the fourth and fifth digit are 50-65, 70-88, 90-92 or 94-99. */
export function itin(random: Random): string {
  const group = random.pick([random.int(50, 65), random.int(70, 88), random.int(90, 92), random.int(94, 99)]);
  return `9${random.digits(2)}-${group}-${random.digits(4)}`;
}

export function nino(random: Random): string {
  const barred = ['BG', 'GB', 'NK', 'KN', 'TN', 'NT', 'ZZ'];
  let prefix: string;
  do prefix = random.chars(1, 'ABCEGHJKLMNOPRSTWXYZ') + random.chars(1, 'ABCEGHJKLMNPRSTWXYZ');
  while (barred.includes(prefix));
  const parts = [prefix, random.digits(2), random.digits(2), random.digits(2), random.chars(1, 'ABCD')];
  return parts.join(random.pick(['', ' ']));
}

export function nhs(random: Random): string {
  const number = checked(random, 9, check.nhs);
  return random.chance(0.6) ? number.replace(/^(...)(...)/, '$1 $2 ') : number;
}

/** Of the first ten digits one comes twice, eight once, one never (§ 139b AO, since 2016 also one three times). */
export function taxId(random: Random): string {
  for (;;) {
    const pool = Array.from('0123456789');
    const order = Array.from({ length: 10 }, () => pool.splice(random.int(0, pool.length - 1), 1)[0] as string);
    order[random.int(0, 4)] = order[random.int(5, 9)] as string;
    const payload = order.join('');
    if (payload.startsWith('0')) continue;
    const number = payload + check.mod11And10(payload);
    return random.chance(0.5) ? number : number.replace(/^(..)(...)(...)/, '$1 $2 $3 ');
  }
}

export function nir(random: Random): string {
  const { year, month } = birthday(random);
  const department = random.chance(0.1) ? random.pick(['2A', '2B']) : random.padded(1, 95, 2).replace('20', '21');
  const parts = [random.pick(['1', '2']), two(year), two(month), department, random.padded(1, 600, 3)];
  parts.push(random.padded(1, 400, 3));
  parts.push(check.nir(parts.join('')));
  return parts.join(random.pick(['', ' ']));
}

export function codiceFiscale(random: Random): string {
  const consonants = 'BCDFGLMNPRSTVZ';
  const { year, month, day } = birthday(random);
  const date = two(year) + 'ABCDEHLMPRST'[month - 1] + two(day + (random.chance(0.5) ? 40 : 0));
  const town = random.chars(1, 'ABCDEFGHIL') + random.padded(1, 999, 3);
  const payload = random.chars(6, consonants) + date + town;
  return payload + check.codiceFiscale(payload);
}

export function dni(random: Random): string {
  const digits = random.digits(8);
  return digits + random.pick(['', '', '-']) + check.dni(digits);
}

export function nie(random: Random): string {
  const [first, digits] = [random.int(0, 2), random.digits(7)];
  const dash = random.pick(['', '', '-']);
  return 'XYZ'[first] + dash + digits + dash + check.dni(`${first}${digits}`);
}

export const bsn = (random: Random): string => checked(random, 8, check.bsn);

export function pesel(random: Random): string {
  const { year, month, day } = birthday(random);
  const payload = two(year) + two(year >= 2000 ? month + 20 : month) + two(day) + random.digits(4);
  return payload + check.pesel(payload);
}

export function nrn(random: Random): string {
  const { year, month, day } = birthday(random);
  const sequence = random.padded(1, 997, 3);
  const date = [two(year), two(month), two(day)];
  const key = check.nrn(date.join('') + sequence, year >= 2000);
  return random.chance(0.8) ? `${date.join('.')}-${sequence}.${key}` : date.join('') + sequence + key;
}

export function personnummer(random: Random): string {
  const { year, month, day } = birthday(random);
  const payload = two(year) + two(month) + two(day) + random.padded(1, 979, 3);
  const century = random.chance(0.4) ? String(Math.floor(year / 100)) : '';
  return `${century}${payload.slice(0, 6)}-${payload.slice(6)}${check.luhn(payload)}`;
}

export function nif(random: Random): string {
  const payload = random.pick(['1', '2', '3']) + random.digits(7);
  return payload + check.nif(payload);
}

export function aadhaar(random: Random): string {
  const payload = random.int(2, 9) + random.digits(10);
  const number = payload + check.verhoeff(payload);
  return random.chance(0.7) ? number.replace(/^(.{4})(.{4})/, '$1 $2 ') : number;
}

export const pan = (random: Random): string =>
  random.chars(3, UPPER) +
  random.pick<string>('PPPPCHF') +
  random.chars(1, UPPER) +
  random.digits(4) +
  random.chars(1, UPPER);

export function cpf(random: Random): string {
  const payload = random.digits(9);
  const number = payload + check.cpf(payload);
  return random.chance(0.8) ? number.replace(/^(...)(...)(...)/, '$1.$2.$3-') : number;
}

/** Since July 2026 new ones may hold letters. */
export function cnpj(random: Random): string {
  const root = random.chance(0.2) ? random.chars(8, BASE62.slice(0, 36)) : random.digits(8);
  const payload = `${root}0001`;
  const number = payload + check.cnpj(payload);
  return number.replace(/^(..)(...)(...)(....)/, '$1.$2.$3/$4-');
}
