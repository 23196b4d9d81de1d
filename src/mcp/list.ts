import { hash } from 'node:crypto';
import type { JsonValue } from '../json/index.ts';
import { canonicalText } from './canonical.ts';
import { McpError } from './error.ts';
import { LISTS, type ListKind } from './methods.ts';
import { type ParamHeader, paramHeadersOf } from './param-headers.ts';
import { keyGuard } from './read.ts';

/** One thing that a server offers. */
export interface ListItem {
  list: ListKind;
  /** What it is called by: a tool's or prompt's name, a resource's URI or a URI template. */
  name: string;
  /**
   * SHA-256 (hex) of the whole definition in canonical form. Whole, for a description can be bent through any of its
   * fields; canonical, for a server may list the same thing with its keys in another order.
   */
  sha256: string;
  /** Arguments that a tool wants repeated in headers (2026-07-28). */
  headers: ParamHeader[];
}

const NAME_KEYS: { readonly [list in ListKind]: string } = {
  tools: 'name',
  prompts: 'name',
  resources: 'uri',
  resourceTemplates: 'uriTemplate',
};
const MOST_ITEMS = 10_000;
const LONGEST_NAME = 4096;

export const LIST_KINDS: readonly ListKind[] = [...LISTS.values()];

const guardResult = keyGuard([...LIST_KINDS, 'cacheScope', 'ttlMs', 'nextCursor', 'inputRequests', 'resultType']);
const guardItem = keyGuard(['name', 'title', 'description', 'inputSchema', 'uri', 'uriTemplate']);

/** The items of a list's result, as values of its text; none where the list is missing, which is the client's to complain of. */
export function itemsOf(result: JsonValue, list: ListKind): JsonValue[] {
  guardResult(result, 'the result');
  const array = result.get(list);
  if (array === undefined) return [];
  if (array.kind !== 'array') throw new McpError('REPLY_INVALID', `${list} to be an array`);
  const items = array.items();
  if (items.length > MOST_ITEMS) throw new McpError('REPLY_TOO_LARGE', `at most ${MOST_ITEMS} ${list}`);
  return items;
}

export function readItem(item: JsonValue, list: ListKind): ListItem {
  guardItem(item, list);
  const name = item.get(NAME_KEYS[list])?.string();
  if (!name || name.length > LONGEST_NAME) throw new McpError('REPLY_INVALID', `each of ${list} to have a name`);
  const sha256 = hash('sha256', canonicalText(item), 'hex');
  return { list, name, sha256, headers: list === 'tools' ? paramHeadersOf(item) : [] };
}

/** The names that come twice: which of the two a client would take is not known, so neither can be judged. */
export function ambiguousNames(items: readonly ListItem[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { list, name } of items) {
    if (list !== 'tools') continue;
    if (seen.has(name)) twice.add(name);
    seen.add(name);
  }
  return twice;
}
