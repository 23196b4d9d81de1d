import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { initialise } from '../../src/cli/init.ts';

export const MAIN = resolve(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js');

const START_MS = 120_000;

/** A decision, as its record says. */
export interface Decision {
  id: string;
  /** Name of the tool that would be called; null for a call to a model. */
  tool: string | null;
  effect: 'forward' | 'refuse';
  codes: string[];
  /** Whether policy decided; else the gateway refused by itself, before policy was asked. */
  byPolicy: boolean;
}

/** Where the gateway's standard output goes. */
export const operationalLog = (folder: string): string => join(folder, 'gateway.jsonl');

/** The gateway in a process of its own, as `npm start` runs it. */
export class DemoGateway {
  readonly url: string;
  readonly token: string;
  private readonly child: ChildProcess;
  private readonly log: string;

  private constructor(child: ChildProcess, url: string, token: string, log: string) {
    this.child = child;
    this.url = url;
    this.token = token;
    this.log = log;
  }

  /** Starts it on a free port, in front of an MCP server, with a set-up of its own in `folder`; resolves when it takes calls. */
  static async start(folder: string, tickets: string): Promise<DemoGateway> {
    const starter = { mcp_servers: { tickets: { url: tickets, key: 'none' as const } } };
    const { token } = await initialise({ folder, now: new Date(), starter });
    writeFileSync(join(folder, 'development-token'), `${token}\n`, { mode: 0o600 });
    const args = [MAIN, 'quickstart', '--folder', folder, '--port', '0'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', openSync(operationalLog(folder), 'w'), 'pipe'] });
    try {
      return new DemoGateway(child, await announced(child), token, join(folder, 'audit', '0000000000000000.log'));
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  /** All that was decided so far, in order. A record is on disk before its call goes on, or its caller hears of it. */
  decisions(): Decision[] {
    return readFileSync(this.log, 'utf8')
      .split('\n')
      .map((line) => line.split('\t')[0] ?? '')
      .filter((json) => json !== '')
      .map((json) => JSON.parse(json))
      .filter(({ type }) => type === 'decision')
      .map(({ id, input, effect_enforced, result, entrypoint }) => ({
        id,
        tool: input.tool?.name ?? null,
        effect: effect_enforced,
        codes: result.reasons.map(({ code }: { code: string }) => code),
        byPolicy: entrypoint !== null,
      }));
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
