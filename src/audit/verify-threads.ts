import { Worker } from 'node:worker_threads';
import type { Certificate } from '../pki/index.ts';
import { type Checked, checkLine } from './verify-check.ts';
import type { Batch } from './verify-source.ts';

/** Checks batches of lines, in this thread or in others. */
export interface Checker {
  /** How many batches may be under way at once. */
  readonly depth: number;
  check(batch: Batch, signer: Certificate): Promise<Checked[]> | Checked[];
  close(): Promise<void>;
}

/** What goes to a worker: plain data. */
export interface Task {
  id: number;
  bytes: Uint8Array;
  ends: number[];
  /** DER. */
  signer: Uint8Array;
}
export interface TaskResult {
  id: number;
  checked: Checked[];
}

/** Checks each line of some bytes; `ends` are the offsets after each LF. Stops after the first bad one. */
export function checkLines(bytes: Uint8Array, ends: readonly number[], signer: Certificate): Checked[] {
  const checked: Checked[] = [];
  let start = 0;
  for (const end of ends) {
    const line = checkLine(bytes.subarray(start, end - 1), signer);
    checked.push(line);
    if ('bad' in line) break;
    start = end;
  }
  return checked;
}

/** For small logs, where starting a thread takes longer than the work. */
export const inThisThread: Checker = {
  depth: 1,
  check: (batch, signer) => checkLines(batch.bytes, batch.ends, signer),
  close: async () => {},
};

interface Waiting {
  resolve(checked: Checked[]): void;
  reject(error: unknown): void;
}

/** Signature checks need nothing but their own line, so batches go round among the workers. */
export class Threads implements Checker {
  readonly depth: number;
  private readonly workers: Worker[];
  private readonly waiting = new Map<number, Waiting>();
  private next = 0;
  private failure: unknown;
  private readonly keep: boolean;

  /** @param keep whether the caller still needs a batch's bytes: else they move to the worker and are not copied */
  constructor(threads: number, keep: boolean) {
    this.keep = keep;
    this.depth = threads * 2;
    const file = new URL(
      import.meta.url.endsWith('.ts') ? './verify-worker.ts' : './verify-worker.js',
      import.meta.url,
    );
    this.workers = Array.from({ length: threads }, () => this.start(file));
  }

  check(batch: Batch, signer: Certificate): Promise<Checked[]> {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      if (this.failure !== undefined) return reject(this.failure);
      this.waiting.set(id, { resolve, reject });
      const task: Task = { id, bytes: batch.bytes, ends: batch.ends, signer: signer.der };
      this.workers[id % this.workers.length]?.postMessage(task, this.keep ? [] : [batch.bytes.buffer]);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private start(file: URL): Worker {
    const worker = new Worker(file);
    worker.on('message', ({ id, checked }: TaskResult) => {
      this.waiting.get(id)?.resolve(checked);
      this.waiting.delete(id);
    });
    // A worker that dies must not leave its lines unchecked and the caller waiting.
    worker.on('error', (error) => {
      this.failure = error;
      for (const { reject } of this.waiting.values()) reject(error);
      this.waiting.clear();
    });
    return worker;
  }
}
