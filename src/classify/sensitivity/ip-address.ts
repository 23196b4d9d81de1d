import type { Finding } from '../finding.ts';
import { endsFree, findingOf, startsFree } from './numbers.ts';
import { isNear, type Scan } from './scan.ts';
import { NEAR } from './words.ts';

const KIND = 'personal.ip_address';

/** Addresses of hosts. Those that are nobody's (loopback, unspecified, multicast, masks) are no findings. */
export function findIpAddresses(scan: Scan): Finding[] {
  return [...findV4(scan), ...findV6(scan)];
}

function findV4(scan: Scan): Finding[] {
  const { text, starts, ends } = scan;
  const findings: Finding[] = [];
  for (let run = 0; run + 3 < starts.length; run++) {
    const start = starts[run] as number;
    const end = ends[run + 3] as number;
    // Cheap first: four runs, the dots between.
    if (end - start > 15 || text.charAt(ends[run] as number) !== '.' || !isDotted(scan, run)) continue;
    const parts = text.slice(start, end).split('.');
    if (!parts.every((part) => Number(part) <= 255 && !/^0\d/.test(part)) || !isFree(text, start, end)) continue;
    // `version 1.2.3.4`, but not `version 7 at 8.8.8.8`.
    if (isNobodys(parts.map(Number)) || isVersion(scan, start)) continue;
    findings.push(findingOf(KIND, start, end, confidenceOf(parts.map(Number))));
  }
  return findings;
}

/** `version 1.2.3.4`, `the release for the booking: 1.2.3.4`; one that runs on a host is followed by the host's address. */
const isVersion = (scan: Scan, start: number): boolean =>
  isNear(scan, NEAR.version, start, start, 12) ||
  (isNear(scan, NEAR.version, start, start, 40) &&
    !/\b(?:ip|host|server|addr\w*|at|from|to)\b|\d/i.test(scan.text.slice(Math.max(0, start - 32), start)));

const isDotted = ({ text, starts, ends }: Scan, run: number): boolean =>
  [0, 1, 2].every(
    (at) => text.charAt(ends[run + at] as number) === '.' && ends[run + at] === (starts[run + at + 1] as number) - 1,
  );

/** With a port or a prefix length behind it, if any. */
const isFree = (text: string, start: number, end: number): boolean =>
  startsFree(text, start) && (endsFree(text, end) || /[:/]/.test(text.charAt(end)));

const isNobodys = ([a, b, c, d]: number[]): boolean =>
  a === 0 || a === 127 || (a as number) >= 224 || (b === 0 && c === 0 && d === 0);

/** Sections of a standard and object identifiers look like `4.5.3.1`, `2.5.29.15`. */
const confidenceOf = (parts: number[]): number =>
  (parts[0] as number) < 10 && (parts[1] as number) < 10 ? 0.4 : isInner(parts) ? 0.5 : 0.9;

/** Private (RFC 1918), shared (RFC 6598), link-local, or for documentation (RFC 5737). */
const isInner = ([a, b, c]: number[]): boolean =>
  a === 10 ||
  (a === 172 && (b as number) >= 16 && (b as number) < 32) ||
  (a === 192 && b === 168) ||
  (a === 169 && b === 254) ||
  (a === 100 && (b as number) >= 64 && (b as number) < 128) ||
  ['192.0.2', '198.51.100', '203.0.113'].includes(`${a}.${b}.${c}`);

function findV6({ text, colons }: Scan): Finding[] {
  const findings: Finding[] = [];
  let done = 0;
  for (const colon of colons) {
    if (colon < done) continue;
    let start = colon;
    while (start > 0 && colon - start < 4 && /[\dA-Fa-f]/.test(text.charAt(start - 1))) start--;
    let end = colon;
    while (end - start < 40 && /[\dA-Fa-f:]/.test(text.charAt(end))) end++;
    done = end;
    if (text.charAt(end - 1) === ':' && text.charAt(end - 2) !== ':') end--;
    const isWhole = !/[\w:.]/.test(text.charAt(start - 1)) && !/\w/.test(text.charAt(end));
    if (isWhole && isV6(text.slice(start, end))) findings.push(findingOf(KIND, start, end, 0.9));
  }
  return findings;
}

/** RFC 4291, 2.2. Short forms such as `a::b` are names in programs more often than addresses: three groups and a digit. */
function isV6(address: string): boolean {
  const halves = address.split('::');
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (halves.length > 2 || !groups.every((group) => /^[\dA-Fa-f]{1,4}$/.test(group))) return false;
  const isComplete = halves.length === 2 ? groups.length >= 3 && groups.length < 8 : groups.length === 8;
  return isComplete && /\d/.test(address);
}
