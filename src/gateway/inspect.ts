import { CommittedAllow, type OutcomeFault, type ToolCallOutcome } from '../audit/index.ts';
import type { JsonGate, Proposal, Ruling, SeenCall, Step, StreamGate } from '../provider/index.ts';
import type { Call } from './call.ts';
import { presentedApprovals } from './claim.ts';
import type { Gateway } from './gateway.ts';
import { refusalFields } from './reasons.ts';
import { reasonOf, statusOf } from './refuse.ts';
import type { Delivery, Watcher } from './respond.ts';
import { nameOf } from './telemetry.ts';
import { decideTool } from './tool.ts';

/** With so much withheld, upstream is not read on while rulings are under way. */
const HELD_BYTES = 256 * 1024;

/** Why a response cannot be judged. */
export type ResponseFault = NonNullable<JsonGate['fault']>;

/** A proposal, and what the outcome says of its calls. */
interface Told {
  proposal: Proposal;
  calls: ToolCallOutcome[];
}

/** What the outcome says of a call before anything came of it. */
const UNDECIDED: ToolCallOutcome = { decision: null, name: null, released: false, more: 0 };

/** The tool calls of one response on their way to their decisions. */
export class Judge {
  private readonly gateway: Gateway;
  private readonly call: Call;
  private readonly underWay = new Set<Promise<unknown>>();
  /** By the key of a proposal, what the outcome will say of its calls; in the order in which they were proposed. */
  private readonly told = new Map<number, Told>();
  /** Why the response could not be judged, or not all of it. */
  fault: OutcomeFault | null = null;

  constructor(gateway: Gateway, call: Call) {
    this.gateway = gateway;
    this.call = call;
  }

  /** Decides and records each call of a proposal. It may be released only with a committed allow for every one of them. */
  rule(proposal: Proposal, descriptionSha256: string | null = null): Promise<Ruling> {
    this.told.set(proposal.key, { proposal, calls: [] });
    const ruling = this.decide(proposal, descriptionSha256).catch((error) => this.refuseAfter(proposal, error));
    this.underWay.add(ruling);
    void ruling.finally(() => this.underWay.delete(ruling));
    return ruling;
  }

  /** Every decision that was begun is recorded: only then may the outcome be, which tells of them all. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
    for (const { proposal, calls } of this.told.values()) {
      const [first] = calls;
      if (first) first.more = proposal.more ?? 0;
      this.call.toolCalls.push(...calls);
    }
    this.told.clear();
  }

  /** Tells of calls that came and were not handed to the judge. @param most how many of all are told of one by one, at least */
  undecided(seen: SeenCall[], most: number): void {
    const room = Math.max(1, most - this.call.toolCalls.length);
    const [listed, rest] = [seen.slice(0, room), seen.slice(room)];
    const told = listed.map(({ name, more }): ToolCallOutcome => ({ ...UNDECIDED, name, more }));
    const last = told.at(-1);
    if (last) last.more += rest.reduce((sum, { more }) => sum + 1 + more, 0);
    this.call.toolCalls.push(...told);
  }

  /** Notes which proposals were handed to the client. */
  released(keys: Iterable<number>): void {
    for (const key of keys) for (const told of this.told.get(key)?.calls ?? []) told.released = true;
  }

  /**
   * Tells the operator, and the outcome, that the client got an error in place of a response that could not be followed.
   *
   * @param told what the client was told, if not just that
   */
  note(code: ResponseFault, told: ResponseFault | 'UPSTREAM_ERROR' = code): void {
    this.fault ??= told;
    this.gateway.logger.warn({ decision: this.call.id, code }, 'a response could not be followed');
  }

  /** The same of an error in here. */
  fail(error: unknown): void {
    this.fault ??= 'INTERNAL';
    this.gateway.logger.error({ decision: this.call.id, error: nameOf(error) }, 'a response could not be judged');
  }

  private refuseAfter(proposal: Proposal, error: unknown): Ruling {
    this.fail(error);
    this.tell(
      proposal,
      proposal.calls.map(({ name }) => ({ ...UNDECIDED, name: name || null })),
    );
    return { release: false, refusal: refusalFields('INTERNAL', this.call.id) };
  }

  private async decide(proposal: Proposal, description_sha256: string | null): Promise<Ruling> {
    const { gateway, call } = this;
    const { calls, fault } = proposal;
    const context = { parent: call.id, approvals: presentedApprovals(call.req), description_sha256, fault };
    const decided = await Promise.all(calls.map((tool) => decideTool(gateway, call, tool, context)));
    const told = decided.map(({ id, committed }, index): ToolCallOutcome => {
      const name = calls[index]?.name || null;
      return committed ? { ...UNDECIDED, decision: id, name } : { ...UNDECIDED, name };
    });
    this.tell(proposal, told);
    const lost = decided.find(({ committed }) => !committed)?.decision;
    if (lost) this.fault ??= lost.reasons[0]?.code === 'AUDIT_UNAVAILABLE' ? 'AUDIT_UNAVAILABLE' : 'INTERNAL';
    const refusal = decided.find(({ committed }) => !(committed instanceof CommittedAllow));
    if (!refusal) return { release: true };
    const { code, message } = reasonOf(refusal.decision, refusal.approval);
    const status = statusOf(code, refusal.byPolicy);
    return { release: false, refusal: { status, code, message, decisionId: refusal.id } };
  }

  /** In shadow a call passes undecided, too: then `not_inspected` says that not all was judged. */
  private tell(proposal: Proposal, calls: ToolCallOutcome[]): void {
    const told = this.call.route?.mode === 'shadow' ? calls.filter(({ decision }) => decision !== null) : calls;
    this.told.set(proposal.key, { proposal, calls: told });
  }
}

