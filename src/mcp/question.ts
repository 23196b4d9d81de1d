import type { Limits } from '../json/index.ts';
import type { ToolCall } from '../tool/index.ts';
import type { ListItem } from './list.ts';
import type { OpenRequests } from './open-requests.ts';
import type { McpRefusal } from './refusal.ts';
import type { ProtocolVersion } from './version.ts';

/** What is known about a text of a server before it is read. */
export interface ReplyContext {
  version: ProtocolVersion;
  /** The name that policy knows the server by. */
  server: string | null;
  /** How it came: a whole JSON body holds responses only, the data of an event or a line anything. */
  carrier: 'body' | 'event' | 'line';
  /** What the client waits for. */
  requests: OpenRequests;
  /** Bounds of one text. Keys that differ in case may stand side by side: they are the server's own data. */
  limits?: Partial<Limits>;
}

/** What policy is asked before a text of a server may be released. */
export type Question =
  /** The server asks its client for something. */
  | { key: number; kind: 'ask'; call: ToolCall }
  /** The client would learn of something that it might call. */
  | { key: number; kind: 'item'; item: ListItem };

export type ReplyRuling = { release: true } | { release: false; refusal: McpRefusal };
