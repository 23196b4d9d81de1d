import { randomUUIDv7 } from 'node:crypto';
import type { JWTPayload } from 'jose';
import type { UsedApprovals } from '../audit/index.ts';
import type { Approval } from '../input/index.ts';
import type { Decision } from '../policy/index.ts';
import { type Claimed, contentDigest, digestOf } from './claim.ts';
import { Seal } from './seal.ts';

/** Stands in policy for the person before the agent, where others name a role: their own yes is enough, and no approval. */
const CALLER = 'caller';

/** What somebody with the role is asked to approve of. Sealed, it is the approval's id: no gateway keeps it. */
export interface ApprovalRequest {
  /** Names the approval in records. */
  id: string;
  /** Id of the decision that escalated the call. */
  decision: string;
  /** Whose call it is. */
  subject: { id: string; issuer: string };
  /** The tool's name, or its beginning; null: a request to a model. */
  tool: string | null;
  /** SHA-256 (hex) of the arguments' bytes, or of the body's. */
  arguments_sha256: string;
  /** The role that may approve. */
  role: string;
  /** RFC 3339. */
  expires: string;
}

export interface ApprovalsOptions {
  /** What replicas share, at least 32 characters; undefined: approvals end with this process. */
  secret: string | undefined;
  /** How long one can be asked for, and then used. */
  minutes: number;
  /** What the log tells of approvals that were used before; undefined: none was. */
  before?: UsedApprovals;
  /** Milliseconds since 1970. */
  clock?: () => number;
}

const REQUEST = 'approval-request+jwt';
const GRANT = 'approval+jwt';
/** More tokens than a response has tool calls that need one, as a rule. */
const MOST_TOKENS = 16;
const LONGEST_NAME = 64;
const LONGEST_ROLE = 256;
/** An id must fit into a path, and into an agent's message to a person. */
const LONGEST_ID = 1500;

/** An ApprovalRequest as it is sealed, without names: the id is for a person to copy. The last is the call's digest. */
type Sealed = [string, string, string, string, string | null, string, string, string];

/**
 * Approvals as sealed tokens: what is asked for, and what was granted, travel with the caller. All that a gateway remembers
 * is which it has seen used, until none of them could be presented any more; after a restart its log tells.
 */
export class Approvals {
  private readonly seal: Seal;
  private readonly lifetime: number;
  /** When the last token of each approval that was used expires, in seconds. */
  private readonly used = new Map<string, number>();
  /** Of those asked for before, it is not known whether they were used; milliseconds since 1970. */
  private readonly knownSince: number;
  private readonly clock: () => number;

  constructor({ secret, minutes, before = { ids: [], since: null }, clock = Date.now }: ApprovalsOptions) {
    this.seal = new Seal(secret);
    this.lifetime = minutes * 60;
    this.clock = clock;
    this.knownSince = before.since === null ? 0 : Date.parse(before.since);
    for (const id of before.ids) this.used.set(id, this.now() + 2 * this.lifetime);
  }

  /** Since when an approval may have been used that could be presented once more: it was asked for, granted later, and used later still. */
  static usesSince(minutes: number, now: Date): Date {
    return new Date(now.getTime() - 2 * minutes * 60_000);
  }

  /** The role that a decision wants an approval by; undefined if it wants none, or more than the gateway can see to. */
  static roleOf({ effect, obligations }: Decision): string | undefined {
    const [only, ...more] = obligations;
    if (effect !== 'escalate' || more.length > 0 || only?.type !== 'approve') return undefined;
    const { by } = only;
    return typeof by === 'string' && by.length > 0 && by.length <= LONGEST_ROLE && by !== CALLER ? by : undefined;
  }

  /** Whether a decision wants no more than the word of the person before the agent. */
  static isCallers({ effect, obligations }: Decision): boolean {
    return effect === 'escalate' && obligations.every(({ type, by }) => type === 'approve' && by === CALLER);
  }

