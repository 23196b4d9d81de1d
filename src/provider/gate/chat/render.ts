import { sseFrame } from '../../../sse/index.ts';
import { asciiJson, edited } from '../edit.ts';
import { notice } from '../error.ts';
import { type Reading, readResponse } from '../reading.ts';
import { SseReader } from '../sse.ts';
import { type Choice, countOf, type Held, isBare, outcomeOf } from './choice.ts';
import { readChoices } from './shape.ts';
import { type Stripping, stripChoices } from './strip.ts';

const HEAD = ['id', 'object', 'created', 'model', 'system_fingerprint'];
const LONGEST_FIELD = 512;

/** The fields with which each chunk of a stream begins, for chunks of our own. */
export function headOf({ body }: Reading): string {
  const fields = HEAD.map((key) => [key, body.get(key)?.raw()] as const);
  return fields
    .filter(([, raw]) => raw && raw.length <= LONGEST_FIELD)
    .map(([key, raw]) => `"${key}":${Buffer.from(raw as Uint8Array).toString('latin1')},`)
    .join('');
}

/** What goes to the client of an event that was withheld, now that its calls are ruled on. */
export function renderHeld(held: Held, head: string): Uint8Array[] {
  const { frame, calls, choices, begun, saysMore, finishes } = held;
  const notices = begun.flatMap(({ choice, call, afterText }) => {
    const { refusal } = call.proposed ?? {};
    if (!refusal) return [];
    const gap = afterText || choice.isNoted ? '\n\n' : '';
    choice.isNoted = true;
    return [noticeChunk(head, choice.index, gap + notice(refusal, countOf(choice, call)))];
  });
  const isTouched = (choice: Choice): boolean =>
    calls.length > 0 || saysMore ? outcomeOf(choice).refused : finishes && isBare(choice);
  const raw = choices.some(isTouched) ? stripHeld(held, ruled(choices)) : frame?.raw;
  const rest = raw ? [raw] : [];
  // Text belongs before the end of its choice, and after what opens it.
  return finishes ? [...notices, ...rest] : [...rest, ...notices];
}

/** What is left of an event without any of its calls; undefined if nothing. */
export function withoutCalls(held: Held): Buffer | undefined {
  return stripHeld(held, { place: () => undefined, isBare: () => false, isMuted: () => true, notices: () => [] });
}

function stripHeld({ frame }: Held, stripping: Stripping): Buffer | undefined {
  const event = frame && new SseReader(frame.raw.length).read(frame);
  const reading = event && readResponse(event.data);
  if (!reading) return undefined;
  const { edits, isEmpty } = stripChoices(event.data, readChoices(reading.body, 'delta'), stripping);
  if (isEmpty && reading.body.get('usage')?.kind !== 'object') return undefined;
  return sseFrame({ type: event.type, data: edited(event.data, edits) });
}

function ruled(choices: Choice[]): Stripping {
  const byIndex = new Map(choices.map((choice) => [choice.index, choice]));
  const of = (index: number): Choice => byIndex.get(index) as Choice;
  return {
    place: (choice, call) => outcomeOf(of(choice)).places.get(call),
    isBare: (choice) => isBare(of(choice)),
    isMuted: (choice) => outcomeOf(of(choice)).refused,
    notices: () => [], // these are chunks of their own
  };
}

function noticeChunk(head: string, choice: number, content: string): Buffer {
  const delta = asciiJson({ content });
  const choices = `"choices":[{"index":${choice},"delta":${delta},"finish_reason":null}]`;
  return sseFrame({ type: '', data: Buffer.from(`{${head}${choices}}`, 'latin1') });
}
