import { expect, test } from '@jest/globals';
import { findSensitive } from '../../../src/classify/sensitivity/sensitivity.ts';
import { found, kindsIn } from './find.ts';

test.each([
  ['Write to alice.smith+x@corp.acme.co.uk, please.', 'personal.email: alice.smith+x@corp.acme.co.uk'],
  ['<bob@acme.io>', 'personal.email: bob@acme.io'],
  ['{"email":"o\'neil@acme.museum"}', "personal.email: o'neil@acme.museum"],
  ['mailto:bob@acme.io?subject=x', 'personal.email: bob@acme.io'],
  ['jörg@müller.de.', 'personal.email: jörg@müller.de'],
  ['email=bob@acme.io&x=1', 'personal.email: bob@acme.io'],
  ['from 8.8.8.8, port 53', 'personal.ip_address: 8.8.8.8'],
  ['http://93.184.216.34:8080/x', 'personal.ip_address: 93.184.216.34'],
  ['10.1.2.3/8', 'personal.ip_address: 10.1.2.3'],
  ['addr 2001:db8::ff00:42:8329.', 'personal.ip_address: 2001:db8::ff00:42:8329'],
  ['[2001:0db8:85a3:0000:0000:8a2e:0370:7334]:443', 'personal.ip_address: 2001:0db8:85a3:0000:0000:8a2e:0370:7334'],
  ['Ring +1 212-555-0123 now', 'personal.phone: +1 212-555-0123'],
  ['+44 (0)20 7946 0958 ', 'personal.phone: +44 (0)20 7946 0958'],
  ['+4930901820', 'personal.phone: +4930901820'],
  ['Tel.: (212) 555-0123', 'personal.phone: (212) 555-0123'],
  ['phone 020 7946 0958', 'personal.phone: 020 7946 0958'],
  ['my mobile is 098765 43210', 'personal.phone: 098765 43210'],
  ['"telephone": "2125550123"', 'personal.phone: 2125550123'],
  ['born on 12 March 1984 in Ulm', 'personal.date_of_birth: 12 March 1984'],
  ['DOB: 03/12/1984', 'personal.date_of_birth: 03/12/1984'],
  ['{"dateOfBirth":"1984-03-12"}', 'personal.date_of_birth: 1984-03-12'],
  ['Birth date (DOB): March 12th, 1984', 'personal.date_of_birth: March 12th, 1984'],
  ['geboren am 12.3.1984', 'personal.date_of_birth: 12.3.1984'],
  ['née le 12 février 1984', 'personal.date_of_birth: 12 février 1984'],
  ['MRN: 00123456', 'health.medical_record_number: 00123456'],
  ['MRN 00123456', 'health.medical_record_number: 00123456'],
  ['Patient ID is A-12345-9.', 'health.medical_record_number: A-12345-9'],
  ['"medical_record_number": "MR778812"', 'health.medical_record_number: MR778812'],
  ['CVV: 123', 'payment.card_security_code: 123'],
  ['security code is 4567', 'payment.card_security_code: 4567'],
  ['{"cvc2":"123"}', 'payment.card_security_code: 123'],
])('%s', (text, finding) => {
  expect(found(text)).toContain(finding);
});

test.each([
  'git@github.com:a/b.git',
  'logo@2x.png bundle@next.js user@host @app.route("/x") pkg@1.2.3 a@b..c @ x@-y.com',
  'no-reply@acme.io',
  'v1.2.3.4 version 1.2.3.4 Chrome/120.0.6099.109 1.2.3.4.5 256.1.1.1 01.2.3.4',
  '127.0.0.1 0.0.0.0 255.255.255.0 224.0.0.1 ::1',
  'std::vector a::b 12:30:45 00:1a:2b:3c:4d:5e abc::def::fed',
  '+1 is plus one; a+12125550123',
  '+99 123 456 789',
  '212-555-0123 stands alone',
  'Pages 2125550123, lines 020 7946 0958',
  'call it on 2026-11-25 or 25.11.2026',
  'released 1984-03-12',
  'born in 1984',
  'DOB: 13/13/1984',
  'born 1884-03-12',
  'MRN',
  'patient number one',
  'Patient number 12',
  'security code review of 12345 lines',
  'CVV is required',
  'tel 1 2 3 4 5 6 7 8 9',
  'BSN of 47 036 892 816',
])('%s is nothing', (text) => {
  expect(found(text)).toEqual([]);
});

test('addresses inside a network tell less than others', () => {
  const confidence = (text: string) => findSensitive(text).map((finding) => finding.confidence);
  expect(confidence('93.184.216.34')).toEqual([0.9]);
  for (const inner of ['10.0.0.1', '172.16.0.1', '192.168.1.1', '169.254.0.1', '203.0.113.7']) {
    expect(confidence(inner)).toEqual([0.5]);
  }
});

test('a password in an address is no mailbox', () => {
  expect(kindsIn('https://robot:s3cretPw@git.acme.io/x')).toEqual(['secret.connection_string']);
});

test('a long list of phone numbers is found to its end', () => {
  const numbers = Array.from({ length: 300 }, (_, at) => `+1 212-555-${String(at).padStart(4, '0')}`);
  expect(found(numbers.join('\n'))).toEqual(numbers.map((number) => `personal.phone: ${number}`));
  // A check takes long: after a number of them the form alone counts, and less.
  expect(findSensitive(numbers.join('\n')).map(({ confidence }) => confidence)).toEqual(
    numbers.map((_, at) => (at < 64 ? 0.95 : 0.5)),
  );
});

test.each([
  ['The patient was diagnosed with type 2 diabetes and takes metformin.', ['health.condition', 'health.medication']],
  ['My wife has multiple sclerosis', ['health.condition']],
  ['I was prescribed 50 mg of sertraline', ['health.medication']],
  ['Patient: HIV positive', ['health.condition']],
  ['{"patient":"x","diagnosis":"Asthma"}', ['health.condition']],
])('%s', (text, kinds) => {
  expect(kindsIn(text)).toEqual(kinds);
});

test.each([
  'Asthma is a common disease of the airways.',
  'The stock had a stroke of luck; the key was depressed.',
  'Metformin is a biguanide.',
  'my asthmatics-club',
])('%s is nothing', (text) => {
  expect(found(text)).toEqual([]);
});

test('confidence is from 0 to 1, in hundredths', () => {
  const text = 'Card 4111111111111111, SSN 536-90-4399, bob@acme.io 10.0.0.1 my asthma CONFIDENTIAL 11144477735';
  const findings = findSensitive(text);
  expect(findings.length).toBeGreaterThan(5);
  for (const { confidence, rule } of findings) {
    expect(confidence).toBeGreaterThan(0);
    expect(confidence).toBeLessThanOrEqual(1);
    expect(Math.round(confidence * 100) / 100).toBe(confidence);
    expect(rule).toMatch(/^sensitivity\/[a-z_/]+$/);
  }
});
