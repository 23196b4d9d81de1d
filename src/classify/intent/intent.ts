import type { Finding } from '../finding.ts';
import { INTENT_RULES } from './rules.ts';

/** A request stands at the start or the end of what somebody says; what they paste stands between. */
const LOOKED_AT = 2000;

/**
 * What a user seems to want. A hint for policy, such as for asking for approval or choosing a route: words show an intent, but
 * whoever wants to hide one finds others, so nothing may be allowed because an intent was not found. Of each kind only the
 * surest place is given.
 */
export function findIntent(text: string): Finding[] {
  const tail = Math.max(LOOKED_AT, text.length - LOOKED_AT);
  const parts: [string, number][] = [
    [text.slice(0, LOOKED_AT), 0],
    [text.slice(tail), tail],
  ];
  const best = new Map<string, Finding>();
  for (const [part, offset] of parts) {
    if (part === '') continue;
    for (const { kind, name, confidence, pattern } of INTENT_RULES) {
      const known = best.get(kind);
      if (known && known.confidence >= confidence) continue;
      pattern.lastIndex = 0;
      const match = pattern.exec(part);
      if (match === null) continue;
      const [start, end] = trimmed(match[0], offset + match.index);
      best.set(kind, { kind, start, end, confidence, rule: `intent/${name}` });
    }
  }
  return [...best.values()].sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Without what ended the sentence before. */
function trimmed(matched: string, at: number): [number, number] {
  const before = /^[^\p{L}\p{N}"'`]*/u.exec(matched)?.[0].length ?? 0;
  return [at + before, at + matched.length];
}
