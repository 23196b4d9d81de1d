/** Check digits. All take digits without separators, the check digit among them, as strings of ASCII digits. */

const digit = (text: string, at: number): number => text.charCodeAt(at) - 48;

/** ISO/IEC 7812-1, annex B. */
export function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = digits.length - 1, isDouble = false; at >= 0; at--, isDouble = !isDouble) {
    const value = digit(digits, at) * (isDouble ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

/** ISO 7064, MOD 97-10, over digits and capital letters (A is 10): 1 if the check digits, at the end, fit. */
export function mod97(text: string): number {
  let rest = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    rest = code < 58 ? (rest * 10 + code - 48) % 97 : (rest * 100 + code - 55) % 97;
  }
  return rest;
}

/** ISO 7064, MOD 11,10. */
export function isMod11And10(digits: string): boolean {
  let product = 10;
  for (let at = 0; at < digits.length - 1; at++) {
    const sum = (digit(digits, at) + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return (product + digit(digits, digits.length - 1)) % 10 === 1;
}

/** Sum of digits by weight; digits beyond the weights don't count. */
export function weighted(digits: string, weights: number[]): number {
  let sum = 0;
  for (let at = 0; at < weights.length; at++) sum += (weights[at] as number) * digit(digits, at);
  return sum;
}

// J. Verhoeff, Error Detecting Decimal Codes (1969): the dihedral group D5 and the powers of a permutation.
const D5 = Array.from({ length: 100 }, (_, at) => product(Math.floor(at / 10), at % 10));
const PERMUTED = [[...'0123456789'].map(Number)];
for (let power = 1; power < 8; power++) {
  PERMUTED.push((PERMUTED[power - 1] as number[]).map((value) => [1, 5, 7, 6, 2, 8, 3, 0, 9, 4][value] as number));
}

function product(a: number, b: number): number {
  if (a < 5) return b < 5 ? (a + b) % 5 : ((a + b) % 5) + 5;
  return b < 5 ? ((a - b + 5) % 5) + 5 : (a - b + 5) % 5;
}

export function isVerhoeff(digits: string): boolean {
  let check = 0;
  for (let at = 0; at < digits.length; at++) {
    const value = (PERMUTED[at % 8] as number[])[digit(digits, digits.length - 1 - at)] as number;
    check = D5[check * 10 + value] as number;
  }
  return check === 0;
}

/** True if there is such a day, in some year: 29 February counts. */
export function isDay(month: number, day: number): boolean {
  const days = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return days !== undefined && day >= 1 && day <= days;
}

/** Digits as a number: `two('850730', 2)` is 7. */
export const two = (digits: string, at: number): number => Number(digits.slice(at, at + 2));
