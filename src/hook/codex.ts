import type { Agent } from './agent.ts';
import { answerPreToolUse, PRE_TOOL_USE, parsePreToolUse, reasonInPreToolUse } from './pre-tool-use.ts';
import { PATIENCE_SECONDS } from './settings.ts';

/**
 * Codex, after codex-rs/hooks of openai/codex (schema.rs and engine/output_parser.rs, 2026).
 *
 * Its output is parsed with `deny_unknown_fields`, and an output that does not parse fails the hook: the tool then runs.
 * It knows `permissionDecision` "allow" and "ask" but fails the hook for them too. So an allow is an empty object, which is
 * "no decision", and what should be asked is denied.
 */
export const codex: Agent = {
  name: 'codex',
  parse: parsePreToolUse,
  asks: () => false,
  answer: answerPreToolUse,
  reason: reasonInPreToolUse,
  settings: {
    file: { user: '.codex/hooks.json', project: '.codex/hooks.json' },
    comments: false,
    base: {},
    places: [{ event: PRE_TOOL_USE }],
    grouped: true,
    hook: (command) => ({ type: 'command', command, timeout: PATIENCE_SECONDS }),
    note: 'Codex runs a new hook only once you have trusted it: see /hooks there.',
  },
};
