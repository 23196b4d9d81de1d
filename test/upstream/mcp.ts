import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, type EventStore, InMemoryServerEventBus } from '@modelcontextprotocol/server';
import { createTickets, type Served } from './tickets.ts';

export const MCP_KEY = 'planted-mcp-key';

type Incoming = IncomingMessage & { method: string; url: string };

export interface McpUpstream extends Served {
  readonly url: string;
  /** Everything that reached it. */
  readonly requests: { method: string; headers: IncomingHttpHeaders; body: string }[];
  /** Whether answers come as JSON rather than as streams. */
  json: boolean;
  /** Whether legacy clients can resume a stream that ended. */
  resumable: boolean;
  /** Tells modern clients that listen that a resource has changed. */
  changed(uri: string): void;
  close(): Promise<void>;
}

/** The ticket system over Streamable HTTP, in both eras: with sessions for legacy clients, without for modern ones. */
export async function startMcp(): Promise<McpUpstream> {
  const bus = new InMemoryServerEventBus();
  const sessions = new Map<string, NodeStreamableHTTPServerTransport>();
  const server = createServer((req, res) => {
    void serve(req as Incoming, res).catch(() => res.destroy());
  });
  const upstream: McpUpstream = {
    ...{ calls: [], requests: [], json: false, resumable: false },
    changed: (uri) => bus.publish({ kind: 'resource_updated', uri }),
    get url() {
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  const serve = async (req: Incoming, res: ServerResponse): Promise<void> => {
    const body = await read(req);
    upstream.requests.push({ method: req.method, headers: req.headers, body });
    if (req.url !== '/mcp' || req.headers.authorization !== `Bearer ${MCP_KEY}`) return void res.writeHead(401).end();
    const parsed = body === '' ? undefined : JSON.parse(body);
    if (req.headers['mcp-protocol-version'] === '2026-07-28') return modern(req, res, parsed);
    const id = req.headers['mcp-session-id'];
    const transport = typeof id === 'string' ? sessions.get(id) : await begin();
    if (!transport) return void res.writeHead(404).end();
    await transport.handleRequest(req, res, parsed);
  };
  const modern = (req: Incoming, res: ServerResponse, parsed: unknown): Promise<void> => {
    const responseMode = upstream.json ? ('auto' as const) : ('sse' as const);
    return toNodeHandler(createMcpHandler(() => createTickets(upstream), { legacy: 'reject', responseMode, bus }))(
      req,
      res,
      parsed,
    );
  };
  const begin = async (): Promise<NodeStreamableHTTPServerTransport> => {
    const transport: NodeStreamableHTTPServerTransport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      enableJsonResponse: upstream.json,
      ...(upstream.resumable && { eventStore: makeEvents(), retryInterval: 50 }),
      onsessioninitialized: (id) => void sessions.set(id, transport),
    });
    await createTickets(upstream).connect(transport);
    return transport;
  };

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return upstream;
}

/** What was sent on the streams of a session. */
function makeEvents(): EventStore {
  const events: { id: string; stream: string; message: Parameters<EventStore['storeEvent']>[1] }[] = [];
  return {
    async storeEvent(stream, message) {
      const id = `${stream}/${events.length}`;
      events.push({ id, stream, message });
      return id;
    },
    async replayEventsAfter(last, { send }) {
      const stream = last.slice(0, last.lastIndexOf('/'));
      const at = events.findIndex(({ id }) => id === last);
      for (const event of events.slice(at + 1)) if (event.stream === stream) await send(event.id, event.message);
      return stream;
    },
  };
}

async function read(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
