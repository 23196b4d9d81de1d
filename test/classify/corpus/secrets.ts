import { crc32 } from 'node:zlib';
import { type Item, type Piece, plant } from './piece.ts';
import { BASE62, BASE64, BASE64URL, HEX, LOWER, type Random, UPPER } from './random.ts';

const BASE32 = `${UPPER}234567`;

/** GitHub and npm close a token with six digits of base 62 over CRC-32, so that a scanner can tell one from noise. */
function withChecksum(prefix: string, body: string): string {
  let rest = crc32(body);
  let sum = '';
  for (let i = 0; i < 6; i++) {
    sum = BASE62[rest % 62] + sum;
    rest = Math.floor(rest / 62);
  }
  return prefix + body + sum;
}

/** What real keys begin with: their DER up to the first number, or the magic of OpenSSH. */
const PEMS: [type: string, begin: string][] = [
  ['RSA PRIVATE KEY', 'MIIEpAIBAAKCAQEA'],
  ['PRIVATE KEY', 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ'],
  ['EC PRIVATE KEY', 'MHcCAQEEI'],
  ['OPENSSH PRIVATE KEY', 'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB'],
];

function pem(random: Random): string {
  const [type, begin] = random.pick(PEMS);
  const length = type.startsWith('EC') ? 162 : 64 * random.int(8, 25) + 42;
  const lines = (begin + random.chars(length - begin.length, BASE64)).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${type}-----\n${lines.join('\n')}==\n-----END ${type}-----`;
}

function jwt(random: Random): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    sub: random.digits(9),
    iss: 'https://login.example.net',
    exp: 1_900_000_000 + random.int(0, 99_999),
  };
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.${random.chars(43, BASE64URL)}`;
}

/** Words and digits as people choose them, long enough to be one. */
const password = (random: Random): string =>
  random.pick(['Tulip', 'Harbor', 'quiet', 'Zebra', 'mond']) +
  random.pick(['!', '#', '-', '_']) +
  random.chars(7, BASE62) +
  random.int(1, 99);

type Make = (random: Random) => Piece[];
const one =
  (family: string, make: (random: Random) => string): Make =>
  (random) => [plant(`secret.${family}`, make(random))];

/** By family: the forms are those that the vendors document or print in their consoles. */
const FAMILIES: [key: string, make: Make, alwaysNamed?: true][] = [
  ['aws_access_key_id', one('aws.id', (r) => r.pick(['AKIA', 'ASIA']) + r.chars(16, BASE32))],
  ['aws_secret_access_key', one('aws.secret', (r) => r.chars(40, BASE64)), true],
  ['github_token', one('github', (r) => withChecksum(r.pick(['ghp_', 'gho_', 'ghs_']), r.chars(30, BASE62)))],
  ['github_pat', one('github', (r) => `github_pat_${r.chars(22, BASE62)}_${r.chars(59, BASE62)}`)],
  ['gitlab_token', one('gitlab', (r) => `glpat-${r.chars(20, BASE64URL)}`)],
  ['slack_token', one('slack', (r) => `xoxb-${r.digits(12)}-${r.digits(12)}-${r.chars(24, BASE62)}`)],
  [
    'slack_webhook',
    one(
      'slack',
      (r) => `https://hooks.slack.com/services/T${r.chars(8, UPPER)}/B${r.chars(8, UPPER)}/${r.chars(24, BASE62)}`,
    ),
  ],
  ['stripe_key', one('stripe', (r) => `${r.pick(['sk', 'rk'])}_live_${r.chars(24, BASE62)}`)],
  ['stripe_key', one('stripe', (r) => `sk_live_51${r.chars(97, BASE62)}`)],
  ['openai_api_key', one('openai', (r) => `sk-proj-${r.chars(74, BASE64URL)}T3BlbkFJ${r.chars(74, BASE64URL)}`)],
  ['openai_api_key', one('openai', (r) => `sk-${r.chars(20, BASE62)}T3BlbkFJ${r.chars(20, BASE62)}`)],
  ['anthropic_api_key', one('anthropic', (r) => `sk-ant-api03-${r.chars(93, BASE64URL)}AA`)],
  ['google_api_key', one('google', (r) => `AIza${r.chars(35, BASE64URL)}`)],
  ['npm_token', one('npm', (r) => withChecksum('npm_', r.chars(30, BASE62)))],
  ['sendgrid_key', one('sendgrid', (r) => `SG.${r.chars(22, BASE64URL)}.${r.chars(43, BASE64URL)}`)],
  ['hf_token', one('huggingface', (r) => `hf_${r.chars(34, UPPER + LOWER)}`)],
  ['databricks_token', one('databricks', (r) => `dapi${r.chars(32, HEX)}`)],
  ['docker_token', one('docker', (r) => `dckr_pat_${r.chars(27, BASE64URL)}`)],
  ['groq_api_key', one('groq', (r) => `gsk_${r.chars(52, BASE62)}`)],
  ['linear_key', one('linear', (r) => `lin_api_${r.chars(40, BASE62)}`)],
  ['notion_token', one('notion', (r) => `ntn_${r.digits(11)}${r.chars(35, BASE62)}`)],
  ['shopify_token', one('shopify', (r) => `shpat_${r.chars(32, HEX)}`)],
  ['vault_token', one('vault', (r) => `hvs.${r.chars(95, BASE64URL)}`)],
  ['grafana_token', one('grafana', (r) => `glsa_${r.chars(32, BASE62)}_${r.chars(8, HEX)}`)],
  ['tailscale_key', one('tailscale', (r) => `tskey-auth-${r.chars(16, BASE62)}CNTRL-${r.chars(32, BASE62)}`)],
  ['figma_token', one('figma', (r) => `figd_${r.chars(40, BASE64URL)}`)],
  ['pypi_token', one('pypi', (r) => `pypi-AgEIcHlwaS5vcmc${r.chars(150, BASE64URL)}`)],
  ['telegram_token', one('telegram', (r) => `${r.int(1, 9)}${r.digits(9)}:AA${r.chars(33, BASE64URL)}`), true],
  [
    'azure_storage',
    (r) => [
      'DefaultEndpointsProtocol=https;AccountName=shop',
      r.digits(3),
      ';AccountKey=',
      plant('secret.azure', `${r.chars(86, BASE64)}==`),
      ';EndpointSuffix=core.windows.net',
    ],
  ],
  ['private_key', one('private_key', pem)],
  ['jwt', one('jwt', jwt)],
  [
    'repository',
    (r) => ['https://deploy:', plant('secret.basic_auth', password(r).replace('#', '.')), '@git.example.net/shop.git'],
  ],
  [
    'database_url',
    (r) => [
      r.pick(['postgres', 'mysql', 'mongodb+srv', 'redis', 'amqp']),
      '://app:',
      plant('secret.connection_string', password(r).replace('#', '.')),
      '@db7.example.net/shop',
    ],
  ],
  ['authorization', (r) => ['Bearer ', plant('secret.bearer', r.chars(40, BASE64URL))], true],
  ['password', one('password', password), true],
  ['api_key', one('api_key', (r) => r.chars(32, HEX)), true],
  ['client_secret', one('client_secret', (r) => r.chars(40, BASE64URL)), true],
];

/** One maker of items per form of a secret. */
export const secrets: ((random: Random) => Item)[] = FAMILIES.map(([key, make, isNamed]) => (random) => {
  const names = { en: [key.replaceAll('_', ' ').replace('api', 'API').replace('aws', 'AWS'), key] };
  return { ...((isNamed || random.chance(0.4)) && { names }), key, pieces: make(random) };
});
