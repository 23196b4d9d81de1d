/** How many calls, and how many bytes of their bodies, may be on their way at once; beyond it calls are shed. */
export class Admission {
  private readonly maxCalls: number;
  private readonly maxBytes: number;
  private calls = 0;
  private bytes = 0;
  private idle: (() => void)[] = [];

  constructor(maxCalls: number, maxBytes: number) {
    this.maxCalls = maxCalls;
    this.maxBytes = maxBytes;
  }

  get inFlight(): number {
    return this.calls;
  }

  /** False when the call must be shed. Whoever enters must leave. */
  enter(): boolean {
    if (this.calls >= this.maxCalls) return false;
    this.calls++;
    return true;
  }

  /** Takes room for a body, false when there is none; given back by `leave`. */
  hold(bytes: number): boolean {
    if (this.bytes + bytes > this.maxBytes) return false;
    this.bytes += bytes;
    return true;
  }

  leave(heldBytes: number): void {
    this.calls--;
    this.bytes -= heldBytes;
    if (this.calls === 0) for (const resolve of this.idle.splice(0)) resolve();
  }

  /** Resolves once no call is on its way. */
  drained(): Promise<void> {
    return this.calls === 0 ? Promise.resolve() : new Promise((resolve) => this.idle.push(resolve));
  }
}
