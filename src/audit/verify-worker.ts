import { parentPort } from 'node:worker_threads';
import { Certificate } from '../pki/index.ts';
import { checkLines, type Task, type TaskResult } from './verify-threads.ts';

const signers = new Map<string, Certificate>();

/** Reading a certificate and importing its key costs more than a signature, and all lines of a batch share one. */
function signerFrom(der: Uint8Array): Certificate {
  const key = Buffer.from(der).toString('latin1');
  let signer = signers.get(key);
  if (!signer) {
    signer = Certificate.fromDer(der);
    signers.set(key, signer);
  }
  return signer;
}

parentPort?.on('message', ({ id, bytes, ends, signer }: Task) => {
  const result: TaskResult = { id, checked: checkLines(bytes, ends, signerFrom(signer)) };
  parentPort?.postMessage(result);
});
