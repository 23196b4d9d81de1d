import type { JsonValue } from '../json/index.ts';
import type { ToolCall } from '../tool/index.ts';
import { askCall, elicitationsOf, inputRequestsOf } from './ask.ts';
import { McpError } from './error.ts';
import { ambiguousNames, itemsOf, LIST_KINDS, readItem } from './list.ts';
import { idText, type Message, type Notification, type Request, type Response } from './message.ts';
import { ASKS, isProtocolNotification, LISTS, type ListKind, SERVER_PROTOCOL } from './methods.ts';
import type { Question, ReplyContext } from './question.ts';
import { keyGuard } from './read.ts';
import { faultMessage, type McpRefusal, refusalMessage } from './refusal.ts';
import { type Edit, withoutItems } from './splice.ts';
import { isModern } from './version.ts';

export interface Outcome {
  edits: Edit[];
  /** The message is not released. */
  drop?: true;
  /** What the server is answered in the client's place. */
  answer?: string;
  /** Keys of the questions whose object the client gets. */
  released?: number[];
}

/** One message of a reply, and what becomes of it. */
export interface Part {
  /** Whether it is changed whatever policy says. */
  altered: boolean;
  settle(refusalOf: (key: number) => McpRefusal | undefined): Outcome;
}

const PASSES: Part = { altered: false, settle: () => ({ edits: [] }) };

const guardResult = keyGuard(['inputRequests', 'cacheScope']);

/** Adds the message's questions to those of its text. */
export function partOf(message: Message, context: ReplyContext, questions: Question[]): Part {
  if (message.kind === 'response') return responsePart(message, context, questions);
  if (context.carrier === 'body') throw new McpError('REPLY_INVALID', 'nothing but responses in a JSON body');
  if (message.kind === 'request') return requestPart(message, context, questions);
  return notificationPart(message, context, questions);
}

/** A request of the server, which only legacy revisions have. */
function requestPart({ id, method, params }: Request, context: ReplyContext, questions: Question[]): Part {
  if (isModern(context.version)) throw new McpError('REPLY_INVALID', 'no requests from a server');
  if (ASKS.has(method)) {
    const keys = ask([askCall(method, idText(id), params, context.server)], questions);
    return refusable(keys, (refusal) => ({ edits: [], drop: true, answer: refusalMessage(id, refusal) }));
  }
  if (SERVER_PROTOCOL.has(method)) return PASSES;
  const answer = faultMessage(id, new McpError('METHOD_NOT_GOVERNED', 'a method of the protocol'));
  return { altered: true, settle: () => ({ edits: [], drop: true, answer }) };
}

/** Tasks tell by notification too what they need (SEP-2663). What is none of the protocol's is not released. */
function notificationPart({ method, params }: Notification, context: ReplyContext, questions: Question[]): Part {
  if (!isProtocolNotification(method)) return { altered: true, settle: () => ({ edits: [], drop: true }) };
  if (params === undefined) return PASSES;
  guardResult(params, 'params');
  const keys = ask(inputRequestsOf(params, context.server), questions);
  return refusable(keys, () => ({ edits: [], drop: true }));
}

function responsePart(message: Response, context: ReplyContext, questions: Question[]): Part {
  const { id, result, error, value } = message;
  const calls = error === undefined ? [] : elicitationsOf(error, context.server);
  const method = id === null ? undefined : context.requests.methodOf(id);
  if (result !== undefined) {
    guardResult(result, 'the result');
    const list = listOf(result, method);
    if (list !== undefined) return listPart(result, list, questions);
    calls.push(...inputRequestsOf(result, context.server));
  }
  const edits = result !== undefined && method === 'resources/read' ? narrowCache(result) : [];
  const keys = ask(calls, questions);
  // Without one of the inputs that it asked for the server would ask again and again: the call ends here.
  const replaced = (refusal: McpRefusal): Edit => ({
    start: value.start,
    end: value.end,
    text: refusalMessage(id, refusal),
  });
  return refusable(keys, (refusal) => ({ edits: [replaced(refusal)] }), edits);
}

/** Filters what the client may not call. The list is this caller's own then, whatever the server says of sharing it. */
function listPart(result: JsonValue, list: ListKind, questions: Question[]): Part {
  if (result.get('inputRequests') !== undefined) throw new McpError('REPLY_INVALID', 'no input requests with a list');
  const values = itemsOf(result, list);
  const items = values.map((value) => readItem(value, list));
  const ambiguous = ambiguousNames(items);
  const keys = items.map((item) => {
    if (ambiguous.has(item.name)) return undefined;
    questions.push({ key: questions.length, kind: 'item', item });
    return questions.length - 1;
  });
  const cache = narrowCache(result);
  return {
    altered: cache.length > 0 || ambiguous.size > 0,
    settle: (refusalOf) => {
      const kept = keys.map((key) => (key !== undefined && refusalOf(key) === undefined ? key : undefined));
      return {
        edits: [...cache, ...withoutItems(values, (index) => kept[index] === undefined)],
        released: kept.filter((key) => key !== undefined),
      };
    },
  };
}

/** A response to a request that is not known, as after a stream was resumed, is a list if it looks like one. */
function listOf(result: JsonValue, method: string | undefined): ListKind | undefined {
  if (method !== undefined) return LISTS.get(method);
  const found = LIST_KINDS.filter((kind) => result.get(kind) !== undefined);
  if (found.length > 1) throw new McpError('REPLY_INVALID', 'one list in a result');
  return found[0];
}

/** What policy allowed to one caller must not be served to another from a cache (2026-07-28, Caching, Cache Scope Field). */
function narrowCache(result: JsonValue): Edit[] {
  const scope = result.get('cacheScope');
  if (scope === undefined || scope.string() === 'private') return [];
  return [{ start: scope.start, end: scope.end, text: '"private"' }];
}

function ask(calls: readonly ToolCall[], questions: Question[]): number[] {
  return calls.map((call) => {
    questions.push({ key: questions.length, kind: 'ask', call });
    return questions.length - 1;
  });
}

/** Passes, with the edits that it has anyway, unless one of its questions is refused. */
function refusable(keys: number[], refused: (refusal: McpRefusal) => Outcome, edits: Edit[] = []): Part {
  if (keys.length === 0 && edits.length === 0) return PASSES;
  return {
    altered: edits.length > 0,
    settle: (refusalOf) => {
      const refusals = keys.map(refusalOf).filter((refusal) => refusal !== undefined);
      return refusals[0] === undefined ? { edits, released: keys } : refused(refusals[0]);
    },
  };
}
