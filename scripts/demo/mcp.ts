import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type CallToolResult,
  Client,
  ProtocolError,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import type { Answer } from './ask.ts';
import { type Access, type DemoCall, onTool } from './calls.ts';

/** A ticket system that does whatever it is asked. */
export interface Tickets {
  readonly url: string;
  /** Names of the tools that it has run. */
  readonly ran: string[];
  close(): Promise<void>;
}

/** Starts it on a free port. */
export async function startTickets(): Promise<Tickets> {
  const ran: string[] = [];
  const handle = toNodeHandler(createMcpHandler(() => createTickets(ran)));
  const server = createServer((req, res) => void handle(req as IncomingMessage & { method: string; url: string }, res));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    ran,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function createTickets(ran: string[]): McpServer {
  const server = new McpServer({ name: 'tickets', version: '1' });
  const inputSchema = fromJsonSchema<{ id: string }>({ type: 'object', properties: { id: { type: 'string' } } });
  for (const name of ['get_ticket', 'comment_on_ticket', 'delete_ticket']) {
    server.registerTool(name, { inputSchema }, async ({ id }) => {
      ran.push(name);
      return { content: [{ type: 'text', text: `${name} ${id}: done` }] };
    });
  }
  return server;
}

/** An agent's MCP client at the route `tickets`; its calls are to be made in this order. */
export function mcpCalls({ url, token }: Access, { ran }: Tickets): DemoCall[] {
  const client = new Client(
    { name: 'demo', version: '1' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } }, // one message a call, so that each is one decision
  );
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  const connect = () =>
    client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp/tickets`), { requestInit }));
  const call = async (name: string): Promise<string> => {
    const { content } = (await client.callTool({ name, arguments: { id: 'T-17' } })) as CallToolResult;
    return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
  };
  const list = async (): Promise<string> => (await client.listTools()).tools.map(({ name }) => name).join(' ');
  const send = (ask: () => Promise<string>) => () => answerOf(ask, ran);
  return [
    {
      who: 'mcp',
      asked: 'connects',
      send: send(() => connect().then(() => 'connected')),
      expected: { status: 200, decisions: [onTool('server/discover')] },
    },
    {
      who: 'mcp',
      asked: 'lists the tools',
      send: send(list),
      expected: {
        status: 200,
        decisions: [
          onTool('tools/list'),
          onTool('get_ticket'),
          onTool('comment_on_ticket', 'TOOL_ROLE_REQUIRED'),
          onTool('delete_ticket', 'MCP_NOT_ALLOWED'),
        ],
      },
    },
    {
      who: 'mcp',
      asked: 'get_ticket',
      send: send(() => call('get_ticket')),
      expected: { status: 200, decisions: [onTool('get_ticket')], calls: 'get_ticket' },
    },
    {
      who: 'mcp',
      asked: 'delete_ticket',
      send: send(() => call('delete_ticket')),
      expected: { status: 403, decisions: [onTool('delete_ticket', 'MCP_NOT_ALLOWED')], raised: 'ProtocolError' },
    },
  ];
}

async function answerOf(ask: () => Promise<string>, ran: string[]): Promise<Answer> {
  ran.length = 0;
  try {
    return { status: 200, text: await ask(), calls: ran.join(' '), pieces: 0 };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const { code: status, message: text, data } = error;
    const decision = String((data as { decision_id?: string }).decision_id);
    return { status, decision, text, calls: ran.join(' '), pieces: 0, raised: error.constructor.name };
  }
}
