import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { found, kindsIn } from './find.ts';

const digits = (size: number) => fc.stringMatching(new RegExp(`^\\d{${size}}$`));
const id = (name: string): string => `personal.national_id.${name}`;

/**
 * Numbers with a check, found beside a word. `complete` gives all texts that differ in nothing but the check: just one of
 * them is valid, and no change of one digit makes another valid one where the check promises that.
 */
const CHECKED: { kind: string; word: string; body: fc.Arbitrary<string>; complete(body: string): string[] }[] = [
  { kind: 'payment.card', word: 'card', body: digits(14).map((tail) => `4${tail}`), complete: oneDigit },
  { kind: id('in_aadhaar'), word: 'Aadhaar', body: digits(10).map((tail) => `7${tail}`), complete: oneDigit },
  { kind: id('pl_pesel'), word: 'PESEL', body: digits(4).map((tail) => `800715${tail}`), complete: oneDigit },
  {
    kind: id('se_personnummer'),
    word: 'personnummer',
    body: digits(3).map((tail) => `850310${tail}`),
    complete: oneDigit,
  },
  { kind: id('es_dni'), word: 'DNI', body: digits(8), complete: oneLetter },
  { kind: id('es_nie'), word: 'NIE', body: digits(7).map((tail) => `Y${tail}`), complete: oneLetter },
  { kind: id('fr_nir'), word: 'NIR', body: digits(8).map((tail) => `18507${tail}`), complete: twoDigits },
  {
    kind: 'payment.iban',
    word: 'IBAN',
    body: digits(18),
    complete: (body) => twoDigits('').map((key) => `DE${key}${body}`),
  },
];

const isFound = (kind: string, word: string, number: string): boolean => kindsIn(`${word}: ${number}`).includes(kind);

