import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { resolve } from 'node:path';

/** The program as `npm run build` made it. */
export const MAIN = resolve('dist/cli/main.js');

const START_MS = 30_000;

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the built program to its end. */
export function run(args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Ran> {
  return new Promise((done) => {
    const env = { ...process.env, NODE_OPTIONS: '', ...options.env };
    execFile(process.execPath, [MAIN, ...args], { ...options, env, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

/** A gateway in a process of its own. */
export class Program {
  readonly child: ChildProcess;
  url = '';
  stdout = '';
  stderr = '';
  /** Exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals | null>;

  private constructor(args: string[], env: NodeJS.ProcessEnv) {
    // With SIGXFSZ ignored a file-size limit shows as a failing write, as a full disk does.
    const command = ['-c', 'trap "" XFSZ; exec "$@"', 'sh', process.execPath, MAIN, ...args];
    this.child = spawn('sh', command, {
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk) => (this.stdout += chunk));
    this.child.stderr?.on('data', (chunk) => (this.stderr += chunk));
    this.exited = new Promise((done) => this.child.once('close', (code, signal) => done(code ?? signal)));
  }

  /** Resolves once it has said where it listens. */
  static async start(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Program> {
    const program = new Program(args, env);
    let over = false;
    void program.exited.then(() => {
      over = true;
    });
    const late = Date.now() + START_MS;
    for (;;) {
      const [, url] = /listens on (http:\S+)/i.exec(program.stderr) ?? [];
      if (url) {
        program.url = url;
        return program;
      }
      if (over || Date.now() > late) {
        program.child.kill('SIGKILL');
        throw new Error(`expected the gateway to listen, got ${program.stderr}${program.stdout}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Lines of the operational log. */
  lines(): Record<string, unknown>[] {
    return this.stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }
}
