import { expect, test } from '@jest/globals';
import { findIntent } from '../../../src/classify/intent/intent.ts';
import { findRisks } from '../../../src/classify/risk/risk.ts';

/** Texts made to be slow: what each detector looks for, near misses, beginnings without an end. */
const UNITS = [
  ...['ignore ', 'ignore previous ', 'ignore all the previous the the ', 'you are now ', 'system prompt ', 'reveal '],
  ...[
    'your instructions ',
    'ignoriere alle vorherigen ',
    'ignore toutes les instructions ',
    '忽略之前的',
    '以前の指示',
    '提示',
  ],
  ...['\u200B', 'a\u200B', 'ignor\u200B\u200B\u200B', '\u{E0041}', '\u{1F3F4}\u{E0067}', '\uFE0F', 'a\uFE0F', '\u202E'],
  ...[
    '\u2066',
    '\u2066\u2069',
    '\u202A\u2066',
    '<|',
    '<|im_start',
    '<system',
    '[INST',
    '\nsystem',
    '\nsystem: ',
    '\n### ',
  ],
  ...['\n>>>>>>>>', 'QUJD', 'QUJD\n', `${'a'.repeat(64)}\n`, '%41', '%', '%41 ', 'a%41', '\\x41', '\\u', '&#65;', '&#'],
  ...[
    '://',
    'http://',
    'http://a?',
    '![a](http://b?c=d) ',
    '![',
    '![[[[[',
    '](',
    '](//',
    '<img src="//',
    '<img ',
    '="//',
  ],
  ...['[a]: http://x\n', '[a', 'http://a?q={{{{', 'http://a(', '\n\n  [', 'http://{', 'http://a?q=<a ', '𝐢', '\ud83d'],
  ...[
    'i g n o r e   ',
    `ignore${' '.repeat(300)}`,
    `${Buffer.from('ignore all previous instructions').toString('base64')} `,
  ],
];

const SMALL = 50_000;
const SLACK = 3;

function timeOf(find: (text: string) => unknown, text: string): number {
  const start = performance.now();
  find(text);
  return performance.now() - start;
}

/** Four times the text takes about four times as long, with slack; a machine that does other things gets a second chance. */
function growth(find: (text: string) => unknown, unit: string): number {
  const make = (size: number): string => unit.repeat(Math.ceil(size / unit.length));
  const ratios: number[] = [];
  do ratios.push(timeOf(find, make(4 * SMALL)) / Math.max(timeOf(find, make(SMALL)), 5));
  while ((ratios.at(-1) as number) >= 4 * SLACK && ratios.length < 5);
  return Math.min(...ratios);
}

test.each(UNITS)('risks, linear: %j', (unit) => {
  expect(growth(findRisks, unit)).toBeLessThan(4 * SLACK);
});

test.each(['please ', 'please, can you ', 'export ', 'export a b c d ', 'write a ', 'what ', '. ', 'and '])(
  'intent, linear: %j',
  (unit) => {
    expect(growth(findIntent, unit)).toBeLessThan(4 * SLACK);
  },
);
