/**
 * Check digits as the standards and authorities describe them. Written for the corpus alone: what is under test has its
 * own, so that a mistake in one of the two shows.
 */

const values = (digits: string): number[] => Array.from(digits, Number);
const weighted = (digits: string, weights: readonly number[]): number =>
  values(digits).reduce((sum, digit, i) => sum + digit * (weights[i] ?? 0), 0);

/** ISO/IEC 7812-1 annex B. */
export function luhn(payload: string): string {
  let sum = 0;
  values(payload)
    .reverse()
    .forEach((digit, i) => {
      const doubled = i % 2 === 0 ? digit * 2 : digit;
      sum += doubled > 9 ? doubled - 9 : doubled;
    });
  return String((10 - (sum % 10)) % 10);
}

/** ISO/IEC 7064, MOD 11,10: German tax identification numbers. */
export function mod11And10(payload: string): string {
  let product = 10;
  for (const digit of values(payload)) {
    const sum = (digit + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return String((11 - product) % 10);
}

/** ISO 13616: the two digits of an IBAN, over ISO/IEC 7064 MOD 97-10. */
export function iban(country: string, account: string): string {
  const numbers = `${account}${country}00`.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  return String(98n - (BigInt(numbers) % 97n)).padStart(2, '0');
}

const VERHOEFF_PERMUTATION = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
const VERHOEFF_INVERSE = [0, 4, 3, 2, 1, 5, 6, 7, 8, 9];

/** The group of the symmetries of a pentagon. */
function dihedral(a: number, b: number): number {
  if (a < 5) return b < 5 ? (a + b) % 5 : ((a + b) % 5) + 5;
  return b < 5 ? ((a - b + 5) % 5) + 5 : (a - b + 5) % 5;
}

/** Verhoeff 1969: Aadhaar. */
export function verhoeff(payload: string): string {
  let state = 0;
  values(payload)
    .reverse()
    .forEach((digit, i) => {
      let permuted = digit;
      for (let n = 0; n < (i + 1) % 8; n++) permuted = VERHOEFF_PERMUTATION[permuted] as number;
      state = dihedral(state, permuted);
    });
  return String(VERHOEFF_INVERSE[state]);
}

/** NHS data dictionary; undefined if no digit fits. */
export function nhs(payload: string): string | undefined {
  const rest = 11 - (weighted(payload, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11);
  return rest === 10 ? undefined : String(rest % 11);
}

/** The Dutch eleven-test; undefined if no digit fits. */
export function bsn(payload: string): string | undefined {
  const rest = weighted(payload, [9, 8, 7, 6, 5, 4, 3, 2]) % 11;
  return rest === 10 ? undefined : String(rest);
}

export const pesel = (payload: string): string =>
  String((10 - (weighted(payload, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10);

export function nif(payload: string): string {
  const rest = 11 - (weighted(payload, [9, 8, 7, 6, 5, 4, 3, 2]) % 11);
  return String(rest > 9 ? 0 : rest);
}

/** The key of a French NIR; Corsica counts as 19 and 18. */
export const nir = (payload: string): string =>
  String(97n - (BigInt(payload.replace('2A', '19').replace('2B', '18')) % 97n)).padStart(2, '0');

/** Belgian register number; those born from 2000 on have a 2 in front. */
export const nrn = (payload: string, isBorn2000: boolean): string =>
  String(97 - (Number(`${isBorn2000 ? '2' : ''}${payload}`) % 97)).padStart(2, '0');

export const dni = (digits: string): string => 'TRWAGMYFPDXBNJZSQVHLCKE'[Number(digits) % 23] as string;

const ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/** Decreto 23 dicembre 1976: odd places count by a table in which a digit is worth what its letter from A on is. */
export function codiceFiscale(payload: string): string {
  const sum = Array.from(payload).reduce((all, char, i) => {
    const value = /\d/.test(char) ? Number(char) : char.charCodeAt(0) - 65;
    return all + (i % 2 === 0 ? (ODD[value] as number) : value);
  }, 0);
  return String.fromCharCode(65 + (sum % 26));
}

/** The two digits of a CPF or CNPJ; letters count by their code (IN RFB 2229/2024). `longest`: weights start anew at 2 after it. */
function brazilian(payload: string, longest: number): string {
  let all = payload;
  for (let round = 0; round < 2; round++) {
    const sum = Array.from(all)
      .reverse()
      .reduce((sum, char, i) => sum + (char.charCodeAt(0) - 48) * (2 + (i % (longest - 1))), 0);
    all += sum % 11 < 2 ? '0' : String(11 - (sum % 11));
  }
  return all.slice(payload.length);
}

export const cpf = (payload: string): string => brazilian(payload, 11);
export const cnpj = (payload: string): string => brazilian(payload, 9);
