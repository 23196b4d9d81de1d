/** Why a message, its headers, or what a server sent cannot be followed. The set is closed. */
export type McpErrorCode =
  | 'MESSAGE_NOT_JSON'
  | 'MESSAGE_INVALID'
  | 'BATCH_UNSUPPORTED'
  | 'BATCH_TOO_LARGE'
  | 'ID_DUPLICATE'
  | 'REQUESTS_TOO_MANY'
  | 'METHOD_NOT_GOVERNED'
  | 'PARAMS_INVALID'
  | 'HEADER_MISMATCH'
  | 'VERSION_UNSUPPORTED'
  | 'ORIGIN_FORBIDDEN'
  | 'SESSION_UNKNOWN'
  | 'REPLY_INVALID'
  | 'REPLY_TOO_LARGE'
  | 'LINE_INVALID'
  | 'LINE_TOO_LONG';

/** HTTP statuses of a refusal: `modern` from 2026-07-28 on, `legacy` before. */
interface Entry {
  /** The code of the JSON-RPC error (JSON-RPC 2.0, section 5.1; MCP 2026-07-28, Error Codes). */
  rpc: number;
  modern: 200 | 400 | 403 | 404 | 413 | 502;
  legacy: 200 | 400 | 403 | 404 | 413 | 502;
}

/**
 * Where a revision names the status, that is taken. Where none does, a legacy client gets 200: its SDK reads the error
 * of a request from the body only then, and shows any other status as a failed connection.
 */
const TABLE: { readonly [code in McpErrorCode]: Entry } = {
  MESSAGE_NOT_JSON: { rpc: -32700, modern: 400, legacy: 400 },
  MESSAGE_INVALID: { rpc: -32600, modern: 400, legacy: 400 },
  BATCH_UNSUPPORTED: { rpc: -32600, modern: 400, legacy: 400 },
  BATCH_TOO_LARGE: { rpc: -32600, modern: 400, legacy: 400 },
  ID_DUPLICATE: { rpc: -32600, modern: 400, legacy: 400 },
  REQUESTS_TOO_MANY: { rpc: -32600, modern: 400, legacy: 400 },
  METHOD_NOT_GOVERNED: { rpc: -32601, modern: 404, legacy: 200 },
  PARAMS_INVALID: { rpc: -32602, modern: 400, legacy: 200 },
  HEADER_MISMATCH: { rpc: -32020, modern: 400, legacy: 400 },
  VERSION_UNSUPPORTED: { rpc: -32022, modern: 400, legacy: 400 },
  // Not JSON-RPC's, but what SDKs answer too; it is the status that clients go by (2025-03-26, Session Management).
  SESSION_UNKNOWN: { rpc: -32001, modern: 404, legacy: 404 },
  ORIGIN_FORBIDDEN: { rpc: -32600, modern: 403, legacy: 403 },
  REPLY_INVALID: { rpc: -32603, modern: 502, legacy: 502 },
  REPLY_TOO_LARGE: { rpc: -32603, modern: 502, legacy: 502 },
  LINE_INVALID: { rpc: -32600, modern: 400, legacy: 400 },
  LINE_TOO_LONG: { rpc: -32600, modern: 413, legacy: 413 },
};

const LONGEST_ECHO = 64;

/** Says what was expected and where; never what stood there, the version that a client asks for excepted. */
export class McpError extends Error {
  override readonly name = 'McpError';
  readonly code: McpErrorCode;
  /** With VERSION_UNSUPPORTED: what the client asked for, which the protocol has the answer repeat. */
  readonly requested: string | undefined;

  constructor(code: McpErrorCode, expected: string, requested?: string) {
    super(`${code}: expected ${expected}`);
    this.code = code;
    this.requested = requested;
  }

  static version(requested: string): McpError {
    return new McpError('VERSION_UNSUPPORTED', 'a supported protocol version', requested.slice(0, LONGEST_ECHO));
  }

  /** The code of the JSON-RPC error. */
  get rpc(): number {
    return TABLE[this.code].rpc;
  }

  /** The HTTP status of the response that carries it. */
  status(modern: boolean): number {
    return modern ? TABLE[this.code].modern : TABLE[this.code].legacy;
  }
}
