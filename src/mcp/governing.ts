import type { IncomingHttpHeaders } from 'node:http';
import type { JsonValue } from '../json/index.ts';
import { McpError } from './error.ts';
import { decodeHeader, readHeader } from './header.ts';
import type { Message, Messages, Request } from './message.ts';
import { keyGuard } from './read.ts';
import { BATCH_VERSION, isModern, type ProtocolVersion, readVersion, UNSTATED_VERSION } from './version.ts';

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
const CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities';

const guardParams = keyGuard(['_meta']);
const guardMeta = keyGuard([VERSION_KEY, CAPABILITIES_KEY]);

/** Where `Mcp-Name` must be, and which of the params it repeats (2026-07-28, Standard Request Headers). */
const NAME_SOURCE = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
]);
/** What `Mcp-Name` repeats where it may be: SDKs send it for what they have a name of, and for tasks (SEP-2663). */
const OTHER_SOURCES = ['name', 'uri', 'taskId'];

/**
 * The version that governs a POST, once headers and body agree about it.
 * @throws McpError VERSION_UNSUPPORTED, HEADER_MISMATCH, PARAMS_INVALID, BATCH_UNSUPPORTED, MESSAGE_INVALID
 */
export function versionOfPost(headers: IncomingHttpHeaders, { batch, messages }: Messages): ProtocolVersion {
  const stated = readHeader(headers, 'mcp-protocol-version');
  if (batch) {
    requireBatchVersion(messages, stated === undefined ? UNSTATED_VERSION : readVersion(stated));
    return BATCH_VERSION;
  }
  const message = messages[0] as Message;
  const claim = claimOf(message);
  if (claim === undefined) {
    const version = stated === undefined ? UNSTATED_VERSION : readVersion(stated);
    if (isModern(version)) checkUnclaimed(headers, message);
    return version;
  }
  if (claim !== stated) throw mismatch('MCP-Protocol-Version to be there and to say what _meta says');
  const version = readVersion(claim);
  if (isModern(version)) checkModern(headers, message);
  return version;
}

/**
 * The version that governs a GET or DELETE, which only legacy revisions have.
 * @throws McpError VERSION_UNSUPPORTED; METHOD_NOT_GOVERNED for a modern one: answer 405
 */
export function versionOfBodiless(headers: IncomingHttpHeaders): ProtocolVersion {
  const stated = readHeader(headers, 'mcp-protocol-version');
  const version = stated === undefined ? UNSTATED_VERSION : readVersion(stated);
  if (isModern(version)) throw new McpError('METHOD_NOT_GOVERNED', 'POST');
  return version;
}

/**
 * The version that governs what a client writes on stdio, where there are no headers.
 * @param negotiated what `initialize` agreed on; undefined before
 */
export function versionOfLine({ batch, messages }: Messages, negotiated: ProtocolVersion | undefined): ProtocolVersion {
  const legacy = negotiated ?? '2025-11-25';
  if (batch) {
    requireBatchVersion(messages, legacy);
    return legacy;
  }
  const message = messages[0] as Message;
  const claim = claimOf(message);
  if (claim === undefined) return legacy;
  const version = readVersion(claim);
  if (isModern(version)) requireCapabilities(message);
  return version;
}

/** The version that the server chose, in its result of `initialize`; undefined if that is none we know. */
export function negotiatedVersion(result: JsonValue): ProtocolVersion | undefined {
  try {
    return readVersion(result.get('protocolVersion')?.string() ?? '');
  } catch {
    return undefined;
  }
}

function requireBatchVersion(messages: readonly Message[], version: ProtocolVersion): void {
  if (version !== BATCH_VERSION || messages.some((message) => claimOf(message) !== undefined)) {
    throw new McpError('BATCH_UNSUPPORTED', `one message: only ${BATCH_VERSION} has batches`);
  }
  if (messages.some((message) => message.kind === 'request' && message.method === 'initialize')) {
    throw new McpError('MESSAGE_INVALID', 'initialize on its own');
  }
}

/** The version that a message itself says it speaks; only modern ones do. */
function claimOf(message: Message): string | undefined {
  const meta = metaOf(message);
  const claim = meta?.get(VERSION_KEY);
  if (claim === undefined) return undefined;
  const text = claim.string();
  if (text === undefined) throw new McpError('PARAMS_INVALID', `a string as ${VERSION_KEY}`);
  return text;
}

function metaOf(message: Message): JsonValue | undefined {
  if (message.kind === 'response' || message.params === undefined) return undefined;
  guardParams(message.params, 'params');
  const meta = message.params.get('_meta');
  if (meta === undefined) return undefined;
  if (meta.kind !== 'object') throw new McpError('PARAMS_INVALID', 'an object at params._meta');
  guardMeta(meta, 'params._meta');
  return meta;
}

/** The header names a modern version and the body none. Only for notifications the specification asks for no more. */
function checkUnclaimed(headers: IncomingHttpHeaders, message: Message): void {
  if (message.kind === 'response') throw new McpError('MESSAGE_INVALID', 'a request or a notification');
  if (message.kind === 'request') throw new McpError('PARAMS_INVALID', `${VERSION_KEY} in params._meta`);
  checkMethod(headers, message.method, false);
}

function checkModern(headers: IncomingHttpHeaders, message: Message): void {
  if (message.kind === 'response') return; // makes no claim, so does not come here
  requireCapabilities(message);
  checkMethod(headers, message.method, message.kind === 'request');
  if (message.kind === 'request') checkName(headers, message);
}

function requireCapabilities(message: Message): void {
  if (message.kind === 'request' && metaOf(message)?.get(CAPABILITIES_KEY)?.kind !== 'object') {
    throw new McpError('PARAMS_INVALID', `an object as ${CAPABILITIES_KEY} in params._meta`);
  }
}

function checkMethod(headers: IncomingHttpHeaders, method: string, required: boolean): void {
  const stated = readHeader(headers, 'mcp-method');
  if (stated === undefined ? required : stated !== method) throw mismatch('Mcp-Method to repeat the method');
}

function checkName(headers: IncomingHttpHeaders, { method, params }: Request): void {
  const stated = readHeader(headers, 'mcp-name');
  const source = NAME_SOURCE.get(method);
  if (stated === undefined) {
    if (source !== undefined) throw mismatch('Mcp-Name');
    return;
  }
  const name = decodeHeader(stated);
  const sources = source === undefined ? OTHER_SOURCES : [source];
  const agrees = name !== undefined && sources.some((key) => params?.get(key)?.string() === name);
  if (!agrees) throw mismatch('Mcp-Name to repeat the name, uri or task id of the params');
}

function mismatch(expected: string): McpError {
  return new McpError('HEADER_MISMATCH', expected);
}
