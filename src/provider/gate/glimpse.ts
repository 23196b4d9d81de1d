import type { JsonValue } from '../../json/index.ts';
import { ProviderError } from '../error.ts';
import { isAbsent } from '../read.ts';
import type { SeenCall } from './gate.ts';
import { blockKind } from './messages/shape.ts';
import { readResponse } from './reading.ts';
import { announce, kindOfItem } from './responses/item.ts';

// What of a response that cannot be followed can be told all the same. Nothing is released by what is read here.

const LONGEST_NAME = 256;

/** The calls in a body that cannot be followed; none if it is no JSON. */
export function seenCalls(body: Uint8Array): SeenCall[] {
  const reading = readResponse(Buffer.from(body.buffer, body.byteOffset, body.length));
  return reading ? glimpse(reading.body) : [];
}

/** The calls in a response, or in an event of one, that stand where the dialects put them, whatever else is wrong. */
export function glimpse(body: JsonValue): SeenCall[] {
  const messages = listed(body, 'choices').flatMap((choice) => [choice.get('message'), choice.get('delta')]);
  const calls = messages.flatMap((message) => [...listed(message, 'tool_calls'), message?.get('function_call')]);
  const blocks = [...listed(body, 'content'), ...listed(body.get('message'), 'content'), body.get('content_block')];
  const items = [body.get('item'), ...listed(body, 'output'), ...listed(body.get('response'), 'output')];
  return [
    ...calls.flatMap(named),
    ...blocks.flatMap((block) => told(block, blockKind, named)),
    ...items.flatMap((item) => told(item, kindOfItem, (call) => [seen(announce(call))])),
  ];
}

const listed = (value: JsonValue | undefined, key: string): JsonValue[] => value?.get(key)?.items() ?? [];

/** What nobody can tell is taken for a call if it has a name, as calls have. */
function told(
  value: JsonValue | undefined,
  kindOf: (value: JsonValue) => string,
  read: (call: JsonValue) => SeenCall[],
): SeenCall[] {
  if (value?.kind !== 'object') return [];
  try {
    return kindOf(value) === 'call' ? read(value) : [];
  } catch (error) {
    if (error instanceof ProviderError) return value.get('name')?.kind === 'string' ? named(value) : [];
    throw error;
  }
}

function named(call: JsonValue | undefined): SeenCall[] {
  if (!call || isAbsent(call)) return [];
  const names = [call, call.get('function'), call.get('custom')].map((holder) => holder?.get('name')?.string());
  return [seen({ name: names.find(Boolean), id: call.get('id')?.string() })];
}

const seen = ({ name, id }: { name?: string | undefined; id?: string | null | undefined }): SeenCall => ({
  name: name ? name.slice(0, LONGEST_NAME) : null,
  id: id ?? null,
  more: 0,
});
