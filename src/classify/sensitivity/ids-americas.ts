import { two, weighted } from './check-digit.ts';
import type { NumberForm } from './numbers.ts';
import { NEAR } from './words.ts';

/**
 * SSA, "Social Security Number Randomization" (2011): no area 000, 666 or 900-999, no group 00, no serial 0000. There is no
 * check digit. Numbers that were printed in advertisements are nobody's.
 */
const isSsn = (digits: string): boolean =>
  !/^(?:000|666|9)/.test(digits) &&
  digits.slice(3, 5) !== '00' &&
  digits.slice(5) !== '0000' &&
  !['078051120', '219099999', '123456789'].includes(digits) &&
  !/^(\d)\1{8}$/.test(digits);

/** IRS, Publication 4757: 9xx, then 50-65, 70-88, 90-92, 94-99. */
function isItin(digits: string): boolean {
  const group = two(digits, 3);
  return digits[0] === '9' && group >= 50 && group !== 89 && group !== 93 && !(group > 65 && group < 70);
}

/** Receita Federal: two check digits, each the sum by weights modulo 11. */
function isCpf(digits: string): boolean {
  if (checkOf(weighted(digits, CPF.slice(1))) !== Number(digits[9])) return false;
  return checkOf(weighted(digits, CPF)) === Number(digits[10]) && !/^(\d)\1{10}$/.test(digits);
}

/** The same; since July 2026 (IN RFB 2.229/2024) capital letters too, each its ASCII code less 48. */
export function isCnpj(text: string): boolean {
  if (checkOf(weighted(text, CNPJ.slice(1))) !== Number(text[12])) return false;
  return checkOf(weighted(text, CNPJ)) === Number(text[13]) && !/^0{12}/.test(text);
}

/** Weights for the second check digit; those for the first are the same without the first of them. */
const CPF = [11, 10, 9, 8, 7, 6, 5, 4, 3, 2];
const CNPJ = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];

const checkOf = (sum: number): number => (sum % 11 < 2 ? 0 : 11 - (sum % 11));

const us = (kind: string, isValid: (digits: string) => boolean): NumberForm[] => {
  const form = { kind: `personal.national_id.${kind}`, isValid, near: NEAR.ssn, withWord: 0.95 };
  return [
    { ...form, groups: [3, 2, 4], gaps: ['-'], alone: 0.7 },
    { ...form, groups: [3, 2, 4], gaps: [' '], alone: 0 },
    { ...form, groups: [9], alone: 0 },
  ];
};
const cpf = { kind: 'personal.national_id.br_cpf', isValid: isCpf, near: NEAR.cpf, withWord: 1 };
const cnpj = { kind: 'personal.national_id.br_cnpj', isValid: isCnpj, near: NEAR.cnpj, withWord: 1 };

export const AMERICAS: NumberForm[] = [
  ...us('us_ssn', isSsn),
  ...us('us_itin', isItin),
  { ...cpf, groups: [3, 3, 3, 2], gaps: ['.', '.', '-'], alone: 0.95 },
  { ...cpf, groups: [9, 2], gaps: ['-'], alone: 0.9 },
  { ...cpf, groups: [11], alone: 0.5 },
  { ...cnpj, groups: [2, 3, 3, 4, 2], gaps: ['.', '.', '/', '-'], alone: 0.95 },
  { ...cnpj, groups: [14], alone: 0.5 },
];
