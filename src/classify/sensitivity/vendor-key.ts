import type { Finding } from '../finding.ts';
import { isSpecimen } from './examples.ts';
import { findingOf } from './numbers.ts';
import type { Scan } from './scan.ts';

/** What vendors' keys begin with that secretlint's preset doesn't know, or knows but leaves out (AWS key ids). */
const VENDOR =
  /(?:A(?:3T[A-Z0-9]|KIA|SIA|GPA|IDA|ROA|IPA|NPA|NVA)[A-Z0-9]{16}|AIza[\w-]{35}|GOCSPX-[\w-]{28}|pypi-AgE[\w-]{50,400}|xai-[A-Za-z0-9]{60,90}|sk-or-v1-[0-9a-f]{64}|nvapi-[\w-]{60,80}|r8_[A-Za-z0-9]{37}|do[opr]_v1_[0-9a-f]{64}|AGE-SECRET-KEY-1[0-9A-Z]{58}|SK[0-9a-f]{32}|PMAK-[0-9a-f]{24}-[0-9a-f]{34}|SG\.[\w-]{22}\.[\w-]{43}|glrt-[\w-]{20,60}|sntrys_[\w=+/-]{60,400}|rubygems_[0-9a-f]{48})(?![\w-])/g;
const VENDOR_KINDS: [prefix: RegExp, kind: string][] = [
  [/^A(?:3T|KIA|SIA|GPA|IDA|ROA|IPA|NPA|NVA)/, 'secret.aws.access_key_id'],
  [/^(?:AIza|GOCSPX)/, 'secret.google.api_key'],
  [/^glrt/, 'secret.gitlab.token'],
  [/^SG/, 'secret.sendgrid.api_key'],
];

/** A Telegram bot's: its number, a colon, 35 signs, the first `AA`. */
const TELEGRAM = /AA[\w-]{33}(?![\w-])/y;

/** No key is shorter than this. */
const SHORTEST = 20;
const IN_KEY = ((): Uint8Array => {
  const table = new Uint8Array(0x10000);
  for (const sign of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_=+/.-')
    table[sign.charCodeAt(0)] = 1;
  return table;
})();

export function findVendorKeys({ text, colons }: Scan): Finding[] {
  const findings: Finding[] = [];
  for (const colon of colons) {
    TELEGRAM.lastIndex = colon + 1;
    const bot = TELEGRAM.test(text) && /(?<![\w-])\d{8,10}$/.exec(text.slice(Math.max(0, colon - 12), colon))?.[0];
    if (bot) findings.push(findingOf('secret.other', colon - bot.length, TELEGRAM.lastIndex, 1));
  }
  // A long run of such signs is met by looking at every twentieth.
  for (let at = SHORTEST - 1; at < text.length; at += SHORTEST) {
    if (IN_KEY[text.charCodeAt(at)] === 0) continue;
    let start = at;
    while (start > 0 && at - start < SHORTEST && IN_KEY[text.charCodeAt(start - 1)] === 1) start--;
    let end = at + 1;
    while (end < text.length && IN_KEY[text.charCodeAt(end)] === 1) end++;
    if (end - start >= SHORTEST) findIn(text.slice(start, end), start, findings);
    at = end;
  }
  return findings;
}

function findIn(run: string, start: number, into: Finding[]): void {
  VENDOR.lastIndex = 0;
  for (let found = VENDOR.exec(run); found !== null; found = VENDOR.exec(run)) {
    const { 0: key, index } = found;
    if (/\w/.test(run.charAt(index - 1)) || isSpecimen(key)) continue;
    const kind = VENDOR_KINDS.find(([prefix]) => prefix.test(key))?.[1] ?? 'secret.other';
    into.push(findingOf(kind, start + index, start + index + key.length, 1));
  }
}
