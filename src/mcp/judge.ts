import type { JsonDocument, JsonValue } from '../json/index.ts';
import type { ToolCall } from '../tool/index.ts';
import { McpError } from './error.ts';
import { idText, type Message, type Request } from './message.ts';
import {
  isProtocol,
  isProtocolNotification,
  isTask,
  LISTEN,
  LISTS,
  type ListKind,
  SUBSCRIBE,
  TASK_LIST,
} from './methods.ts';
import {
  documentOf,
  keyGuard,
  objectOf,
  objectWithout,
  readName,
  readObject,
  readOptionalObject,
  readUri,
} from './read.ts';
import { subscriptionsOf } from './subscriptions.ts';
import { isModern, type ProtocolVersion } from './version.ts';

/** What a message of a client is, for policy. */
export type Judgement =
  | CallJudgement
  /** Its result is to be filtered. */
  | { kind: 'list'; list: ListKind }
  /** The client answers what the server asked it. What was asked was decided before. */
  | { kind: 'answer' }
  /**
   * About what some call has begun, and named by an id that says nothing of who began it: who may use it depends on how the
   * server keeps its callers apart. It goes by its method.
   */
  | { kind: 'task'; call: ToolCall }
  /** Moves no data but the protocol's own. `subscribes`: to what resources, each to be decided like a call. */
  | { kind: 'protocol'; subscribes?: ToolCall[] };

/** To be decided before it is forwarded. */
export interface CallJudgement {
  kind: 'call';
  call: ToolCall;
  /** Whether it is the same call once more, after the server asked for input (2026-07-28). Each time is a decision. */
  retry: boolean;
  /** Whether it is to run as a task (2025-11-25): its result comes later, by `tasks/result`. */
  task: boolean;
  /** What the client gives the server with a retry: answers of its user, of its model, its roots. */
  inputs: JsonValue | undefined;
}

type Reader = (params: JsonValue) => { name: string; args: JsonDocument };

const CALLS: ReadonlyMap<string, Reader> = new Map([
  ['tools/call', readToolCall],
  ['resources/read', readResource],
  ['prompts/get', readPrompt],
  ['completion/complete', readCompletion],
]);
/** Who hears of a resource's changes learns of the resource. */
const LEGACY_CALLS: ReadonlyMap<string, Reader> = new Map([...CALLS, [SUBSCRIBE, readResource]]);

const KEYS = [
  'name',
  'arguments',
  'uri',
  'ref',
  'argument',
  'context',
  '_meta',
  'task',
  'inputResponses',
  'requestState',
  'taskId',
];
const guardParams = keyGuard(KEYS);
const guardRef = keyGuard(['type', 'name', 'uri']);

/**
 * @param server the name that policy knows the server by
 * @throws McpError METHOD_NOT_GOVERNED, PARAMS_INVALID
 */
export function judge(message: Message, version: ProtocolVersion, server: string | null): Judgement {
  if (message.kind === 'response') {
    if (isModern(version)) throw new McpError('MESSAGE_INVALID', 'a request or a notification');
    return { kind: 'answer' };
  }
  if (message.kind === 'notification') {
    if (isProtocolNotification(message.method)) return { kind: 'protocol' };
    throw ungoverned();
  }
  const list = LISTS.get(message.method);
  if (list !== undefined) return { kind: 'list', list };
  if (message.method === LISTEN && isModern(version)) {
    return { kind: 'protocol', subscribes: subscriptionsOf(message, server) };
  }
  if (isProtocol(message.method, version)) return { kind: 'protocol' };
  if (isTask(message.method, version)) return { kind: 'task', call: readTask(message, server) };
  return readCall(message, version, server);
}

function readTask({ id, method, params }: Request, server: string | null): ToolCall {
  if (params !== undefined) guardParams(params, 'params');
  if (method !== TASK_LIST) readName(params?.get('taskId'), 'params.taskId');
  const args = objectWithout(params, ['_meta']);
  return { name: method, type: method, origin: 'mcp', server, id: idText(id), arguments: args };
}

function readCall(
  { id, method, params: given }: Request,
  version: ProtocolVersion,
  server: string | null,
): CallJudgement {
  const reader = (isModern(version) ? CALLS : LEGACY_CALLS).get(method);
  if (reader === undefined) throw ungoverned();
  const params = readObject(given, 'params');
  guardParams(params, 'params');
  const { name, args } = reader(params);
  const type = method === 'tools/call' ? 'function' : method;
  return {
    kind: 'call',
    call: { name, type, origin: 'mcp', server, id: idText(id), arguments: args },
    retry: params.get('inputResponses') !== undefined || params.get('requestState') !== undefined,
    task: readOptionalObject(params.get('task'), 'params.task') !== undefined,
    inputs: readOptionalObject(params.get('inputResponses'), 'params.inputResponses'),
  };
}

function readToolCall(params: JsonValue): { name: string; args: JsonDocument } {
  return { name: readName(params.get('name'), 'params.name'), args: readArguments(params) };
}

function readPrompt(params: JsonValue): { name: string; args: JsonDocument } {
  return { name: readName(params.get('name'), 'params.name'), args: readArguments(params) };
}

/** The URI is name and argument: policy looks for it in either. Metadata stays out, so that an approval fits a retry. */
function readResource(params: JsonValue): { name: string; args: JsonDocument } {
  const uri = params.get('uri');
  const name = readUri(uri, 'params.uri');
  return { name, args: objectOf([['uri', uri as JsonValue]]) };
}

/** Goes by the name of the prompt, or the URI of the resource template, whose argument it completes. */
function readCompletion(params: JsonValue): { name: string; args: JsonDocument } {
  const ref = readObject(params.get('ref'), 'params.ref');
  guardRef(ref, 'params.ref');
  const ofPrompt = ref.get('type')?.string() === 'ref/prompt';
  const name = ofPrompt ? readName(ref.get('name'), 'params.ref.name') : readUri(ref.get('uri'), 'params.ref.uri');
  return { name, args: objectOf(params.entries().filter(([key]) => key !== '_meta')) };
}

function readArguments(params: JsonValue): JsonDocument {
  const args = readOptionalObject(params.get('arguments'), 'params.arguments');
  return args === undefined ? objectOf([]) : documentOf(args);
}

function ungoverned(): McpError {
  return new McpError('METHOD_NOT_GOVERNED', 'a method of the protocol version that is spoken');
}
