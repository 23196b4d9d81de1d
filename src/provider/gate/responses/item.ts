import { hash } from 'node:crypto';
import { DEFAULT_LIMITS, type JsonDocument, type JsonValue, parse } from '../../../json/index.ts';
import type { ToolCall } from '../../../tool/index.ts';
import { isAbsent } from '../../read.ts';
import { type JudgedCall, readCall } from '../call.ts';
import type { CallFault, ToolObservation } from '../gate.ts';
import { RanTools } from '../ran.ts';
import { misspells } from '../stray.ts';
import { checkItem } from './shape.ts';

// Items of a response's output: https://developers.openai.com/api/reference/resources/responses

/** A call that the caller is to run, something that ran at the provider, or neither. */
export type ItemKind = 'call' | 'ran' | 'other';

/** Calls whose arguments are JSON in the item itself, and where; of several places one is used. */
const STRUCTURED = new Map([
  ['shell_call', ['action']],
  ['local_shell_call', ['action']],
  ['apply_patch_call', ['operation']],
  ['computer_call', ['action', 'actions']],
  ['tool_search_call', ['arguments']],
]);
const CALLS = new Set([...STRUCTURED.keys(), 'function_call', 'custom_tool_call', 'mcp_approval_request']);
const RAN = new Set([
  ...['web_search_call', 'file_search_call', 'code_interpreter_call', 'image_generation_call'],
  ...['mcp_call', 'mcp_list_tools', 'program'],
]);
const OTHER = new Set([
  ...['message', 'reasoning', 'compaction', 'additional_tools', 'configuration_update', 'mcp_approval_response'],
  ...['program_output', 'tool_search_output', 'function_call_output', 'custom_tool_call_output', 'shell_call_output'],
  ...['local_shell_call_output', 'apply_patch_call_output', 'computer_call_output'],
]);

/** Fields that only a call has. */
const TELLING = ['arguments', 'input', 'action', 'actions', 'operation', 'command', 'commands', 'parameters'];
const READ = new Set([...TELLING, 'type', 'id', 'call_id', 'name', 'namespace', 'server_label', 'execution', 'status']);

/**
 * A type to come is taken for a call if it is named like one or has what a call has; it is refused then.
 *
 * @throws ProviderError if a call might hide in the item
 */
export function kindOfItem(item: JsonValue): ItemKind {
  const type = item.get('type')?.string();
  if (type === undefined || misspells(item, READ)) return 'call';
  const kind = kindOfType(type, item);
  if (kind === 'other') checkItem(item, OTHER.has(type) ? 'quiet' : 'unknown');
  else checkItem(item, 'active');
  return kind;
}

function kindOfType(type: string, item: JsonValue): ItemKind {
  if (type === 'tool_search_call') return item.get('execution')?.string() === 'server' ? 'ran' : 'call';
  if (CALLS.has(type)) return 'call';
  if (RAN.has(type)) return 'ran';
  if (OTHER.has(type)) return 'other';
  return type.endsWith('_call') || TELLING.some((key) => item.get(key)) ? 'call' : 'other';
}

/** Whether nothing was put in the place of numbers and characters that no exact JSON holds. */
export function isAsSent(value: JsonValue, bytes: Buffer): boolean {
  return bytes.subarray(value.start, value.end).equals(value.raw());
}

/** A call as one item tells it. */
export interface CallItem {
  type: string;
  id: string | null;
  calls: ToolCall[];
  fault: CallFault | undefined;
  more?: number | undefined;
  /** Of all that is judged, so that places which repeat the call can be compared. Ids and states of items change. */
  digest: string;
}

const LONGEST_NAME = 256;
const NAMELESS = 'unknown';

/**
 * Reads an item of the kind `call`. Its arguments are copied.
 *
 * @param mostCalls how many a wrapper may hold
 */
export function readCallItem(item: JsonValue, maxBytes: number, mostCalls: number): CallItem {
  const fields = readFields(item);
  const payload = readPayload(fields.type, item);
  const { type, id } = fields;
  return { type, id, ...judged(fields, payload, maxBytes, mostCalls), digest: digestOf(fields, item, payload) };
}

function judged(fields: Fields, payload: Buffer | undefined, maxBytes: number, mostCalls: number): JudgedCall {
  const { type, name, server, id, known } = fields;
  const valid = fields.valid && payload;
  const fault = valid && payload.length > maxBytes ? 'TOOL_ARGUMENTS_TOO_LARGE' : undefined;
  const free = type === 'custom_tool_call';
  if (valid && (free || type === 'function_call')) {
    return readCall({ name, type: free ? 'custom' : 'function', id, text: payload, fault }, mostCalls);
  }
  const document = valid && !fault ? tryParse(payload) : undefined;
  const unread = known ? 'TOOL_ARGUMENTS_INVALID' : 'TOOL_CALL_UNKNOWN';
  const call: ToolCall = { name, type: neutralType(type), origin: 'model', server, id, arguments: document };
  return { calls: [call], fault: fault ?? (document ? undefined : unread) };
}

/** The call that an item announces, without its arguments. */
export function announce(item: JsonValue): ToolCall {
  const { type, name, server, id } = readFields(item);
  return { name, type: neutralType(type), origin: 'model', server, id, arguments: undefined };
}

