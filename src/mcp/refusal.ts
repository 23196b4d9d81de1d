import type { McpError } from './error.ts';
import type { Id, Messages } from './message.ts';
import { isModern, PROTOCOL_VERSIONS, type ProtocolVersion } from './version.ts';

export interface McpRefusal {
  /** The HTTP status that its reason has in the gateway's table. */
  status: number;
  /** Reason code, such as POLICY_UNDEFINED. */
  code: string;
  message: string;
  /** Null where nothing decided, for the gateway could not be asked. */
  decisionId: string | null;
}

/**
 * The JSON-RPC error of a refusal. Its code is the HTTP status of the reason: MCP keeps -32000 to -32099 for itself and
 * for what was, and sends everybody else outside the range that JSON-RPC reserves (2026-07-28, Error Codes). Clients
 * show little more than the message, so that names reason and decision; programs find both in `data`.
 */
export function refusalMessage(id: Id | null, { status, code, message, decisionId }: McpRefusal): string {
  const decided = decisionId === null ? '' : ` (decision ${decisionId})`;
  return errorText(id, status, `${code}: ${message}${decided}`, { code, decision_id: decisionId });
}

/** The JSON-RPC error of what could not be followed. The data of an unknown version is what the protocol prescribes. */
export function faultMessage(id: Id | null, error: McpError, decisionId?: string): string {
  const decision = decisionId === undefined ? {} : { decision_id: decisionId };
  const version = error.requested === undefined ? {} : { supported: PROTOCOL_VERSIONS, requested: error.requested };
  return errorText(id, error.rpc, error.message, { code: error.code, ...decision, ...version });
}

/** An HTTP response in place of the server's. */
export interface Answer {
  status: number;
  /** application/json */
  body: string;
}

/**
 * The HTTP status for a refusal. An error on a request is its answer, and answers come with 200: SDKs raise their usual
 * error then, and take anything else for a failed connection. Where nothing was asked there is no answer, only a status.
 */
export function refusalStatus({ status }: McpRefusal, answersRequest: boolean): number {
  return answersRequest ? 200 : status;
}

/** What is said of a message that was allowed, and goes nowhere because another one of its batch was refused. */
export function unsentRefusal(decisionId: string): McpRefusal {
  const message = 'this message was not sent, because another one of its batch was refused';
  return { status: 424, code: 'BATCH_REFUSED', message, decisionId };
}

/**
 * The response to a POST that is refused; one of a batch is refused with all of it.
 * @param own what is said of requests in its place, by their position in the batch
 */
export function refusalAnswer(messages: Messages, refusal: McpRefusal, own: readonly McpRefusal[] = []): Answer {
  const ids = requestIds(messages);
  const refusals = messages.messages.flatMap(({ kind }, i) => (kind === 'request' ? [own[i] ?? refusal] : []));
  return {
    status: refusalStatus(refusal, ids.length > 0),
    body: bodyOf(messages, ids, (id, i) => refusalMessage(id, refusals[i] ?? refusal)),
  };
}

/** @param messages undefined if the body holds none that could be read */
export function faultAnswer(
  messages: Messages | undefined,
  error: McpError,
  version: ProtocolVersion | undefined,
  decisionId?: string,
): Answer {
  // Before a version is known, only what both eras answer alike can have gone wrong.
  const status = error.status(version !== undefined && isModern(version));
  if (messages === undefined) return { status, body: faultMessage(null, error, decisionId) };
  const ids = requestIds(messages);
  return { status, body: bodyOf(messages, ids, (id) => faultMessage(id, error, decisionId)) };
}

function requestIds({ messages }: Messages): Id[] {
  return messages.flatMap((message) => (message.kind === 'request' ? [message.id] : []));
}

function bodyOf({ batch }: Messages, ids: readonly Id[], write: (id: Id | null, index: number) => string): string {
  if (ids.length === 0) return write(null, 0);
  return batch ? `[${ids.map(write).join(',')}]` : write(ids[0] as Id, 0);
}

function errorText(id: Id | null, code: number, message: string, data: object): string {
  // No id rather than null: the protocol's ids are never null, and SDKs refuse the message.
  const error = { code, message, data };
  return JSON.stringify(id === null ? { jsonrpc: '2.0', error } : { jsonrpc: '2.0', id, error });
}
