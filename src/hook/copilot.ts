import { type JsonDocument, type JsonValue, parse as parseJson } from '../json/index.ts';
import type { ToolCall } from '../tool/index.ts';
import type { Agent, HookCall } from './agent.ts';
import { answerOf } from './answer.ts';
import { HookError } from './error.ts';
import { eventOf, innerObjectOf, invalid, optionalText, serverIn, text, unsupported, workspaceIn } from './payload.ts';
import { PRE_TOOL_USE } from './pre-tool-use.ts';
import { PATIENCE_SECONDS } from './settings.ts';

const EVENT = 'preToolUse';

/** Fields of the events that come later, or have no tool; this payload does not name its event. */
const LATER: Readonly<Record<string, string>> = {
  toolResult: 'postToolUse',
  error: 'postToolUseFailure',
  toolInput: 'permissionRequest',
};

/** The keys of one payload in its two formats: named preToolUse in the settings, or PreToolUse as VS Code has it. */
interface Keys {
  session: string;
  tool: string;
  arguments: string;
}
const CAMEL: Keys = { session: 'sessionId', tool: 'toolName', arguments: 'toolArgs' };
const SNAKE: Keys = { session: 'session_id', tool: 'tool_name', arguments: 'tool_input' };

/**
 * Copilot CLI and cloud agent, after the GitHub Copilot hooks reference (github/docs, hooks-reference.md, 2026).
 *
 * An allow is an empty object, which leaves the normal permission flow as it is; "allow" would grant the permission. The
 * cloud agent takes "ask" for a denial by itself.
 */
export const copilot: Agent = {
  name: 'copilot',
  parse,
  asks: () => true,
  answer: (ruling) =>
    answerOf(ruling, (reason) => ({ permissionDecision: ruling.effect, permissionDecisionReason: reason })),
  reason: (answer) => answer.get('permissionDecisionReason')?.string(),
  settings: {
    file: { user: '.copilot/hooks/verdict.json', project: '.github/hooks/verdict.json' },
    comments: false,
    base: { version: 1 },
    places: [{ event: EVENT }],
    grouped: false,
    hook: (command) => ({ type: 'command', bash: command, timeoutSec: PATIENCE_SECONDS }),
  },
};

function parse(document: JsonDocument): HookCall {
  const snake = document.get('hook_event_name') !== undefined;
  const keys = snake ? SNAKE : CAMEL;
  const event = snake ? eventOf(document, [PRE_TOOL_USE]) : nativeEvent(document);
  if (document.get((snake ? CAMEL : SNAKE).tool) !== undefined)
    throw invalid(keys.tool, 'the tool to be named once, in one of the two formats');
  const name = text(document, keys.tool);
  return {
    call: {
      name,
      origin: 'hook',
      server: serverIn(name),
      id: null,
      ...workspaceIn(document),
      ...argumentsOf(document.get(keys.arguments), keys.arguments),
    },
    session: optionalText(document, keys.session),
    event,
  };
}

function nativeEvent(document: JsonDocument): string {
  for (const [key, event] of Object.entries(LATER))
    if (document.get(key) !== undefined) throw unsupported([EVENT], event);
  if (document.get(CAMEL.tool) === undefined) throw unsupported([EVENT], '');
  return EVENT;
}

/** What begins like an object must be an exact one; another text, such as a patch, is what the tool takes as it is. */
function argumentsOf(value: JsonValue | undefined, key: string): Pick<ToolCall, 'type' | 'arguments'> {
  const inner = value?.string();
  if (inner === undefined || /^[ \t\r\n]*\{/.test(inner))
    return { type: 'function', arguments: innerObjectOf(value, key) };
  if (/^[ \t\r\n]*[["]/.test(inner)) throw new HookError('HOOK_ARGUMENTS_INVALID', `expected an object in $.${key}`);
  return { type: 'custom', arguments: parseJson((value as JsonValue).raw()) };
}
