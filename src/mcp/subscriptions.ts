import type { ToolCall } from '../tool/index.ts';
import { McpError } from './error.ts';
import { idText, type Request } from './message.ts';
import { SUBSCRIBE } from './methods.ts';
import { keyGuard, objectOf, readObject, readUri } from './read.ts';

const MOST_RESOURCES = 256;

/** What can be asked for by kind, and `resourceSubscriptions` by URI. Others are some extension's, which nobody here can judge. */
const KINDS = ['toolsListChanged', 'promptsListChanged', 'resourcesListChanged'];
const RESOURCES = 'resourceSubscriptions';

const guardParams = keyGuard(['notifications']);

/** The resources that a client wants to hear of with `subscriptions/listen`, each once, for policy. */
export function subscriptionsOf({ id, params: given }: Request, server: string | null): ToolCall[] {
  const params = readObject(given, 'params');
  guardParams(params, 'params');
  const filter = readObject(params.get('notifications'), 'params.notifications');
  if (filter.entries().some(([key]) => key !== RESOURCES && !KINDS.includes(key))) {
    throw new McpError('PARAMS_INVALID', `nothing but ${[...KINDS, RESOURCES].join(', ')} in params.notifications`);
  }
  const resources = filter.get(RESOURCES);
  if (resources === undefined) return [];
  const items = resources.items();
  if (resources.kind !== 'array' || items.length > MOST_RESOURCES) {
    throw new McpError('PARAMS_INVALID', `an array of at most ${MOST_RESOURCES} at params.notifications.${RESOURCES}`);
  }
  const calls = new Map<string, ToolCall>();
  for (const item of items) {
    const name = readUri(item, `params.notifications.${RESOURCES}[]`);
    const args = objectOf([['uri', item]]);
    calls.set(name, { name, type: SUBSCRIBE, origin: 'mcp', server, id: idText(id), arguments: args });
  }
  return [...calls.values()];
}
