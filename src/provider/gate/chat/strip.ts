import type { JsonValue } from '../../../json/index.ts';
import { asciiJson, type Edit } from '../edit.ts';
import { type ChatChoice, type ChatPart, LEGACY } from './shape.ts';

/** What is taken out of a response. */
export interface Stripping {
  /** The index that a call of a choice has now: undefined if it was taken out. */
  place(choice: number, call: number): number | undefined;
  /** Whether calls were taken out of a choice and none is left. */
  isBare(choice: number): boolean;
  /** Whether what a choice says beside its text is taken out: calls of it were, and their tokens may be there. */
  isMuted(choice: number): boolean;
  /** What is added to the text of a choice. */
  notices(choice: number): string[];
}

const CALL_FINISHES = new Set(['tool_calls', 'function_call']);

export interface Stripped {
  edits: Edit[];
  /** Whether what is left says nothing. */
  isEmpty: boolean;
}

/** The changes to a chunk or a response that take calls out of it; what they do not touch stays as it was sent. */
export function stripChoices(bytes: Buffer, choices: ChatChoice[], stripping: Stripping): Stripped {
  const edits: Edit[] = [];
  let isEmpty = true;
  for (const choice of choices) {
    const { index, message, parts, beside, finish, value } = choice;
    const muted = stripping.isMuted(index) ? beside.more : [];
    const isInside = ({ start, end }: JsonValue): boolean =>
      message !== undefined && start >= message.start && end <= message.end;
    const notices = stripping.notices(index);
    const isMoved = parts.some((part) => stripping.place(index, part.index) !== part.index);
    const isTouched = notices.length > 0 || isMoved || muted.some(isInside);
    if (message && isTouched) {
      const place: Place = (call) => stripping.place(index, call);
      const text = stripMessage(bytes, message, { parts, notices, place, muted });
      edits.push({ start: message.start, end: message.end, text });
      if (text !== '{}') isEmpty = false;
    } else {
      isEmpty = false;
    }
    for (const one of muted) if (!isInside(one)) edits.push({ start: one.start, end: one.end, text: 'null' });
    if (finish !== '') isEmpty = false;
    if (!CALL_FINISHES.has(finish) || !stripping.isBare(index)) continue;
    const reason = value.get('finish_reason') as JsonValue;
    edits.push({ start: reason.start, end: reason.end, text: '"stop"' });
  }
  return { edits: edits.sort((one, other) => one.start - other.start), isEmpty };
}

type Place = (call: number) => number | undefined;

/** What is taken out of a message, and put there. */
interface Change {
  parts: ChatPart[];
  notices: string[];
  place: Place;
  muted: JsonValue[];
}

function stripMessage(bytes: Buffer, message: JsonValue, { parts, notices, place, muted }: Change): string {
  const fields: string[] = [];
  const add = (key: string, text: string): void => {
    fields.push(`${asciiJson(key)}:${text}`);
  };
  let noted = notices.length === 0;
  for (const [key, value] of message.entries()) {
    if (muted.some(({ start }) => start === value.start)) continue;
    const raw = textOf(bytes, value);
    if (key === 'tool_calls' && value.kind === 'array' && value.items().length > 0) {
      const calls = stripCalls(bytes, value.items(), parts, place);
      if (calls.length > 0) add(key, `[${calls.join(',')}]`);
    } else if (key === 'function_call' && value.kind === 'object') {
      if (place(LEGACY) !== undefined) add(key, raw);
    } else if (key === 'content' && !noted) {
      add(key, withNotices(value, raw, notices));
      noted = true;
    } else {
      add(key, raw);
    }
  }
  if (!noted) add('content', asciiJson(notices.join('\n')));
  return `{${fields.join(',')}}`;
}

function stripCalls(bytes: Buffer, calls: JsonValue[], parts: ChatPart[], place: Place): string[] {
  const own = parts.filter(({ index }) => index !== LEGACY); // in the order of the calls
  const kept: string[] = [];
  calls.forEach((call, i) => {
    const now = place((own[i] as ChatPart).index);
    if (now === undefined) return;
    const index = call.get('index');
    const raw = textOf(bytes, call);
    const before = (own[i] as ChatPart).index;
    if (index?.kind !== 'number' || now === before) kept.push(raw);
    else kept.push(`${raw.slice(0, index.start - call.start)}${now}${raw.slice(index.end - call.start)}`);
  });
  return kept;
}

function withNotices(content: JsonValue, raw: string, notices: string[]): string {
  const text = notices.join('\n');
  if (content.kind === 'array') {
    const part = asciiJson({ type: 'text', text });
    return `${raw.slice(0, -1)}${content.items().length > 0 ? ',' : ''}${part}]`;
  }
  if (content.kind !== 'string' || raw === '""') return asciiJson(text);
  return `${raw.slice(0, -1)}${asciiJson(`\n\n${text}`).slice(1)}`;
}

const textOf = (bytes: Buffer, { start, end }: JsonValue): string => bytes.toString('latin1', start, end);
