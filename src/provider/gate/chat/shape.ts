import type { JsonValue } from '../../../json/index.ts';
import { ProviderError } from '../../error.ts';
import { isAbsent, readArray, readObject, readOptionalArray } from '../../read.ts';
import { count } from '../../usage.ts';
import type { RanTools } from '../ran.ts';
import { mayHoldCall, readMembers, type Shape } from '../stray.ts';
import { type Beside, readBeside } from './beside.ts';

// What a Chat Completions response, or a chunk of a stream, holds. Vendors put much beside the text that no client runs;
// what a client might run and this reader does not know is refused.

/** A call, or in a stream a piece of one. */
export interface ChatPart {
  /** Its index among the choice's calls; LEGACY for `function_call`. */
  index: number;
  id: string | undefined;
  type: string | undefined;
  name: string | undefined;
  /** Arguments of a function, input of a custom tool. */
  text: string | undefined;
  /** Whether something of it is not of the type that it should be. */
  broken: boolean;
}

export interface ChatChoice {
  index: number;
  value: JsonValue;
  /** Its `delta` in a stream, its `message` in a whole response. */
  message: JsonValue | undefined;
  parts: ChatPart[];
  /** Empty if the choice does not end here. */
  finish: string;
  beside: Beside;
  /** Tools that the vendor says it ran. */
  ran: JsonValue[];
}

/** Notes them: Groq tells of each its type, and of some a name. */
export function addRan(ran: JsonValue[], tools: RanTools): void {
  for (const tool of ran) {
    const name = tool.get('name')?.string() ?? tool.get('type')?.string();
    tools.add('executed_tools', name, tool.get('server_label')?.string());
  }
}

export const LEGACY = -1;

/** Fields of a message that hold objects or arrays and no call: OpenAI's own, then those of servers that speak its dialect. */
const HARMLESS = new Set([
  ...['annotations', 'audio', 'refusal'],
  ...['reasoning', 'reasoning_content', 'reasoning_details', 'thinking', 'thinking_blocks'],
  ...['citations', 'context', 'images', 'extra_content', 'provider_specific_fields', 'executed_tools'],
]);
const PARTS = new Set([
  ...['text', 'output_text', 'refusal', 'thinking', 'reasoning', 'reference'],
  ...['image_url', 'input_audio', 'audio', 'document_url', 'file'],
]);
const TELLING = new Set([
  ...['choices', 'index', 'delta', 'message', 'finish_reason', 'tool_calls', 'function_call'],
  ...['id', 'type', 'function', 'custom', 'name', 'arguments', 'input'],
]);

/** Of each object what is read where it stands, and what is large or of the caller's own and holds no call. */
const shape = (...known: string[]): Shape => ({ known: new Set(known), telling: TELLING });
const BODY = shape('choices', 'usage', 'prompt_filter_results', 'prompt_logprobs', 'prompt_token_ids');
const CHOICE = shape('delta', 'message', 'logprobs', 'token_ids', 'content_filter_results', 'content_filter_result');
const MESSAGE = shape('content', 'tool_calls', 'function_call', 'executed_tools');
const CALL = shape('type', 'function', 'custom');
const FUNCTION = shape('name', 'arguments');
const CUSTOM = shape('name', 'input');

/**
 * The choices of a chunk (`delta`) or a response (`message`).
 *
 * @throws ProviderError if a call might hide where this does not look
 */
export function readChoices(body: JsonValue, form: 'delta' | 'message'): ChatChoice[] {
  readMembers(readObject(body, '$'), BODY, '$');
  const choices = readOptionalArray(body.get('choices'), '$.choices');
  return choices.map((choice, i) => readChoice(choice, i, form));
}

function readChoice(value: JsonValue, position: number, form: 'delta' | 'message'): ChatChoice {
  const path = `$.choices[${position}]`;
  readMembers(readObject(value, path), CHOICE, path);
  // Where all choices are there at once, clients go by their place.
  const index = form === 'message' ? position : count(value.get('index'));
  if (index === undefined) throw new ProviderError(`${path}.index`, 'a number');
  const other = value.get(form === 'delta' ? 'message' : 'delta');
  if (readParts(other, form, path).length > 0) throw new ProviderError(path, `calls in its ${form} alone`);
  const message = value.get(form);
  const parts = readParts(message, form, path);
  const ran = message?.get('executed_tools')?.items() ?? [];
  return { index, value, message, parts, beside: readBeside(value, message), finish: readFinish(value, path), ran };
}

