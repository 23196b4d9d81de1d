import { expect, test } from '@jest/globals';
import { found } from './find.ts';

const HEX = '9f86d081884c7d659a2feaa0c55ad015';

test.each([
  ['password = "hunter2!"', 'secret.password: hunter2!'],
  ["password: 'Tr0ub4dor&3'", 'secret.password: Tr0ub4dor&3'],
  ['DB_PASSWORD=s3cr3tP@ss', 'secret.password: s3cr3tP@ss'],
  ['dbPassword: s3cr3tP@ss', 'secret.password: s3cr3tP@ss'],
  ['{"password": "Pa55w0rd!", "user": "x"}', 'secret.password: Pa55w0rd!'],
  ['{\\"password\\":\\"Pa55w0rd!\\"}', 'secret.password: Pa55w0rd!'],
  ['const password: string = "Tr0ub4dor&3";', 'secret.password: Tr0ub4dor&3'],
  ['password: str = "Tr0ub4dor&3"', 'secret.password: Tr0ub4dor&3'],
  ['{:password=>"Tr0ub4dor&3"}', 'secret.password: Tr0ub4dor&3'],
  ['<password>S3cret!pw</password>', 'secret.password: S3cret!pw'],
  ['mysql -u x --password S3cret!pw', 'secret.password: S3cret!pw'],
  ['**Password**: S3cret!pw', 'secret.password: S3cret!pw'],
  ['The password is S3cret!pw.', 'secret.password: S3cret!pw'],
  ['Server=x;Password=S3cret!pw;Encrypt=1', 'secret.password: S3cret!pw'],
  ['?user=a&password=S3cret!pw&x=1', 'secret.password: S3cret!pw'],
  [`api_key: "${HEX}"`, `secret.key: ${HEX}`],
  [`apiKey=${HEX}`, `secret.key: ${HEX}`],
  [`X-API-Key: ${HEX}`, `secret.key: ${HEX}`],
  [`export CLIENT_SECRET=${HEX}`, `secret.key: ${HEX}`],
  [`_authToken=${HEX}`, `secret.key: ${HEX}`],
  [`AccountKey=${HEX}aB+/==;`, `secret.key: ${HEX}aB+/==`],
  [`STRIPE=${HEX}a3bf4f1b`, `secret.key: ${HEX}a3bf4f1b`],
  [`Authorization: Bearer ${HEX}`, `secret.authorization: ${HEX}`],
  [`curl -H 'authorization: bearer ${HEX}'`, `secret.authorization: ${HEX}`],
  ['Authorization: Basic ZGVtbzpwQDU1dzByZA==', 'secret.authorization: ZGVtbzpwQDU1dzByZA=='],
  ['key AKIAI44QH8DHBQWERTYU', 'secret.aws.access_key_id: AKIAI44QH8DHBQWERTYU'],
  ['ASIAI44QH8DHBQWERTYU', 'secret.aws.access_key_id: ASIAI44QH8DHBQWERTYU'],
  ['AIzaSyA1234567890abcdefghijklmnopqrstuv', 'secret.google.api_key: AIzaSyA1234567890abcdefghijklmnopqrstuv'],
  [`xai-${HEX}${HEX}`, `secret.other: xai-${HEX}${HEX}`],
  ['redis://:p4ssw0rdX@cache.internal:6379/0', 'secret.connection_string: redis://:p4ssw0rdX@cache.internal:6379/0'],
  ['amqps://app:p4ss!w0rd@mq.internal', 'secret.connection_string: amqps://app:p4ss!w0rd@mq.internal'],
])('%s', (text, secret) => {
  expect(found(text)).toContain(secret);
  expect(found(`Before\n${text}\nafter`)).toContain(secret);
});