/**
 * Passes a stream on through its gate: text at once, a tool call once it is allowed and its record is on disk. Whatever goes
 * wrong in here breaks the stream off with all that is withheld. Returns what must be called when the client's response is
 * over, before its outcome is recorded: calls that never came to their end are told of too.
 */
export function passGated(delivery: Delivery, watcher: Watcher, gate: StreamGate, judge: Judge): () => void {
  const { upstream } = delivery;
  /** Rulings under way. */
  let waiting = 0;
  let draining = false;
  let ended = false;
  let over = false;

  const guard = (work: () => Step): void => {
    if (over || delivery.closed) return;
    try {
      apply(work());
    } catch (error) {
      over = true;
      judge.fail(error);
      delivery.abort();
    }
  };
  const apply = (step: Step): void => {
    let clear = true;
    for (const bytes of step.out) clear = delivery.write(bytes);
    judge.released(step.released ?? []);
    if (step.fault) judge.note(step.fault);
    for (const proposal of step.proposals) propose(proposal);
    if (step.done) finish();
    else if (ended && waiting === 0) throw new Error('expected a gate that is done once its last call was ruled on');
    else if (!clear && !draining) {
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
    if (over) return;
    if (draining || (waiting > 0 && gate.heldBytes > HELD_BYTES)) upstream.pause();
    else if (upstream.isPaused()) upstream.resume();
  };
  const finish = (): void => {
    over = true;
    upstream.pause(); // what still comes is for nobody
    delivery.end();
  };
  /** A vendor or client that is gone: nothing more is released, also of what is allowed meanwhile. */
  const breakOff = (): void => {
    over = true;
    if (!delivery.closed) delivery.abort();
    try {
      for (const proposal of gate.end(false).proposals) void judge.rule(proposal);
    } catch (error) {
      judge.fail(error);
    }
  };
  const end = (): void => {
    if (ended) return;
    ended = true;
    if (upstream.complete && !delivery.closed) guard(() => gate.end(true));
    else breakOff();
  };

  delivery.head(undefined);
  upstream.on('data', (chunk: Buffer) => {
    watcher.chunk(chunk);
    guard(() => gate.feed(chunk));
  });
  upstream.once('end', end).once('close', end);
  return end;
}

/** What a whole response becomes: its bytes as they came, or with some taken out; or an error in its place. */
export interface Whole {
  /** Largest body that is read, in bytes. */
  limit: number;
  open(body: Uint8Array): JsonGate;
  /** The dialect's error in place of it. */
  error(code: ResponseFault | (typeof BROKEN)[keyof typeof BROKEN]): Refused;
}

export interface Refused {
  /** Undefined: upstream's own, which is an error. */
  status: number | undefined;
  code: string;
  body: Uint8Array;
}

/** What the client is told when upstream breaks off before anything was sent. */
const BROKEN = { upstream_aborted: 'UPSTREAM_ABORTED', upstream_timeout: 'UPSTREAM_TIMEOUT' } as const;

/** Gives the client an error in place of a response that cannot be judged. */
export function refuseWhole(delivery: Delivery, whole: Whole, judge: Judge, code: ResponseFault): void {
  const error = whole.error(code);
  judge.note(code, error.code === 'UPSTREAM_ERROR' ? error.code : code);
  delivery.upstream.pause(); // what still comes is for nobody
  refuse(delivery, error);
}

function refuse(delivery: Delivery, { status, code, body }: Refused): void {
  if (status === undefined) delivery.errorHead(body.length, code);
  else delivery.refusalHead(status, body.length, code);
  delivery.end(body);
}

/** Holds a response back until all tool calls in it are decided and recorded. */
export function passWhole(delivery: Delivery, watcher: Watcher, whole: Whole, judge: Judge): void {
  const { upstream } = delivery;
  const chunks: Buffer[] = [];
  let length = 0;
  upstream.on('data', (chunk: Buffer) => {
    if (delivery.closed) return;
    length += chunk.length;
    watcher.chunk(chunk);
    if (length <= whole.limit && delivery.announced <= whole.limit) return void chunks.push(chunk);
    chunks.length = 0;
    refuseWhole(delivery, whole, judge, 'RESPONSE_TOO_LARGE');
  });
  upstream.once('end', () => {
    if (!upstream.complete || delivery.closed) return;
    release(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)).catch((error) => {
      judge.fail(error);
      delivery.abort();
    });
  });
  upstream.once('close', () => {
    if (!upstream.complete && !delivery.closed) refuse(delivery, whole.error(BROKEN[delivery.replace()]));
  });

  const release = async (body: Uint8Array): Promise<void> => {
    if (body.length === 0) {
      delivery.head(delivery.announced < 0 ? undefined : 0);
      return delivery.end();
    }
    const gate = whole.open(body);
    if (gate.fault) return refuseWhole(delivery, whole, judge, gate.fault);
    const { proposals } = gate;
    const rulings = await Promise.all(proposals.map((proposal) => judge.rule(proposal)));
    if (delivery.closed) return;
    const rendered = gate.render(new Map(proposals.map(({ key }, index) => [key, rulings[index] as Ruling])));
    if (rendered.status === undefined) {
      judge.released(proposals.flatMap(({ key }, index) => (rulings[index]?.release ? [key] : [])));
      delivery.head(rendered.body.length);
    } else {
      const [first] = rulings.flatMap((ruling) => (ruling.release ? [] : [ruling.refusal]));
      delivery.refusalHead(rendered.status, rendered.body.length, first?.code ?? '');
    }
    delivery.end(rendered.body);
  };
}
