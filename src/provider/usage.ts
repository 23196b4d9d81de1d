import type { JsonValue } from '../json/index.ts';

/** Tokens as the vendor counts them. Those read from or written to a cache are input. */
export interface Usage {
  input_tokens: number;
  output_tokens: number;
}

/** What a response turned out to hold. */
export interface Observed {
  /** Null if the vendor did not say. */
  usage: Usage | null;
  /** Why each answer ended, in the vendor's words. */
  finish: string[];
  /** Tool calls that the model made, those that the vendor runs itself included. */
  tool_calls: number;
}

/** A vendor's word for the end of an answer: what else stands there is not repeated in a record. */
const REASON = /^[a-z][a-z0-9_]{0,63}$/;
const MOST_REASONS = 128;

export function count(value: JsonValue | undefined): number | undefined {
  const number = value?.number();
  return number !== undefined && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

export function addReason(finish: string[], value: JsonValue | undefined): void {
  const reason = value?.string();
  if (reason !== undefined && REASON.test(reason) && finish.length < MOST_REASONS) finish.push(reason);
}
