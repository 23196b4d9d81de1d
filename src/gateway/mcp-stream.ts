import { McpError, type McpGate, type McpStep, type Reply } from '../mcp/index.ts';
import type { Rulings } from './mcp-rulings.ts';
import type { Delivery } from './respond.ts';

/** With so much waiting for rulings, the server is not read on. */
const HELD_BYTES = 256 * 1024;
/** No reply has it: what waits is looked at again. */
const NO_REPLY = -1;

export interface StreamParts {
  gate: McpGate;
  rulings: Rulings;
  delivery: Delivery;
  /** It passes as it comes, and policy is asked beside it. */
  isShadow: boolean;
  /** The client opens it again when it ends. */
  isLasting: boolean;
  /** Sends messages to the server, in the client's place. */
  answer(messages: readonly string[]): void;
  /** Told when the server cannot be followed. */
  unreadable(): void;
}

/**
 * Passes a server's event stream on through its gate: what asks nothing at once, the rest in its order, once it is ruled on.
 * Whatever goes wrong in here breaks the stream off with all that is withheld.
 */
export class McpStream {
  private readonly parts: StreamParts;
  private waiting = 0;
  private over = false;

  constructor(parts: StreamParts) {
    this.parts = parts;
  }

  pass(): void {
    const { gate, delivery, isShadow } = this.parts;
    const { upstream } = delivery;
    upstream.on('data', (chunk: Buffer) => {
      if (isShadow && !delivery.closed && !delivery.write(chunk)) this.waitForClient();
      this.step(() => gate.feed(chunk));
    });
    upstream.once('end', () => upstream.complete && this.step(() => gate.end()));
    upstream.once('close', () => {
      if (!upstream.complete && !this.over) delivery.abort();
    });
  }

  private step(work: () => McpStep): void {
    const { delivery } = this.parts;
    if (this.over || delivery.closed) return;
    try {
      this.apply(work());
    } catch {
      this.over = true;
      delivery.abort();
    }
  }

  private apply(step: McpStep): void {
    const { gate, rulings, delivery, isShadow, answer, unreadable } = this.parts;
    let clear = true;
    if (!isShadow) {
      for (const bytes of step.out) clear = delivery.write(bytes);
      answer(step.answers);
    }
    for (const { key, questions } of step.released) rulings.released(key, questions);
    for (const { key, reply } of step.held) this.ask(key, reply);
    if (gate.fault) unreadable();
    if (!clear) this.waitForClient();
    this.proceed(step.done);
  }

  /** Ends, or has the server go on or wait. */
  private proceed(done: boolean): void {
    const { gate, rulings, delivery, isShadow, isLasting } = this.parts;
    const { upstream } = delivery;
    // In shadow a server that cannot be followed goes on all the same.
    if (done && !(isShadow && !upstream.complete)) this.finish();
    else if (this.waiting === 0 && isLasting && rulings.isTired) this.finish();
    else if (this.waiting > 0 && gate.heldBytes > HELD_BYTES) upstream.pause();
    else if (upstream.isPaused() && !delivery.isFull) upstream.resume();
  }

  private ask(key: number, reply: Reply): void {
    const { gate, rulings } = this.parts;
    if (this.over) return;
    if (!rulings.take(reply)) {
      this.step(() => gate.giveUp(new McpError('REPLY_TOO_LARGE', 'a shorter list')));
      return;
    }
    this.waiting++;
    void rulings.rule(key, reply).then((ruled) => {
      this.waiting--;
      if (ruled) this.step(() => gate.settle(key, ruled));
    });
  }

  private waitForClient(): void {
    const { gate, delivery } = this.parts;
    delivery.upstream.pause();
    delivery.drained(() => this.step(() => gate.settle(NO_REPLY, new Map())));
  }

  private finish(): void {
    this.over = true;
    this.parts.delivery.end();
  }
}