/** What names a secret and is none. */
test.each([
  'password: correct horse',
  'password: string',
  'password = getpass()',
  'password = request.form.password',
  'password = os.environ["DB_PASSWORD"]',
  `password=$\{DB_PASSWORD}`,
  'password: {{ vault.password }}',
  'password: <your-password-1>',
  'password: ********',
  'password: changeme',
  'password=your_password_1',
  'passwords must have 8 characters',
  'password_hash_rounds = 12',
  'Password: required',
  'token = getToken()',
  'token: 12345678901234567890',
  'apiKey=process.env.API_KEY',
  'api_key: YOUR_API_KEY_1234567890',
  `next_page_token: ${HEX}`,
  `public_key: ${HEX}`,
  `cache key: ${HEX}`,
  `commit ${HEX}11223344`,
  `sha256: ${HEX}${HEX}`,
  'passphrase_env: E2E_PASSPHRASE_1',
  'the key idea is token budgets',
  'a basic understanding of bearer bonds, basic authentication',
  'Authorization: Bearer <token>',
  'Authorization: Bearer $TOKEN',
  `https://$\{USER}:$\{PASS}@host/`,
  'postgres://user:password@localhost/db',
  'https://host:8080/path@2',
  '-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA7bq5Xn0mN3Zr1o0o5pU0\n-----END PUBLIC KEY-----',
  'It begins with -----BEGIN PRIVATE KEY----- and ends with -----END PRIVATE KEY-----.',
  'PATH=/usr/local/bin/node20/share/x1',
  'idempotency_key=550e8400-e29b-41d4-a716-446655440000',
  'eyJub3QiOiJhIHRva2VuIn0.eyJhIjoxfQ.abc',
  // Vendors' documented examples
  'AKIAIOSFODNN7EXAMPLE',
  'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  'aws_secret_access_key = je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY',
  'sk_test_4eC39HqLyjWDarjtT1zdp7dc',
  'https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX',
  'Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c',
  'AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
])('%s is nothing', (text) => {
  expect(found(text)).toEqual([]);
});

test('a JSON web token, whole: signed or encrypted', () => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'ES256', typ: 'JWT' })}.${part({ sub: 'u1' })}.${'s'.repeat(86)}`;
  const sealed = `${part({ alg: 'dir', enc: 'A256GCM' })}..${'i'.repeat(16)}.${'c'.repeat(40)}.${'t'.repeat(22)}`;
  for (const token of [signed, sealed]) {
    expect(found(`session=${token};`)).toContain(`secret.jwt: ${token}`);
    expect(found(`It was ${token}.`)).toContain(`secret.jwt: ${token}`);
    expect(found(token.split('.').slice(0, 2).join('.'))).toEqual([]);
  }
});

const LINES = Array.from(
  { length: 12 },
  (_, at) => `MIIEpAIBAAKCAQEA7bq5Xn0mN3Zr1o0o5pU0m8dZ2qfQmYgq7xT1m9vK0aBcDeF${at}`,
).join('\n');

test.each([
  ['whole', `-----BEGIN RSA PRIVATE KEY-----\n${LINES}\n-----END RSA PRIVATE KEY-----`],
  ['cut off', `-----BEGIN PRIVATE KEY-----\n${LINES.slice(0, 200)}`],
  ['cut in its end line', `-----BEGIN PRIVATE KEY-----\n${LINES}`],
  ['in a string of JSON', `-----BEGIN PRIVATE KEY-----\\n${LINES.replaceAll('\n', '\\n')}\\n-----END PRIVATE KEY-----`],
  ['encrypted', `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${LINES}\n-----END ENCRYPTED PRIVATE KEY-----`],
  [
    'with headers',
    `-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B\n\n${LINES}\n-----END EC PRIVATE KEY-----`,
  ],
  ['of PGP', `-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n${LINES}\n-----END PGP PRIVATE KEY BLOCK-----`],
])('a private key, %s, from its first dash to its last', (_, key) => {
  expect(found(`key: "${key}"`)).toContain(`secret.private_key: ${key}`);
});

test('a secret is found to its end, however long, so that masking leaves no tail', () => {
  const value = Array.from({ length: 60 }, (_, at) => `${HEX.slice(0, 20)}${at}`).join('');
  expect(found(`api_key="${value}"`)).toEqual([`secret.key: ${value}`]);
});
