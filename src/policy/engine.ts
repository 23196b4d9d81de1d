import { Worker } from 'node:worker_threads';
import { type Decision, fault, reviveDecision } from './decision.ts';
import { PolicyError } from './error.ts';
import { DEFAULT_MEMORY_BYTES, type PolicySource } from './evaluator.ts';
import type { Answer, Request } from './worker.ts';

export interface EngineOptions {
  /** Longest evaluation, in milliseconds, before it is ended and denied as POLICY_DEADLINE. */
  deadlineMs: number;
  /** Memory of one policy instance, in bytes. */
  memoryBytes?: number;
}

/** A policy that the engine holds. A call keeps the one it began with, also when another is activated meanwhile. */
export interface LoadedPolicy {
  readonly id: number;
}

/** What is worth a message by itself. The calls of a batch wait for one another, so it must not grow with the load. */
const BATCH = { jobs: 12, bytes: 64 * 1024 };
/** Batches under way at once: enough that the worker need not wait for a turn of the event loop. */
const UNDER_WAY = 8;

interface Source {
  module: WebAssembly.Module;
  data: Uint8Array;
}

interface Job {
  policy: number;
  entrypoint: string;
  input: Uint8Array;
  resolve: (decision: Decision) => void;
}

/**
 * Evaluates policy on a thread of its own, since an evaluation cannot be interrupted: a watchdog ends the thread when
 * one takes longer than the deadline, denies that call, and asks again for the others on a new thread.
 * Decisions come in the order in which they were asked for.
 */
export class Engine {
  private readonly options: Required<EngineOptions>;
  private readonly sources = new Map<number, Source>();
  private readonly loading = new Map<number, { resolve: () => void; reject: (error: PolicyError) => void }>();
  /** Asked and not answered yet, oldest first; the first `sent` of them are with the worker. */
  private jobs: Job[] = [];
  private sent = 0;
  private batches = 0;
  /** Bytes of the jobs that are not sent. */
  private unsentBytes = 0;
  private nextPolicy = 1;
  private begun = new Int32Array(new SharedArrayBuffer(4));
  private worker: Worker;
  private scheduled = false;
  private watchdog: NodeJS.Timeout | undefined;
  private answered = 0;
  private seen = { begun: -1, since: 0 };
  private stopped = false;

  constructor(options: EngineOptions) {
    this.options = { memoryBytes: DEFAULT_MEMORY_BYTES, ...options };
    this.worker = this.start();
  }

  /**
   * Loads a policy beside those already loaded.
   * @throws PolicyError POLICY_LOAD_FAILED when it cannot be instantiated or needs a builtin that is not there
   */
  async load(source: PolicySource): Promise<LoadedPolicy> {
    const module =
      source.wasm instanceof WebAssembly.Module ? source.wasm : await WebAssembly.compile(Buffer.from(source.wasm));
    const id = this.nextPolicy++;
    this.sources.set(id, { module, data: source.data });
    await new Promise<void>((resolve, reject) => {
      this.loading.set(id, { resolve, reject });
      this.post({ kind: 'load', policy: id, module, data: source.data });
    });
    return { id };
  }

  /** Drops a policy; no decision by it may be under way. */
  unload(policy: LoadedPolicy): void {
    this.sources.delete(policy.id);
    this.post({ kind: 'unload', policy: policy.id });
  }

