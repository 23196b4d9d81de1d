import { ProviderError } from '../../error.ts';
import { isAbsent } from '../../read.ts';
import type { RefusalFields } from '../../refusal.ts';
import type { JudgedCall } from '../call.ts';
import type { Edit } from '../edit.ts';
import { notice } from '../error.ts';
import type { GateOptions, JsonGate } from '../gate.ts';
import { type JsonReading, openJson } from '../json.ts';
import { RanTools } from '../ran.ts';
import type { Reading } from '../reading.ts';
import { ChatCall } from './call.ts';
import { addRan, type ChatChoice, readChoices } from './shape.ts';
import { type Stripping, stripChoices } from './strip.ts';

/** Withholds a whole Chat Completions response until its tool calls are ruled on. */
export function openChatJsonGate(body: Uint8Array, options: GateOptions): JsonGate {
  return openJson('openai', body, options, (reading, bytes) => readBody(reading, bytes, options));
}

/** Where a call stands. */
interface Call {
  choice: number;
  index: number;
}

function readBody({ body, exact }: Reading, bytes: Buffer, { maxCalls, maxArgumentBytes }: GateOptions): JsonReading {
  const choices = readChoices(body, 'message');
  if (choices.length === 0 && isAbsent(body.get('choices')) && isAbsent(body.get('error'))) {
    throw new ProviderError('$.choices', 'an array');
  }
  const calls: Call[] = [];
  const judged: JudgedCall[] = [];
  /** Of each choice, how many calls are beyond the limit: the last that is judged stands for them all. */
  const beyond = choices.map(() => 0);
  let excess: JudgedCall | undefined;
  let count = 0;
  for (const { index: choice, parts } of choices) {
    for (const part of parts) {
      const isExcess = count >= maxCalls;
      if (isExcess) beyond[choice] = (beyond[choice] ?? 0) + 1;
      if (excess) {
        excess.more = (excess.more ?? 0) + 1;
        continue;
      }
      const call = new ChatCall(part.index, isExcess ? 'TOOL_CALLS_TOO_MANY' : undefined);
      call.add(part, maxArgumentBytes);
      const one = call.judge(maxCalls - count); // a wrapper counts for what it holds
      judged.push(one);
      if (isExcess) excess = one;
      else calls.push({ choice, index: part.index });
      count += one.calls.length;
    }
  }
  const ran = choices.flatMap((choice) => choice.ran);
  const tools = new RanTools();
  addRan(ran, tools);
  return {
    calls: judged,
    exact,
    observed: { calls: ran.length, tools: tools.list, abandoned: 0 },
    strip: (refusals) => strip(bytes, choices, { calls, beyond, refusals }),
  };
}

interface Ruled {
  calls: Call[];
  beyond: number[];
  /** Of each of the calls, then of all that are beyond the limit. */
  refusals: (RefusalFields | undefined)[];
}

function strip(bytes: Buffer, choices: ChatChoice[], { calls, beyond, refusals }: Ruled): Edit[] {
  const left = choices.map(() => new Set<number>());
  const notices = choices.map((): string[] => []);
  calls.forEach(({ choice, index }, i) => {
    const refusal = refusals[i];
    if (refusal) notices[choice]?.push(notice(refusal));
    else left[choice]?.add(index);
  });
  const excess = refusals[calls.length];
  if (excess) {
    beyond.forEach((count, choice) => {
      if (count > 0) notices[choice]?.push(notice(excess, count));
    });
  }
  const stripping: Stripping = {
    place: (choice, index) => (left[choice]?.has(index) ? index : undefined),
    isBare: (choice) => left[choice]?.size === 0 && (choices[choice]?.parts.length ?? 0) > 0,
    isMuted: (choice) => notices[choice]?.length !== 0,
    notices: (choice) => notices[choice] ?? [],
  };
  return stripChoices(bytes, choices, stripping).edits;
}
