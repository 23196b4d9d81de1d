import { isModern, type ProtocolVersion } from './version.ts';

/** A kind of list, by the name that it has in its result. */
export type ListKind = 'tools' | 'resources' | 'resourceTemplates' | 'prompts';

export const LISTS: ReadonlyMap<string, ListKind> = new Map([
  ['tools/list', 'tools'],
  ['resources/list', 'resources'],
  ['resources/templates/list', 'resourceTemplates'],
  ['prompts/list', 'prompts'],
]);

/** Opens a stream of what is asked for by kind, and by the URIs of resources (2026-07-28, Subscriptions). */
export const LISTEN = 'subscriptions/listen';
export const SUBSCRIBE = 'resources/subscribe';
export const TASK_LIST = 'tasks/list';

/** What a server may ask of a client: by a request of its own (legacy), or within a result (2026-07-28). */
export const ASKS: ReadonlySet<string> = new Set(['sampling/createMessage', 'elicitation/create', 'roots/list']);

/** Requests of a client that move no data but the protocol's own. */
const LEGACY_PROTOCOL: ReadonlySet<string> = new Set([
  'initialize',
  'ping',
  'logging/setLevel',
  'resources/unsubscribe',
]);
const MODERN_PROTOCOL: ReadonlySet<string> = new Set(['server/discover']);

/** Requests of a client about what an earlier call of its own, or of somebody else's, has begun (2025-11-25; SEP-2663). */
const LEGACY_TASKS: ReadonlySet<string> = new Set(['tasks/get', 'tasks/result', TASK_LIST, 'tasks/cancel']);
const MODERN_TASKS: ReadonlySet<string> = new Set(['tasks/get', 'tasks/update', 'tasks/cancel']);

/** Requests of a server, legacy only, that ask the client for nothing of its own: tasks are those the client was asked for. */
export const SERVER_PROTOCOL: ReadonlySet<string> = new Set([
  'ping',
  'tasks/get',
  'tasks/result',
  'tasks/list',
  'tasks/cancel',
]);

export function isProtocol(method: string, version: ProtocolVersion): boolean {
  return (isModern(version) ? MODERN_PROTOCOL : LEGACY_PROTOCOL).has(method);
}

export function isTask(method: string, version: ProtocolVersion): boolean {
  return (isModern(version) ? MODERN_TASKS : LEGACY_TASKS).has(method);
}

/** Every notification of the protocol is named so; others are some extension's, which nobody here can judge. */
export function isProtocolNotification(method: string): boolean {
  return method.startsWith('notifications/');
}
