import type { IncomingMessage } from 'node:http';
import type { OutcomeDraft, OutcomeFault } from '../audit/index.ts';
import {
  clientHeaders,
  EventFraming,
  McpError,
  McpGate,
  type OpenRequests,
  openReply,
  type Reply,
  type ReplyContext,
  refusalAnswer,
  refusalMessage,
  responseKind,
  serverHeaders,
} from '../mcp/index.ts';
import type { Call } from './call.ts';
import type { Gateway } from './gateway.ts';
import { Rulings } from './mcp-rulings.ts';
import { McpStream } from './mcp-stream.ts';
import type { McpVisit } from './mcp-visit.ts';
import { answered } from './outcome.ts';
import { refusalFields } from './reasons.ts';
import { Delivery, type Received } from './respond.ts';

/** TCP notices a server that is gone, where silence is normal. */
const KEEP_ALIVE_MS = 60_000;

/** Until a client must open it again. */
const LONGEST_MS = 24 * 3600_000;

export interface AnswerOptions {
  requests: OpenRequests;
  response: IncomingMessage;
  /** Called once, when the client has all that it will get, and all that was decided meanwhile is recorded. */
  done(outcome: OutcomeDraft): void;
}

/** A server's answer on its way to the client. */
export class McpAnswer {
  private readonly gateway: Gateway;
  private readonly call: Call;
  private readonly visit: McpVisit;
  private readonly requests: OpenRequests;
  private readonly upstream: IncomingMessage;
  private readonly delivery: Delivery;
  private readonly rulings: Rulings;
  /** On a route in shadow the answer passes as it comes, and policy is asked beside it. */
  private readonly isShadow: boolean;
  private inspected = true;
  private fault: OutcomeFault | null = null;

  constructor(gateway: Gateway, call: Call, visit: McpVisit, { requests, response, done }: AnswerOptions) {
    this.gateway = gateway;
    this.call = call;
    this.visit = visit;
    this.requests = requests;
    this.upstream = response;
    this.isShadow = call.route?.mode === 'shadow';
    this.delivery = new Delivery(response, call, (received) => {
      void this.rulings.settled().then(() => done(this.outcome(received)));
    });
    this.rulings = new Rulings(gateway, call, visit.server, () => this.delivery.closed);
  }

  pass(): void {
    const status = this.upstream.statusCode ?? 502;
    const kind = responseKind(status, this.upstream.headers);
    if (this.visit.lasting && kind === 'stream') this.last();
    if (kind === 'stream') this.passStream();
    else if (kind === 'body') this.passBody(status);
    else if (kind === 'none') {
      this.upstream.resume();
      this.passStatus(status);
    } else {
      this.refuse('RESPONSE_UNREADABLE');
      this.upstream.destroy();
    }
  }

  /** Silence is no fault here. It ends when the gateway stops, policy or tokens change, or the caller's credential expires. */
  private last(): void {
    const { upstream, gateway, call } = this;
    upstream.socket.setTimeout(0);
    upstream.socket.setKeepAlive(true, KEEP_ALIVE_MS);
    const end = (): void => {
      this.delivery.end();
      upstream.destroy();
    };
    const expires = call.subject?.expires;
    const left = expires ? Math.max(0, Date.parse(expires) - Date.now()) : LONGEST_MS;
    const timer = setTimeout(end, Math.min(left, LONGEST_MS));
    gateway.lasting.add(end);
    call.res.once('close', () => {
      clearTimeout(timer);
      gateway.lasting.delete(end);
    });
  }

  /** There is nothing in it for the client to act on but the status. */
  private passStatus(status: number): void {
    this.delivery.headOf(status, { ...this.headers('none'), 'content-length': '0' });
    this.delivery.end();
  }

