import type { Finding } from '../finding.ts';
import { entropyOf } from './entropy.ts';
import { isExample, isPlaceholder } from './examples.ts';
import { findingOf } from './numbers.ts';

/** The longest beginning of a line, `export ` and a name. */
const LONGEST_NAME = 48;
const NAME = /(?:^|\n)\s{0,8}(?:export )?[A-Z][A-Z0-9_]{2,40}$/;
// A longer value than this is no key: nothing else in a line may follow.
const VALUE = /["']?([\w+/=.~-]{20,512})["']?[ \t]{0,8}(?:\r?\n|$)/y;

/** Lines of an `.env` file with a random value, whatever its name says. */
export function findEnvLines(text: string): Finding[] {
  const findings: Finding[] = [];
  for (let at = text.indexOf('='); at >= 0; at = text.indexOf('=', at + 1)) {
    // Cheap first: in programs a space stands in front of most signs.
    const code = text.charCodeAt(at - 1);
    const isName = (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95;
    if (!isName || !NAME.test(text.slice(Math.max(0, at - LONGEST_NAME - 10), at))) continue;
    VALUE.lastIndex = at + 1;
    const found = VALUE.exec(text);
    const value = found?.[1];
    if (value === undefined || !isRandom(value)) continue;
    const start = at + 1 + (found as RegExpExecArray)[0].indexOf(value);
    findings.push(findingOf('secret.key', start, start + value.length, 0.6));
  }
  return findings;
}

const isRandom = (value: string): boolean =>
  /\d/.test(value) &&
  /[a-z]/i.test(value) &&
  entropyOf(value) >= 3.8 &&
  !isPlaceholder(value) &&
  !isExample(value) &&
  // A path, a host, a version
  !/[/.]\w*[/.]/.test(value);
