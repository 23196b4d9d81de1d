import { parentPort, workerData } from 'node:worker_threads';
import { fault } from './decision.ts';
import { Evaluator } from './evaluator.ts';

/** What the engine sends: a policy to load or drop, or a batch of evaluations in order. */
export type Request =
  | { kind: 'load'; policy: number; module: WebAssembly.Module; data: Uint8Array }
  | { kind: 'unload'; policy: number }
  | { kind: 'decide'; jobs: { policy: number; entrypoint: string; input: Uint8Array }[] };

/** What the worker answers: that a policy is loaded, or decisions in the order in which they were asked for, as their JSON. */
export type Answer =
  | { kind: 'loaded'; policy: number; error?: string }
  | { kind: 'decided'; decisions: string[]; faults: number[] };

/** Evaluations begun since the worker started; the watchdog reads it while this thread is busy. */
const begun = new Int32Array(workerData.begun as SharedArrayBuffer);
const memoryBytes: number = workerData.memoryBytes;
const policies = new Map<number, Evaluator>();
const port = parentPort;
if (!port) throw new Error('expected to run as a worker');

port.on('message', (request: Request) => {
  if (request.kind === 'load') return load(request);
  if (request.kind === 'unload') return void policies.delete(request.policy);
  const faults: number[] = [];
  const decisions = request.jobs.map((job, index) => {
    Atomics.add(begun, 0, 1);
    const decision = policies.get(job.policy)?.decideExact(job.entrypoint, job.input) ?? fault('POLICY_ERROR');
    if (decision.fault) faults.push(index);
    return decision.json; // text crosses threads for a fraction of what an object costs
  });
  send({ kind: 'decided', decisions, faults });
});

function load(request: Extract<Request, { kind: 'load' }>): void {
  try {
    policies.set(request.policy, new Evaluator({ wasm: request.module, data: request.data }, memoryBytes));
    send({ kind: 'loaded', policy: request.policy });
  } catch (error) {
    send({ kind: 'loaded', policy: request.policy, error: error instanceof Error ? error.message : String(error) });
  }
}

function send(answer: Answer): void {
  port?.postMessage(answer);
}
