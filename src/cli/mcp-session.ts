import { OpenRequests, type ProtocolVersion } from '../mcp/index.ts';

/** What both directions of one connection know. */
export interface McpSession {
  /** The name that policy knows the server by. */
  readonly server: string;
  /** What the client waits for. */
  readonly requests: OpenRequests;
  /** How the server listed its tools last: SHA-256 (hex) by name. */
  readonly tools: Map<string, string>;
  /** What `initialize` agreed on. */
  negotiated: ProtocolVersion | undefined;
  /** What is spoken now. */
  version: ProtocolVersion;
}

export function openSession(server: string): McpSession {
  const tools = new Map<string, string>();
  return { server, requests: new OpenRequests(), tools, negotiated: undefined, version: '2025-11-25' };
}

/** Writes to one end; resolves when there is room for more, or nobody reads any longer. */
export type Send = (bytes: string | Uint8Array) => Promise<void>;
