import { expect, test } from '@jest/globals';
import { findSensitive } from '../../../src/classify/sensitivity/sensitivity.ts';
import { found, kindsIn } from './find.ts';

/** Made here, so that no scanner takes this file for a leak. */
const KEY = ['9fcd7188d8f45702', '78e51887920b513b'].join('');

test.each([
  ['Patientennummer ist 0812345', 'health.medical_record_number: 0812345'],
  ['numéro de dossier médical : B9425940', 'health.medical_record_number: B9425940'],
  ['El número de historia clínica (P8779081)', 'health.medical_record_number: P8779081'],
  ['O prontuário é 884-6025', 'health.medical_record_number: 884-6025'],
  ['the chart number that the nurse wrote down is 7711223', 'health.medical_record_number: 7711223'],
  ['Kartenprüfnummer: 095', 'payment.card_security_code: 095'],
  ['cryptogramme visuel : 938', 'payment.card_security_code: 938'],
  ['código de segurança do cartão (956)', 'payment.card_security_code: 956'],
  ['this CVV for the room: 673', 'payment.card_security_code: 673'],
  ['Geburtstag (1980-05-16)', 'personal.date_of_birth: 1980-05-16'],
  ['data de nascimento: 17 de janeiro de 1953', 'personal.date_of_birth: 17 de janeiro de 1953'],
  ['Ils sont au +33 1 42 01 83 37', 'personal.phone: +33 1 42 01 83 37'],
  ['call +44 20 7946 0958 2026', 'personal.phone: +44 20 7946 0958'],
  ['écrivez au 0033 6 20005382', 'personal.phone: 0033 6 20005382'],
  ['móvil 612 718 547', 'personal.phone: 612 718 547'],
  ['{"type":"phone","value":"2125550123"}', 'personal.phone: 2125550123'],
  [`my API key is ${KEY}`, `secret.key: ${KEY}`],
  [`API key ${KEY} was entered`, `secret.key: ${KEY}`],
  [`the client secret (${KEY})`, `secret.key: ${KEY}`],
  [`El client secret es ${KEY}.`, `secret.key: ${KEY}`],
  ['mot de passe : Zebra_uni24vn20', 'secret.password: Zebra_uni24vn20'],
])('%s', (text, finding) => {
  expect(found(text)).toContain(finding);
});

test.each([
  'The order number that she gave us on the phone is 39827118947.',
  '{"timestamp":"2125550123","phone":null}',
  'Mozilla/5.0 (Mobile) YaBrowser/24.10.2.123.00 call',
  'phone: none\n\nTicket 2125550123',
  'Reset your password: https://www.example.com/reset-password/a1B2c3D4',
  `the token of commit ${KEY}${KEY.slice(0, 8)}`,
  'a private key using RSAES-OAEP/SHA-256/MGF1-SHA-1 here',
  `API_KEY=ghp_${'x'.repeat(36)}`,
  'token: xoxb-your-token-here',
  'reference RF89 2261 5422 0228 of today',
  'He was born in Ulm. The meeting is on 12 March 2024.',
  'The release for the booking: 13.2.7.224',
])('nothing in: %s', (text) => {
  expect(kindsIn(text)).toEqual([]);
});

test('what an IBAN has for groups is no card and no phone', () => {
  expect(found('My phone bill goes to IBAN: PL97 1248 3317 2404 0046 5312 4552')).toEqual([
    'payment.iban: PL97 1248 3317 2404 0046 5312 4552',
  ]);
});

test('a column is told by its head, and by nothing else in the table', () => {
  const rows = ['id;phone;cvv;mrn;version;api_key', `2125550123;2125550124;673;7711223;13.2.7.224;${KEY}`];
  const expected = [
    'personal.phone: 2125550124',
    'payment.card_security_code: 673',
    'health.medical_record_number: 7711223',
    `secret.key: ${KEY}`,
  ];
  for (const separator of [';', ',', '\t', ' | ']) {
    const text = rows.join('\n').replaceAll(';', separator);
    expect(found(`See below.\n\n${text}\n`)).toEqual(expected);
    // Prose that follows is no row.
    expect(found(`${text}\n\nMore at 2125550125.`)).toEqual(expected);
  }
});

test('sentences with a comma are no table', () => {
  expect(found('please update the file, thanks\nmobile 212-555-0123, entered yesterday')).toEqual([
    'personal.phone: 212-555-0123',
  ]);
});

test('a SendGrid key may have dashes anywhere, a bot’s token stands alone', () => {
  const key = ['SG', `${'aB3-_'.repeat(4)}xY`, `-${'Zq9_-'.repeat(8)}a1`].join('.');
  expect(found(`use ${key} now`)).toContain(`secret.sendgrid.api_key: ${key}`);
  const bot = ['4105585976', `AA${'l69MY4DmWS4'.repeat(3)}`].join(':');
  expect(found(`it was ${bot} before`)).toContain(`secret.other: ${bot}`);
});

test.each([
  ['History of depression, now stable.', 'health.condition'],
  ['Die Patientin leidet an Migräne.', 'health.condition'],
  ['On lui a diagnostiqué une sclérose en plaques.', 'health.condition'],
  ['Padece hipertensión desde 2019.', 'health.condition'],
  ['O doente tem epilepsia.', 'health.condition'],
  ['Ramipril 5 mg', 'health.medication'],
  ['Toma omeprazol por la noche.', 'health.medication'],
  ['STRENG VERTRAULICH', 'proprietary'],
  ['Dieses Papier ist nur für den internen Gebrauch.', 'proprietary'],
  ['Usage interne uniquement.', 'proprietary'],
  ['Documento confidencial', 'proprietary'],
  ['Confidential', 'proprietary'],
  ['Trade secret of Acme', 'proprietary'],
])('%s', (text, kind) => {
  expect(kindsIn(text)).toEqual([kind]);
});

test.each([
  'Depression is an object of research in most countries.',
  'Metformin is sold in many countries.',
  'Internal server error',
  'Access is restricted to members.',
  'The treatment of confidential letters is another matter.',
  'Bitte vertraulich behandeln und bald antworten, sagte sie.',
  'We need to know more about classified ads.',
])('nothing in: %s', (text) => {
  expect(kindsIn(text)).toEqual([]);
});

test.each([
  '#include <stdio.h>\nint main(void) {\n  return 0;\n}',
  'def mean(xs):\n    return sum(xs) / len(xs)',
  'fn main() {\n    println!("{}", 1);\n}',
  'SELECT id, name FROM users\nWHERE id = 7;',
  'resource "aws_s3_bucket" "a" {\n  bucket = "b"\n}',
  '.menu {\n  color: red;\n  margin: 0;\n}',
])('a short program: %s', (code) => {
  expect(findSensitive(`Why does this fail?\n\n${code}\n`).map(({ kind }) => kind)).toEqual(['source_code']);
});