  /**
   * Decides on one input: bytes composed of strictly checked JSON (json room), which nobody may change any more.
   * Never rejects: whatever goes wrong is a denial.
   */
  decide(policy: LoadedPolicy, entrypoint: string, input: Uint8Array): Promise<Decision> {
    if (this.stopped || !this.sources.has(policy.id)) return Promise.resolve(fault('POLICY_ERROR'));
    return new Promise((resolve) => {
      this.jobs.push({ policy: policy.id, entrypoint, input, resolve });
      this.unsentBytes += input.byteLength;
      if (this.batches > 0) {
        if (this.isBatch) this.flush(); // else it goes when the worker answers
      } else if (!this.scheduled) {
        this.scheduled = true;
        this.gather(0);
      }
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.watchdog);
    for (const job of this.jobs.splice(0)) job.resolve(fault('POLICY_ERROR'));
    await this.worker.terminate();
  }

  private start(): Worker {
    this.begun = new Int32Array(new SharedArrayBuffer(4));
    this.answered = 0;
    const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
    const worker = new Worker(new URL(file, import.meta.url), {
      name: 'policy',
      workerData: { begun: this.begun.buffer, memoryBytes: this.options.memoryBytes },
    });
    worker.on('message', (answer: Answer) => this.take(answer));
    worker.on('error', () => this.replace('POLICY_ERROR'));
    return worker;
  }

  /** Waits for as long as each turn of the event loop brings more: waking the worker costs more than an evaluation. */
  private gather(before: number): void {
    setImmediate(() => {
      const now = this.jobs.length;
      if (now > before && !this.isBatch) {
        this.gather(now);
        return;
      }
      this.scheduled = false;
      this.flush();
    });
  }

  private get isBatch(): boolean {
    return this.jobs.length - this.sent >= BATCH.jobs || this.unsentBytes >= BATCH.bytes;
  }

  private flush(): void {
    while (this.batches < UNDER_WAY && this.sent < this.jobs.length && !this.stopped) this.sendBatch();
    if (this.batches === 0 || this.watchdog) return;
    this.seen = { begun: -1, since: performance.now() };
    this.watchdog = setInterval(() => this.watch(), Math.max(5, this.options.deadlineMs / 8));
  }

  private sendBatch(): void {
    const jobs: { policy: number; entrypoint: string; input: Uint8Array }[] = [];
    let bytes = 0;
    for (let job = this.jobs[this.sent]; job && jobs.length < BATCH.jobs && bytes < BATCH.bytes; ) {
      const { policy, entrypoint, input } = job;
      jobs.push({ policy, entrypoint, input });
      bytes += input.byteLength;
      job = this.jobs[++this.sent];
    }
    this.batches++;
    this.unsentBytes -= bytes;
    this.post({ kind: 'decide', jobs }); // copies or shares the inputs: they are needed again if the worker must be ended
  }

  private take(answer: Answer): void {
    if (answer.kind === 'loaded') {
      const waiting = this.loading.get(answer.policy);
      this.loading.delete(answer.policy);
      if (answer.error) {
        this.sources.delete(answer.policy);
        waiting?.reject(new PolicyError('POLICY_LOAD_FAILED', answer.error));
      } else waiting?.resolve();
      return;
    }
    const jobs = this.jobs.splice(0, answer.decisions.length);
    this.sent -= jobs.length;
    this.batches--;
    this.answered += jobs.length;
    jobs.forEach((job, index) => {
      const json = answer.decisions[index];
      job.resolve(json === undefined ? fault('POLICY_ERROR') : reviveDecision(json, answer.faults.includes(index)));
    });
    if (this.jobs.length > 0) this.flush();
    else this.rest();
  }

  /** Ends the worker when it has been at the same evaluation for longer than the deadline. */
  private watch(): void {
    const begun = Atomics.load(this.begun, 0);
    const now = performance.now();
    if (begun !== this.seen.begun || begun === this.answered) this.seen = { begun, since: now };
    else if (now - this.seen.since >= this.options.deadlineMs) this.replace('POLICY_DEADLINE');
  }

  /** Replaces the worker; the evaluation that it was at is denied, all others are asked for again. */
  private replace(code: 'POLICY_DEADLINE' | 'POLICY_ERROR'): void {
    if (this.stopped) return;
    const begun = Atomics.load(this.begun, 0);
    void this.worker
      .removeAllListeners('message')
      .removeAllListeners('error')
      .on('error', () => {})
      .terminate();
    const culprit = begun - this.answered - 1;
    if (culprit >= 0) for (const job of this.jobs.splice(culprit, 1)) job.resolve(fault(code));
    this.worker = this.start();
    for (const [policy, { module, data }] of this.sources) this.post({ kind: 'load', policy, module, data });
    this.sent = this.batches = 0;
    this.unsentBytes = this.jobs.reduce((sum, { input }) => sum + input.byteLength, 0);
    this.rest();
    this.flush();
  }

  private rest(): void {
    clearInterval(this.watchdog);
    this.watchdog = undefined;
  }

  private post(request: Request): void {
    this.worker.postMessage(request);
  }
}
