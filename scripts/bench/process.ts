import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const TICK_MICROS = 10_000; // Linux reports CPU in ticks of 1/100 s to user space

/** A server of the benchmark in a process of its own. */
export class Server {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  private constructor(child: ChildProcess) {
    this.child = child;
  }

  /** Starts it and waits for the line on standard output or error that `ready` finds its URL in. */
  static async start(args: string[], env: NodeJS.ProcessEnv, ready: RegExp): Promise<{ server: Server; url: string }> {
    const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const server = new Server(child);
    const url = await new Promise<string>((resolve, reject) => {
      const see = (line: string): void => {
        const found = ready.exec(line);
        if (found) resolve(found[1] ?? found[0]);
        server.lines.push(line);
      };
      for (const stream of [child.stdout, child.stderr]) if (stream) createInterface(stream).on('line', see);
      child.once('exit', (code) =>
        reject(new Error(`${args.join(' ')} ended with ${code}:\n${server.lines.join('\n')}`)),
      );
    });
    return { server, url };
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