  private passBody(status: number): void {
    const chunks: Buffer[] = [];
    let length = 0;
    const { upstream, delivery } = this;
    const limit = this.gateway.config.limits.response_bytes;
    upstream.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) return void chunks.push(chunk);
      if (!delivery.closed) this.refuse('RESPONSE_TOO_LARGE');
      upstream.destroy();
    });
    upstream.once('end', () => {
      if (!upstream.complete || length > limit || delivery.closed) return;
      void this.releaseBody(status, Buffer.concat(chunks)).catch(() => delivery.abort());
    });
    upstream.once('close', () => {
      if (!upstream.complete && length <= limit) delivery.abort();
    });
  }

  private async releaseBody(status: number, text: Buffer): Promise<void> {
    const reply = this.open(text);
    if (reply instanceof McpError) {
      if (this.isShadow) return this.sendBody(status, text);
      // No message, such as a proxy's own error: the status alone tells the client what to do.
      if (status >= 400) return this.passStatus(status);
      return this.refuse(reply.code === 'REPLY_TOO_LARGE' ? 'RESPONSE_TOO_LARGE' : 'RESPONSE_UNREADABLE');
    }
    if (!this.rulings.take(reply)) {
      this.inspected = false;
      return this.isShadow ? this.sendBody(status, text) : this.refuse('RESPONSE_TOO_LARGE');
    }
    const rulings = await this.rulings.rule(0, reply);
    if (!rulings || this.delivery.closed) return;
    const { body, answers, released } = reply.render(rulings);
    this.rulings.released(0, released);
    if (this.isShadow) return this.sendBody(status, text);
    this.answer(answers);
    this.sendBody(body ? status : 202, body ?? Buffer.alloc(0));
  }

  private open(text: Buffer): Reply | McpError {
    try {
      return openReply(text, this.context('body'));
    } catch (error) {
      if (!(error instanceof McpError)) throw error;
      this.inspected = false;
      return error;
    }
  }

  private sendBody(status: number, body: Uint8Array): void {
    this.delivery.headOf(status, { ...this.headers('body'), 'content-length': String(body.length) });
    this.delivery.end(body);
  }

  private passStream(): void {
    const gate = this.openGate();
    this.delivery.headOf(200, this.headers('stream'));
    new McpStream({
      ...{ gate, rulings: this.rulings, delivery: this.delivery },
      ...{ isShadow: this.isShadow, isLasting: this.visit.lasting },
      answer: (messages) => this.answer(messages),
      unreadable: () => {
        this.inspected = false;
        if (!this.isShadow) this.fault = 'RESPONSE_UNREADABLE';
      },
    }).pass();
  }

  private openGate(): McpGate {
    const { response_bytes } = this.gateway.config.limits;
    return new McpGate(new EventFraming(response_bytes), {
      context: this.context('event'),
      fault: refusalFields('RESPONSE_UNREADABLE', this.call.id),
      maxHeldBytes: response_bytes,
    });
  }

  private context(carrier: ReplyContext['carrier']): ReplyContext {
    const { version, server } = this.visit;
    const { response_bytes } = this.gateway.config.limits;
    return { version, server: server.name, carrier, requests: this.requests, limits: { maxBytes: response_bytes } };
  }

  private headers(kind: 'stream' | 'body' | 'none'): Record<string, string> {
    const { version, server } = this.visit;
    const headers = { ...clientHeaders(this.upstream.headers, version, kind), 'x-verdict-decision': this.call.id };
    return this.call.subject ? server.sessions.seal(headers, this.call.subject) : headers;
  }

  /** Tells the server that what it asked of the client is refused, in the client's place. */
  private answer(messages: readonly string[]): void {
    const { server, version, headers } = this.visit;
    for (const message of messages) {
      const own = { ...serverHeaders(headers, version, server.credential), 'content-type': 'application/json' };
      server.upstream.send(server.path, own, message);
    }
  }

  private refuse(code: 'RESPONSE_UNREADABLE' | 'RESPONSE_TOO_LARGE'): void {
    this.inspected = false;
    this.fault = code;
    const { messages } = this.call.mcp ?? {};
    const refusal = refusalFields(code, this.call.id);
    const { status, body } = messages
      ? refusalAnswer(messages, refusal)
      : { status: refusal.status, body: refusalMessage(null, refusal) };
    this.delivery.refusalHead(status, Buffer.byteLength(body), code);
    this.delivery.end(Buffer.from(body));
  }

  private outcome(received: Received): OutcomeDraft {
    return {
      ...answered(this.call, received),
      ...{ upstream_request_id: null, fault: this.fault, usage: null, finish: [], provider_tools: [] },
      not_inspected: this.inspected ? ['response_text'] : ['response_text', 'tool_calls'],
    };
  }
}
