import type { JsonDocument } from '../json/index.ts';
import type { Agent, HookCall } from './agent.ts';
import { answerOf } from './answer.ts';
import { eventOf, invalid, objectOf, optionalText, text, workspaceIn } from './payload.ts';
import { PATIENCE_SECONDS } from './settings.ts';

const BEFORE_TOOL = 'BeforeTool';

/**
 * Gemini CLI, after docs/hooks/reference.md and packages/core/src/hooks of google-gemini/gemini-cli (0.56, August 2026).
 *
 * An allow is an empty object; it leaves the person's approval mode as it is. What should be asked is denied: the
 * documented decisions are "allow" and "deny", and versions that do not know "ask" take it for no objection. The JSON on
 * standard output is read even where the exit code is 2, so a denial is written there too.
 */
export const gemini: Agent = {
  name: 'gemini',
  parse,
  asks: () => false,
  answer: (ruling) => answerOf(ruling, (reason) => ({ decision: 'deny', reason })),
  reason: (answer) => answer.get('reason')?.string(),
  settings: {
    file: { user: '.gemini/settings.json', project: '.gemini/settings.json' },
    comments: true,
    base: {},
    places: [{ event: BEFORE_TOOL }],
    grouped: true,
    hook: (command) => ({ name: 'verdict', type: 'command', command, timeout: PATIENCE_SECONDS * 1000 }),
    note: "Gemini CLI may take variables named like a secret out of a hook's environment: give the token as a file.",
  },
};

function parse(document: JsonDocument): HookCall {
  const event = eventOf(document, [BEFORE_TOOL]);
  return {
    call: {
      ...workspaceIn(document),
      name: text(document, 'tool_name'),
      type: 'function',
      origin: 'hook',
      server: serverOf(document),
      id: null,
      arguments: objectOf(document.get('tool_input'), 'tool_input'),
    },
    session: optionalText(document, 'session_id'),
    event,
  };
}

/** Only the payload's word counts: in a name such as `mcp_a_b_c` nobody can tell server from tool. */
function serverOf(document: JsonDocument): string | null {
  const context = document.get('mcp_context');
  if (context === undefined || context.kind === 'null') return null;
  if (context.kind !== 'object') throw invalid('mcp_context', 'an object');
  return text(context, 'server_name');
}
