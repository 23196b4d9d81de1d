import type { JsonValue } from '../../../json/index.ts';
import { ProviderError } from '../../error.ts';
import { readObject } from '../../read.ts';
import type { RanTools } from '../ran.ts';
import { readMembers } from '../stray.ts';

/** Blocks that call nothing: a result is what a tool that ran at the provider gave, `fallback` says that another model goes on. */
const QUIET = new Set([
  ...['text', 'thinking', 'redacted_thinking', 'fallback', 'compaction', 'container_upload', 'mcp_tool_listing'],
]);
const RESULT = /^[a-z_]+_result$/;
/** Calls that ran, or run, at the provider: judged on the request. */
const AT_PROVIDER = new Set(['server_tool_use', 'mcp_tool_use']);

const TELLING = new Set([
  ...['type', 'index', 'message', 'content', 'content_block', 'delta', 'partial_json', 'name', 'input', 'id'],
  'stop_reason',
]);

/** What each object holds that is read where it stands, or is no call whatever it looks like. */
const MESSAGE = keys('type', 'content', 'usage', 'context_management');
const EVENTS = new Map([
  ['message_start', keys('type', 'message')],
  ['content_block_start', keys('type', 'content_block')],
  ['content_block_delta', keys('type', 'delta')],
  ['message_delta', keys('type', 'delta', 'usage', 'context_management')],
]);
const BLOCK_DELTA = keys('type', 'partial_json');
const QUIET_BLOCK = keys('type', 'tools');
const RESULT_BLOCK = keys('type', 'content');
const CALL_BLOCK = keys('type', 'name', 'input');
const NONE = keys();

function keys(...names: string[]): ReadonlySet<string> {
  return new Set(names);
}

/** @throws ProviderError if this is no object, or one in which clients might find what is not read here */
function read(value: JsonValue | undefined, known: ReadonlySet<string>, path: string): JsonValue {
  const object = readObject(value, path);
  readMembers(object, { known, telling: TELLING }, path);
  return object;
}

export const readMessage = (value: JsonValue | undefined): JsonValue => read(value, MESSAGE, '$.message');
export const readError = (value: JsonValue): JsonValue => read(value, NONE, '$');
export const readBlockDelta = (event: JsonValue): JsonValue => read(event.get('delta'), BLOCK_DELTA, '$.delta');
export const readMessageDelta = (event: JsonValue): JsonValue => read(event.get('delta'), NONE, '$.delta');

/** An event, of its type or of one that is not known. */
export function readEvent(value: JsonValue): JsonValue {
  const type = value.get('type')?.string() ?? '';
  return read(value, EVENTS.get(type) ?? NONE, '$');
}

export type BlockKind = 'call' | 'provider' | 'quiet';

/** @throws ProviderError if a call might hide in the block, or behind a type that is not known */
export function blockKind(block: JsonValue): BlockKind {
  const type = block.get('type')?.string() ?? '';
  const isCall = type === 'tool_use';
  const isResult = RESULT.test(type);
  if (!isCall && !AT_PROVIDER.has(type) && !QUIET.has(type) && !isResult) {
    throw new ProviderError('$.content', 'blocks of a known type');
  }
  if (isResult || QUIET.has(type)) {
    read(block, isResult ? RESULT_BLOCK : QUIET_BLOCK, '$.content');
    return 'quiet';
  }
  read(block, CALL_BLOCK, '$.content');
  return isCall ? 'call' : 'provider';
}

/** Notes the tool of a block of the kind `provider`. */
export function addRan(block: JsonValue, tools: RanTools): void {
  const [type = '', name, server] = ['type', 'name', 'server_name'].map((key) => block.get(key)?.string());
  tools.add(type, name, server);
}

/** Null if it is no string. */
export function optionalString(value: JsonValue | undefined): string | null | undefined {
  return value === undefined || value.kind === 'null' ? undefined : (value.string() ?? null);
}

/** The `input` with which a block begins; undefined if it is empty, as it is in a stream before the pieces come. */
export function wholeInput(block: JsonValue): JsonValue | undefined {
  const input = block.get('input');
  if (input === undefined || input.kind === 'null') return undefined;
  if (input.kind === 'object' && input.entries().length === 0) return undefined;
  return input.string() === '' ? undefined : input;
}

const CONTENT = ['message', 'content', 'content_block', 'delta'];

/** What is no part of a message holds none: a client may go by its fields, whatever its type. */
export function refuseContent(body: JsonValue): void {
  for (const key of CONTENT) {
    const kind = body.get(key)?.kind;
    if (kind === 'object' || kind === 'array') throw new ProviderError(`$.${key}`, 'nothing in an event of this type');
  }
}
