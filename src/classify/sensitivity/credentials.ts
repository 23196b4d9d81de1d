import type { Finding } from '../finding.ts';
import { entropyOf } from './entropy.ts';
import { isExample, isPlaceholder } from './examples.ts';
import { findingOf } from './numbers.ts';
import type { Scan } from './scan.ts';
import type { Hit } from './vocabulary.ts';
import { NEAR } from './words.ts';

/** RFC 9110, 11.4: a scheme and a token68. */
const TOKEN = /\s{1,4}([\w.~+/-]{8,4096}={0,2})(?![\w.~+/=-])/y;
const SEGMENT = /^[\w-]+$/;

/** `Authorization` headers and JSON web tokens. */
export function findCredentials(scan: Scan): Finding[] {
  if ((scan.seen & (NEAR.authorization | NEAR.jwt)) === 0) return [];
  const findings: Finding[] = [];
  let done = 0;
  for (const hit of scan.hits) {
    if (hit.start < done) continue;
    const isHeader = (hit.mask & NEAR.authorization) !== 0;
    const finding = isHeader
      ? header(scan.text, hit)
      : (hit.mask & NEAR.jwt) !== 0
        ? jwt(scan.text, hit.start)
        : undefined;
    if (finding === undefined) continue;
    findings.push(finding);
    done = finding.end;
  }
  return findings;
}

function header(text: string, hit: Hit): Finding | undefined {
  TOKEN.lastIndex = hit.end;
  const token = TOKEN.exec(text)?.[1];
  if (token === undefined || isExample(token) || isPlaceholder(token)) return undefined;
  const end = TOKEN.lastIndex;
  const isNamed = /authorization\W{1,6}$/i.test(text.slice(Math.max(0, hit.start - 24), hit.start));
  if (/^basic$/i.test(text.slice(hit.start, hit.end))) {
    // `basic understanding`: only what decodes to a name and a password.
    return isPair(token) ? findingOf('secret.authorization', end - token.length, end, isNamed ? 1 : 0.9) : undefined;
  }
  const isRandom =
    token.length >= 16 && /\d/.test(token) && /[A-Za-z]/.test(token) && entropyOf(token.slice(0, 256)) >= 3;
  return isRandom ? findingOf('secret.authorization', end - token.length, end, isNamed ? 0.95 : 0.85) : undefined;
}

/** RFC 7617: base64 of `user:password`. */
function isPair(token: string): boolean {
  if (!/^[\w+/-]+={0,2}$/.test(token)) return false;
  return /^[\x20-\x7e\u0080-\uffff]{0,128}:[\x20-\x7e\u0080-\uffff]+$/.test(Buffer.from(token, 'base64').toString());
}

/** RFC 7515, 7516: three or five segments, the first an object with `alg`. Longer than this no header is. */
const LONGEST_JWT = 16_384;

function jwt(text: string, start: number): Finding | undefined {
  if (!text.startsWith('eyJ', start) || /[\w.-]/.test(text.charAt(start - 1))) return undefined;
  // Nothing inside a run of these signs begins another token, so each sign is looked at once.
  const edge = Math.min(text.length, start + LONGEST_JWT);
  let end = start;
  while (end < edge && /[\w.-]/.test(text.charAt(end))) end++;
  const token = text.slice(start, end).replace(/[.-]+$/, '');
  const segments = token.split('.');
  if (segments.length !== 3 && segments.length !== 5) return undefined;
  if (!SEGMENT.test(segments[0] as string) || !isJose(segments[0] as string) || isExample(token)) return undefined;
  return findingOf('secret.jwt', start, start + token.length, 1);
}

function isJose(segment: string): boolean {
  return /"alg"\s{0,4}:/.test(Buffer.from(segment.slice(0, 4096), 'base64url').toString('latin1'));
}
