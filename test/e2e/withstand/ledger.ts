import { ROUTES } from '../site.ts';
import type { Decided } from './follower.ts';
import type { Arrival } from './upstream.ts';

const PREFIXES = new Map(ROUTES.map(({ id, match }) => [id, match.path]));

/**
 * Promise 1, without asking the gateway: each request that arrived upstream needs a committed decision of its own to
 * forward a call of that method, target and body. Two arrivals of equal calls need two decisions.
 */
export class Ledger {
  /** Decisions to forward that no arrival has claimed, by call. */
  private readonly left = new Map<string, number>();

  add(decided: Decided): void {
    if (!decided.forward) return;
    const key = decidedKey(decided);
    this.left.set(key, (this.left.get(key) ?? 0) + 1);
  }

  /** Claims a decision for an arrival; false if there is none. */
  claim(arrival: Arrival): boolean {
    const key = arrivedKey(arrival);
    const count = this.left.get(key) ?? 0;
    if (count === 0) return false;
    if (count === 1) this.left.delete(key);
    else this.left.set(key, count - 1);
    return true;
  }

  /** Decisions to forward whose call has not arrived. */
  get unclaimed(): number {
    return [...this.left.values()].reduce((sum, count) => sum + count, 0);
  }
}

/** One call as the log names it: method, target as it goes upstream, digest of the body. */
function decidedKey({ method, path, query, route, bodySha256 }: Decided): string {
  const prefix = PREFIXES.get(route ?? '');
  if (prefix === undefined || !path.startsWith(prefix))
    throw new Error(`expected a path of route ${route}, got ${path}`);
  return `${method} ${path.slice(prefix.length)}${query === '' ? '' : `?${query}`} ${bodySha256 ?? '-'}`;
}

const arrivedKey = ({ method, target, sha256 }: Arrival): string => `${method} ${target} ${sha256 ?? '-'}`;
