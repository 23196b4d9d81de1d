import { type CryptoKey, createLocalJWKSet, errors, type JSONWebKeySet, type JWSHeaderParameters } from 'jose';
import { parse } from '../json/index.ts';
import { IdentityError } from './error.ts';

/** Where an issuer's public keys are. */
export type KeySource = { readonly url: string } | { readonly file: string };

/**
 * Reads a JSON Web Key Set's bytes. This room touches neither sockets nor disk: whoever starts it gives it this
 * function, and bounds its time and size. It may reject with anything.
 */
export type FetchKeys = (source: KeySource) => Promise<Uint8Array>;

/** How old keys may be, in milliseconds. */
export const KEY_AGES = {
  /** From here on they are fetched again, behind a call that still uses them. */
  refresh: 5 * 60_000,
  /** From here on a call waits for the new ones. */
  stale: 10 * 60_000,
  /** When the issuer cannot be reached they serve up to here, and no longer: a withdrawn key must not live on. */
  unusable: 60 * 60_000,
  /** Between two fetches, so that made-up key ids cause no flood of them. */
  cooldown: 30_000,
  /** After a fetch that failed. */
  retry: 5_000,
} as const;

const LIMITS = { maxBytes: 512 * 1024, maxDepth: 8, refuseCaseCollisions: false };
const MAX_KEYS = 100;

interface Keys {
  readonly find: ReturnType<typeof createLocalJWKSet>;
  readonly text: string;
  readonly fetchedAt: number;
}

/** One issuer's keys, cached. All times are the caller's `now`, in milliseconds. */
export class KeyCache {
  private readonly source: KeySource;
  private readonly fetchKeys: FetchKeys;
  private keys: Keys | undefined;
  private pending: Promise<boolean> | undefined;
  private lastAttempt = Number.NEGATIVE_INFINITY;
  private lastFailed = false;
  /** Changes whenever the keys do, so that what was verified by the old ones is verified again. */
  generation = 0;

  constructor(source: KeySource, fetchKeys: FetchKeys) {
    this.source = source;
    this.fetchKeys = fetchKeys;
  }

  /** Makes sure that there are usable keys. Throws IDENTITY_UNAVAILABLE when there are none and none can be fetched. */
  async ensure(now: number): Promise<void> {
    const age = this.age(now);
    if (age < KEY_AGES.refresh) return;
    if (age < KEY_AGES.stale) return void this.refresh(now);
    await this.refresh(now);
    if (this.age(now) >= KEY_AGES.unusable) throw unavailable();
  }

  /** True when a call can go on without waiting for keys. */
  isFresh(now: number): boolean {
    return this.age(now) < KEY_AGES.refresh;
  }

  /**
   * The key for a token's header: by `kid` and `alg` from the issuer's set alone, whatever key or URL the header
   * itself brings (RFC 8725 section 3.10). An unknown `kid` causes one fetch, then IDENTITY_INVALID.
   */
  async find(header: JWSHeaderParameters, now: number): Promise<CryptoKey> {
    await this.ensure(now);
    const before = this.generation;
    try {
      return await this.lookUp(header);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    await this.refresh(now);
    if (this.generation !== before) return this.lookUp(header);
    // The key may be a new one that cannot be fetched now: that is not the caller's fault.
    if (this.lastFailed) throw unavailable();
    throw new IdentityError('IDENTITY_INVALID', "expected a token signed by one of its issuer's keys");
  }

  private lookUp(header: JWSHeaderParameters): Promise<CryptoKey> {
    if (!this.keys) throw unavailable();
    return this.keys.find(header);
  }

  /** Absolute, so that a clock set back does not keep keys for ever. */
  private age(now: number): number {
    return this.keys ? Math.abs(now - this.keys.fetchedAt) : Number.POSITIVE_INFINITY;
  }

  /** Fetches unless that was just tried; callers meanwhile share the one fetch. Never rejects. */
  private refresh(now: number): Promise<boolean> {
    if (this.pending) return this.pending;
    const wait = this.lastFailed ? KEY_AGES.retry : KEY_AGES.cooldown;
    if (Math.abs(now - this.lastAttempt) < wait) return Promise.resolve(false);
    this.lastAttempt = now;
    this.pending = this.load(now).finally(() => {
      this.pending = undefined;
    });
    return this.pending;
  }

  private async load(now: number): Promise<boolean> {
    try {
      const text = JSON.stringify(parseKeySet(await this.fetchKeys(this.source)));
      const changed = text !== this.keys?.text;
      const find = changed || !this.keys ? createLocalJWKSet(JSON.parse(text)) : this.keys.find;
      this.keys = { find, text, fetchedAt: now };
      if (changed) this.generation++;
      this.lastFailed = false;
    } catch {
      this.lastFailed = true;
    }
    return !this.lastFailed;
  }
}

/** Public signature keys only: a symmetric key in a published set would let anybody who reads it sign. */
function parseKeySet(bytes: Uint8Array): JSONWebKeySet {
  const set = parse(bytes, LIMITS).value() as Partial<JSONWebKeySet> | null;
  if (!Array.isArray(set?.keys) || set.keys.length > MAX_KEYS)
    throw new Error(`expected {"keys": […]}, at most ${MAX_KEYS}`);
  const keys = set.keys.filter(
    (key) =>
      typeof key === 'object' && key !== null && ['RSA', 'EC', 'OKP'].includes(key.kty as string) && !('d' in key),
  );
  if (keys.length === 0) throw new Error('expected at least one public key');
  return { keys };
}

function unavailable(): IdentityError {
  return new IdentityError('IDENTITY_UNAVAILABLE', "the issuer's keys cannot be read now");
}
