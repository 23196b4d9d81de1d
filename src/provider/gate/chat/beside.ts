import type { JsonValue } from '../../../json/index.ts';
import { repeatsText, saysAnything } from '../tokens.ts';

// What stands in a choice beside its message, such as its tokens, which some servers do not part by text and call.

/** Members of a choice that are read, or tell of it and not of what it says. */
const OWN = new Set([
  ...['index', 'delta', 'message', 'finish_reason'],
  ...['content_filter_results', 'content_filter_result'],
]);
/** Of a message: what servers put there by that name. */
const TOKENS = ['token_id', 'token_ids', 'logprobs'];
/** Strings of a message that are text to every client. */
export const TEXTS = ['content', 'reasoning_content', 'reasoning', 'refusal'];

/** What a choice says beside its message. */
export interface Beside {
  /** Whether it says anything. */
  isThere: boolean;
  /** Those of its members that may say more than the text: they go the way of the calls of the choice. */
  more: JsonValue[];
}

export function readBeside(choice: JsonValue, message: JsonValue | undefined): Beside {
  const own = choice.entries().flatMap(([key, value]) => (OWN.has(key) ? [] : [[key, value] as const]));
  const told = TOKENS.map((key) => [key, message?.get(key)] as const);
  const beside = [...own, ...told].filter((one): one is [string, JsonValue] => holdsTokens(...one));
  if (beside.length === 0) return NOTHING;
  const texts = TEXTS.map((key) => message?.get(key)?.string() ?? '').filter((text) => text !== '');
  return { isThere: true, more: beside.flatMap(([, value]) => (isText(value, texts) ? [] : [value])) };
}

const NOTHING: Beside = { isThere: false, more: [] };

function holdsTokens(key: string, value: JsonValue | undefined): boolean {
  return value !== undefined && (saysAnything(value) || (key === 'token_id' && value.kind === 'number'));
}

/** Of numbers nobody can tell what they say; but one beside a text is that text's. */
function isText(value: JsonValue, texts: readonly string[]): boolean {
  if (value.kind === 'number') return texts.length > 0;
  if (value.kind === 'string') return texts.some((text) => text.startsWith(value.string() as string));
  if (value.kind === 'array')
    return texts.length > 0 && value.items().length === 1 && value.items()[0]?.kind === 'number';
  return value.entries().every(([, tokens]) => repeatsText(tokens, texts));
}
