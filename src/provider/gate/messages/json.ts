import type { JsonValue } from '../../../json/index.ts';
import { ProviderError } from '../../error.ts';
import { isAbsent, readArray } from '../../read.ts';
import type { RefusalFields } from '../../refusal.ts';
import { asciiJson, type Edit } from '../edit.ts';
import type { GateOptions, JsonGate } from '../gate.ts';
import { type JsonReading, openJson } from '../json.ts';
import { RanTools } from '../ran.ts';
import type { Reading } from '../reading.ts';
import { ToolUse } from './call.ts';
import { addRan, blockKind, readError, readMessage } from './shape.ts';
import { noticeBlock } from './strip.ts';

const NONE = { calls: 0, tools: [], abandoned: 0 };

/** Withholds a whole Messages response until its tool calls are ruled on. */
export function openMessagesJsonGate(body: Uint8Array, options: GateOptions): JsonGate {
  return openJson('anthropic', body, options, (reading, bytes) => readBody(reading, bytes, options));
}

function readBody(
  { body: value, exact }: Reading,
  bytes: Buffer,
  { maxArgumentBytes, maxCalls }: GateOptions,
): JsonReading {
  if (value.get('type')?.string() === 'error') {
    const body = readError(value);
    // By the status it is a message: an SDK would return its content.
    if (!isAbsent(body.get('content'))) throw new ProviderError('$.content', 'no content in an error');
    return { calls: [], exact, observed: NONE, strip: () => [] };
  }
  const body = readMessage(value);
  const blocks = readArray(body.get('content'), '$.content');
  const kinds = blocks.map(blockKind);
  const uses = blocks.filter((_, i) => kinds[i] === 'call');
  const ran = blocks.filter((_, i) => kinds[i] === 'provider');
  const tools = new RanTools();
  for (const block of ran) addRan(block, tools);
  // One beyond the limit stands for all.
  const calls = uses
    .slice(0, maxCalls + 1)
    .map((block, i) => new ToolUse(block, bytes, maxArgumentBytes, i < maxCalls ? undefined : 'TOOL_CALLS_TOO_MANY'));
  return {
    calls: calls.map((call, i) => {
      const judged = call.judge(maxCalls);
      return i < maxCalls ? judged : { ...judged, more: uses.length - maxCalls - 1 };
    }),
    exact,
    observed: { calls: ran.length, tools: tools.list, abandoned: 0 },
    strip: (refusals) => strip(body, uses, refusals),
  };
}

function strip(body: JsonValue, uses: JsonValue[], refusals: (RefusalFields | undefined)[]): Edit[] {
  const edits: Edit[] = [];
  uses.forEach(({ start, end }, i) => {
    const refusal = refusals[Math.min(i, refusals.length - 1)];
    if (refusal) edits.push({ start, end, text: asciiJson(noticeBlock(refusal)) });
  });
  const reason = body.get('stop_reason');
  if (edits.length === uses.length && reason?.string() === 'tool_use') {
    edits.push({ start: reason.start, end: reason.end, text: '"end_turn"' });
  }
  return edits.sort((one, other) => one.start - other.start);
}
