import type { JsonValue } from '../json/index.ts';
import { hidesField } from '../sse/index.ts';
import { type Reading, readResponse } from './gate/reading.ts';

/**
 * Under these, answers of every dialect that clients know hold what a model said and what it calls (OpenAI's, Anthropic's,
 * Bedrock's, Gemini's, Ollama's), in letters and digits alone.
 */
const ANSWERS = new Set([
  ...['choices', 'candidates', 'delta', 'content', 'parts', 'output', 'outputs', 'response', 'generations', 'messages'],
  ...['toolcall', 'toolcalls', 'functioncall', 'functioncalls', 'tooluse', 'function', 'custom', 'action', 'input'],
]);
/** Under these, a text too can be a call, or its arguments. Groq's `failed_generation` is a call that did not match its schema. */
const TEXTS = new Set(['arguments', 'args', 'partialjson', 'failedgeneration']);
const CALL_TYPE = /(?:call|calls|use|function|custom|approval.?request)$/i;

/** Whether a body is JSON that everybody reads alike, and nothing in it can be a call. */
export function isCallless(body: Uint8Array): boolean {
  const reading = readBody(body);
  return reading !== undefined && holdsNoCall(reading.body);
}

export const readBody = (body: Uint8Array): Reading | undefined => readResponse(bufferOf(body));

/** Whether a reader of lines, such as Python's, could find an event of its own in a text of the body. */
export const hidesEvent = (body: Uint8Array): boolean => hidesField(bufferOf(body).toString('latin1'));

const bufferOf = (body: Uint8Array): Buffer => Buffer.from(body.buffer, body.byteOffset, body.length);

/** Whether no client could find a call in it, at any depth. A text is none but in a few places. */
export function holdsNoCall(value: JsonValue): boolean {
  if (value.kind === 'array') return value.items().every(holdsNoCall);
  return value.entries().every(([key, inner]) => isHarmless(key, inner) && holdsNoCall(inner));
}

function isHarmless(key: string, value: JsonValue): boolean {
  // A client may fold case, or write `toolCalls`; upper then lower joins what simple folding leaves apart, such as 'ſ' and 's'.
  const name = key
    .toUpperCase()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');
  if (name === 'type') return !CALL_TYPE.test(value.string() ?? '');
  if (ANSWERS.has(name)) return isScalar(value) || (value.kind === 'array' && value.items().every(isScalar));
  return !TEXTS.has(name) || (isScalar(value) && value.kind !== 'string');
}

const isScalar = ({ kind }: JsonValue): boolean => kind !== 'object' && kind !== 'array';
