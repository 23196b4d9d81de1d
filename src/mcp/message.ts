import type { JsonDocument, JsonValue } from '../json/index.ts';
import { McpError } from './error.ts';

/** JSON-RPC allows null and fractions; MCP does not. */
export type Id = string | number;

interface Common {
  /** The message itself: where it stands in its text. */
  value: JsonValue;
}

export interface Request extends Common {
  kind: 'request';
  id: Id;
  method: string;
  params: JsonValue | undefined;
}

export interface Notification extends Common {
  kind: 'notification';
  method: string;
  params: JsonValue | undefined;
}

export interface Response extends Common {
  kind: 'response';
  /** Null only in an error on something that could not be read. */
  id: Id | null;
  result: JsonValue | undefined;
  error: JsonValue | undefined;
}

export type Message = Request | Notification | Response;

/** What one text holds. */
export interface Messages {
  /** Whether they come as an array (2025-03-26 only): the answer then is one too. */
  batch: boolean;
  messages: Message[];
}

const MOST_MESSAGES = 64;
const LONGEST_ID = 256;
const LONGEST_METHOD = 128;
const INTEGER = /^-?(?:0|[1-9][0-9]*)$/;

/** JSON-RPC 2.0 and no more: a member that one peer ignores, another could read. */
const MEMBERS = new Set(['jsonrpc', 'id', 'method', 'params', 'result', 'error']);

/** The id of a message as policy sees it. */
export function idText(id: Id): string {
  return String(id);
}

/** Tells 1 from "1". */
export function idKey(id: Id): string {
  return JSON.stringify(id);
}

/**
 * Reads the messages of a text that was checked as JSON. Whether a batch may come is the version's affair (version of a
 * post).
 * @throws McpError MESSAGE_INVALID, BATCH_TOO_LARGE, ID_DUPLICATE
 */
export function parseMessages(document: JsonDocument): Messages {
  if (document.kind !== 'array') return { batch: false, messages: [parseMessage(document)] };
  const items = document.items();
  if (items.length === 0) throw new McpError('MESSAGE_INVALID', 'at least one message in a batch');
  if (items.length > MOST_MESSAGES) throw new McpError('BATCH_TOO_LARGE', `at most ${MOST_MESSAGES} messages`);
  const messages = items.map(parseMessage);
  const seen = new Set<string>();
  for (const message of messages) {
    if (message.kind === 'notification' || message.id === null) continue;
    const key = `${message.kind} ${idKey(message.id)}`;
    if (seen.has(key)) throw new McpError('ID_DUPLICATE', 'each id once in a batch');
    seen.add(key);
  }
  return { batch: true, messages };
}

function parseMessage(value: JsonValue): Message {
  if (value.kind !== 'object') throw invalid('an object');
  if (value.entries().some(([key]) => !MEMBERS.has(key))) throw invalid('no members but those of JSON-RPC 2.0');
  if (value.get('jsonrpc')?.string() !== '2.0') throw invalid('jsonrpc: "2.0"');
  return value.get('method') === undefined ? parseResponse(value) : parseCall(value);
}

function parseCall(value: JsonValue): Request | Notification {
  const method = value.get('method')?.string();
  if (!method || method.length > LONGEST_METHOD) throw invalid(`a method of 1 to ${LONGEST_METHOD} characters`);
  if (value.get('result') !== undefined || value.get('error') !== undefined) throw invalid('a call without a result');
  const params = value.get('params');
  if (params !== undefined && params.kind !== 'object') throw invalid('params to be an object');
  const id = value.get('id');
  if (id === undefined) return { kind: 'notification', method, params, value };
  return { kind: 'request', id: parseId(id), method, params, value };
}

function parseResponse(value: JsonValue): Response {
  const result = value.get('result');
  const error = value.get('error');
  if (value.get('params') !== undefined) throw invalid('a response without params');
  if ((result === undefined) === (error === undefined)) throw invalid('a method, a result or an error');
  const id = value.get('id');
  if (result !== undefined) {
    if (result.kind !== 'object') throw invalid('a result that is an object');
    if (id === undefined) throw invalid('a result to have an id');
    return { kind: 'response', id: parseId(id), result, error, value };
  }
  const code = error?.get('code');
  if (!INTEGER.test(rawText(code)) || error?.get('message')?.kind !== 'string') {
    throw invalid('an error with an integer code and a message');
  }
  const none = id === undefined || id.kind === 'null';
  return { kind: 'response', id: none ? null : parseId(id), result, error, value };
}

function parseId(id: JsonValue): Id {
  const text = id.string();
  if (text !== undefined && text.length <= LONGEST_ID) return text;
  if (id.kind === 'number' && INTEGER.test(rawText(id))) return id.number() as number;
  throw invalid(`an id that is an integer or a string of at most ${LONGEST_ID} characters`);
}

function rawText(value: JsonValue | undefined): string {
  return value === undefined ? '' : Buffer.from(value.raw()).toString('latin1');
}

function invalid(expected: string): McpError {
  return new McpError('MESSAGE_INVALID', expected);
}
