import type { JsonValue } from '../json/index.ts';
import type { ToolCall } from '../tool/index.ts';
import { McpError } from './error.ts';
import { ASKS } from './methods.ts';
import { keyGuard, objectWithout } from './read.ts';

const MOST_ASKS = 64;
/** URL elicitation required: a refusal that asks the user to visit a page (2025-11-25, Elicitation, Error Handling). */
const URL_ELICITATION_REQUIRED = -32042;

const guardRequest = keyGuard(['method', 'params']);
const guardError = keyGuard(['code', 'data']);
const guardData = keyGuard(['elicitations']);

/** What a server asks of its client, for policy: it goes by its method, its arguments are its params. */
export function askCall(method: string, id: string, params: JsonValue | undefined, server: string | null): ToolCall {
  const args = objectWithout(params, ['_meta', 'task']);
  return { name: method, type: method, origin: 'mcp', server, id, arguments: args };
}

/**
 * What a server asks within a result or a task (2026-07-28, Multi Round-Trip Requests; SEP-2663). The id is the key that
 * the client's answer will have.
 */
export function inputRequestsOf(holder: JsonValue, server: string | null): ToolCall[] {
  const requests = holder.get('inputRequests');
  if (requests === undefined) return [];
  if (requests.kind !== 'object') throw new McpError('REPLY_INVALID', 'inputRequests to be an object');
  const entries = requests.entries();
  if (entries.length > MOST_ASKS) throw new McpError('REPLY_TOO_LARGE', `at most ${MOST_ASKS} input requests`);
  return entries.map(([key, request]) => {
    guardRequest(request, 'an input request');
    const method = request.get('method')?.string() ?? '';
    const params = request.get('params');
    if (!ASKS.has(method) || (params !== undefined && params.kind !== 'object')) {
      throw new McpError('REPLY_INVALID', 'input requests for sampling, elicitation or roots');
    }
    return askCall(method, key, params, server);
  });
}

/** The pages that an error wants the user to visit. */
export function elicitationsOf(error: JsonValue, server: string | null): ToolCall[] {
  guardError(error, 'the error');
  if (error.get('code')?.number() !== URL_ELICITATION_REQUIRED) return [];
  const data = error.get('data');
  if (data !== undefined) guardData(data, 'the data of the error');
  const items = data?.get('elicitations')?.items() ?? [];
  if (items.length > MOST_ASKS) throw new McpError('REPLY_TOO_LARGE', `at most ${MOST_ASKS} elicitations`);
  return items.map((item, index) => {
    if (item.kind !== 'object') throw new McpError('REPLY_INVALID', 'elicitations that are objects');
    const id = item.get('elicitationId')?.string() ?? String(index);
    return askCall('elicitation/create', id, item, server);
  });
}
