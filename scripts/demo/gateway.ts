import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export const MAIN = resolve(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js');

const START_MS = 120_000;
const LINE_MS = 5_000;

/** A line of the gateway's operational log about one decision. */
export interface DecisionLine {
  decision: string;
  effect: 'forward' | 'refuse';
  codes: string[];
}

/** The gateway in a process of its own, as `npm start` runs it. */
export class DemoGateway {
  readonly url: string;
  readonly token: string;
  private readonly child: ChildProcess;
  private readonly decisions: Map<string, DecisionLine>;

  private constructor(child: ChildProcess, url: string, token: string, decisions: Map<string, DecisionLine>) {
    this.child = child;
    this.url = url;
    this.token = token;
    this.decisions = decisions;
  }

  /** Starts it on a free port with a set-up of its own in `folder`; resolves when it takes calls. */
  static async start(folder: string): Promise<DemoGateway> {
    const args = [MAIN, 'quickstart', '--folder', folder, '--port', '0'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const decisions = new Map<string, DecisionLine>();
    createInterface(child.stdout).on('line', (line) => keep(line, decisions));
    try {
      const url = await announced(child);
      return new DemoGateway(child, url, readFileSync(join(folder, 'development-token'), 'utf8').trim(), decisions);
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  /** What the gateway said of a decision; undefined if it said nothing in good time. */
  async decision(id: string): Promise<DecisionLine | undefined> {
    for (let waited = 0; waited < LINE_MS && !this.decisions.has(id); waited += 10) await sleep(10);
    return this.decisions.get(id);
  }

  /** SIGTERM, as an orchestrator stops it; resolves with its exit code. */
  async stop(): Promise<number | null> {
    if (this.child.exitCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await ended;
    }
    return this.child.exitCode;
  }
}

function keep(line: string, decisions: Map<string, DecisionLine>): void {
  const entry = JSON.parse(line) as Partial<DecisionLine>;
  if (entry.decision !== undefined && entry.effect !== undefined) decisions.set(entry.decision, entry as DecisionLine);
}

/** The URL it listens on; what it says is the error when it ends before it does. */
function announced(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`the gateway ${why}\n${said.join('\n')}`));
    const timer = setTimeout(() => fail(`did not start within ${START_MS / 1000} s`), START_MS);
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with code ${code}`);
    });
    if (!child.stderr) throw new Error('expected standard error to be a pipe');
    createInterface(child.stderr).on('line', (line) => {
      said.push(line);
      const url = /listens on (http:\S+)/.exec(line)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}
