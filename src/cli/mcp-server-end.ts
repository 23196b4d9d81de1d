import type { Readable } from 'node:stream';
import {
  LineFraming,
  McpGate,
  type McpStep,
  negotiatedVersion,
  type Question,
  type Reply,
  type ReplyRuling,
} from '../mcp/index.ts';
import type { Asked, McpJudge } from './mcp-judge.ts';
import type { McpSession, Send } from './mcp-session.ts';

/** With so much waiting for rulings, the server is not read on. */
const HELD_BYTES = 256 * 1024;

const UNREADABLE = {
  ...{ status: 502, code: 'RESPONSE_UNREADABLE', decisionId: null },
  message: 'what the server writes cannot be followed',
};

const LIST_METHODS = {
  tools: 'tools/list',
  prompts: 'prompts/list',
  resources: 'resources/list',
  resourceTemplates: 'resources/templates/list',
} as const;

export interface ServerEndParts {
  session: McpSession;
  judge: McpJudge;
  output: Readable;
  toServer: Send;
  toClient: Send;
  note(text: string): void;
  /** Longest line, in bytes. */
  maxBytes: number;
}

/** What the server writes, on its way to the client: lists without what may not be called, questions only where they are allowed. */
export class ServerEnd {
  private readonly parts: ServerEndParts;
  private readonly gate: McpGate;
  private waiting = 0;
  private isOver = false;
  private over: (isFollowed: boolean) => void = () => {};
  /** False if it could not be followed: then its client has heard of it, and nothing more passes. */
  readonly done = new Promise<boolean>((resolve) => {
    this.over = resolve;
  });

  constructor(parts: ServerEndParts) {
    const { session, maxBytes } = parts;
    this.parts = parts;
    this.gate = new McpGate(new LineFraming(maxBytes), {
      context: {
        get version() {
          return session.version;
        },
        ...{ server: session.server, carrier: 'line', requests: session.requests, limits: { maxBytes } },
      },
      fault: UNREADABLE,
      maxHeldBytes: 2 * maxBytes,
      onMessage: (message, method) => {
        if (method !== 'initialize' || message.kind !== 'response' || !message.result) return;
        session.negotiated = negotiatedVersion(message.result);
        session.version = session.negotiated ?? session.version;
      },
    });
  }

  pass(): void {
    const { output } = this.parts;
    output.on('data', (chunk: Buffer) => this.apply(this.gate.feed(chunk)));
    output.once('end', () => this.apply(this.gate.end()));
    output.once('error', () => this.apply(this.gate.end()));
  }

  private apply(step: McpStep): void {
    if (this.isOver) return;
    const { toClient, toServer, output, note } = this.parts;
    const written = step.out.map((bytes) => toClient(bytes));
    for (const answer of step.answers) void toServer(`${answer}\n`);
    for (const { key, reply } of step.held) this.ask(key, reply);
    if (step.skipped.length > 0) note(`left out ${step.skipped.length} lines of the server that are no messages`);
    this.isOver = step.done;
    if (step.done) void Promise.all(written).then(() => this.over(this.gate.fault === undefined));
    else if (written.length > 0 || this.isFull) void this.goOn(written, output);
  }

  private get isFull(): boolean {
    return this.waiting > 0 && this.gate.heldBytes > HELD_BYTES;
  }

  /** No faster than the client reads, and the gateway answers. */
  private async goOn(written: Promise<void>[], output: Readable): Promise<void> {
    output.pause();
    await Promise.all(written);
    if (!this.isFull) output.resume();
  }

  private ask(key: number, { questions }: Reply): void {
    this.waiting++;
    void this.parts.judge.rule(questions.map((question) => this.askedOf(question))).then((rulings) => {
      this.waiting--;
      this.apply(
        this.gate.settle(key, new Map(questions.map((each, index) => [each.key, rulings[index] as ReplyRuling]))),
      );
      if (!this.isFull) this.parts.output.resume();
    });
  }

  private askedOf(question: Question): Asked {
    if (question.kind === 'ask') return { call: question.call };
    const { list, name, sha256 } = question.item;
    const { server, tools } = this.parts.session;
    if (list === 'tools') tools.set(name, sha256);
    const call = { name, type: LIST_METHODS[list], origin: 'mcp' as const, server, id: null, arguments: undefined };
    return { call, description: sha256 };
  }
}
