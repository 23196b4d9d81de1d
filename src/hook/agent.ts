import type { JsonDocument } from '../json/index.ts';
import type { ToolCall } from '../tool/index.ts';
import type { HookSettings } from './settings.ts';

export type AgentName = 'claude-code' | 'codex' | 'cursor' | 'gemini' | 'copilot';

/** What an agent announced: the call of a tool that it is about to run. */
export interface HookCall {
  call: ToolCall;
  /** The agent's id of the conversation; null if it gives none. */
  session: string | null;
  /** The event that the hook ran for, in the agent's own name. */
  event: string;
}

/** What was decided, for the agent and whoever sits before it. */
export interface Ruling {
  effect: 'allow' | 'deny' | 'ask';
  /** Why, in a sentence for a person; also read by the model. */
  message: string;
  /** Null if nothing was decided. */
  decisionId: string | null;
}

/** What the hook's command does so that the agent obeys. */
export interface Answer {
  /** What the answer comes to: a question becomes `deny` for an agent that cannot ask. */
  effect: Ruling['effect'];
  /** 2 is the one code that all agents take as a block; they run the tool after any other failure. */
  exitCode: 0 | 2;
  /** One JSON object of the agent's own schema; over HTTP, the body. */
  stdout: string;
  /** The reason where it is a denial, else empty. Codex takes an exit code of 2 without one as a failed hook, and runs the tool. */
  stderr: string;
}

/** One coding agent: how it announces a tool call, how it wants the answer, where its settings lie. */
export interface Agent {
  readonly name: AgentName;
  /** @throws HookError */
  parse(document: JsonDocument): HookCall;
  /** Whether the agent asks its person where the answer at this event says so. */
  asks(event: string | null): boolean;
  /** The event is null if the payload could not be read. A question is given only where it asks. */
  answer(ruling: Ruling, event: string | null): Answer;
  /** The reason that an answer of its schema gives. */
  reason(answer: JsonDocument): string | undefined;
  readonly settings: HookSettings;
}
