import type { JsonDocument } from '../json/index.ts';
import type { Answer, HookCall, Ruling } from './agent.ts';
import { answerOf } from './answer.ts';
import { eventOf, objectOf, optionalText, serverIn, text, workspaceIn } from './payload.ts';

/** The event's name in Claude Code, and in the agents that took it over. */
export const PRE_TOOL_USE = 'PreToolUse';

/** The payload of Claude Code, which Codex and Copilot have taken over. */
export function parsePreToolUse(document: JsonDocument): HookCall {
  const event = eventOf(document, [PRE_TOOL_USE]);
  const name = text(document, 'tool_name');
  return {
    call: {
      name,
      type: 'function',
      origin: 'hook',
      server: serverIn(name),
      ...workspaceIn(document),
      id: optionalText(document, 'tool_use_id'),
      arguments: objectOf(document.get('tool_input'), 'tool_input'),
    },
    session: optionalText(document, 'session_id'),
    event,
  };
}

/** The answer in Claude Code's schema, which Codex has taken over in part. */
export function answerPreToolUse(ruling: Ruling): Answer {
  return answerOf(ruling, (reason) => ({
    hookSpecificOutput: {
      hookEventName: PRE_TOOL_USE,
      permissionDecision: ruling.effect,
      permissionDecisionReason: reason,
    },
  }));
}

export function reasonInPreToolUse(answer: JsonDocument): string | undefined {
  return answer.get('hookSpecificOutput')?.get('permissionDecisionReason')?.string();
}
