import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GatewayProcess } from './gateway-process.ts';

const LISTENING = /Debugger listening on (ws:\S+)/;

interface Message {
  id?: number;
  method?: string;
  params?: { sessionId: string; message?: string };
}

/**
 * A debugger on a gateway that was started with --inspect-port=0: it has every thread's garbage collected, so that what is
 * left is what is held.
 */
export class Inspector {
  private readonly socket: WebSocket;
  /** Sessions of the worker threads. */
  private readonly workers: string[] = [];
  private readonly waiting = new Map<number, () => void>();
  private last = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener('message', ({ data }) => this.take(JSON.parse(data)));
  }

  static async attach(gateway: GatewayProcess): Promise<Inspector> {
    process.kill(gateway.pid, 'SIGUSR1');
    for (let left = 100; left > 0; left--) {
      const url = gateway.lines.map((line) => LISTENING.exec(line)?.[1]).find(Boolean);
      if (url) {
        const socket = new WebSocket(url);
        await once(socket, 'open');
        const inspector = new Inspector(socket);
        await inspector.call('NodeWorker.enable', { waitForDebuggerOnStart: false });
        return inspector;
      }
      await sleep(50);
    }
    throw new Error('expected the gateway to listen for a debugger');
  }

  async collectGarbage(): Promise<void> {
    await this.call('HeapProfiler.collectGarbage', {});
    await Promise.all(this.workers.map((worker) => this.callWorker(worker, 'HeapProfiler.collectGarbage')));
  }

  close(): void {
    this.socket.close();
  }

  private call(method: string, params: object): Promise<void> {
    const id = ++this.last;
    this.socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }

  private callWorker(sessionId: string, method: string): Promise<void> {
    const id = ++this.last;
    const message = JSON.stringify({ id, method });
    void this.call('NodeWorker.sendMessageToWorker', { sessionId, message });
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }

  private take({ id, method, params }: Message): void {
    if (id !== undefined) {
      this.waiting.get(id)?.();
      this.waiting.delete(id);
    } else if (method === 'NodeWorker.attachedToWorker' && params) this.workers.push(params.sessionId);
    else if (method === 'NodeWorker.receivedMessageFromWorker' && params?.message)
      this.take(JSON.parse(params.message));
  }
}