  /** The id under which a call can be approved; undefined if its names are too long for one. */
  async ask(decision: string, role: string, claimed: Claimed): Promise<string | undefined> {
    const { subject } = claimed;
    const tool = 'tool' in claimed ? claimed.tool.name.slice(0, LONGEST_NAME).toWellFormed() : null;
    const request: Sealed = [
      ...([randomUUIDv7(), decision, subject.id, subject.issuer] as const),
      ...([tool, contentDigest(claimed), role, digestOf(claimed)] as const),
    ];
    const asked = this.now();
    const id = await this.seal.make(REQUEST, { request, asked }, asked + this.lifetime);
    return id.length <= LONGEST_ID ? id : undefined;
  }

  /** What an id asks for; undefined if this or another replica did not make it, or it has expired, or may have been used. */
  async open(id: string): Promise<ApprovalRequest | undefined> {
    const claims = await this.read(REQUEST, id, this.date());
    if (!claims) return undefined;
    const [name, decision, subject, issuer, tool, args, role] = claims.request as Sealed;
    return {
      ...{ id: name, decision, subject: { id: subject, issuer }, tool, role },
      arguments_sha256: Buffer.from(args, 'base64url').toString('hex'),
      expires: timeOf(claims.exp as number),
    };
  }

  /** The token that lets the call of an id pass, once; undefined as for `open`. */
  async grant(id: string, by: Approval['by']): Promise<{ token: string; expires: string } | undefined> {
    const claims = await this.read(REQUEST, id, this.date());
    if (!claims) return undefined;
    const { request, asked } = claims;
    const iat = this.now();
    const exp = iat + this.lifetime;
    const token = await this.seal.make(GRANT, { request, asked, by: [by.id, by.issuer, by.role], iat }, exp);
    return { token, expires: timeOf(exp) };
  }

  /**
   * The approval among those presented that is for this very call; it is used up until {@link giveBack}. If all that are for
   * it were used before, the role by which one of them was given.
   * @param presented tokens, separated by commas
   */
  async claim(presented: string, claimed: Claimed): Promise<Approval | { used: string } | undefined> {
    const digest = digestOf(claimed);
    // The record shows when the call came: should the clock go back meanwhile, it would show an approval that had expired by then.
    const at = new Date(Math.max(this.now() * 1000, Date.parse(claimed.time)));
    let used: { used: string } | undefined;
    for (const token of presented.split(',', MOST_TOKENS)) {
      if (!tells(token, digest)) continue; // thousands of calls may come at once, and most tokens are of others
      const claims = await this.read(GRANT, token.trim(), at);
      if (!claims) continue;
      const [id, , , , , , , call] = claims.request as Sealed;
      if (call !== digest) continue;
      const { exp = 0, iat = 0, asked } = claims;
      const [by, issuer, role] = claims.by as [string, string, string];
      // One id may be approved of several times: it is forgotten only when no token of it can be good any more.
      const until = Number(asked) + 2 * this.lifetime;
      if (exp > until) continue; // of a replica whose approvals last longer
      if (this.used.has(id)) used = { used: role };
      else {
        this.remember(id, until); // nothing was awaited since it was looked for
        return { id, by: { id: by, issuer, role }, at: timeOf(iat), expires: timeOf(exp) };
      }
    }
    return used;
  }

  /** The call that claimed it did not go ahead. */
  giveBack({ id }: Approval): void {
    this.used.delete(id);
  }

  /** Whether a call passed with it, as far as this replica has seen. */
  wasUsed(id: string): boolean {
    return this.used.has(id);
  }

  /** The claims of a token that holds, and of which it would be known if it had been used. */
  private async read(type: string, token: string, at: Date): Promise<JWTPayload | undefined> {
    const claims = await this.seal.open(type, token, at);
    return claims && Number(claims.asked) * 1000 >= this.knownSince ? claims : undefined;
  }

  private remember(id: string, until: number): void {
    const now = this.now();
    for (const [other, end] of this.used) {
      if (end >= now) break; // in the order of their use, which is nearly that of their end
      this.used.delete(other);
    }
    this.used.set(id, until);
  }

  /** Seconds since 1970. */
  private now(): number {
    return Math.floor(this.clock() / 1000);
  }

  private date(): Date {
    return new Date(this.now() * 1000);
  }
}

/** Whether a token's claims, good or not, hold the text. */
const tells = (token: string, text: string): boolean =>
  Buffer.from(token.split('.')[1] ?? '', 'base64url').includes(text);

const timeOf = (seconds: number): string => new Date(seconds * 1000).toISOString();
