import type { Agent } from './agent.ts';
import { answerPreToolUse, PRE_TOOL_USE, parsePreToolUse, reasonInPreToolUse } from './pre-tool-use.ts';
import { PATIENCE_SECONDS } from './settings.ts';

/**
 * Claude Code, after its hooks reference (code.claude.com/docs/en/hooks, October 2026, 2.1.295).
 *
 * An allow is answered with an empty object, "no decision": `permissionDecision: "allow"` would skip the person's own
 * permission prompt, and policy has no objection to a call, it does not approve it in the person's name.
 */
export const claudeCode: Agent = {
  name: 'claude-code',
  parse: parsePreToolUse,
  asks: () => true,
  answer: answerPreToolUse,
  reason: reasonInPreToolUse,
  settings: {
    file: { user: '.claude/settings.json', project: '.claude/settings.json' },
    comments: false,
    base: {},
    places: [{ event: PRE_TOOL_USE }],
    grouped: true,
    // `onFailure` (2.1.295; earlier ones pass over it): a hook that cannot start or runs out of time blocks too.
    hook: (command) => ({ type: 'command', command, timeout: PATIENCE_SECONDS, onFailure: 'block' }),
  },
};
