import { randomUUIDv7 } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { AuditError, Log } from '../../src/audit/index.ts';
import { Certificate, type DevelopmentPki, openSigner } from '../../src/pki/index.ts';

/** Writes decisions to a log until it is killed; prints each id once it is committed. Arguments: folder, file of the keys. */
const [folder = '', keys = ''] = process.argv.slice(2);
const pki: DevelopmentPki = JSON.parse(readFileSync(keys, 'utf8'));

const bundle = { digest: 'ab'.repeat(32), revision: 'r1', sequence: 7 };

async function write(log: Log, size: number): Promise<never> {
  const head = '{"v":1,"phase":"request","route":{"id":"support","mode":"enforce"},"body":';
  const text = `${head}"${'x'.repeat(size)}"}`;
  for (;;) {
    const { id } = await log.commit({
      id: randomUUIDv7(),
      phase: 'request',
      mode: 'enforce',
      route: 'support',
      subject: null,
      app: null,
      entrypoint: 'verdict/request',
      engine: 'opa-wasm/1.10.0',
      bundle,
      result: '{"effect":"allow","obligations":[],"reasons":[]}',
      effect_enforced: 'forward',
      latency_us: 1,
      input: Buffer.from(text),
      body_in_input: { start: head.length, end: text.length - 1 },
    });
    process.stdout.write(`${id}\n`); // synchronous: standard output is a pipe
  }
}

try {
  const log = await Log.open({
    folder,
    signer: openSigner(pki.audit),
    anchors: Certificate.fromPem(pki.root.certificatePem),
    software: { name: 'kill-child', version: '0.0.0' },
    now: () => new Date(),
  });
  await log.event({ type: 'bundle_activated', bundle, previous: null, rollback: false });
  // Small and large at once: large ones are what a kill tears.
  await Promise.all([10, 1000, 30_000, 100_000].map((size) => write(log, size)));
} catch (error) {
  writeSync(1, `${error instanceof AuditError ? error.code : error}\n`);
  process.exit(1);
}
