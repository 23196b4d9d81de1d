import { parse } from '../../src/json/index.ts';
import { McpError, type McpErrorCode, type McpRefusal, type Messages, parseMessages } from '../../src/mcp/index.ts';

export const MODERN_META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

export const REFUSAL: McpRefusal = {
  status: 403,
  code: 'POLICY_DENIED',
  message: 'policy denies this call',
  decisionId: '0190-d1',
};

export const RELEASE = { release: true } as const;
export const REFUSE = { release: false, refusal: REFUSAL } as const;

export function messagesOf(value: unknown): Messages {
  return parseMessages(parse(bytesOf(value)));
}

export function bytesOf(value: unknown): Buffer {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}

export function request(method: string, params?: object, id: string | number = 1): object {
  return params === undefined ? { jsonrpc: '2.0', id, method } : { jsonrpc: '2.0', id, method, params };
}

export function modern(method: string, params: object = {}, id: string | number = 1): object {
  return request(method, { ...params, _meta: MODERN_META }, id);
}

/** The code that a call is refused with; undefined if it is not. */
export function codeOf(run: () => unknown): McpErrorCode | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof McpError) return error.code;
    throw error;
  }
}
