type Make<T> = (id: string, seq: number) => T;

/** For log.ts alone. */
export let makeCommitted: Make<Committed>;
/** For log.ts alone. */
export let makeRefusal: Make<CommittedRefusal>;
/** For log.ts alone. */
export let makeAllow: Make<CommittedAllow>;
/** Whether the log itself made this value. */
export let isCommittedAllow: (value: unknown) => value is CommittedAllow;

/** Known to this file only: what the compiler forbids, calling a constructor, fails at run time too. */
const TOKEN = Symbol('made by the log');

/** A record that is on disk. */
export class Committed {
  readonly id: string;
  readonly seq: number;

  protected constructor(token: symbol, id: string, seq: number) {
    if (token !== TOKEN) throw new TypeError('expected the log to make this');
    this.id = id;
    this.seq = seq;
  }

  static {
    makeCommitted = (id, seq) => new Committed(TOKEN, id, seq);
  }
}

/** The record of a call that is refused, or that an agent's person is asked about, is on disk. */
export class CommittedRefusal extends Committed {
  readonly effect = 'refuse';

  static {
    makeRefusal = (id, seq) => new CommittedRefusal(TOKEN, id, seq);
  }
}

/**
 * The record that lets one call go ahead is on disk. Only the log can make one (promise 1): the constructor wants a token that
 * this file keeps, and what calls it is not exported from this room. `instanceof` asks for the private brand, so an object
 * built on the prototype does not pass.
 */
export class CommittedAllow extends Committed {
  readonly effect = 'forward';
  readonly #made = true;

  private constructor(token: symbol, id: string, seq: number) {
    super(token, id, seq);
  }

  static override [Symbol.hasInstance](value: unknown): value is CommittedAllow {
    return isCommittedAllow(value);
  }

  static {
    makeAllow = (id, seq) => new CommittedAllow(TOKEN, id, seq);
    isCommittedAllow = (value) => typeof value === 'object' && value !== null && #made in value;
  }
}
