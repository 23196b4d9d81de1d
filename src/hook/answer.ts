import type { Answer, Ruling } from './agent.ts';

const LONGEST = 2000;

/** Control characters and marks that turn the direction of writing could redraw or command the terminal that shows a reason. */
const UNPRINTABLE = /[\p{Cc}\s\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/gu;

/**
 * @param objection what the agent's own schema says to a denial or a question, for this reason
 * @param allowed what it says to an allow: an empty object is no decision
 */
export function answerOf(ruling: Ruling, objection: (reason: string) => object, allowed: object = {}): Answer {
  const { effect } = ruling;
  if (effect === 'allow') return { effect, exitCode: 0, stdout: JSON.stringify(allowed), stderr: '' };
  const reason = reasonOf(ruling);
  const stdout = JSON.stringify(objection(reason));
  return effect === 'ask'
    ? { effect, exitCode: 0, stdout, stderr: '' }
    : { effect, exitCode: 2, stdout, stderr: reason };
}

/** One line, never empty, that names the decision. */
function reasonOf({ message, decisionId }: Ruling): string {
  const line = message.replace(UNPRINTABLE, ' ').trim().slice(0, LONGEST).toWellFormed() || 'policy gave no reason';
  return decisionId === null ? `Verdict: ${line}` : `Verdict: ${line} (decision ${decisionId})`;
}
