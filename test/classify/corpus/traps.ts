import { cpf, iban, luhn } from './check.ts';
import { ibanNumber } from './payment.ts';
import { type Piece, trap } from './piece.ts';
import { BASE62, BASE64URL, HEX, type Random, UPPER } from './random.ts';

/** Another digit than the right one. */
const spoil = (random: Random, digit: string): string => String((Number(digit) + random.int(1, 9)) % 10);

function brokenCard(random: Random): string {
  const payload = random.pick(['4', '51', '37']) + random.digits(12);
  const full = payload + random.digits(15 - payload.length);
  return full + spoil(random, luhn(full));
}

function brokenIban(random: Random): string {
  const number = ibanNumber(random);
  const check = iban(number.slice(0, 2), number.slice(4));
  return number.slice(0, 2) + check.slice(0, 1) + spoil(random, check.slice(1)) + number.slice(4);
}

function brokenCpf(random: Random): string {
  const payload = random.digits(9);
  const key = cpf(payload);
  return `${payload.replace(/^(...)(...)(...)/, '$1.$2.$3-')}${key.slice(0, 1)}${spoil(random, key.slice(1))}`;
}

const uuid = (r: Random): string =>
  [r.chars(8, HEX), r.chars(4, HEX), `4${r.chars(3, HEX)}`, `a${r.chars(3, HEX)}`, r.chars(12, HEX)].join('-');

const date = (r: Random): string => `2026-${r.padded(1, 12, 2)}-${r.padded(1, 28, 2)}`;
const clock = (r: Random): string => `${r.padded(0, 23, 2)}:${r.padded(0, 59, 2)}:${r.padded(0, 59, 2)}`;

/** Written in halves, so that scanners of repositories leave this file in peace. */
const join = (...halves: string[]): string => halves.join('');

/** Keys that vendors print in their documentation, and what stands where a key goes. */
const EXAMPLES = [
  join('AKIAIOSFODNN7', 'EXAMPLE'),
  join('wJalrXUtnFEMI/K7MDENG/', 'bPxRfiCYEXAMPLEKEY'),
  join('AKIAI44QH8DHB', 'EXAMPLE'),
  join('sk_test_', '4eC39HqLyjWDarjtT1zdp7dc'),
  join('ghp_', 'x'.repeat(36)),
  join('sk-', 'X'.repeat(48)),
  join('sk-ant-api03-', '.'.repeat(8)),
  join('xoxb-', 'your-token-here'),
  join('AIzaSy', '.'.repeat(12)),
  'your-api-key-here',
  '<YOUR_API_KEY>',
  `\${API_KEY}`,
  'process.env.API_KEY',
  '********',
  'changeme',
  'os.environ["DB_PASSWORD"]',
  '{{ secrets.DEPLOY_TOKEN }}',
];

/** What people call it, and what looks like something that it is not. */
const TRAPS: [name: string, kind: string, make: (random: Random) => string][] = [
  ['order number', 'order number', (r) => r.digits(9)],
  ['order number', 'order number', (r) => r.digits(10)],
  ['order', 'order number', (r) => r.digits(11)],
  ['invoice', 'invoice number', (r) => `${r.int(2019, 2026)}-${r.digits(6)}`],
  ['invoice', 'invoice number', (r) => `INV-${r.digits(5)}-${r.digits(4)}`],
  ['tracking number', 'tracking number', (r) => `1Z${r.chars(16, BASE62.slice(0, 36))}`],
  ['tracking number', 'tracking number', (r) => r.digits(20)],
  ['reference', 'card-like, wrong check digit', brokenCard],
  ['reference', 'IBAN-like, wrong check digits', brokenIban],
  ['reference', 'CPF-like, wrong check digits', brokenCpf],
  ['payment reference', 'creditor reference', (r) => `RF${r.digits(2)} ${r.digits(4)} ${r.digits(4)} ${r.digits(4)}`],
  ['id', 'UUID', uuid],
  ['request id', 'UUID', (r) => uuid(r).replaceAll('-', '')],
  ['commit', 'git hash', (r) => r.chars(40, HEX)],
  ['commit', 'git hash', (r) => r.chars(7, HEX)],
  ['checksum', 'SHA-256', (r) => r.chars(64, HEX)],
  ['image', 'image digest', (r) => `sha256:${r.chars(64, HEX)}`],
  ['integrity', 'integrity hash', (r) => `sha512-${r.chars(86, BASE62)}==`],
  ['timestamp', 'timestamp', (r) => `${date(r)}T${clock(r)}.${r.digits(3)}Z`],
  ['timestamp', 'epoch', (r) => `17${r.digits(8)}`],
  ['timestamp', 'epoch', (r) => `17${r.digits(11)}`],
  ['date', 'date', date],
  ['version', 'version', (r) => `${r.int(1, 20)}.${r.int(0, 30)}.${r.int(0, 99)}`],
  ['version', 'four-part version', (r) => `${r.int(1, 20)}.${r.int(0, 9)}.${r.int(0, 99)}.${r.int(0, 250)}`],
  ['build', 'build number', (r) => `${date(r).replaceAll('-', '')}.${r.int(1, 30)}`],
  ['ISBN', 'ISBN', (r) => `978-${r.int(0, 9)}-${r.digits(4)}-${r.digits(4)}-${r.digits(1)}`],
  ['part number', 'part number', (r) => `${r.chars(2, UPPER)}-${r.digits(4)}-${r.chars(1, UPPER)}`],
  ['part number', 'part number', (r) => `${r.digits(3)}-${r.digits(3)}-${r.digits(4)}`],
  ['size', 'size', (r) => `${r.digits(3)} × ${r.digits(3)} × ${r.digits(4)} mm`],
  ['coordinates', 'coordinates', (r) => `${r.int(10, 80)}.${r.digits(6)}, ${r.int(10, 80)}.${r.digits(6)}`],
  ['total', 'amount', (r) => `${r.int(1, 999)},${r.digits(3)},${r.digits(3)}.${r.digits(2)}`],
  ['MAC address', 'MAC address', (r) => Array.from({ length: 6 }, () => r.chars(2, HEX)).join(':')],
  ['session', 'cache key', (r) => `cache:${r.chars(22, BASE64URL)}`],
  [
    'handle',
    'handle',
    (r) => `@${r.pick(['acme', 'team', 'ops'])}/${r.pick(['core', 'web'])}@${r.int(1, 9)}.${r.int(0, 9)}.0`,
  ],
  ['API key', 'example key', (r) => r.pick(EXAMPLES)],
];

/** Something that no detector of sensitive text should take for what it knows, with its name. */
export function aTrap(random: Random): { name: string; piece: Piece } {
  const [name, kind, make] = random.pick(TRAPS);
  return { name, piece: trap(kind, make(random)) };
}
