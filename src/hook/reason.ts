import type { Ruling } from './agent.ts';

const LONGEST = 2000;

/** Control characters and marks that turn the direction of writing could redraw or command the terminal that shows a reason. */
const UNPRINTABLE = /[\p{Cc}\s\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/gu;

/** One line, never empty, that names the decision. */
export function reasonOf({ message, decisionId }: Ruling): string {
  const line = message.replace(UNPRINTABLE, ' ').trim().slice(0, LONGEST).toWellFormed() || 'policy gave no reason';
  return decisionId === null ? `Verdict: ${line}` : `Verdict: ${line} (decision ${decisionId})`;
}
