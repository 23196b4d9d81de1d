import type { JsonValue } from '../../../json/index.ts';
import { isAbsent, readArray, readObject } from '../../read.ts';
import type { StreamedCall } from './call.ts';
import { type CallItem, kindOfItem, type RanItems } from './item.ts';
import { checkResponse } from './shape.ts';

/** The items of a whole response. Servers leave the list out where it is empty, or was streamed. */
export function readOutput(response: JsonValue | undefined): JsonValue[] {
  const object = readObject(response, '$.response');
  checkResponse(object);
  const output = object.get('output');
  if (isAbsent(output)) return [];
  return readArray(output, '$.response.output').map((item, i) => readObject(item, `$.response.output[${i}]`));
}

/** A call in a whole response. */
export interface Listed {
  position: number;
  item: JsonValue;
  read: CallItem;
}

export function listCalls(output: JsonValue[], read: (item: JsonValue) => CallItem, ran: RanItems): Listed[] {
  let before = 0;
  return output.flatMap((item, position) => {
    const kind = kindOfItem(item);
    if (kind === 'ran') ran.list(item, before++);
    return kind === 'call' ? [{ position, item, read: read(item) }] : [];
  });
}

/**
 * Which calls of the stream a whole response repeats: those that say the same, then those that stand at its place or have
 * its id. A position is no output index if the stream left one out; a call with a fault is refused whatever it says.
 */
export function matchCalls(listed: Listed[], calls: StreamedCall[]): Map<Listed, StreamedCall> {
  const matches = new Map<Listed, StreamedCall>();
  const free = new Set(calls);
  const take = (one: Listed, call: StreamedCall | undefined): void => {
    if (!call || matches.has(one)) return;
    matches.set(one, call);
    free.delete(call);
  };
  const atPlace = byKey(calls, ({ index }) => index);
  for (const one of listed) {
    take(
      one,
      pick(atPlace, one.position, free, ({ digest }) => digest === one.read.digest),
    );
  }
  const byDigest = byKey(calls, ({ digest }) => digest);
  for (const one of listed) if (!matches.has(one)) take(one, pick(byDigest, one.read.digest, free));
  const byId = byKey(calls, ({ id }) => id ?? undefined);
  for (const one of listed) if (!matches.has(one) && one.read.id !== null) take(one, pick(byId, one.read.id, free));
  for (const one of listed) if (!matches.has(one)) take(one, pick(atPlace, one.position, free));
  return matches;
}

function byKey<K>(calls: StreamedCall[], keyOf: (call: StreamedCall) => K | undefined): Map<K, StreamedCall[]> {
  const lists = new Map<K, StreamedCall[]>();
  // Backwards, so that the first is the one that is taken off the end.
  for (const call of calls.toReversed()) {
    const key = keyOf(call);
    if (key === undefined) continue;
    const list = lists.get(key);
    if (list) list.push(call);
    else lists.set(key, [call]);
  }
  return lists;
}

function pick<K>(
  lists: Map<K, StreamedCall[]>,
  key: K,
  free: ReadonlySet<StreamedCall>,
  fits: (call: StreamedCall) => boolean = () => true,
): StreamedCall | undefined {
  const list = lists.get(key);
  while (list && list.length > 0) {
    const call = list.at(-1) as StreamedCall;
    if (free.has(call)) return fits(call) ? call : undefined;
    list.pop();
  }
  return undefined;
}
