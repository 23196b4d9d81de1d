import { parse } from '../json/index.ts';
import {
  faultAnswer,
  type Id,
  isBlankLine,
  judge,
  LineSplitter,
  McpError,
  type McpRefusal,
  type Message,
  type Messages,
  type ProtocolVersion,
  parseLine,
  parseMessages,
  type ReplyRuling,
  refusalAnswer,
  refusalMessage,
  versionOfLine,
} from '../mcp/index.ts';
import type { ToolCall } from '../tool/index.ts';
import type { Asked, McpJudge } from './mcp-judge.ts';
import type { McpSession, Send } from './mcp-session.ts';

/** More than that is not read on while the gateway is being asked. */
const MOST_WAITING = 64;
const MOST_WAITING_BYTES = 16 * 1024 * 1024;

export interface ClientEndParts {
  session: McpSession;
  judge: McpJudge;
  toServer: Send;
  toClient: Send;
  note(text: string): void;
  /** Longest line, in bytes. */
  maxBytes: number;
}

/** What the client writes, on its way to the server: each line once the gateway has allowed all that is in it, in their order. */
export class ClientEnd {
  private readonly parts: ClientEndParts;
  private readonly splitter: LineSplitter;
  private last: Promise<void> = Promise.resolve();
  private waiting = 0;
  private waitingBytes = 0;

  constructor(parts: ClientEndParts) {
    this.parts = parts;
    this.splitter = new LineSplitter(parts.maxBytes);
  }

  /**
   * Resolves when more may be read.
   * @throws McpError LINE_TOO_LONG: the client cannot be followed any further
   */
  async take(chunk: Uint8Array): Promise<void> {
    for (const line of this.splitter.feed(chunk)) {
      if (isBlankLine(line)) continue;
      this.begin(Buffer.from(line)); // the chunk's memory may be used again
      if (this.waiting >= MOST_WAITING || this.waitingBytes >= MOST_WAITING_BYTES) await this.last;
    }
  }

  /** Resolves when all that was taken is delivered. */
  settled(): Promise<void> {
    return this.last;
  }

  /** Asks at once; what comes of it waits for the lines before. */
  private begin(line: Buffer): void {
    const deliver = this.read(line);
    this.waiting++;
    this.waitingBytes += line.length;
    this.last = this.last.then(deliver).finally(() => {
      this.waiting--;
      this.waitingBytes -= line.length;
    });
  }

  private read(line: Buffer): () => Promise<void> {
    const { session, judge: asks } = this.parts;
    let messages: Messages | undefined;
    let version: ProtocolVersion | undefined;
    try {
      messages = parseMessages(parseLine(line, { ...LIMITS, maxBytes: this.parts.maxBytes }));
      version = versionOfLine(messages, session.negotiated);
      const asked = messages.messages.flatMap((message) => this.askedOf(message, version as ProtocolVersion));
      const [known, spoken, rulings] = [messages, version, asks.rule(asked)];
      return async () => this.deliver(line, known, spoken, await rulings);
    } catch (error) {
      if (!(error instanceof McpError)) throw error;
      const [known, spoken] = [messages, version];
      return () => this.fault(line, known, spoken, error);
    }
  }

  /** Tasks are the protocol's here: a server on stdio has one user, whose tasks they all are. */
  private askedOf(message: Message, version: ProtocolVersion): Asked[] {
    const { server, tools } = this.parts.session;
    const judgement = judge(message, version, server);
    if (judgement.kind === 'call') {
      const { call, retry } = judgement;
      return [{ call, retry, description: call.type === 'function' ? tools.get(call.name) : undefined }];
    }
    const subscribes = (judgement.kind === 'protocol' && judgement.subscribes) || [];
    return [protocolCall(server, message), ...subscribes].map((call) => ({ call }));
  }

  private async deliver(
    line: Buffer,
    messages: Messages,
    version: ProtocolVersion,
    rulings: readonly ReplyRuling[],
  ): Promise<void> {
    const { session, toServer } = this.parts;
    const refused = rulings.find((ruling) => !ruling.release);
    if (refused && !refused.release) return this.refuse(messages, refused.refusal);
    try {
      for (const message of messages.messages) session.requests.add(message);
    } catch (error) {
      if (!(error instanceof McpError)) throw error;
      this.parts.note(error.message);
      // An answer with that id would be taken for the other one's.
      return this.parts.toClient(`${faultAnswer(undefined, error, version).body}\n`);
    }
    session.version = version;
    await toServer(line);
  }

  /** Nothing of a batch passes if one message of it is refused: a part of it would be another message. */
  private async refuse(messages: Messages, refusal: McpRefusal): Promise<void> {
    const { toClient, toServer, note } = this.parts;
    note(`${refusal.code}: ${refusal.message}`);
    const isAsked = messages.messages.some(({ kind }) => kind === 'request');
    if (isAsked) await toClient(`${refusalAnswer(messages, refusal).body}\n`);
    for (const message of messages.messages) {
      // The server waits for what it asked.
      if (message.kind === 'response' && message.id !== null)
        await toServer(`${refusalMessage(message.id, refusal)}\n`);
    }
  }

  private async fault(
    line: Buffer,
    messages: Messages | undefined,
    version: ProtocolVersion | undefined,
    error: McpError,
  ): Promise<void> {
    this.parts.note(error.message);
    const answered = messages ?? requestOf(line);
    await this.parts.toClient(`${faultAnswer(answered, error, version).body}\n`);
  }
}

const LIMITS = { maxDepth: 64, maxValues: 250_000, refuseCaseCollisions: true };

function protocolCall(server: string, message: Message): ToolCall {
  const name = message.kind === 'response' ? 'response' : message.method;
  const params = message.kind === 'response' ? (message.result ?? message.error) : message.params;
  const id = message.kind !== 'notification' && message.id !== null ? String(message.id) : null;
  return { name, type: 'protocol', origin: 'mcp', server, id, arguments: params && parse(params.raw()) };
}

/** Of a request that is not exact JSON, what an answer must name: without it the client would wait in vain. */
function requestOf(line: Buffer): Messages | undefined {
  try {
    const { id, method } = JSON.parse(line.toString()) as { id?: unknown; method?: unknown };
    const isId = typeof id === 'string' || Number.isSafeInteger(id);
    if (!isId || typeof method !== 'string') return undefined;
    const value = parse(Buffer.from('{}'));
    return { batch: false, messages: [{ kind: 'request', id: id as Id, method, params: undefined, value }] };
  } catch {
    return undefined;
  }
}
