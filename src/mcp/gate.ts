import { McpError } from './error.ts';
import type { Framing, Piece } from './framing.ts';
import type { Id, Message } from './message.ts';
import type { ReplyContext, ReplyRuling } from './question.ts';
import { type McpRefusal, refusalMessage } from './refusal.ts';
import { openReply, type Reply } from './reply.ts';

/** What waits for its rulings. */
export interface HeldReply {
  /** Names it towards its gate. */
  key: number;
  reply: Reply;
}

export interface McpStep {
  /** May go to the client now, in this order. */
  out: Uint8Array[];
  /** Complete now; wait for their rulings. */
  held: HeldReply[];
  /** To be sent to the server, each a message: what its refused requests are answered in the client's place. */
  answers: string[];
  /** Of what was held: the questions whose object the client gets with `out`. */
  released: { key: number; questions: number[] }[];
  /** Why pieces were left out that are no messages (stdio only). */
  skipped: McpError[];
  /** It is over for the client: after `out`, nothing more. */
  done: boolean;
}

export interface McpGateOptions {
  /** Read anew for each message: on stdio the version is known only after the first ones. */
  context: ReplyContext;
  /** What open requests are answered with if the server cannot be followed. */
  fault: McpRefusal;
  /** Most bytes that wait, for rulings or for the rest of a message. */
  maxHeldBytes: number;
  /** Told of each message as it is read, with the method of the request that it answers. */
  onMessage?: (message: Message, method: string | undefined) => void;
}

interface Waiting {
  bytes: Uint8Array;
  /** Undefined once it is settled. */
  reply: Reply | undefined;
  /** The requests that it answers. */
  closes: Id[];
  answers: string[];
  released: number[];
}

/**
 * Lets what a server sends pass to its client, in its order. Messages that policy must be asked about wait, and what comes
 * after them with them; all others pass at once, byte for byte.
 */
export class McpGate {
  /** Why the server could not be followed. */
  fault: McpError | undefined;

  private readonly framing: Framing;
  private readonly options: McpGateOptions;
  private readonly queue = new Map<number, Waiting>();
  private queuedBytes = 0;
  private nextKey = 0;
  private ended = false;

  constructor(framing: Framing, options: McpGateOptions) {
    this.framing = framing;
    this.options = options;
  }

  get heldBytes(): number {
    return this.queuedBytes + this.framing.heldBytes;
  }

  feed(chunk: Uint8Array): McpStep {
    const step = emptyStep();
    if (this.ended) return this.release(step);
    try {
      for (const piece of this.framing.feed(chunk)) this.take(piece, step);
      this.release(step);
      if (this.heldBytes <= this.options.maxHeldBytes) return step;
      return this.fail(new McpError('REPLY_TOO_LARGE', `at most ${this.options.maxHeldBytes} bytes to wait`), step);
    } catch (error) {
      if (error instanceof McpError) return this.fail(error, step);
      throw error;
    }
  }

  /** @param rulings one for each question of the reply */
  settle(key: number, rulings: ReadonlyMap<number, ReplyRuling>): McpStep {
    const waiting = this.queue.get(key);
    // Nothing is there if the server was given up meanwhile.
    if (waiting?.reply !== undefined) this.render(waiting, waiting.reply, rulings);
    return this.release(emptyStep());
  }

  /** Nothing more comes from the server. */
  end(): McpStep {
    this.ended = true;
    return this.release(emptyStep());
  }

  /** The server is not followed any further: as if it had sent what cannot be. */
  giveUp(error: McpError): McpStep {
    return this.ended ? this.release(emptyStep()) : this.fail(error, emptyStep());
  }

  private take({ bytes, data }: Piece, step: McpStep): void {
    const waiting: Waiting = { bytes, reply: undefined, closes: [], answers: [], released: [] };
    const reply = data === undefined ? undefined : this.open(data, step);
    if (reply === null) return;
    const key = this.nextKey++;
    this.queue.set(key, waiting);
    this.queuedBytes += bytes.length;
    if (reply === undefined) return;
    for (const message of reply.messages) this.note(message, waiting);
    if (reply.questions.length === 0) {
      this.render(waiting, reply, new Map());
      return;
    }
    waiting.reply = reply;
    step.held.push({ key, reply });
  }

  private note(message: Message, waiting: Waiting): void {
    const id = message.kind === 'response' ? message.id : null;
    if (id !== null) waiting.closes.push(id);
    this.options.onMessage?.(message, id === null ? undefined : this.options.context.requests.methodOf(id));
  }

  private open(data: Uint8Array, step: McpStep): Reply | null {
    try {
      return openReply(data, this.options.context);
    } catch (error) {
      if (!(error instanceof McpError) || !this.framing.skipsInvalid) throw error;
      step.skipped.push(error);
      return null;
    }
  }

  private render(waiting: Waiting, reply: Reply, rulings: ReadonlyMap<number, ReplyRuling>): void {
    const { body, unchanged, answers, released } = reply.render(rulings);
    waiting.answers = answers;
    waiting.released = released;
    waiting.reply = undefined;
    if (unchanged) return;
    this.queuedBytes -= waiting.bytes.length;
    waiting.bytes = this.framing.rewrite(waiting.bytes, body === null ? null : Buffer.from(body).toString('utf8'));
    this.queuedBytes += waiting.bytes.length;
  }

  private release(step: McpStep): McpStep {
    for (const [key, waiting] of this.queue) {
      if (waiting.reply !== undefined) break;
      if (waiting.bytes.length > 0) step.out.push(waiting.bytes);
      step.answers.push(...waiting.answers);
      if (waiting.released.length > 0) step.released.push({ key, questions: waiting.released });
      for (const id of waiting.closes) this.options.context.requests.close(id);
      this.queuedBytes -= waiting.bytes.length;
      this.queue.delete(key);
    }
    step.done = this.ended && this.queue.size === 0;
    return step;
  }

  /** Nothing that waits is released. The client learns of it as the error of each request that it waits for. */
  private fail(error: McpError, step: McpStep): McpStep {
    this.release(step);
    this.fault = error;
    this.ended = true;
    this.queue.clear();
    this.queuedBytes = 0;
    for (const id of this.options.context.requests.ids()) {
      step.out.push(this.framing.frame(refusalMessage(id, this.options.fault)));
      this.options.context.requests.close(id);
    }
    return { ...step, held: [], done: true };
  }
}

function emptyStep(): McpStep {
  return { out: [], held: [], answers: [], released: [], skipped: [], done: false };
}
