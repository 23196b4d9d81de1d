import { isLuhn } from './check-digit.ts';
import type { NumberForm } from './numbers.ts';
import { NEAR } from './words.ts';

/** First digits (ISO/IEC 7812) and lengths, by network, as the networks publish them. */
const NETWORKS: [first: RegExp, sizes: number[]][] = [
  [/^4/, [16, 19]], // Visa
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]], // Mastercard
  [/^3[47]/, [15]], // American Express
  [/^(?:6011|64[4-9]|65)/, [16, 19]], // Discover
  [/^3(?:0[0-5]|095|[689])/, [14, 16, 19]], // Diners Club
  [/^35(?:2[89]|[3-8])/, [16, 19]], // JCB
  [/^(?:62|81)/, [16, 17, 18, 19]], // UnionPay
  [/^220[0-4]/, [16, 19]], // Mir
  [/^(?:508|60|82)/, [16]], // RuPay
];
/** The old ranges of Maestro are so wide that only a word near tells a card. */
const MAESTRO = /^(?:50|5[6-9]|6[0-9])/;

const isCard = (digits: string): boolean =>
  NETWORKS.some(([first, sizes]) => sizes.includes(digits.length) && first.test(digits)) &&
  isLuhn(digits) &&
  !/^(\d)\1+$/.test(digits);

const isMaestro = (digits: string): boolean => MAESTRO.test(digits) && isLuhn(digits) && !isCard(digits);

const card = { kind: 'payment.card', isValid: isCard, near: NEAR.card, withWord: 1 };

export const CARDS: NumberForm[] = [
  ...[14, 15, 16, 17, 18, 19].map((size) => ({ ...card, groups: [size], alone: 0.8 })),
  ...[12, 13, 14, 16, 18, 19].map((size) => ({ ...card, isValid: isMaestro, groups: [size], withWord: 0.8, alone: 0 })),
  ...[' ', '-', '.'].flatMap((sign) => [
    { ...card, groups: [4, 4, 4, 4], gaps: [sign], alone: 0.95 },
    { ...card, groups: [4, 6, 5], gaps: [sign], alone: 0.95 },
    { ...card, groups: [4, 6, 4], gaps: [sign], alone: 0.95 },
    { ...card, groups: [4, 4, 4, 4, 3], gaps: [sign], alone: 0.95 },
  ]),
];
