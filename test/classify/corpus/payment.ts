import { iban as ibanCheck, luhn } from './check.ts';
import { type Item, plant } from './piece.ts';
import { BASE62, type Random, UPPER } from './random.ts';

/** First digits and length of a card number (ISO/IEC 7812, the schemes' published ranges). */
function cardRange(random: Random): [string, number] {
  const ranges: [string, number][] = [
    ['4', 16],
    ['4', 16],
    [String(random.int(51, 55)), 16],
    [String(random.int(2221, 2720)), 16],
    [random.pick(['34', '37']), 15],
    ['6011', 16],
    ['65', 16],
    [String(random.int(644, 649)), 16],
    [String(random.int(3528, 3589)), 16],
    [random.pick(['36', '38', '300', '305']), 14],
  ];
  return random.pick(ranges);
}

export function cardNumber(random: Random): string {
  const [prefix, length] = cardRange(random);
  const payload = prefix + random.digits(length - 1 - prefix.length);
  return payload + luhn(payload);
}

/** As printed on a card, or with dashes, or in one. */
export function spaced(number: string, separator: string): string {
  const groups = number.length === 16 ? [4, 4, 4, 4] : number.length === 15 ? [4, 6, 5] : [4, 6, 4];
  let at = 0;
  return groups
    .map((size) => {
      at += size;
      return number.slice(at - size, at);
    })
    .join(separator);
}

const CARD_NAMES = {
  en: ['card number', 'credit card', 'card', 'Visa', 'corporate card number'],
  de: ['Kartennummer', 'Kreditkarte', 'Kreditkartennummer'],
  fr: ['numéro de carte', 'carte bancaire', 'carte bleue'],
  es: ['número de tarjeta', 'tarjeta de crédito', 'tarjeta'],
  pt: ['número do cartão', 'cartão de crédito', 'cartão'],
};

export function card(random: Random): Item {
  const value = spaced(cardNumber(random), random.pick(['', '', ' ', ' ', '-']));
  return {
    ...(random.chance(0.7) && { names: CARD_NAMES }),
    key: random.pick(['card', 'pan', 'card_number', 'cc']),
    pieces: [plant('payment.card', value)],
  };
}

/** Numbers that card networks and gateways publish for tests: no account stands behind them, yet they are card numbers. */
export function testCard(random: Random): Item {
  const numbers = ['4111111111111111', '5555555555554444', '378282246310005', '6011111111111117', '3530111333300000'];
  const value = spaced(random.pick(numbers), random.pick(['', ' ', '-']));
  return { names: CARD_NAMES, key: 'card', pieces: [plant('payment.card', value)] };
}

/** Account part by country: `9` a digit, `A` a capital letter, `X` either (IBAN registry). */
const ACCOUNTS: [string, string][] = [
  ['DE', '9'.repeat(18)],
  ['FR', `${'9'.repeat(10)}${'X'.repeat(11)}99`],
  ['ES', '9'.repeat(20)],
  ['IT', `A${'9'.repeat(10)}${'X'.repeat(12)}`],
  ['GB', `AAAA${'9'.repeat(14)}`],
  ['NL', `AAAA${'9'.repeat(10)}`],
  ['PT', '9'.repeat(21)],
  ['BE', '9'.repeat(12)],
  ['PL', '9'.repeat(24)],
  ['SE', '9'.repeat(20)],
  ['AT', '9'.repeat(16)],
  ['CH', `99999${'X'.repeat(12)}`],
  ['IE', `AAAA${'9'.repeat(14)}`],
];

export function ibanNumber(random: Random): string {
  const [country, shape] = random.pick(ACCOUNTS);
  const account = Array.from(shape, (kind) => {
    if (kind === '9') return random.digits(1);
    return kind === 'A' ? random.chars(1, UPPER) : random.chars(1, BASE62).toUpperCase();
  }).join('');
  return country + ibanCheck(country, account) + account;
}

export function iban(random: Random): Item {
  const number = ibanNumber(random);
  const value = random.chance(0.5) ? number : (number.match(/.{1,4}/g) ?? []).join(' ');
  return {
    ...(random.chance(0.6) && {
      names: {
        en: ['IBAN', 'bank account'],
        de: ['IBAN', 'Bankverbindung', 'Kontonummer'],
        fr: ['IBAN', 'compte bancaire'],
        es: ['IBAN', 'cuenta bancaria'],
        pt: ['IBAN', 'conta bancária'],
      },
    }),
    key: 'iban',
    pieces: [plant('payment.iban', value)],
  };
}

export function securityCode(random: Random): Item {
  return {
    names: {
      en: ['CVV', 'CVC', 'CVV2', 'card security code', 'card verification code'],
      de: ['CVC', 'Kartenprüfnummer', 'Prüfziffer der Karte'],
      fr: ['CVV', 'cryptogramme visuel', 'code de sécurité de la carte'],
      es: ['CVV', 'código de seguridad de la tarjeta'],
      pt: ['CVV', 'código de segurança do cartão'],
    },
    key: random.pick(['cvv', 'cvc', 'card_security_code', 'cvv2']),
    pieces: [plant('payment.card_security_code', random.digits(random.chance(0.8) ? 3 : 4))],
  };
}
