import type { Finding } from '../finding.ts';
import { isPlaceholder } from './examples.ts';
import { findingOf } from './numbers.ts';

const USER_INFO = /[^\s:/@"'<>]{0,128}:([^\s/@"'<>]{3,256})@(?=[\w[])/y;

/** Passwords in addresses of any scheme: `redis://:password@host`. */
export function findConnectionStrings(text: string): Finding[] {
  const findings: Finding[] = [];
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', at + 3)) {
    USER_INFO.lastIndex = at + 3;
    const password = USER_INFO.exec(text)?.[1];
    if (password === undefined || isPlaceholder(password)) continue;
    let start = at;
    while (at - start < 16 && /[\w+.-]/.test(text.charAt(start - 1))) start--;
    let end = USER_INFO.lastIndex;
    while (end - at < 600 && end < text.length && !/[\s"'`<>),]/.test(text.charAt(end))) end++;
    if (start < at) findings.push(findingOf('secret.connection_string', start, end, 0.95));
    at = end;
  }
  return findings;
}
