import type { Call, Message, Parameters, Role, Tool } from '../input/index.ts';
import type { JsonDocument, JsonValue } from '../json/index.ts';
import { ProviderError } from './error.ts';
import {
  defined,
  isAbsent,
  largest,
  message,
  readArray,
  readFlag,
  readName,
  readNumber,
  readObject,
  readOptionalArray,
  tool,
} from './read.ts';

// Chat Completions: https://developers.openai.com/api/reference/resources/chat

/** `function` is what `tool` was called before 2023-11. */
const ROLES = new Map<string, Role>([
  ['system', 'system'],
  ['developer', 'developer'],
  ['user', 'user'],
  ['assistant', 'assistant'],
  ['tool', 'tool'],
  ['function', 'tool'],
]);

/** Neutral names of content part types; others keep their own. */
const KINDS = new Map([
  ['image_url', 'image'],
  ['input_audio', 'audio'],
]);

type View = Pick<Call, 'model' | 'fallbacks' | 'stream' | 'parameters' | 'tools' | 'messages'>;

export function readChat(body: JsonDocument, digests: boolean): View {
  return {
    model: readName(body.get('model'), '$.model'),
    fallbacks: [],
    stream: readFlag(body.get('stream'), '$.stream'),
    parameters: readParameters(body),
    tools: readTools(body, digests),
    messages: readArray(body.get('messages'), '$.messages').map((value, i) => readMessage(value, i, digests)),
  };
}

function readParameters(body: JsonValue): Parameters {
  const number = (name: string): number | undefined => readNumber(body.get(name), `$.${name}`);
  return defined<Parameters>({
    max_tokens: largest([number('max_completion_tokens'), number('max_tokens')]),
    temperature: number('temperature'),
    top_p: number('top_p'),
    n: number('n'),
  });
}

/** All that lets the model act: `tools`, the older `functions`, and web search, which is an option and not in the list. */
function readTools(body: JsonValue, digests: boolean): Tool[] {
  const tools = readOptionalArray(body.get('tools'), '$.tools').map((value, i) => readTool(value, i, digests));
  const functions = readOptionalArray(body.get('functions'), '$.functions').map((value, i) => {
    const path = `$.functions[${i}]`;
    return tool(readName(readObject(value, path).get('name'), `${path}.name`), 'function', value, digests);
  });
  const search = body.get('web_search_options');
  const searches = search && !isAbsent(search) ? [tool('web_search', 'web_search', search, digests)] : [];
  return [...tools, ...functions, ...searches];
}

function readTool(value: JsonValue, index: number, digests: boolean): Tool {
  const path = `$.tools[${index}]`;
  const type = readName(readObject(value, path).get('type'), `${path}.type`);
  if (type !== 'function' && type !== 'custom') return tool(value.get('name')?.string() || type, type, value, digests);
  const definition = readObject(value.get(type), `${path}.${type}`);
  return tool(readName(definition.get('name'), `${path}.${type}.name`), type, value, digests);
}

function readMessage(value: JsonValue, index: number, digests: boolean): Message {
  const path = `$.messages[${index}]`;
  const role = ROLES.get(readObject(value, path).get('role')?.string() ?? '');
  if (!role) throw new ProviderError(`${path}.role`, 'system, developer, user, assistant or tool');
  const kinds = new Set<string>();
  if (role === 'tool') kinds.add('tool_result');
  addContentKinds(value.get('content'), `${path}.content`, kinds);
  if (!isAbsent(value.get('refusal'))) kinds.add('refusal');
  if (!isAbsent(value.get('audio'))) kinds.add('audio');
  if (!isAbsent(value.get('tool_calls')) || !isAbsent(value.get('function_call'))) kinds.add('tool_use');
  return message(role, kinds, value.raw(), digests);
}

function addContentKinds(content: JsonValue | undefined, path: string, kinds: Set<string>): void {
  if (isAbsent(content)) return;
  if (content?.kind === 'string') {
    kinds.add('text');
    return;
  }
  readArray(content, path).forEach((part, i) => {
    const type = readName(readObject(part, `${path}[${i}]`).get('type'), `${path}[${i}].type`);
    kinds.add(KINDS.get(type) ?? type);
  });
}
