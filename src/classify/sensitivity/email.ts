import type { Finding } from '../finding.ts';
import { findingOf } from './numbers.ts';
import type { Scan } from './scan.ts';

// RFC 5321, 4.5.3.1: 64 octets in front of the sign, 255 behind it.
const LOCAL = 64;
const DOMAIN = 253;
// Less than RFC 5321 allows: `=`, `&`, `/` and others are nearly always a query or a path in front of the address.
const isLocal = (sign: string): boolean => /[\w.!#$%'*+^~\u0080-\uffff-]/.test(sign);
const isDomain = (sign: string): boolean => /[\dA-Za-z.\u0080-\uffff-]/.test(sign);

/** Names that end like a domain but are files: `logo@2x.png`, `bundle@next.js`. */
const FILES = new Set(
  'png jpg jpeg gif svg webp ico js mjs cjs ts tsx jsx css json html md txt zip gz tgz pdf'.split(' '),
);
/** Mailboxes that stand for a service, and `git@host:path`. */
const NOBODY = /^(?:git|no-?reply|do-?not-?reply|mailer-daemon|postmaster)$/i;

export function findEmails({ text, ats }: Scan): Finding[] {
  const findings: Finding[] = [];
  for (const at of ats) {
    let start = at;
    while (start > 0 && at - start < LOCAL && isLocal(text.charAt(start - 1))) start--;
    while (start < at && /[.'*~-]/.test(text.charAt(start))) start++;
    let end = at + 1;
    while (end < text.length && end - at <= DOMAIN && isDomain(text.charAt(end))) end++;
    while (/[.-]/.test(text.charAt(end - 1))) end--;
    const local = text.slice(start, at);
    if (local === '' || local.endsWith('.') || local.includes('..') || NOBODY.test(local)) continue;
    if (!isHost(text.slice(at + 1, end)) || isUserInfo(text, start)) continue;
    findings.push(findingOf('personal.email', start, end, 0.95));
  }
  return findings;
}

function isHost(name: string): boolean {
  const labels = name.split('.');
  const top = labels.at(-1) as string;
  if (labels.length < 2 || labels.some((label) => label === '' || label.length > 63 || label.startsWith('-')))
    return false;
  return (/^[A-Za-z]{2,24}$/.test(top) && !FILES.has(top.toLowerCase())) || /^xn--|[\u0080-\uffff]/.test(top);
}

/** `https://user:password@host`: no mailbox, but a secret. */
const isUserInfo = (text: string, start: number): boolean =>
  text.charAt(start - 1) === ':' && text.slice(Math.max(0, start - 80), start).includes('://');
