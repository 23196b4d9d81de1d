import type { JsonValue } from '../../../json/index.ts';
import { ProviderError } from '../../error.ts';
import { isAbsent, readObject } from '../../read.ts';
import type { RefusalFields } from '../../refusal.ts';
import type { JudgedCall } from '../call.ts';
import { asciiJson, type Edit } from '../edit.ts';
import type { GateOptions, JsonGate } from '../gate.ts';
import { faultyJson, type JsonReading, openJson } from '../json.ts';
import { announce, isAsSent, RanItems, readCallItem } from './item.ts';
import { messageItem } from './message.ts';
import { type Listed, listCalls, readOutput } from './output.ts';

/** Withholds a whole Responses API response until its tool calls are ruled on. The body must not change. */
export function openResponsesJsonGate(body: Uint8Array, options: GateOptions): JsonGate {
  if (body.length > options.maxHeldBytes) return faultyJson('openai', 'RESPONSE_TOO_LARGE', options);
  return openJson('openai', body, options, (reading, bytes) => readBody(reading.body, bytes, options));
}

function readBody(body: JsonValue, bytes: Buffer, { maxArgumentBytes, maxCalls }: GateOptions): JsonReading {
  const response = readWhole(body);
  const ran = new RanItems();
  const listed = listCalls(readOutput(response), (item) => readCallItem(item, maxArgumentBytes, maxCalls), ran);
  return {
    calls: judge(listed, isCompleted(response), maxCalls),
    exact: listed.every(({ item }) => isAsSent(item, bytes)),
    observed: ran.observed(0),
    strip: (refusals) => strip(listed, refusals),
  };
}

/** The last stands for all beyond the limit; a wrapper counts for what it holds. */
function judge(listed: Listed[], isWhole: boolean, maxCalls: number): JudgedCall[] {
  const judged: JudgedCall[] = [];
  let count = 0;
  for (const [number, { item, read }] of listed.entries()) {
    const status = item.get('status')?.string();
    const isIncomplete = status === 'incomplete' || (!isWhole && status !== 'completed');
    const calls = isIncomplete ? [announce(item)] : read.calls;
    count += calls.length;
    if (count > maxCalls) {
      const more = calls.length - 1 + listed.slice(number + 1).reduce((sum, one) => sum + one.read.calls.length, 0);
      return [...judged, { calls: [announce(item)], fault: 'TOOL_CALLS_TOO_MANY', more }];
    }
    judged.push(isIncomplete ? { calls, fault: 'TOOL_CALL_INCOMPLETE' } : read);
  }
  return judged;
}

function strip(listed: Listed[], refusals: (RefusalFields | undefined)[]): Edit[] {
  return listed.flatMap(({ item: { start, end } }, number): Edit[] => {
    const refusal = refusals[Math.min(number, refusals.length - 1)];
    return refusal ? [{ start, end, text: asciiJson(messageItem(number, refusal)) }] : [];
  });
}

/** What has neither an output nor says that it is a response or an error may have its calls anywhere. */
function readWhole(body: JsonValue): JsonValue {
  const response = readObject(body, '$');
  const isResponse = !isAbsent(response.get('output')) || response.get('object')?.string() === 'response';
  if (!isResponse && response.get('error')?.kind !== 'object') throw new ProviderError('$', 'a response');
  return response;
}

function isCompleted(response: JsonValue): boolean {
  const status = response.get('status');
  return isAbsent(status) || status?.string() === 'completed';
}
