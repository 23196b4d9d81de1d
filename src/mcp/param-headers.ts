import type { IncomingHttpHeaders } from 'node:http';
import type { JsonValue } from '../json/index.ts';
import { McpError } from './error.ts';
import { decodeHeader, readHeader } from './header.ts';

/** An argument that a tool's schema wants in a header too (`x-mcp-header`). */
export interface ParamHeader {
  /** The header's whole name, in lower case. */
  name: string;
  /** The keys that lead to the argument. */
  path: string[];
}

const PREFIX = 'mcp-param-';
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const DECIMAL = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/;
/** A hostile list must not cost more than its own length; no honest tool comes near. */
const MOST_HEADERS = 64;

/**
 * The headers that a tool's definition asks for. Only what a chain of `properties` leads to counts (2026-07-28,
 * Streamable HTTP, Schema Extension); a definition with a mark elsewhere is void for clients, which is theirs to see.
 */
export function paramHeadersOf(tool: JsonValue): ParamHeader[] {
  const found: ParamHeader[] = [];
  const visit = (schema: JsonValue, path: string[]): void => {
    const mark = schema.get('x-mcp-header')?.string();
    if (mark !== undefined && path.length > 0 && TOKEN.test(mark) && found.length < MOST_HEADERS) {
      found.push({ name: PREFIX + mark.toLowerCase(), path });
    }
    for (const [key, child] of schema.get('properties')?.entries() ?? []) visit(child, [...path, key]);
  };
  const schema = tool.get('inputSchema');
  if (schema !== undefined) visit(schema, []);
  return found;
}

/**
 * Refuses `Mcp-Param-*` headers that say something else than the arguments: whoever routes by them must not be told
 * another thing than policy.
 * @param declared what the tool asks for; undefined if its definition was not seen. Then each header must at least repeat
 *   one of the values that the arguments hold
 * @throws McpError HEADER_MISMATCH
 */
export function checkParamHeaders(
  headers: IncomingHttpHeaders,
  args: JsonValue,
  declared: readonly ParamHeader[] | undefined,
): void {
  const sent = Object.keys(headers).filter((name) => name.startsWith(PREFIX));
  for (const { name, path } of declared ?? []) {
    const value = path.reduce<JsonValue | undefined>((object, key) => object?.get(key), args);
    if (isScalar(value) ? !agrees(decoded(headers, name), value) : sent.includes(name)) throw mismatch();
  }
  const known = new Set(declared?.map(({ name }) => name));
  const others = sent.filter((name) => !known.has(name));
  if (others.length === 0) return;
  if (others.length > MOST_HEADERS) throw mismatch();
  const scalars = scalarsOf(args);
  for (const name of others) {
    const value = decoded(headers, name);
    if (!scalars.texts.has(value) && !(DECIMAL.test(value) && scalars.numbers.has(Number(value)))) throw mismatch();
  }
}

function decoded(headers: IncomingHttpHeaders, name: string): string {
  const value = readHeader(headers, name);
  const text = value === undefined ? undefined : decodeHeader(value);
  if (text === undefined) throw mismatch();
  return text;
}

/** Numbers are compared as numbers (42.0 is 42), as the specification asks of servers. */
function agrees(text: string, value: JsonValue): boolean {
  const number = value.number();
  if (number !== undefined) return DECIMAL.test(text) && Number(text) === number;
  return text === (value.string() ?? String(value.boolean()));
}

function isScalar(value: JsonValue | undefined): value is JsonValue {
  return value?.kind === 'string' || value?.kind === 'number' || value?.kind === 'boolean';
}

function scalarsOf(args: JsonValue): { texts: Set<string>; numbers: Set<number> } {
  const texts = new Set<string>();
  const numbers = new Set<number>();
  const visit = (value: JsonValue): void => {
    const number = value.number();
    if (number !== undefined) numbers.add(number);
    else if (isScalar(value)) texts.add(value.string() ?? String(value.boolean()));
    for (const [, child] of value.entries()) visit(child);
  };
  visit(args);
  return { texts, numbers };
}

function mismatch(): McpError {
  return new McpError('HEADER_MISMATCH', 'Mcp-Param headers that repeat the arguments of the call');
}