describe.each(CHECKED)('$kind', ({ kind, word, body, complete }) => {
  test('one check is right, and finds the number; any other digit in it does not', () => {
    fc.assert(
      fc.property(body, fc.nat(), fc.integer({ min: 1, max: 9 }), (text, place, step) => {
        const valid = complete(text).filter((number) => isFound(kind, word, number));
        expect(valid).toHaveLength(1);
        const number = valid[0] as string;
        expect(found(`${word}: ${number}.`)).toContain(`${kind}: ${number}`);
        const places = [...number].flatMap((sign, at) => (/\d/.test(sign) ? [at] : []));
        const at = places[place % places.length] as number;
        const other = number.slice(0, at) + ((Number(number[at]) + step) % 10) + number.slice(at + 1);
        expect(isFound(kind, word, other)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});

function oneDigit(body: string): string[] {
  return [...'0123456789'].map((digit) => body + digit);
}
function twoDigits(body: string): string[] {
  return Array.from({ length: 100 }, (_, key) => body + String(key).padStart(2, '0'));
}
function oneLetter(body: string): string[] {
  return [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((letter) => body + letter);
}

/** Sums modulo 11 have a rest of 10, which has no digit or shares one: at most one digit is right. */
test.each([
  [id('nl_bsn'), 'BSN', digits(8)],
  [id('uk_nhs'), 'NHS', digits(9)],
  [id('pt_nif'), 'NIF', digits(8).map((tail) => `2${tail.slice(1)}`)],
  [id('de_tax_id'), 'Steuer-ID', fc.constantFrom('1123456789', '9876543212', '2233456789', '4703689281')],
])('%s has at most one check digit', (kind, word, body) => {
  fc.assert(
    fc.property(body, (text) => {
      expect(oneDigit(text).filter((number) => isFound(kind, word, number)).length).toBeLessThanOrEqual(1);
    }),
  );
});

// Published: by the authority, the standard, or the network.
test.each([
  ['payment.card', '4111 1111 1111 1111'],
  ['payment.card', '5555-5555-5555-4444'],
  ['payment.card', '2223003122003222'],
  ['payment.card', '378282246310005'],
  ['payment.card', '3782 822463 10005'],
  ['payment.card', '6011111111111117'],
  ['payment.card', '3530111333300000'],
  ['payment.card', '30569309025904'],
  ['payment.iban', 'GB82 WEST 1234 5698 7654 32'],
  ['payment.iban', 'DE89370400440532013000'],
  ['payment.iban', 'FR14 2004 1010 0505 0001 3M02 606'],
  ['payment.iban', 'NO93 8601 1117 947'],
  ['payment.iban', 'MT84MALT011000012345MTLCAST001S'],
  ['payment.iban', 'be68 5390 0754 7034'],
  [id('it_codice_fiscale'), 'RSSMRA85T10A562S'],
  [id('br_cpf'), '111.444.777-35'],
  [id('br_cpf'), '11144477735'],
  [id('br_cnpj'), '11.222.333/0001-81'],
  [id('br_cnpj'), '11222333000181'],
  [id('br_cnpj'), '12.ABC.345/01DE-35'],
  [id('be_nrn'), '85.07.30-033.28'],
  [id('es_dni'), '12345678Z'],
  [id('es_dni'), '12.345.678-Z'],
  [id('es_nie'), 'X1234567L'],
  [id('se_personnummer'), '811218-9876'],
  [id('se_personnummer'), '19811218-9876'],
  [id('fr_nir'), '2 55 08 14 168 025 38'],
  [id('fr_nir'), '255081416802538'],
  [id('us_ssn'), '536-90-4399'],
  [id('us_itin'), '912-70-1234'],
  [id('uk_nino'), 'AB 12 34 56 C'],
  [id('in_pan'), 'ABCPE1234F'],
  [id('in_aadhaar'), '2341 2341 2346'],
])('%s: %s alone', (kind, number) => {
  for (const text of [
    number,
    `(${number})`,
    `x ${number}, y`,
    `"${number}"`,
    `id=${number};`,
    `${number}.`,
    `1,${number},2`,
  ]) {
    expect(found(text)).toContain(`${kind}: ${number}`);
  }
});

test.each([
  [id('us_ssn'), 'my SSN is 536904399'],
  [id('us_ssn'), '{"ssn":"536904399"}'],
  [id('us_ssn'), '{"socialSecurityNumber": "536 90 4399"}'],
  [id('us_itin'), 'ITIN 912701234'],
  [id('uk_nhs'), 'NHS number 943 476 5919'],
  [id('uk_nhs'), 'nhs_number=9434765919'],
  [id('de_tax_id'), 'Steuer-ID: 86095742719'],
  [id('de_tax_id'), 'Identifikationsnummer 47 036 892 816'],
  [id('nl_bsn'), 'BSN 111222333'],
  [id('pl_pesel'), 'PESEL 44051401359'],
  [id('pt_nif'), 'NIF 123456789'],
  [id('in_aadhaar'), '234123412346 (Aadhaar)'],
  [id('se_personnummer'), 'Personnummer: 198112189876'],
  [id('fr_nir'), 'numéro de sécurité sociale 255081416802538'],
  ['payment.card', 'Maestro card 6759649826438453'],
])('%s with a word: %s', (kind, text) => {
  expect(kindsIn(text)).toContain(kind);
});

test('a word near makes the difference for numbers whose check one in ten passes', () => {
  for (const number of [
    '536904399',
    '9434765919',
    '86095742719',
    '111222333',
    '123456789',
    '234123412346',
    '198112189876',
  ]) {
    expect(found(`Order ${number} was sent.`)).toEqual([]);
  }
});

/** Hard negatives. */
test.each([
  ['a card that fails its check', '4111 1111 1111 1112'],
  ['a number of no network', '1234567812345670'],
  ['one digit, repeated', '0000 0000 0000 0000'],
  ['an order', 'Order no. 112-7740239-4839457'],
  ['a UUID', '550e8400-e29b-41d4-a716-446655440000'],
  ['a commit', 'e83c5163316f89bfbde7d9ab23ca2e25604af290'],
  ['a short commit', '2341234'],
  ['a time', '2026-11-25T03:37:52.123456789Z'],
  ['seconds', '1764041872'],
  ['milliseconds', '1764041872123'],
  ['a version', '10.0.19045.3693'],
  ['a decimal', '3.14159265358979323846'],
  ['an amount', '1,234,567,890.12'],
  ['a book', 'ISBN 978-3-16-148410-0'],
  ['a product', 'EAN 4006381333931'],
  ['a part of something longer', 'x536-90-4399 1-536-90-4399 536-90-4399-1 A4111111111111111'],
  ['no group 00', '536-00-4399'],
  ['no area 666', '666-12-3456'],
  ['an advertised SSN', '078-05-1120'],
  ['an IBAN with another digit', 'GB82 WEST 1234 5698 7654 33'],
  ['an IBAN cut off', 'DE89 3704 0044 0532 0130'],
  ['an IBAN of no country', 'XX89370400440532013000'],
  ['a NINO that is not given', 'QQ 12 34 56 C'],
  ['a NINO of Great Britain itself', 'GB123456A'],
  ['a CPF of one digit', '111.111.111-11'],
  ['a tracking number', '1Z999AA10123456784'],
  ['a hexadecimal number', '0x41111111'],
])('%s is nothing', (_, text) => {
  expect(found(text)).toEqual([]);
});

test('a codice fiscale with letters for digits, as given to the second of two', () => {
  expect(found('RSSMRA85T10A56NH RSSMRA85T10A562T')).toEqual([`${id('it_codice_fiscale')}: RSSMRA85T10A56NH`]);
});

test('a CNPJ may have letters, and a number for its branch', () => {
  for (const body of ['12.ABC.345/0001-', 'AB.CDE.FGH/IJKL-', '12.345.678/9X01-']) {
    const valid = twoDigits(body).filter((number) => kindsIn(number).length > 0);
    expect(valid.map((number) => found(number))).toEqual([[`${id('br_cnpj')}: ${valid[0]}`]]);
  }
});

test('Corsica’s letters count as digits in the key', () => {
  const number = (department: string, key: number) => `1 85 05 ${department} 033 001 ${String(key).padStart(2, '0')}`;
  for (const [department, value] of [
    ['2A', '19'],
    ['2B', '18'],
  ] as const) {
    const key = 97 - Number(BigInt(`18505${value}033001`) % 97n);
    expect(found(number(department, key))).toEqual([`${id('fr_nir')}: ${number(department, key)}`]);
    expect(found(number(department, (key % 97) + 1))).toEqual([]);
  }
});

test('a Steuer-ID repeats just one of its first ten digits', () => {
  for (const body of ['1234567890', '1122345678', '1111234567']) {
    expect(oneDigit(body).filter((number) => isFound(id('de_tax_id'), 'Steuer-ID', number))).toEqual([]);
  }
});
