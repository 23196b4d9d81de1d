import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { MAIN } from '../program.ts';
import { type Place, plainEnv } from './place.ts';

const READY = /listens on (http:\/\/\S+)/;
const MOST_LINES = 200;

/** The built gateway in a process of its own. */
export class GatewayProcess {
  /** Milliseconds from spawn to the first line that says where it listens. */
  startedInMs = 0;
  url = '';
  /** What it said last. */
  readonly lines: string[] = [];
  /** Resolves with the URL; rejects if the process ends before. */
  readonly ready: Promise<string>;
  /** Resolves once the process has ended and said its last. */
  readonly ended: Promise<unknown>;
  /** Whether it was asked to end. */
  killed = false;
  private readonly child: ChildProcess;

  /** @param command what to run with the configuration's path as last argument; default: the built program */
  constructor({ config, env }: Place, command: readonly string[] = [process.execPath, MAIN, 'start', '--config']) {
    const before = performance.now();
    const [file = '', ...args] = command;
    this.child = spawn(file, [...args, config], { env: { ...plainEnv(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = once(this.child, 'close');
    this.ready = new Promise((resolve, reject) => {
      for (const stream of [this.child.stdout, this.child.stderr]) {
        if (stream) createInterface(stream).on('line', (line) => this.hear(line, before, resolve));
      }
      this.child.once('exit', (code, signal) => {
        reject(new Error(`the gateway ended with ${signal ?? code}:\n${this.lines.join('\n')}`));
      });
    });
    this.ready.catch(() => {}); // a gateway that is killed while it starts is awaited by nobody
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Resident memory in bytes. */
  rss(): number {
    const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1];
    return Number(kib) * 1024;
  }

  /** Ends it and returns the exit code, or null after a signal that it does not catch. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    this.killed = true;
    this.child.kill(signal);
    await this.ended;
    return this.child.exitCode;
  }

  private hear(line: string, before: number, resolve: (url: string) => void): void {
    this.lines.push(line);
    if (this.lines.length > MOST_LINES) this.lines.shift();
    const url = READY.exec(line)?.[1];
    if (url === undefined) return;
    this.startedInMs = performance.now() - before;
    this.url = url;
    resolve(url);
  }
}
