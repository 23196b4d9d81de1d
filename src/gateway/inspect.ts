import { CommittedAllow, type ToolCallOutcome } from '../audit/index.ts';
import type { JsonGate, Proposal, Ruling, Step, StreamGate } from '../provider/index.ts';
import { presentedApprovals } from './approval.ts';
import type { Call } from './call.ts';
import type { Gateway } from './gateway.ts';
import { reasonOf, statusOf } from './refuse.ts';
import type { Delivery, Watcher } from './respond.ts';
import { decideTool } from './tool.ts';

/** With so much withheld, upstream is not read on while rulings are under way. */
const HELD_BYTES = 256 * 1024;

/** The tool calls of one response on their way to their decisions. */
export class Judge {
  private readonly gateway: Gateway;
  private readonly call: Call;
  private readonly underWay = new Set<Promise<unknown>>();
  /** By proposal, what the outcome says of its calls. */
  private readonly told = new Map<number, ToolCallOutcome[]>();
  /** The refusal that came first: why the response was changed. */
  refused: string | undefined;

  constructor(gateway: Gateway, call: Call) {
    this.gateway = gateway;
    this.call = call;
  }

  /** Decides and records each call of a proposal. It may be released only with a committed allow for every one of them. */
  rule(proposal: Proposal, descriptionSha256: string | null = null): Promise<Ruling> {
    const ruling = this.decide(proposal, descriptionSha256);
    this.underWay.add(ruling);
    void ruling.finally(() => this.underWay.delete(ruling));
    return ruling;
  }

  /** Every decision that was begun is recorded: only then may the outcome be, which tells of them all. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  /** Notes which proposals were handed to the client. */
  released(keys: Iterable<number>): void {
    for (const key of keys) for (const told of this.told.get(key) ?? []) told.released = true;
  }

  private async decide({ key, calls, fault }: Proposal, description_sha256: string | null): Promise<Ruling> {
    const { gateway, call } = this;
    const context = { parent: call.id, approvals: presentedApprovals(call.req), description_sha256, fault };
    const decided = await Promise.all(calls.map((tool) => decideTool(gateway, call, tool, context)));
    const told: ToolCallOutcome[] = decided.flatMap(({ id, committed }, index) =>
      committed ? [{ decision: id, name: calls[index]?.name ?? '', released: false }] : [],
    );
    this.told.set(key, told);
    call.toolCalls.push(...told);
    const refusal = decided.find(({ committed }) => !(committed instanceof CommittedAllow));
    if (!refusal) return { release: true };
    const { code, message } = reasonOf(refusal.decision, refusal.approval);
    this.refused ??= code;
    const status = statusOf(code, refusal.byPolicy);
    return { release: false, refusal: { status, code, message, decisionId: refusal.id } };
  }
}

/**
 * Passes a stream on through its gate: text at once, a tool call once it is allowed and its record is on disk. Whatever goes
 * wrong in here breaks the stream off with all that is withheld.
 */
export function passGated(delivery: Delivery, watcher: Watcher, gate: StreamGate, judge: Judge): void {
  const { upstream } = delivery;
  let waiting = 0;
  let draining = false;
  let ended: 'complete' | 'broken' | undefined;
  let over = false;

  const guard = (work: () => Step): void => {
    if (over || delivery.closed) return;
    try {
      apply(work());
    } catch {
      over = true;
      delivery.abort();
    }
  };
  const apply = (step: Step): void => {
    let clear = true;
    for (const bytes of step.out) clear = delivery.write(bytes);
    judge.released(step.released ?? []);
    for (const proposal of step.proposals) propose(proposal);
    if (step.done) finish();
    else if (ended && waiting === 0) ended === 'complete' ? finish() : delivery.abort();
    else if (!clear) {
      draining = true;
      upstream.pause();
      delivery.drained(() => {
        draining = false;
        resume();
      });
    } else resume();
  };
  const propose = (proposal: Proposal): void => {
    waiting++;
    void judge.rule(proposal).then((ruling) => {
      waiting--;
      guard(() => gate.settle(proposal.key, ruling));
    });
  };
  /** Reads on, unless the client is slower, or rulings are and much waits for them. */
  const resume = (): void => {
    if (draining || (waiting > 0 && gate.heldBytes > HELD_BYTES)) upstream.pause();
    else if (upstream.isPaused()) upstream.resume();
  };
  const finish = (): void => {
    over = true;
    delivery.end();
    if (!ended) upstream.destroy(); // what still comes is for nobody
  };
  const end = (): void => {
    if (ended) return;
    ended = upstream.complete ? 'complete' : 'broken';
    guard(() => gate.end(upstream.complete));
  };

  delivery.head(undefined);
  upstream.on('data', (chunk: Buffer) => {
    watcher.chunk(chunk);
    guard(() => gate.feed(chunk));
  });
  upstream.once('end', end).once('close', end);
}

/** What a whole response becomes: its bytes as they came, or with some taken out; or an error in its place. */
export interface Whole {
  /** Largest body that is read, in bytes. */
  limit: number;
  open(body: Uint8Array): JsonGate;
  /** The dialect's error for a response that cannot be judged. */
  error(code: 'RESPONSE_TOO_LARGE' | 'RESPONSE_UNREADABLE'): { status: number; body: Uint8Array };
}

/** Holds a response back until all tool calls in it are decided and recorded. */
export function passWhole(delivery: Delivery, watcher: Watcher, whole: Whole, judge: Judge): void {
  const { upstream } = delivery;
  const chunks: Buffer[] = [];
  let length = 0;
  const refuse = (code: 'RESPONSE_TOO_LARGE' | 'RESPONSE_UNREADABLE'): void => {
    const { status, body } = whole.error(code);
    delivery.refusalHead(status, body.length, code);
    delivery.end(body);
  };
  const tooLarge = (): boolean => length > whole.limit || delivery.announced > whole.limit;
  upstream.on('data', (chunk: Buffer) => {
    length += chunk.length;
    watcher.chunk(chunk);
    if (!tooLarge()) return void chunks.push(chunk);
    if (!delivery.closed) refuse('RESPONSE_TOO_LARGE');
    upstream.destroy();
  });
  upstream.once('end', () => {
    if (!upstream.complete || tooLarge()) return;
    void release(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)).catch(() => delivery.abort());
  });
  upstream.once('close', () => {
    if (!upstream.complete && !tooLarge()) delivery.abort();
  });

  const release = async (body: Uint8Array): Promise<void> => {
    if (body.length === 0) {
      delivery.head(delivery.announced < 0 ? undefined : 0);
      return delivery.end();
    }
    const gate = whole.open(body);
    if (gate.fault) return refuse(gate.fault);
    const { proposals } = gate;
    const rulings = await Promise.all(proposals.map((proposal) => judge.rule(proposal)));
    if (delivery.closed) return;
    const rendered = gate.render(new Map(proposals.map(({ key }, index) => [key, rulings[index] as Ruling])));
    if (rendered.status === undefined) {
      judge.released(proposals.flatMap(({ key }, index) => (rulings[index]?.release ? [key] : [])));
      delivery.head(rendered.body.length);
    } else delivery.refusalHead(rendered.status, rendered.body.length, judge.refused ?? '');
    delivery.end(rendered.body);
  };
}
