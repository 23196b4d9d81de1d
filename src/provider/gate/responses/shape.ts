import type { JsonValue } from '../../../json/index.ts';
import { ProviderError } from '../../error.ts';
import { mayHoldCall, readMembers, type Shape } from '../stray.ts';

// What each object of a response holds that is read where it stands, or is no call whatever it looks like: what the
// caller asked with, and what tools gave.

/**
 * What an event may carry: the beginning or the end of an item, a piece of a call, a whole response (under way or final),
 * an error, or nothing that a client would run.
 */
export type EventKind = 'added' | 'done' | 'piece' | 'interim' | 'final' | 'error' | 'idle' | 'harmless';

/** By these a client tells what an event, a response or an item is, and which call it is. */
const TELLING = new Set([
  ...['type', 'item', 'response', 'output_index', 'error', 'output', 'object', 'id'],
  ...['arguments', 'input', 'action', 'actions', 'operation', 'command', 'commands', 'parameters'],
  ...['call_id', 'name', 'namespace', 'server_label', 'execution', 'status'],
]);
const shape = (...known: string[]): Shape => ({ known: new Set(known), telling: TELLING });

const EVENTS: Record<EventKind, Shape> = {
  added: shape('type', 'item'),
  done: shape('type', 'item'),
  piece: shape('type', 'name', 'arguments', 'input'),
  interim: shape('type', 'response'),
  final: shape('type', 'response'),
  error: shape('type'),
  idle: shape('type'),
  harmless: shape('type', 'part', 'logprobs'),
};
const RESPONSE = shape('output', 'tools', 'instructions', 'prompt', 'metadata', 'text', 'usage');
const PART = shape('logprobs');

/** Fields of items that call, or ran at the provider. */
const ITEM = shape(
  ...['type', 'name', 'arguments', 'input', 'action', 'actions', 'operation', 'command', 'commands', 'parameters'],
  ...['content', 'summary', 'output', 'outputs', 'results', 'tools'],
);
const TEXT_ITEM = shape('type', 'content', 'summary');
const QUIET_ITEM = shape('type', 'output', 'tools', 'text');
const TEXTS = new Set(['message', 'reasoning']);
const UNKNOWN_ITEM = shape();

/** @throws ProviderError if a client might find a call where the event of this kind has none */
export function checkEvent(event: JsonValue, kind: EventKind): void {
  readMembers(event, EVENTS[kind], '$');
  if (kind === 'harmless') readParts(event.get('part'), '$.part');
}

export function checkResponse(response: JsonValue): void {
  readMembers(response, RESPONSE, '$.response');
}

/** @param kind whether it calls or ran, is known to do neither, or is not known */
export function checkItem(item: JsonValue, kind: 'active' | 'quiet' | 'unknown'): void {
  const quiet = TEXTS.has(item.get('type')?.string() ?? '') ? TEXT_ITEM : QUIET_ITEM;
  readMembers(item, { active: ITEM, quiet, unknown: UNKNOWN_ITEM }[kind], '$.item');
  readParts(item.get('content'), '$.item.content');
  readParts(item.get('summary'), '$.item.summary');
}

function readParts(value: JsonValue | undefined, path: string): void {
  for (const part of value?.kind === 'array' ? value.items() : value ? [value] : []) {
    if (part.kind === 'object') readMembers(part, PART, path);
    else if (mayHoldCall(part)) throw new ProviderError(path, 'parts without calls');
  }
}
