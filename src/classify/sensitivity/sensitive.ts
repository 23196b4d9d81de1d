import type { Finding } from '../finding.ts';
import { CARDS } from './card.ts';
import { findEmails } from './email.ts';
import { findHealth } from './health.ts';
import { AMERICAS } from './ids-americas.ts';
import { EUROPE } from './ids-europe.ts';
import { INDIA } from './ids-india.ts';
import { findIpAddresses } from './ip-address.ts';
import { findLettered } from './lettered.ts';
import { Numbers } from './numbers.ts';
import { findPhones } from './phone.ts';
import { findProprietary } from './proprietary.ts';
import type { Scan } from './scan.ts';
import { findSourceCode } from './source-code.ts';
import { findTold } from './told.ts';

const NUMBERS = new Numbers([...CARDS, ...AMERICAS, ...EUROPE, ...INDIA]);

/** Personal, payment and health data, source code, proprietary markers. */
export function sensitiveOf(scan: Scan): Finding[] {
  const numbers = [...NUMBERS.find(scan), ...findLettered(scan)];
  return [
    ...notWithin(numbers),
    ...findEmails(scan),
    ...findIpAddresses(scan),
    ...notWithin([...findPhones(scan), ...numbers]).filter(({ kind }) => kind === 'personal.phone'),
    ...findTold(scan),
    ...findHealth(scan),
    ...findProprietary(scan),
    ...findSourceCode(scan.text),
  ];
}

/** Without what are digits of a longer number that is surer: the groups of an IBAN are often those of a card or a phone. */
function notWithin(findings: Finding[]): Finding[] {
  if (findings.length < 2) return findings;
  const sorted = findings.toSorted((a, b) => a.start - b.start || b.end - a.end);
  let last: Finding | undefined;
  return sorted.filter((finding) => {
    const isWithin = last !== undefined && isPartOf(finding, last);
    if (!isWithin && finding.confidence >= SURE && (last === undefined || finding.end > last.end)) last = finding;
    return !isWithin;
  });
}

const SURE = 0.9;

const isPartOf = (finding: Finding, outer: Finding): boolean =>
  finding.start < outer.end && finding.end - finding.start < outer.end - outer.start && finding.start >= outer.start;
