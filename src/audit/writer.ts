import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Appender } from './appender.ts';
import { type Disk, disk } from './disk.ts';
import { AuditError } from './error.ts';
import type { Report, Request, WriterOptions } from './protocol.ts';
import type { Draft } from './record.ts';

/** The writer's thread: takes all that is waiting, writes it with one sync, reports, and so on. */
class Writer {
  private readonly appender: Appender;
  private readonly port: MessagePort;
  /** Why nothing may be written; undefined: it may. */
  private failure: string | undefined;
  private waiting: Draft[] = [];

  constructor(port: MessagePort, appender: Appender) {
    this.port = port;
    this.appender = appender;
    port.on('message', (request: Request) => {
      this.take(request);
      // Everything that came while the disk was busy goes into the next write.
      for (let more = receiveMessageOnPort(port); more; more = receiveMessageOnPort(port)) this.take(more.message);
      this.append();
    });
  }

  private take(request: Request): void {
    if (request.kind === 'append') {
      if (this.waiting.length === 0) this.waiting = request.drafts;
      else this.waiting.push(...request.drafts);
      return;
    }
    this.append();
    if (request.kind === 'rotate') this.write(1, () => this.appender.rotate(request.signer, request.time));
    else if (request.kind === 'recover') this.recover(request.time);
    else this.close(request);
  }

  private append(): void {
    const drafts = this.waiting;
    this.waiting = [];
    for (let at = 0; at < drafts.length; ) {
      at += this.write(drafts.length - at, () => this.appender.append(drafts, at));
    }
  }

  /** Reports what became of some drafts; all that are left fail with the first one that does. Returns how many. */
  private write(left: number, write: () => { count: number; seq: number; rejected: [number, string][] }): number {
    try {
      if (this.failure !== undefined) throw new Error(this.failure);
      const written = write();
      this.report({ kind: 'done', ...written });
      return written.count;
    } catch (error) {
      this.failure = messageOf(error);
      this.report({ kind: 'failed', count: left, message: this.failure });
      return left;
    }
  }

  private recover(time: string): void {
    try {
      if (this.failure !== undefined) this.appender.recover(time);
      this.failure = undefined;
      this.report({ kind: 'recovered' });
    } catch (error) {
      this.failure = messageOf(error);
      this.report({ kind: 'unrecovered', message: this.failure });
    }
  }

  private close({ reason, time }: Request & { kind: 'close' }): void {
    try {
      if (time !== null) {
        if (this.failure !== undefined) this.appender.recover(time);
        this.appender.conclude(reason, time);
      }
      this.report({ kind: 'closed', message: null });
    } catch (error) {
      this.report({ kind: 'closed', message: messageOf(error) });
    } finally {
      this.appender.close();
      this.port.close();
    }
  }

  private report(report: Report): void {
    this.port.postMessage(report);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function start(port: MessagePort, options: WriterOptions): Promise<void> {
  const module: { disk: Disk } = options.disk === null ? { disk } : await import(options.disk);
  try {
    const appender = new Appender(module.disk, options);
    new Writer(port, appender);
    const { log, cutAtOpen: recovered, lastBundle, usedApprovals } = appender;
    port.postMessage({ kind: 'opened', log, recovered, lastBundle, usedApprovals } satisfies Report);
  } catch (error) {
    const code = error instanceof AuditError ? error.code : 'AUDIT_UNAVAILABLE';
    port.postMessage({ kind: 'refused', code, message: messageOf(error) } satisfies Report);
    port.close();
  }
}

if (parentPort) await start(parentPort, workerData);
