import { ProviderError } from '../../error.ts';
import { isAbsent } from '../../read.ts';
import type { RefusalFields } from '../../refusal.ts';
import type { Edit } from '../edit.ts';
import { notice } from '../error.ts';
import type { GateOptions, JsonGate } from '../gate.ts';
import { type JsonReading, openJson } from '../json.ts';
import type { Reading } from '../reading.ts';
import { ChatCall } from './call.ts';
import { type ChatChoice, readChoices } from './shape.ts';
import { type Stripping, stripChoices } from './strip.ts';

/** Withholds a whole Chat Completions response until its tool calls are ruled on. */
export function openChatJsonGate(body: Uint8Array, options: GateOptions): JsonGate {
  return openJson('openai', body, options, (reading, bytes) => readBody(reading, bytes, options));
}

interface Call {
  choice: number;
  index: number;
  call: ChatCall;
}

function readBody({ body, exact }: Reading, bytes: Buffer, { maxCalls, maxArgumentBytes }: GateOptions): JsonReading {
  const choices = readChoices(body, 'message');
  if (choices.length === 0 && isAbsent(body.get('choices')) && isAbsent(body.get('error'))) {
    throw new ProviderError('$.choices', 'an array');
  }
  const calls: Call[] = [];
  for (const { index: choice, parts } of choices) {
    for (const part of parts) {
      if (calls.length > maxCalls) break; // the last stands for all beyond the limit
      const call = new ChatCall(part.index, calls.length === maxCalls ? 'TOOL_CALLS_TOO_MANY' : undefined);
      call.add(part, maxArgumentBytes);
      calls.push({ choice, index: part.index, call });
    }
  }
  const ran = choices.reduce((sum, choice) => sum + choice.ran, 0);
  return {
    calls: calls.map(({ call }) => call.judge(maxCalls)),
    exact,
    observed: { calls: ran, types: ran > 0 ? ['executed_tools'] : [], abandoned: 0 },
    strip: (refusals) => strip(bytes, choices, calls, refusals),
  };
}

function strip(bytes: Buffer, choices: ChatChoice[], calls: Call[], refusals: (RefusalFields | undefined)[]): Edit[] {
  const left = choices.map(() => new Set<number>());
  const notices = choices.map((): string[] => []);
  calls.forEach(({ choice, index }, i) => {
    const refusal = refusals[i];
    if (refusal) notices[choice]?.push(notice(refusal));
    else left[choice]?.add(index);
  });
  const stripping: Stripping = {
    place: (choice, index) => (left[choice]?.has(index) ? index : undefined),
    isBare: (choice) => left[choice]?.size === 0 && (choices[choice]?.parts.length ?? 0) > 0,
    notices: (choice) => notices[choice] ?? [],
  };
  return stripChoices(bytes, choices, stripping).edits;
}
