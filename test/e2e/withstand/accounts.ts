import type { Answer, Call } from './calls.ts';
import type { Follower } from './follower.ts';
import { Ledger } from './ledger.ts';
import type { Arrival, CountingUpstream } from './upstream.ts';

/** Holds three accounts of the same calls against each other: what clients sent and were answered, what the log says, what arrived upstream. */
export class Accounts {
  /** Every call that was begun, by its own id. */
  readonly sent = new Map<string, Call>();
  /** Answers that were compared with the log. */
  answered = 0;
  private readonly answers: { call: Call; answer: Answer }[] = [];
  private readonly upstream: CountingUpstream;
  private readonly follower: Follower;
  private readonly ledger = new Ledger();
  /** The own ids of calls that arrived upstream. */
  private readonly arrived = new Set<string>();
  private claimed = 0;

  constructor(upstream: CountingUpstream, follower: Follower) {
    this.upstream = upstream;
    this.follower = follower;
    follower.onDecision = (decided) => this.ledger.add(decided);
  }

  /** Committed decisions to forward whose call never arrived. */
  get neverArrived(): number {
    return this.ledger.unclaimed;
  }

  answer(call: Call, answer: Answer): void {
    this.answers.push({ call, answer });
  }

  /** Compares what came since; the follower must have read the log. Throws at the first contradiction. */
  check(): void {
    for (const arrival of this.upstream.arrivals.slice(this.claimed)) this.checkArrival(arrival);
    for (const { call, answer } of this.answers.splice(0)) this.checkAnswer(answer, this.arrived.has(call.id));
  }

  /**
   * Every answer, a refused call's as well as an allowed one's, names a decision that is in the log. But for one: that
   * nothing can be recorded; such a call arrived nowhere.
   */
  private checkAnswer({ status, decision, code }: Answer, arrived: boolean): void {
    this.answered++;
    const unrecorded = code === 'AUDIT_UNAVAILABLE' && status === 503;
    const decided = this.follower.decisions.get(decision ?? '');
    if (!decided && !unrecorded)
      throw new Error(`an answer (${status} ${code}) named decision ${decision}, which is not in the log`);
    const forwarded = status === 200 || (code?.startsWith('UPSTREAM_') ?? false);
    if (decided && !unrecorded && decided.forward !== forwarded) {
      throw new Error(`decision ${decision} says forward: ${decided.forward}, and its answer was ${status} ${code}`);
    }
    if (arrived && !forwarded)
      throw new Error(`decision ${decision} was refused (${status} ${code}), and the call arrived upstream`);
  }

  /** What arrived must be what the client sent, and was decided; of a body that a crash cut, its name is enough to know it. */
  private checkArrival(arrival: Arrival): void {
    const { method, target, id, sha256 } = arrival;
    const call = this.sent.get(id);
    if (!call) throw new Error(`a request arrived upstream that nobody sent: ${method} ${target}`);
    if (sha256 !== undefined && sha256 !== call.sha256)
      throw new Error(`call ${id} arrived upstream with another body`);
    if (!this.ledger.claim({ ...arrival, sha256: call.sha256 })) {
      throw new Error(`${method} ${target} (${id}) arrived upstream without its committed decision`);
    }
    this.arrived.add(id);
    this.claimed++;
  }
}
