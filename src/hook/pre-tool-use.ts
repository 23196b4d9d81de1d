import type { JsonDocument } from '../json/index.ts';
import type { Answer, HookCall, Ruling } from './agent.ts';
import { eventOf, objectOf, optionalPath, optionalText, serverIn, text } from './payload.ts';
import { reasonOf } from './reason.ts';

/** The event's name in Claude Code, and in the agents that took it over. */
export const PRE_TOOL_USE = 'PreToolUse';

/** The payload of Claude Code, which Codex and Copilot have taken over. */
export function parsePreToolUse(document: JsonDocument): HookCall {
  const event = eventOf(document, [PRE_TOOL_USE]);
  const name = text(document, 'tool_name');
  const workspace = optionalPath(document, 'cwd');
  return {
    call: {
      name,
      type: 'function',
      origin: 'hook',
      server: serverIn(name),
      id: optionalText(document, 'tool_use_id'),
      arguments: objectOf(document.get('tool_input'), 'tool_input'),
      ...(workspace === undefined ? {} : { workspace }),
    },
    session: optionalText(document, 'session_id'),
    event,
  };
}

/** The answer in Claude Code's schema, which Codex has taken over in part. */
export function answerPreToolUse(ruling: Ruling): Answer {
  const { effect } = ruling;
  if (effect === 'allow') return { effect, exitCode: 0, stdout: '{}', stderr: '' };
  const reason = reasonOf(ruling);
  const output = { hookEventName: PRE_TOOL_USE, permissionDecision: effect, permissionDecisionReason: reason };
  const stdout = JSON.stringify({ hookSpecificOutput: output });
  return effect === 'ask'
    ? { effect, exitCode: 0, stdout, stderr: '' }
    : { effect, exitCode: 2, stdout, stderr: reason };
}

export function reasonInPreToolUse(answer: JsonDocument): string | undefined {
  return answer.get('hookSpecificOutput')?.get('permissionDecisionReason')?.string();
}
