/** Keys that vendors and standards print as examples: everybody's, so nobody's. */
const EXAMPLES = new Set([
  // Azure Storage emulator
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
  // Stripe's documentation
  'sk_test_4eC39HqLyjWDarjtT1zdp7dc',
  'sk_test_BQokikJOvBiI2HlWgH4olfQ2',
  // RFC 6750, RFC 7617
  'mF_9.B5f-4.1JqM',
  'QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
  'dGVzdDoxMjPCow==',
  // Slack's documentation
  'xoxb-not-a-real-token-this-will-not-work',
]);
/** jwt.io and RFC 7519, 3.1: by their signatures. */
const EXAMPLE_SIGNATURES = [
  'SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c',
  'TJVA95OrM7E2cBab30RMHrHDcEfxjoYZgeFONFh7HgQ',
  'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  'KMUFsIDTnFmyG3nMiGM6H9FNFUROf3wh7SmqJp-QV30',
];

/** AWS prints keys that end in `EXAMPLE`, `EXAMPLEKEY`; others print `https://hooks.slack.com/services/T000…/B000…/XXX…`. */
export function isExample(value: string): boolean {
  if (EXAMPLES.has(value) || /EXAMPLE(?:KEY)?$/.test(value)) return true;
  if (EXAMPLE_SIGNATURES.some((signature) => value.endsWith(signature))) return true;
  return /\/T0{5,}\/B0{5,}\/X{5,}$/.test(value.slice(-80));
}

const PLACEHOLDERS =
  /^(?:[-_.*•x#?]+|none|null|nil|undefined|true|false|string|str|text|any|changeme|password\d*|passwd|pass|pwd|pw|secret|token|user|username|root|admin|guest|test|postgres)$/i;
const PLACEHOLDER_PARTS =
  /your|example|change.?me|placeholder|redacted|dummy|sample|insert|replace|<|>|\$\{|\{\{|^\$|^%|\.\.\.|…|xxxx|\*\*\*|todo|fixme|^(?:my|some|the)[-_ ]/i;

/** What stands for a secret: `${PASSWORD}`, `<token>`, `your-api-key`, `********`. */
export const isPlaceholder = (value: string): boolean =>
  PLACEHOLDERS.test(value) || PLACEHOLDER_PARTS.test(value.slice(0, 256)) || /^(.)\1*$/s.test(value);

/** A vendor's key that is none: `ghp_xxxxxxxx…`, `xoxb-your-token-here`. Longer things hold more than a key. */
export const isSpecimen = (key: string): boolean =>
  isExample(key) || (key.length <= 200 && !key.includes('://') && (hasFewSigns(key) || SPECIMEN.test(key)));

const SPECIMEN = /(?:^|[-_.])(?:your|token[-_]here|key[-_]here|example|placeholder|redacted|dummy)(?:[-_.]|$)/;

/** The half behind the vendor's prefix: 16 random signs are never of four only. */
const hasFewSigns = (key: string): boolean => key.length >= 16 && new Set(key.slice(key.length >> 1)).size <= 4;
