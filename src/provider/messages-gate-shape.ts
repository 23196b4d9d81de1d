import type { JsonValue } from '../json/index.ts';
import { ProviderError } from './error.ts';
import { refuseMisspelt } from './gate-keys.ts';
import { readObject } from './read.ts';

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

export type BlockKind = 'call' | 'provider' | 'quiet';

/** @throws ProviderError if this is no object, or one that clients read in different ways */
export function readTelling(value: JsonValue | undefined, path: string): JsonValue {
  const object = readObject(value, path);
  refuseMisspelt(object, TELLING, path);
  return object;
}

/** @throws ProviderError if a call might hide behind a type that is not known */
export function blockKind(block: JsonValue): BlockKind {
  const type = readTelling(block, '$.content').get('type')?.string() ?? '';
  if (type === 'tool_use') return 'call';
  if (AT_PROVIDER.has(type)) return 'provider';
  if (QUIET.has(type) || RESULT.test(type)) return 'quiet';
  throw new ProviderError('$.content', 'blocks of a known type');
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
