import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

type Handler = (req: IncomingMessage, res: ServerResponse) => void;

/** An upstream that a test plays by hand: it answers when and what the test says, to the byte if need be. */
export class Hand {
  private readonly server: Server;
  private readonly waiting: ((call: { req: IncomingMessage; res: ServerResponse }) => void)[] = [];
  private readonly arrived: { req: IncomingMessage; res: ServerResponse }[] = [];
  calls = 0;
  /** Connections that were made to it. */
  connections = 0;

  private constructor() {
    const handler: Handler = (req, res) => {
      req.resume();
      req.on('error', () => {});
      res.on('error', () => {});
      this.calls++;
      const next = this.waiting.shift();
      if (next) next({ req, res });
      else this.arrived.push({ req, res });
    };
    this.server = createServer(handler);
    this.server.on('connection', () => this.connections++);
  }

  static async start(): Promise<Hand> {
    const hand = new Hand();
    await new Promise<void>((resolve) => hand.server.listen(0, '127.0.0.1', resolve));
    return hand;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The next call that comes. */
  next(): Promise<{ req: IncomingMessage; res: ServerResponse }> {
    const call = this.arrived.shift();
    return call ? Promise.resolve(call) : new Promise((resolve) => this.waiting.push(resolve));
  }

  /** The next call's socket, for bytes that are no HTTP. */
  async socket(): Promise<Socket> {
    return (await this.next()).req.socket;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** A chat chunk as an event of a stream. */
export const event = (content: string): string =>
  `data: ${JSON.stringify({ object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;
