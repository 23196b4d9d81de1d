import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { type Report, verify } from '../../src/audit/index.ts';
import { openLogFolder, readAnchors } from '../../src/cli/log-folder.ts';
import { ANTHROPIC_KEY, OPENAI_KEY, startAnthropic, startOpenAi, type Upstream } from '../upstream/index.ts';
import { Program } from './program.ts';
import { Site, type SiteOptions } from './site.ts';
import { type Answer, request, Wire } from './wire.ts';

export { type Answer, request, Wire } from './wire.ts';

/** A record's JSON. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into records of every type
export type Entry = any;

export interface StandOptions extends Omit<SiteOptions, 'providers'> {
  /** Upstreams of the test's own, in place of the simulated vendors. */
  providers?: Partial<SiteOptions['providers']>;
  env?: NodeJS.ProcessEnv;
  /** Changes the set-up before the gateway starts. */
  prepare?(site: Site): Promise<void>;
}

const SETTLE_MS = 15_000;
const ERROR_LEVEL = 50;

/** One gateway with its log, the simulated vendors behind it, and clients in front: made once in each file of tests. */
export class Stand {
  readonly site: Site;
  readonly openai: Upstream;
  readonly anthropic: Upstream;
  program: Program;
  private readonly env: NodeJS.ProcessEnv;

  private constructor(
    site: Site,
    vendors: { openai: Upstream; anthropic: Upstream },
    env: NodeJS.ProcessEnv,
    program: Program,
  ) {
    this.site = site;
    this.openai = vendors.openai;
    this.anthropic = vendors.anthropic;
    this.env = env;
    this.program = program;
  }

  static async open(options: StandOptions = {}): Promise<Stand> {
    const vendors = { openai: await startOpenAi(), anthropic: await startAnthropic() };
    const providers = { openai: vendors.openai.url, anthropic: vendors.anthropic.url, ...options.providers };
    const site = await Site.make({ ...options, providers });
    await options.prepare?.(site);
    const env = { E2E_OPENAI_KEY: OPENAI_KEY, E2E_ANTHROPIC_KEY: ANTHROPIC_KEY, ...options.env };
    return new Stand(site, vendors, env, await Program.start(['start', '--config', site.config], env));
  }

  get url(): string {
    return this.program.url;
  }

  get auditFolder(): string {
    return this.site.path('audit');
  }

  /** Requests that reached a vendor. */
  get forwarded(): number {
    return this.openai.requests.length + this.anthropic.requests.length;
  }

  forgetRequests(): void {
    this.openai.requests.length = 0;
    this.anthropic.requests.length = 0;
  }

  gpt({ token = this.site.token, route = 'support', ...more }: ClientOptions = {}): OpenAI {
    return new OpenAI({ apiKey: token, baseURL: `${this.url}/${route}/v1`, maxRetries: 0, ...more });
  }

  claude({ token = this.site.token, route = 'support', ...more }: ClientOptions = {}): Anthropic {
    return new Anthropic({ apiKey: token, baseURL: `${this.url}/${route}`, maxRetries: 0, ...more });
  }

  /** Sends the bytes on a connection of their own and reads one answer. */
  async ask(bytes: Uint8Array | string, options?: { head?: boolean }): Promise<Answer> {
    const wire = await Wire.open(this.url);
    try {
      await wire.send(bytes);
      return await wire.answer(options);
    } finally {
      wire.destroy();
    }
  }

