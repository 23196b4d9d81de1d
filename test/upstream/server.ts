import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the simulated model says and does with one request. */
export interface Behaviour {
  /** Answer with this error instead: 429, 500, 503, 529. */
  status?: number;
  /** Wait before anything is sent. */
  delayMs?: number;
  /** Send nothing until this is resolved. */
  gate?: Promise<void>;
  /** Never answer. */
  hang?: boolean;
  /** Break the connection after so many events of a stream (0: before the head), or in mid-body of a JSON response. */
  abortAfterEvents?: number;
  /** Stop after so many events of a stream, and leave the connection open. */
  stallAfterEvents?: number;
  eventDelayMs?: number;
  /** Cut the stream into pieces of so many bytes. */
  pieceBytes?: number;
  text?: string[];
  toolCalls?: SimulatedCall[];
  /** The fragments of parallel calls come in turn, not one call after the other. */
  interleaved?: boolean;
  /** The answer breaks off, in the last call if there is one: at the token limit, or by a fault of the vendor's. */
  ending?: 'incomplete' | 'failed';
}

export interface SimulatedCall {
  name: string;
  /** The exact text: JSON (or what a model took for it), or the free text of a custom tool. */
  arguments: string;
  /**
   * `function` unless said. Chat Completions: `custom`, `function_call` (the older form, one only). Anthropic:
   * `server_tool_use`, `mcp_tool_use`. Responses: `custom`, or a type of item (responses-item.ts says which).
   */
  type?: string;
  /** The MCP server that it is a tool of. */
  server?: string;
}

/** One request as it arrived. */
export interface Recorded {
  method: string;
  /** As sent, query included. */
  target: string;
  /** Names and values in turn, as sent. */
  rawHeaders: string[];
  headers: IncomingMessage['headers'];
  body: Buffer;
  /** How the exchange ended: `aborted` if the client went before the response was finished. */
  ended: Promise<'complete' | 'aborted'>;
}

/** What a vendor answers: an error or a list as JSON, or a model's answer as JSON or as events. */
export type Reply = { status: number; body: unknown; headers?: Record<string, string> } | { events: string[] };

export type Vendor = (request: Recorded, behaviour: Behaviour) => Reply;

/** A simulated vendor on a socket of its own. */
export class Upstream {
  readonly requests: Recorded[] = [];
  private readonly queue: Behaviour[] = [];
  private usual: Behaviour = {};
  private readonly server: Server;
  private readonly vendor: Vendor;
  private readonly requestIdHeader: string;

  private constructor(vendor: Vendor, requestIdHeader: string) {
    this.vendor = vendor;
    this.requestIdHeader = requestIdHeader;
    this.server = createServer((req, res) => {
      this.serve(req, res).catch(() => res.destroy());
    });
    this.server.keepAliveTimeout = 30_000;
  }

  static async start(vendor: Vendor, requestIdHeader: string): Promise<Upstream> {
    const upstream = new Upstream(vendor, requestIdHeader);
    await new Promise<void>((resolve) => upstream.server.listen(0, '127.0.0.1', resolve));
    return upstream;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Behave so with the next request; calls queue up. */
  next(behaviour: Behaviour): void {
    this.queue.push(behaviour);
  }

  /** Behave so with every request for which nothing is queued. */
  always(behaviour: Behaviour): void {
    this.usual = behaviour;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const ended = new Promise<'complete' | 'aborted'>((resolve) => {
      res.once('close', () => resolve(res.writableFinished ? 'complete' : 'aborted'));
    });
    const chunks: Buffer[] = [];
    for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method = '', url = '', rawHeaders, headers } = req;
    const recorded = { method, target: url, rawHeaders, headers, body: Buffer.concat(chunks), ended };
    this.requests.push(recorded);
    const behaviour = this.queue.shift() ?? this.usual;
    if (behaviour.hang) return;
    await behaviour.gate;
    if (behaviour.delayMs) await sleep(behaviour.delayMs);
    if (behaviour.abortAfterEvents === 0) return void res.destroy();
    await this.send(res, this.vendor(recorded, behaviour), behaviour);
  }

  private async send(res: ServerResponse, reply: Reply, behaviour: Behaviour): Promise<void> {
    res.setHeader(this.requestIdHeader, `req_${String(this.requests.length).padStart(8, '0')}`);
    if ('events' in reply) return this.sendEvents(res, reply.events, behaviour);
    const body = Buffer.from(JSON.stringify(reply.body));
    res.writeHead(reply.status, {
      'content-type': 'application/json',
      'content-length': body.length,
      ...reply.headers,
    });
    if (behaviour.abortAfterEvents === undefined) return void res.end(body);
    res.write(body.subarray(0, body.length >> 1), () => res.destroy());
  }

  private async sendEvents(res: ServerResponse, events: string[], behaviour: Behaviour): Promise<void> {
    res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
    const over = once(res, 'close');
    let sent = 0;
    for (const event of events) {
      if (sent === behaviour.abortAfterEvents) return void res.destroy();
      if (sent === behaviour.stallAfterEvents) return;
      for (const piece of pieces(Buffer.from(event), behaviour.pieceBytes)) {
        if (res.destroyed) return;
        const flowing = res.write(piece);
        if (!flowing) await Promise.race([once(res, 'drain'), over]);
      }
      sent++;
      if (behaviour.eventDelayMs) await sleep(behaviour.eventDelayMs);
    }
    res.end();
  }
}

function* pieces(bytes: Buffer, size = bytes.length): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const once = (res: ServerResponse, event: string): Promise<void> => new Promise((resolve) => res.once(event, resolve));
