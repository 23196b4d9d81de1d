import { isVerhoeff } from './check-digit.ts';
import type { NumberForm } from './numbers.ts';
import { NEAR } from './words.ts';

/** UIDAI, "A UID Numbering Scheme": twelve digits, the first 2-9, the last by Verhoeff; no palindromes. */
const isAadhaar = (digits: string): boolean =>
  /^[2-9]/.test(digits) && isVerhoeff(digits) && [...digits].reverse().join('') !== digits;

const aadhaar = { kind: 'personal.national_id.in_aadhaar', isValid: isAadhaar, near: NEAR.aadhaar, withWord: 1 };

export const INDIA: NumberForm[] = [
  { ...aadhaar, groups: [4, 4, 4], gaps: [' '], alone: 0.5 },
  { ...aadhaar, groups: [4, 4, 4], gaps: ['-'], alone: 0.5 },
  { ...aadhaar, groups: [12], alone: 0 },
];
