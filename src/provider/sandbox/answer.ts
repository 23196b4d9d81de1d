import type { Provider } from '../../input/index.ts';

/** A tool call that the sandbox makes, because it was asked to. */
export interface AnsweredCall {
  name: string;
  /** Whether the tool takes free text: the arguments are that text then. */
  custom: boolean;
  arguments: string;
}

/** What the sandbox says, before a dialect puts it into its own shape. */
export interface Answer {
  id: string;
  model: string;
  /** Pieces of the text; streamed one by one. */
  words: string[];
  /** After the text, if any. */
  call: AnsweredCall | undefined;
  /** Whether the caller's token limit cut the text. */
  cut: boolean;
  inputTokens: number;
  outputTokens: number;
}

/** Listed by the sandbox; it answers for any model. */
export const SANDBOX_MODELS: Record<Provider, string[]> = {
  openai: ['gpt-5-mini', 'gpt-5.2'],
  anthropic: ['claude-haiku-4-5', 'claude-sonnet-5'],
};

/** The same answer on every day: the sandbox has no clock. */
export const SANDBOX_EPOCH = new Date('2026-01-01T00:00:00Z');

/** Pieces of a few characters, as a model's arguments are streamed. */
export function fragments(text: string): string[] {
  return text.match(/[\s\S]{1,8}/gu) ?? [];
}
