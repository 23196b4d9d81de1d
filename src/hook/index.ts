import { type JsonDocument, JsonError } from '../json/index.ts';
import type { Agent, Answer, HookCall, Ruling } from './agent.ts';
import { claudeCode } from './claude-code.ts';
import { codex } from './codex.ts';
import { copilot } from './copilot.ts';
import { cursor } from './cursor.ts';
import { HookError } from './error.ts';
import { gemini } from './gemini.ts';

export type { Agent, AgentName, Answer, HookCall, Ruling } from './agent.ts';
export { HookError, type HookErrorCode } from './error.ts';
export { type HookPlace, type HookSettings, PATIENCE_SECONDS, type Scope } from './settings.ts';

/** The coding agents by name, as in `/v1/hooks/{agent}`. */
export const AGENTS: ReadonlyMap<string, Agent> = new Map(
  [claudeCode, codex, cursor, gemini, copilot].map((agent) => [agent.name, agent]),
);

/** @throws HookError if there is no such agent */
export function agentOf(name: string): Agent {
  const agent = AGENTS.get(name);
  if (!agent) throw new HookError('HOOK_AGENT_UNKNOWN', `expected one of ${[...AGENTS.keys()].join(', ')}`);
  return agent;
}

/**
 * Reads what an agent hands its hook. The document must have been checked for case-colliding keys too (the default).
 *
 * @throws HookError for whatever is not understood: it cannot be judged, so it must not run
 */
export function parseHook(agent: string, document: JsonDocument): HookCall {
  if (document.kind !== 'object') throw new HookError('HOOK_PAYLOAD_INVALID', 'expected an object');
  try {
    return agentOf(agent).parse(document);
  } catch (error) {
    // Arguments are read once more as a document of their own: what was read with wider limits may not fit these.
    if (!(error instanceof JsonError)) throw error;
    throw new HookError('HOOK_ARGUMENTS_INVALID', `expected exact JSON arguments: ${error.message}`);
  }
}

/** Whether the agent asks its person where the answer at this event says so; elsewhere a question comes to a denial. */
export function canAsk(agent: string, event: string): boolean {
  return agentOf(agent).asks(event);
}

/** The answer in the agent's own schema. The event is that of the HookCall; null if the payload could not be read. */
export function answerHook(name: string, ruling: Ruling, event: string | null): Answer {
  const agent = agentOf(name);
  return agent.answer(ruling.effect === 'ask' && !agent.asks(event) ? { ...ruling, effect: 'deny' } : ruling, event);
}
