import type { VerifiedBundle } from '../bundle/index.ts';
import type { Engine, LoadedPolicy } from '../policy/index.ts';
import type { Rules } from './classifier.ts';

/** A bundle in use. Calls enter it and leave it; once replaced, the last to leave takes its policy out of the engine. */
export class ActiveBundle {
  readonly bundle: VerifiedBundle;
  readonly policy: LoadedPolicy;
  /** By which its calls' texts are labelled. */
  readonly rules: Rules;
  private readonly engine: Engine;
  private calls = 0;
  private replaced = false;

  constructor(engine: Engine, bundle: VerifiedBundle, policy: LoadedPolicy, rules: Rules) {
    this.engine = engine;
    this.bundle = bundle;
    this.policy = policy;
    this.rules = rules;
  }

  /** Outside the time in which its builder lets it decide, or the builder's certificate no longer vouches for it. */
  outsideWindow(now: Date): boolean {
    const { notBefore, notAfter } = this.bundle;
    return now < notBefore || now > notAfter;
  }

  enter(): this {
    this.calls++;
    return this;
  }

  leave(): void {
    this.calls--;
    this.unloadIfDone();
  }

  retire(): void {
    this.replaced = true;
    this.unloadIfDone();
  }

  private unloadIfDone(): void {
    if (this.replaced && this.calls === 0) this.engine.unload(this.policy);
  }
}
