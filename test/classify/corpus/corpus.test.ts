import { describe, expect, test } from '@jest/globals';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import * as check from './check.ts';
import { corpus } from './corpus.ts';
import type { Sample } from './piece.ts';

const samples = corpus();
const planted = (kind: string): string[] =>
  samples.flatMap(({ text, plants }) =>
    plants.filter((one) => one.kind === kind).map(({ start, end }) => text.slice(start, end)),
  );
const digits = (value: string): string => value.replace(/\D/g, '');
const last = (value: string, count = 1): [payload: string, check: string] => [
  value.slice(0, -count),
  value.slice(-count),
];

describe('check digits, by numbers that authorities and standards publish', () => {
  test.each([
    ['Luhn', '411111111111111', '1', check.luhn],
    ['Luhn', '37828224631000', '5', check.luhn],
    ['German tax id', '8609574271', '9', check.mod11And10],
    ['Aadhaar', '23412341234', '6', check.verhoeff],
    ['Aadhaar', '99994105705', '8', check.verhoeff],
    ['NHS', '943476591', '9', check.nhs],
    ['BSN', '11122233', '3', check.bsn],
    ['PESEL', '4405140135', '9', check.pesel],
    ['NIF', '12345678', '9', check.nif],
    ['NIR', '1850578006084', '91', check.nir],
    ['DNI', '12345678', 'Z', check.dni],
    ['codice fiscale', 'RSSMRA85T10A562', 'S', check.codiceFiscale],
    ['CPF', '111444777', '35', check.cpf],
    ['CNPJ', '112223330001', '81', check.cnpj],
    ['CNPJ with letters', '12ABC34501DE', '35', check.cnpj],
  ])('%s of %s is %s', (_name, payload, expected, digit) => {
    expect(digit(payload)).toBe(expected);
  });

  test.each([
    ['DE', '370400440532013000', '89'],
    ['GB', 'WEST12345698765432', '82'],
    ['FR', '20041010050500013M02606', '14'],
    ['IT', 'X0542811101000000123456', '60'],
  ])('IBAN of %s', (country, account, expected) => {
    expect(check.iban(country, account)).toBe(expected);
  });

  test('Belgian register numbers before and after 2000', () => {
    expect(check.nrn('850730033', false)).toBe('28');
    expect(check.nrn('170730033', true)).toBe('84');
  });
});

describe('the corpus', () => {
  test('is the same for the same seed, and another for another', () => {
    const texts = (all: Sample[]): string[] => all.map(({ text }) => text);
    expect(texts(corpus())).toEqual(texts(samples));
    expect(texts(corpus(1))).not.toEqual(texts(samples));
  });

  test('has every kind often enough for its share to say something', () => {
    const counts = new Map<string, number>();
    for (const { plants, whole } of samples) {
      for (const kind of [...plants.map((one) => one.kind), ...whole]) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    const few = [...counts].filter(([kind, count]) => !kind.startsWith('!') && count < 10);
    expect(few).toEqual([]);
  });

  test('plants cards that pass the check, and traps that do not', () => {
    for (const card of planted('payment.card')) {
      const [payload, digit] = last(digits(card));
      expect(check.luhn(payload)).toBe(digit);
    }
    for (const trap of planted('!card-like, wrong check digit')) {
      const [payload, digit] = last(digits(trap));
      expect(check.luhn(payload)).not.toBe(digit);
    }
  });

  test('plants phone numbers that may be dialled', () => {
    const countries = ['US', 'GB', 'DE', 'FR', 'ES', 'PT', 'BR'] as const;
    for (const phone of planted('personal.phone')) {
      const dialled = phone.replace(/^00/, '+');
      expect([phone, countries.some((country) => parsePhoneNumberFromString(dialled, country)?.isValid())]).toEqual([
        phone,
        true,
      ]);
    }
  });

  test('says nothing of a place that is not what it is said to be', () => {
    expect(planted('personal.email').filter((value) => !/^[\w.+]+@[\w.-]+\.[a-z]+$/.test(value))).toEqual([]);
    expect(planted('personal.national_id.es_dni').filter((value) => check.dni(digits(value)) !== value.at(-1))).toEqual(
      [],
    );
    expect(planted('secret.jwt').filter((value) => value.split('.').length !== 3)).toEqual([]);
  });
});
