import type { Decoded } from './decoded.ts';

/** Percent (RFC 3986), backslash (JSON, C, Python), and entities of HTML: what a program turns back before it is read. */
const ESCAPES: readonly { encoding: Decoded['encoding']; sign: string; token: RegExp; unit: RegExp }[] = [
  { encoding: 'percent', sign: '%', token: /%([0-9a-f]{2})/iy, unit: /[A-Za-z0-9._~!*'();:@&=+$,/?#[\]-]{1,32}/y },
  {
    encoding: 'escape',
    sign: '\\',
    token: /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|u\{([0-9a-f]{1,6})\})/iy,
    unit: /[A-Za-z0-9 .,!?'-]{1,16}/y,
  },
  {
    encoding: 'entity',
    sign: '&#',
    token: /&#(?:([0-9]{1,7})|x([0-9a-f]{1,6}));?/iy,
    unit: /[A-Za-z0-9 .,!?'-]{1,16}/y,
  },
];
/** With fewer escapes than this there is nothing that the text itself doesn't show. */
const FEWEST = 2;

/** What escapes in a text spell: runs of them, and the words that they are part of. */
export function decodeEscapes(text: string): Decoded[] {
  const found: Decoded[] = [];
  for (const { encoding, sign, token, unit } of ESCAPES) {
    for (let at = text.indexOf(sign); at !== -1; at = text.indexOf(sign, at)) {
      const run = readEscapes(text, at, encoding, token, unit);
      if (run.escapes >= FEWEST) {
        const start = wordBefore(text, at);
        const spelled = text.slice(start, at) + run.text;
        found.push({ start, end: run.end, encoding, text: spelled, needless: run.needless });
      }
      at = Math.max(run.end, at + 1);
    }
  }
  return found;
}

/** The first escape may stand within a phrase: "ignore%20all%20previous%20instructions". */
function wordBefore(text: string, at: number): number {
  let start = at;
  while (start > 0 && at - start < 32 && /[A-Za-z]/.test(text.charAt(start - 1))) start -= 1;
  return start;
}

interface Escapes {
  end: number;
  escapes: number;
  needless: number;
  text: string;
}

/** Escapes and, between them, short stretches of plain text: from `at` on for as long as they alternate. */
function readEscapes(text: string, at: number, encoding: Decoded['encoding'], token: RegExp, unit: RegExp): Escapes {
  const bytes: number[] = [];
  const parts: string[] = [];
  const flush = (): void => {
    if (bytes.length > 0) parts.push(Buffer.from(bytes.splice(0)).toString('utf8'));
  };
  let [end, escapes, needless, next] = [at, 0, 0, at];
  for (;;) {
    token.lastIndex = next;
    const escaped = token.exec(text);
    if (escaped) {
      const code = codeOf(escaped, encoding);
      if (code < 0x80 && /[A-Za-z0-9]/.test(String.fromCharCode(code))) needless += 1;
      if (encoding === 'percent') bytes.push(code);
      else parts.push(code <= 0x10ffff ? String.fromCodePoint(code) : '');
      escapes += 1;
      next = token.lastIndex;
      end = next;
      continue;
    }
    flush();
    unit.lastIndex = next;
    const plain = next > at ? unit.exec(text) : null;
    if (!plain) break;
    token.lastIndex = unit.lastIndex;
    if (!token.test(text)) {
      // Of what follows the last escape, the word that it stands in.
      const word = /^[A-Za-z]{0,32}/.exec(plain[0])?.[0] ?? '';
      parts.push(word);
      end = next + word.length;
      break;
    }
    parts.push(plain[0]);
    next = unit.lastIndex;
  }
  return { end, escapes, needless, text: parts.join('') };
}

function codeOf(escaped: RegExpExecArray, encoding: Decoded['encoding']): number {
  const digits = escaped[1] ?? escaped[2] ?? escaped[3] ?? '0';
  return Number.parseInt(digits, encoding === 'entity' && escaped[1] !== undefined ? 10 : 16);
}
