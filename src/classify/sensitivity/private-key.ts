import type { Finding } from '../finding.ts';
import { findingOf } from './numbers.ts';

const LEAST_KEY = 40;

/**
 * Private keys, also those that are cut off: a chunk of a stream or a pasted part ends before `END`, and is the key all the
 * same. To the end of the key, or of what there is of it.
 */
export function findPrivateKeys(text: string): Finding[] {
  const findings: Finding[] = [];
  for (let at = text.indexOf('PRIVATE KEY'); at >= 0; at = text.indexOf('PRIVATE KEY', at + 11)) {
    const label = /-----BEGIN[A-Z ]{0,24}$/.exec(text.slice(Math.max(0, at - 40), at))?.[0];
    if (label === undefined || !/^PRIVATE KEY(?: BLOCK)?-----/.test(text.slice(at, at + 24))) continue;
    const begin = at - label.length;
    let end = at;
    let signs = 0;
    // The armour's headers (RFC 1421, RFC 9580) hold other signs; a line of dashes ends it.
    for (end = text.indexOf('-----', at) + 5; end < text.length; end++) {
      const sign = text.charAt(end);
      if (/[A-Za-z0-9+/=]/.test(sign)) signs++;
      else if (!/[\s\\:,.()-]/.test(sign) || text.startsWith('-----', end)) break;
    }
    if (signs < LEAST_KEY) continue;
    const close = /^-----END [A-Z ]{0,24}PRIVATE KEY(?: BLOCK)?-----/.exec(text.slice(end, end + 64))?.[0];
    findings.push(findingOf('secret.private_key', begin, end + (close?.length ?? 0), 1));
    at = end;
  }
  return findings;
}