/** Its type as it is recorded. */
export function typeOfItem(item: JsonValue): string {
  return (item.get('type')?.string() ?? NAMELESS).slice(0, LONGEST_NAME);
}

export function isKnownCall(item: JsonValue): boolean {
  return CALLS.has(item.get('type')?.string() ?? '') && !misspells(item, READ);
}

interface Fields {
  type: string;
  name: string;
  server: string | null;
  id: string | null;
  known: boolean;
  valid: boolean;
}

function readFields(item: JsonValue): Fields {
  const type = typeOfItem(item);
  const known = isKnownCall(item);
  const named = known && !STRUCTURED.has(type);
  const name = named ? fullName(item) : type.replace(/_call$/, '');
  const approval = type === 'mcp_approval_request';
  const server = approval ? item.get('server_label')?.string() : null;
  const id = item.get(approval ? 'id' : 'call_id');
  const text = id?.string() ?? null;
  const valid =
    known && isName(name) && (approval ? isName(server ?? undefined) : true) && (isAbsent(id) || text !== null);
  return {
    type,
    name: (name || NAMELESS).slice(0, LONGEST_NAME),
    server: server?.slice(0, LONGEST_NAME) ?? null,
    // Some servers put more than an id into it.
    id: text !== null && text.length <= LONGEST_NAME ? text : null,
    known,
    valid,
  };
}

/** A tool of a namespace is another tool than one of the same name outside. Names of functions hold no dot. */
function fullName(item: JsonValue): string | undefined {
  const namespace = item.get('namespace');
  const name = item.get('name')?.string();
  if (isAbsent(namespace)) return name;
  const space = namespace?.string();
  return space && name ? `${space}.${name}` : undefined;
}

function isName(name: string | undefined): boolean {
  return name !== undefined && name.length > 0 && name.length <= LONGEST_NAME;
}

function neutralType(type: string): string {
  if (type === 'function_call') return 'function';
  return type === 'custom_tool_call' ? 'custom' : type;
}

/** The bytes of the arguments as the item has them: of a string what it says, else the JSON itself. */
function readPayload(type: string, item: JsonValue): Buffer | undefined {
  const places = STRUCTURED.get(type);
  if (!places) {
    const text = item.get(type === 'custom_tool_call' ? 'input' : 'arguments')?.string();
    if (text === undefined) return undefined;
    return Buffer.from(text === '' && type !== 'custom_tool_call' ? '{}' : text); // no arguments
  }
  const values = places.flatMap((place) => item.get(place) ?? []).filter((value) => !isAbsent(value));
  const value = values.length === 1 ? values[0] : undefined;
  if (!value || (type !== 'tool_search_call' && value.kind !== 'object' && value.kind !== 'array')) return undefined;
  return Buffer.from(value.raw());
}

/** A few megabytes of tiny values take seconds to judge. */
const MOST_VALUES = 250_000;

function tryParse(bytes: Buffer): JsonDocument | undefined {
  try {
    return parse(bytes, { ...DEFAULT_LIMITS, maxBytes: bytes.length, maxValues: MOST_VALUES });
  } catch {
    return undefined;
  }
}

/** Members in any order: servers do not promise to repeat JSON byte for byte. */
function digestOf({ type, name, server }: Fields, item: JsonValue, payload: Buffer | undefined): string {
  const places = STRUCTURED.get(type) ?? [];
  const structure = places.map((place) => canonical(item.get(place)));
  const text = places.length > 0 || !payload ? '' : hash('sha256', payload, 'hex');
  const ids = [item.get('call_id'), type === 'mcp_approval_request' ? item.get('id') : undefined].map(canonical);
  return hash('sha256', JSON.stringify([type, name, server, ids, structure, text]), 'hex');
}

function canonical(value: JsonValue | undefined): unknown {
  if (!value || isAbsent(value)) return null;
  if (value.kind === 'array') return value.items().map(canonical);
  if (value.kind !== 'object') return value.value();
  const members = value.entries().map(([key, member]): [string, unknown] => [key, canonical(member)]);
  return { members: members.sort(([one], [other]) => (one < other ? -1 : 1)) };
}

/** Items of tools that ran at the provider, for the record. */
export class RanItems {
  private readonly tools = new RanTools();
  private readonly streamed = new Set<number>();
  private listed = 0;

  stream(item: JsonValue, index: number | undefined): void {
    this.add(item);
    if (index !== undefined && this.streamed.size < MOST_RAN) this.streamed.add(index);
  }

  /** In a whole response, which repeats what was streamed. */
  list(item: JsonValue, before: number): void {
    this.add(item);
    this.listed = Math.max(this.listed, before + 1);
  }

  observed(abandoned: number): ToolObservation {
    return { calls: Math.max(this.streamed.size, this.listed), tools: this.tools.list, abandoned };
  }

  private add(item: JsonValue): void {
    const [type, name, server] = ['type', 'name', 'server_label'].map((key) => item.get(key)?.string());
    if (type !== undefined) this.tools.add(type, name, server);
  }
}

const MOST_RAN = 4096;
