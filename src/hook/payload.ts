import { DEFAULT_LIMITS, type JsonDocument, JsonError, type JsonValue, type Limits, parse } from '../json/index.ts';
import type { ToolCall } from '../tool/index.ts';
import { HookError } from './error.ts';

const LONGEST_NAME = 512;
const LONGEST_PATH = 4096;

/** The text inside a text is bounded by the payload in bytes, but may still hold millions of tiny values, which take long. */
const INNER_LIMITS: Limits = { ...DEFAULT_LIMITS, maxValues: 200_000 };

/** POSIX, or Windows with a drive or a share. */
const ABSOLUTE = /^(?:\/|[A-Za-z]:[\\/]|\\\\)/;

/** What may be repeated of an event's name: it comes from the payload. */
const EVENT = /^[A-Za-z]{1,64}$/;

/** The event, if it is one of those that come before a tool runs. */
export function eventOf(document: JsonDocument, events: readonly string[]): string {
  const event = text(document, 'hook_event_name');
  if (!events.includes(event)) throw unsupported(events, event);
  return event;
}

export function unsupported(events: readonly string[], event: string): HookError {
  const got = EVENT.test(event) ? ` ${event}` : ' another';
  return new HookError(
    'HOOK_EVENT_UNSUPPORTED',
    `expected an event before a tool runs, got${got}; install the hook for ${events.join(', ')}`,
  );
}

/** A text that must be there. */
export function text(document: JsonValue, key: string): string {
  const value = optionalText(document, key);
  if (value === null) throw invalid(key, `a text of 1 to ${LONGEST_NAME} characters`);
  return value;
}

/** A text that may be missing, null or empty. */
export function optionalText(document: JsonValue, key: string): string | null {
  const value = document.get(key);
  if (value === undefined || value.kind === 'null') return null;
  const found = value.string();
  if (found === undefined || found.length > LONGEST_NAME)
    throw invalid(key, `a text of at most ${LONGEST_NAME} characters`);
  return found === '' ? null : found;
}

/** An absolute path; undefined if none is given. */
export function optionalPath(document: JsonValue, key: string): string | undefined {
  const value = document.get(key);
  if (value === undefined || value.kind === 'null' || value.string() === '') return undefined;
  return pathOf(value, key);
}

/** The folder where the agent works, as the call holds it: no key where the payload names none. */
export function workspaceIn(document: JsonValue): Pick<ToolCall, 'workspace'> {
  const workspace = optionalPath(document, 'cwd');
  return workspace === undefined ? {} : { workspace };
}

export function pathOf(value: JsonValue, key: string): string {
  const path = value.string();
  if (path === undefined || path.length > LONGEST_PATH || !ABSOLUTE.test(path)) throw invalid(key, 'an absolute path');
  return path;
}

/** Arguments that must be an object. The outer check has looked at every key of it already. */
export function objectOf(value: JsonValue | undefined, key: string): JsonDocument {
  if (value?.kind !== 'object') throw new HookError('HOOK_ARGUMENTS_INVALID', `expected an object at $.${key}`);
  return parse(value.raw());
}

/**
 * Arguments that are an object, or a text that holds one. The agent parses that text by itself, and the outer check saw
 * only a string: duplicate and case-colliding keys inside would be read by the tool in another way than by policy.
 */
export function innerObjectOf(value: JsonValue | undefined, key: string): JsonDocument {
  const inner = value?.string();
  if (inner === undefined) return objectOf(value, key);
  const document = innerOf(inner, key);
  if (document.kind !== 'object') throw new HookError('HOOK_ARGUMENTS_INVALID', `expected an object in $.${key}`);
  return document;
}

function innerOf(inner: string, key: string): JsonDocument {
  try {
    return parse(Buffer.from(inner), INNER_LIMITS);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new HookError('HOOK_ARGUMENTS_INVALID', `expected exact JSON in the text at $.${key}: ${error.message}`);
  }
}

/** An object made of values of the payload, their bytes as they came; values that are missing are left out. */
export function gather(document: JsonDocument, keys: readonly string[]): JsonDocument {
  const parts: Uint8Array[] = [];
  for (const key of keys) {
    const value = document.get(key);
    if (value !== undefined) parts.push(Buffer.from(`${parts.length === 0 ? '{' : ','}"${key}":`), value.raw());
  }
  return parse(Buffer.concat([...parts, Buffer.from(parts.length === 0 ? '{}' : '}')]));
}

/**
 * The server in a name such as `mcp__server__tool`. Where a server's own name holds `__` this is its beginning: rules that
 * must be exact look at the whole name.
 */
export function serverIn(name: string): string | null {
  return /^mcp__(.+?)__./s.exec(name)?.[1] ?? null;
}

export function invalid(key: string, expected: string): HookError {
  return new HookError('HOOK_PAYLOAD_INVALID', `expected ${expected} at $.${key}`);
}
