import type { Call, Message, Parameters } from '../input/index.ts';
import type { JsonDocument, JsonValue } from '../json/index.ts';
import { ProviderError } from './error.ts';
import { defined, isAbsent, message, readFlag, readName, readNumber, readObject } from './read.ts';
import { type Item, kindOfPart, readItem } from './responses-item.ts';
import { readChosenTools, readTools } from './responses-tool.ts';

// Responses: https://developers.openai.com/api/reference/resources/responses

type View = Pick<Call, 'model' | 'fallbacks' | 'stream' | 'parameters' | 'tools' | 'messages'>;

/**
 * Fields of Chat Completions that mean nothing here. A server that speaks both and takes them all the same would get
 * messages, tools and limits that policy did not see.
 */
const FOREIGN = [
  ...['messages', 'functions', 'function_call', 'web_search_options'],
  ...['max_tokens', 'max_completion_tokens', 'n'],
];

/**
 * What the vendor keeps and adds to the call by itself (`previous_response_id`, `conversation`, a stored `prompt`, an
 * `item_reference`) is in no view: policy sees that it is asked for, by `fields` and by the kinds of messages.
 */
export function readResponses(body: JsonDocument, digests: boolean): View {
  const foreign = FOREIGN.find((key) => body.get(key) !== undefined);
  if (foreign !== undefined) throw new ProviderError(`$.${foreign}`, 'no field of Chat Completions');
  for (const flag of ['background', 'store']) readFlag(body.get(flag), `$.${flag}`);
  const items = readInput(body.get('input'), digests);
  const offered = [...readTools(body.get('tools'), '$.tools', digests), ...items.flatMap(({ tools }) => tools)];
  return {
    model: readModel(body),
    fallbacks: [],
    stream: readFlag(body.get('stream'), '$.stream'),
    parameters: readParameters(body),
    tools: [...offered, ...readChosenTools(body.get('tool_choice'), offered, digests)],
    messages: [...readInstructions(body, digests), ...items.map((item) => item.message)],
  };
}

/** Only a stored prompt can name the model in the caller's place. */
function readModel(body: JsonValue): string | null {
  const model = body.get('model');
  return isAbsent(model) && !isAbsent(body.get('prompt')) ? null : readName(model, '$.model');
}

function readParameters(body: JsonValue): Parameters {
  const number = (name: string): number | undefined => readNumber(body.get(name), `$.${name}`);
  return defined<Parameters>({
    max_tokens: number('max_output_tokens'),
    temperature: number('temperature'),
    top_p: number('top_p'),
  });
}

/** What stands before the conversation: the caller's instructions, and the variables of a stored prompt. */
function readInstructions(body: JsonValue, digests: boolean): Message[] {
  const messages: Message[] = [];
  const instructions = body.get('instructions');
  if (instructions && !isAbsent(instructions)) {
    if (instructions.kind !== 'string') throw new ProviderError('$.instructions', 'a string or null');
    messages.push(message('system', new Set(['text']), instructions.raw(), digests));
  }
  const prompt = body.get('prompt');
  if (prompt && !isAbsent(prompt)) messages.push(message('developer', promptKinds(prompt), prompt.raw(), digests));
  return messages;
}

function promptKinds(prompt: JsonValue): Set<string> {
  readName(readObject(prompt, '$.prompt').get('id'), '$.prompt.id');
  const kinds = new Set(['prompt']);
  const variables = prompt.get('variables');
  if (!variables || isAbsent(variables)) return kinds;
  for (const [, value] of readObject(variables, '$.prompt.variables').entries()) {
    kinds.add(value.kind === 'string' ? 'text' : kindOfPart(value, '$.prompt.variables'));
  }
  return kinds;
}

function readInput(input: JsonValue | undefined, digests: boolean): Item[] {
  if (!input || isAbsent(input)) return [];
  if (input.kind === 'string')
    return [{ message: message('user', new Set(['text']), input.raw(), digests), tools: [] }];
  if (input.kind !== 'array') throw new ProviderError('$.input', 'a string or an array');
  return input.items().map((item, i) => readItem(item, `$.input[${i}]`, digests));
}
