import type { Message, Role, Tool } from '../input/index.ts';
import type { JsonValue } from '../json/index.ts';
import { ProviderError } from './error.ts';
import { isAbsent, message, readArray, readName, readObject } from './read.ts';
import { readServerList, readTools } from './responses-tool.ts';

/** One item of `input`: what it says, and the tools that it brings along. */
export interface Item {
  message: Message;
  tools: Tool[];
}

const ROLES = new Map<string, Role>([
  ['system', 'system'],
  ['developer', 'developer'],
  ['user', 'user'],
  ['assistant', 'assistant'],
]);

/** Neutral names of content part types; others keep their own. */
const KINDS = new Map([
  ['input_text', 'text'],
  ['output_text', 'text'],
  ['input_image', 'image'],
  ['computer_screenshot', 'image'],
  ['input_file', 'file'],
  ['input_audio', 'audio'],
]);

/** Whose word an item other than a message is, and its kind where that has a neutral name. */
const ITEMS = new Map<string, { role: Role; kind?: string }>([
  // Calls that the caller runs, and what came of them.
  ...[
    'function_call',
    'custom_tool_call',
    'computer_call',
    'local_shell_call',
    'shell_call',
    'apply_patch_call',
  ].flatMap((type): [string, { role: Role; kind: string }][] => [
    [type, { role: 'assistant', kind: 'tool_use' }],
    [`${type}_output`, { role: 'tool', kind: 'tool_result' }],
  ]),
  ['tool_search_call', { role: 'assistant', kind: 'tool_use' }],
  ['tool_search_output', { role: 'tool', kind: 'tool_result' }],
  // Of the model, and of what the provider ran.
  ['reasoning', { role: 'assistant' }],
  ['compaction', { role: 'assistant' }],
  ['file_search_call', { role: 'assistant' }],
  ['web_search_call', { role: 'assistant' }],
  ['code_interpreter_call', { role: 'assistant' }],
  ['image_generation_call', { role: 'assistant' }],
  ['mcp_call', { role: 'assistant' }],
  ['mcp_list_tools', { role: 'assistant' }],
  ['mcp_approval_request', { role: 'assistant' }],
  ['program', { role: 'assistant' }],
  ['program_output', { role: 'tool' }],
  // Of the caller.
  ['additional_tools', { role: 'developer' }],
  ['configuration_update', { role: 'developer' }],
  ['mcp_approval_response', { role: 'user' }],
  ['compaction_trigger', { role: 'user' }],
  ['item_reference', { role: 'user' }],
]);

/** The list of types is closed: an item of a type to come may bring tools under a name that nobody looks for here. */
export function readItem(value: JsonValue, path: string, digests: boolean): Item {
  const type = typeOf(readObject(value, path), path);
  const { role, kinds } = type === 'message' ? readMessage(value, path) : readOther(type, value, path);
  const tools =
    type === 'mcp_list_tools'
      ? [readServerList(value, path, digests)]
      : readTools(value.get('tools'), `${path}.tools`, digests);
  return { message: message(role, kinds, value.raw(), digests), tools };
}

/** Two items need no type: a message, which has a role, and a reference, which has nothing but an id. */
function typeOf(item: JsonValue, path: string): string {
  const type = item.get('type');
  if (!isAbsent(type)) return readName(type, `${path}.type`);
  if (!isAbsent(item.get('role'))) return 'message';
  if (item.entries().every(([key]) => key === 'id' || key === 'type')) return 'item_reference';
  throw new ProviderError(`${path}.type`, 'a type, but for messages and references');
}

interface Said {
  role: Role;
  kinds: Set<string>;
}

function readMessage(value: JsonValue, path: string): Said {
  const role = ROLES.get(value.get('role')?.string() ?? '');
  if (!role) throw new ProviderError(`${path}.role`, 'system, developer, user or assistant');
  const kinds = new Set<string>();
  const content = value.get('content');
  if (content?.kind === 'string') kinds.add('text');
  else addPartKinds(readArray(content, `${path}.content`), `${path}.content`, kinds);
  return { role, kinds };
}

function readOther(type: string, value: JsonValue, path: string): Said {
  const item = ITEMS.get(type);
  if (!item) throw new ProviderError(`${path}.type`, 'a documented type of item');
  const kinds = new Set([item.kind ?? type]);
  if (item.kind === 'tool_result') addOutputKinds(type, value.get('output'), `${path}.output`, kinds);
  return { role: item.role, kinds };
}

/** A shell's output is a list of what each command wrote, a screenshot one object; others are text or parts. */
function addOutputKinds(type: string, output: JsonValue | undefined, path: string, kinds: Set<string>): void {
  if (!output || isAbsent(output)) return;
  if (output.kind === 'string' || type === 'shell_call_output') kinds.add('text');
  else if (output.kind === 'object') kinds.add(kindOfPart(output, path));
  else addPartKinds(readArray(output, path), path, kinds);
}

function addPartKinds(parts: JsonValue[], path: string, kinds: Set<string>): void {
  parts.forEach((part, i) => {
    kinds.add(kindOfPart(part, `${path}[${i}]`));
  });
}

export function kindOfPart(part: JsonValue, path: string): string {
  const type = readName(readObject(part, path).get('type'), `${path}.type`);
  return KINDS.get(type) ?? type;
}