  /** A chat call's bytes with these header lines besides the usual ones. */
  chat(
    headers: readonly string[] = [],
    body: string | Uint8Array = CHAT,
    target = '/support/v1/chat/completions',
  ): Buffer {
    const lines = [
      `POST ${target} HTTP/1.1`,
      'Host: verdict',
      `Authorization: Bearer ${this.site.token}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    return request([...lines, ...headers], body);
  }

  get(target: string, headers: readonly string[] = [], method = 'GET'): Buffer {
    return request([
      `${method} ${target} HTTP/1.1`,
      'Host: verdict',
      `Authorization: Bearer ${this.site.token}`,
      ...headers,
    ]);
  }

  /** The log's records so far, read without checks; each file of tests verifies its log at its end. */
  journal(): Entry[] {
    return this.lines().map((line) => JSON.parse(line.slice(0, line.indexOf('\t'))));
  }

  /** A record's line as it stands in the log. */
  rawLine(id: string): string {
    return this.lines().find((line) => line.includes(`"id":"${id}"`)) ?? '';
  }

  /** The log's text. */
  logText(): string {
    const segments = readdirSync(this.auditFolder).filter((name) => name.endsWith('.log'));
    return segments
      .sort()
      .map((name) => readFileSync(join(this.auditFolder, name), 'utf8'))
      .join('');
  }

  private lines(): string[] {
    return this.logText().split('\n').slice(0, -1); // what follows the last LF is being written
  }

  /** What an act left in the log, once every forwarded call of it has its outcome. */
  async during<T>(act: () => Promise<T>): Promise<{ value: T; records: Entry[] }> {
    const before = (await this.settled(0)).length;
    const value = await act();
    return { value, records: await this.settled(before) };
  }

  /** The only call that an act had decided, its outcome if it was forwarded, and the tool calls that came of it. */
  async decided<T>(
    act: () => Promise<T>,
  ): Promise<{ value: T; decision: Entry; outcome: Entry | undefined; tools: Entry[] }> {
    const { value, records } = await this.during(act);
    const all = records.filter(({ type }) => type === 'decision');
    const decisions = all.filter(({ input }) => !input.tool?.parent);
    const tools = all.filter(({ input }) => input.tool?.parent);
    if (decisions.length !== 1)
      throw new Error(`expected one decision, got ${JSON.stringify(decisions.map(({ result }) => result))}`);
    const [decision] = decisions;
    const outcomes = records.filter(({ type }) => type === 'outcome');
    if (outcomes.some((outcome) => outcome.decision !== decision.id))
      throw new Error('expected outcomes of that decision only');
    return { value, decision, outcome: outcomes[0], tools };
  }

  /** Waits until the record looked for is in the log. */
  async entry(found: (entry: Entry) => boolean): Promise<Entry> {
    return until(() => this.journal().find(found), 'the record is in the log');
  }

  /**
   * Stops the gateway and checks what must hold after any test: it exits with 0, its log verifies and is closed, every
   * forwarded call has its outcome, and nothing that was not foreseen was logged.
   * @param foreseen errors that the tests provoked, by their message
   */
  async close(foreseen: readonly RegExp[] = []): Promise<void> {
    try {
      this.program.signal('SIGTERM');
      const code = await this.program.exited;
      if (code !== 0) throw new Error(`expected exit code 0, got ${code}: ${this.program.stderr}`);
      const report = await this.verify();
      const { outcome, closed, unfinished, finding } = report;
      if (outcome !== 'signed' || !closed || unfinished > 0)
        throw new Error(JSON.stringify({ outcome, closed, unfinished, finding }));
      const errors = this.program.lines().filter(({ level }) => Number(level) >= ERROR_LEVEL);
      const strange = errors.filter(({ msg }) => !foreseen.some((expected) => expected.test(String(msg))));
      if (strange.length > 0) throw new Error(`expected no errors, got ${JSON.stringify(strange.slice(0, 5))}`);
      if (/warning/i.test(this.program.stderr)) throw new Error(`expected no warning, got ${this.program.stderr}`);
    } finally {
      await this.discard();
    }
  }

  /** Ends it all without a check. */
  async discard(): Promise<void> {
    this.program.signal('SIGKILL');
    await Promise.all([this.openai.close(), this.anthropic.close(), this.site.remove()]);
  }

  async verify(): Promise<Report> {
    return verify(await openLogFolder(this.auditFolder), {
      anchors: await readAnchors(this.site.ca),
      time: new Date(),
    });
  }

  /** Starts the gateway again, with the same set-up and log. */
  async restart(): Promise<void> {
    this.program = await Program.start(['start', '--config', this.site.config], this.env);
  }

  private settled(before: number): Promise<Entry[]> {
    return until(() => {
      const records = this.journal().slice(before);
      const forwarded = records.filter(isForwardedCall).map(({ id }) => id);
      const over = new Set(records.map((entry) => entry.decision));
      return forwarded.every((id) => over.has(id)) ? records : undefined;
    }, 'every forwarded call has its outcome');
  }
}

/** Tool calls of a response are part of its outcome, and what a hook announces runs elsewhere. An MCP server's own stream goes on. */
function isForwardedCall({ effect_enforced, phase, input }: Entry): boolean {
  if (effect_enforced !== 'forward') return false;
  if (phase === 'request') return true;
  return input.tool.origin === 'mcp' && input.tool.parent === null && input.http.method !== 'GET';
}

interface ClientOptions {
  token?: string;
  route?: string;
  timeout?: number;
  maxRetries?: number;
  defaultHeaders?: Record<string, string>;
}

/** Looks until there is something. */
export async function until<T>(look: () => T | undefined | Promise<T | undefined>, what: string): Promise<T> {
  for (const late = Date.now() + SETTLE_MS; Date.now() < late; await sleep(25)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`expected that ${what}; waited ${SETTLE_MS} ms`);
}

export const MESSAGES = [{ role: 'user' as const, content: 'Hello' }];
export const CHAT_BODY = { model: 'gpt-5-mini', max_tokens: 100, messages: MESSAGES };
export const MESSAGE_BODY = { model: 'claude-haiku-4-5', max_tokens: 100, messages: MESSAGES };
export const CHAT = JSON.stringify(CHAT_BODY);

/** The reason codes of a record's decision. */
export const codes = (decision: Entry): string[] =>
  decision.result.reasons.map((reason: { code: string }) => reason.code);