function readFinish(choice: JsonValue, path: string): string {
  const finish = choice.get('finish_reason');
  if (isAbsent(finish)) return '';
  const reason = finish?.string();
  if (reason === undefined) throw new ProviderError(`${path}.finish_reason`, 'a string or null');
  return reason;
}

function readParts(message: JsonValue | undefined, form: 'delta' | 'message', path: string): ChatPart[] {
  if (isAbsent(message)) return [];
  const members = readMembers(readObject(message, path), MESSAGE, path);
  const parts: ChatPart[] = [];
  for (const [key, value] of members) {
    if (key === 'tool_calls') {
      const calls = readOptionalArray(value, `${path}.tool_calls`);
      calls.forEach((call, i) => {
        parts.push(readPart(call, form === 'message' ? i : undefined, `${path}.tool_calls`));
      });
    } else if (key === 'function_call') {
      if (!isAbsent(value)) parts.push(readLegacy(value, `${path}.function_call`));
    } else if (key === 'content') {
      if (value.kind === 'array') readContent(value, `${path}.content`);
      else if (value.kind === 'object') throw new ProviderError(`${path}.content`, 'a string or an array');
    } else if ((value.kind === 'object' || value.kind === 'array') && !HARMLESS.has(key)) {
      throw new ProviderError(path, 'no field that is not known and may hold a call');
    }
  }
  return parts;
}

/** The two ways of telling which tool and what for must agree with the type: a client may look at either. */
function readPart(call: JsonValue, place: number | undefined, path: string): ChatPart {
  readMembers(readObject(call, path), CALL, path);
  const fn = call.get('function');
  const custom = call.get('custom');
  const type = optional(call.get('type'));
  const id = optional(call.get('id'));
  if (!isAbsent(fn) && !isAbsent(custom)) throw new ProviderError(path, 'a function or a custom tool');
  const isCustom = !isAbsent(custom);
  const isKnown = type === '' || type === undefined || type === (isCustom ? 'custom' : 'function');
  // The piece that names the type may hold no more than that.
  const bare = isAbsent(fn) && !isCustom;
  if (type === null || (!isKnown && !(bare && type === 'custom'))) throw new ProviderError(path, 'a known type');
  if (isCustom) readMembers(readObject(custom, path), CUSTOM, path);
  else if (!bare) readMembers(readObject(fn, path), FUNCTION, path);
  const index = place ?? count(call.get('index'));
  if (index === undefined) throw new ProviderError(path, 'an index in each');
  const name = optional((isCustom ? custom : fn)?.get('name'));
  const text = optional(isCustom ? custom?.get('input') : fn?.get('arguments'));
  return {
    index,
    id: id || undefined,
    type: type || (bare ? undefined : isCustom ? 'custom' : 'function'),
    name: name || undefined,
    text: text || undefined,
    broken: id === null || name === null || text === null,
  };
}

function readLegacy(call: JsonValue, path: string): ChatPart {
  readMembers(readObject(call, path), FUNCTION, path);
  const name = optional(call.get('name'));
  const text = optional(call.get('arguments'));
  return {
    index: LEGACY,
    id: undefined,
    type: 'function',
    name: name || undefined,
    text: text || undefined,
    broken: name === null || text === null,
  };
}

/** Null if it is no string. */
function optional(value: JsonValue | undefined): string | null | undefined {
  return isAbsent(value) ? undefined : (value?.string() ?? null);
}

function readContent(value: JsonValue, path: string): void {
  for (const part of readArray(value, path)) {
    const type = part.get('type')?.string();
    const isKnown = part.kind === 'string' || PARTS.has(type ?? '');
    if (!isKnown || mayHoldCall(part)) throw new ProviderError(path, 'parts of a known type');
  }
}
