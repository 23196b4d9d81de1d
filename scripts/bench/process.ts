import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

const POLL_MS = 20;
const MOST_TRIES = 1000;
const TICK_MICROS = 10_000; // Linux reports CPU in ticks of 1/100 s to user space

/** A server of the benchmark in a process of its own. What it prints goes to a file: reading it along would cost the load its CPU. */
export class Server {
  readonly child: ChildProcess;
  private readonly output: string;
  private read = 0;

  private constructor(child: ChildProcess, output: string) {
    this.child = child;
    this.output = output;
  }

  /** Starts it and waits for `ready` to find its URL in what it prints to `output`. */
  static async start(
    args: string[],
    env: NodeJS.ProcessEnv,
    ready: RegExp,
    output: string,
  ): Promise<{ server: Server; url: string }> {
    const file = openSync(output, 'w');
    const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', file, file] });
    closeSync(file);
    for (let tries = 0; tries < MOST_TRIES && child.exitCode === null; tries++) {
      const found = ready.exec(readFileSync(output, 'utf8'));
      if (found) return { server: new Server(child, output), url: found[1] ?? found[0] };
      await setTimeout(POLL_MS);
    }
    child.kill();
    throw new Error(`${args.join(' ')} did not start:\n${readFileSync(output, 'utf8')}`);
  }

  /** What it printed since the last call. */
  newLines(): string[] {
    const text = readFileSync(this.output).subarray(this.read);
    this.read += text.length;
    return text.toString('utf8').split('\n');
  }

  /** CPU used so far by the whole process, in microseconds. */
  cpuMicros(): number {
    return cpu(`/proc/${this.child.pid}/stat`);
  }

  /** The same by thread, named as the program names them. */
  cpuByThread(): Map<string, number> {
    const threads = new Map<string, number>();
    for (const id of readdirSync(`/proc/${this.child.pid}/task`)) {
      const path = `/proc/${this.child.pid}/task/${id}`;
      const comm = readFileSync(`${path}/comm`, 'utf8').trim();
      const name = id === String(this.child.pid) ? 'main (HTTP, journey)' : comm;
      threads.set(name, (threads.get(name) ?? 0) + cpu(`${path}/stat`));
    }
    return threads;
  }

  /** Resident memory in MiB. */
  rssMiB(): number {
    const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.child.pid}/status`, 'utf8'))?.[1];
    return Math.round(Number(kib) / 1024);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
  }
}

/** utime and stime, fields 14 and 15 of proc(5) stat; counted behind the name, which may hold spaces. */
function cpu(file: string): number {
  const fields = readFileSync(file, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROS;
}
