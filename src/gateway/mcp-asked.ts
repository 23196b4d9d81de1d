import type { IncomingHttpHeaders } from 'node:http';
import { parse } from '../json/index.ts';
import { checkParamHeaders, idText, isModern, judge, type Message, type ProtocolVersion } from '../mcp/index.ts';
import type { ToolCall } from '../tool/index.ts';
import type { McpServer } from './servers.ts';
import type { ToolContext } from './tool.ts';

/** What policy is asked about before a message goes on. */
export interface Asked extends Pick<ToolContext, 'description_sha256' | 'retry'> {
  tool: ToolCall;
}

interface Sent {
  server: McpServer;
  version: ProtocolVersion;
  headers: IncomingHttpHeaders;
  /** The HTTP method: what a GET or DELETE goes by. */
  method: string;
}

/** A message as policy sees it: a call by what it calls, everything else as the protocol's own. */
export function askedOf(message: Message | undefined, { server, version, headers, method }: Sent): Asked[] {
  if (!message) return [{ tool: protocolCall(server, method, undefined) }];
  const judgement = judge(message, version, server.name);
  if (judgement.kind === 'call' || judgement.kind === 'task') {
    const { call: tool } = judgement;
    const known = tool.type === 'function' ? server.tools.get(tool.name) : undefined;
    if (isModern(version) && tool.arguments) checkParamHeaders(headers, tool.arguments, known?.headers);
    const retry = judgement.kind === 'call' && judgement.retry;
    return [{ tool, description_sha256: known?.sha256 ?? null, retry }];
  }
  const name = message.kind === 'response' ? 'response' : message.method;
  const subscribes = (judgement.kind === 'protocol' && judgement.subscribes) || [];
  return [protocolCall(server, name, message), ...subscribes].map((tool) => ({ tool }));
}

function protocolCall(server: McpServer, name: string, message: Message | undefined): ToolCall {
  const params = message && (message.kind === 'response' ? (message.result ?? message.error) : message.params);
  const id = message && message.kind !== 'notification' && message.id !== null ? idText(message.id) : null;
  return {
    ...{ name, type: 'protocol', origin: 'mcp', server: server.name, id },
    arguments: params && parse(params.raw()),
  };
}
