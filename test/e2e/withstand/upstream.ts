import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSandbox } from '../../../src/provider/index.ts';
import { ID_HEADER } from './calls.ts';

/** One request that reached the upstream, also if only its head did. */
export interface Arrival {
  method: string;
  target: string;
  /** The caller's own name for the call, whatever the gateway decided. */
  id: string;
  /** SHA-256 (hex) of the body; null without one, undefined while it is not complete. */
  sha256: string | null | undefined;
}

/** Both vendors behind one socket, keeping account of everything that arrives. */
export class CountingUpstream {
  /** In the order of arrival. */
  readonly arrivals: Arrival[] = [];
  private readonly server: Server;

  private constructor() {
    const answer = createSandbox({ eventDelayMs: 1 });
    this.server = createServer((req, res) => {
      const arrival: Arrival = {
        method: req.method ?? '',
        target: req.url ?? '',
        id: String(req.headers[ID_HEADER] ?? ''),
        sha256: undefined,
      };
      this.arrivals.push(arrival);
      const hash = createHash('sha256');
      let bytes = 0;
      req.on('data', (chunk: Buffer) => {
        hash.update(chunk);
        bytes += chunk.length;
      });
      req.once('end', () => {
        arrival.sha256 = bytes > 0 ? hash.digest('hex') : null;
      });
      answer(req, res);
    });
    this.server.keepAliveTimeout = 60_000;
  }

  static async start(): Promise<CountingUpstream> {
    const upstream = new CountingUpstream();
    await new Promise<void>((resolve) => upstream.server.listen(0, '127.0.0.1', resolve));
    return upstream;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Waits until everything that a dead gateway had sent has been read: its connections are closed then. */
  async quiet(): Promise<void> {
    for (let left = 500; left > 0; left--) {
      const open = await new Promise<number>((resolve) => this.server.getConnections((_, count) => resolve(count)));
      if (open === 0) return;
      await sleep(2);
    }
    throw new Error('expected the connections of a dead gateway to close');
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
