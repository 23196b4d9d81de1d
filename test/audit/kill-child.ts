import { randomUUIDv7 } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { AuditError, Log } from '../../src/audit/index.ts';
import { Certificate, type DevelopmentPki, openSigner } from '../../src/pki/index.ts';

/** Writes decisions to a log until it is killed; prints each id once it is committed. Arguments: folder, file of the keys. */
const [folder = '', keys = ''] = process.argv.slice(2);
const pki: DevelopmentPki = JSON.parse(readFileSync(keys, 'utf8'));

async function write(log: Log, size: number): Promise<never> {
  const text = `{"v":1,"phase":"request","route":{"id":"support"},"body":"${'x'.repeat(size)}"}`;
  for (;;) {
    const { id } = await log.commit({
      id: randomUUIDv7(),
      phase: 'request',
      mode: 'enforce',
      route: 'support',
      subject: null,
      app: null,
      entrypoint: 'verdict/request',
      engine: null,
      bundle: null,
      result: '{"effect":"allow","obligations":[],"reasons":[]}',
      effect_enforced: 'forward',
      latency_us: 1,
      input: Buffer.from(text),
      body_in_input: { start: 57, end: text.length - 1 },
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
  // Small and large at once: large ones are what a kill tears.
  await Promise.all([10, 1000, 30_000, 100_000].map((size) => write(log, size)));
} catch (error) {
  writeSync(1, `${error instanceof AuditError ? error.code : error}\n`);
  process.exit(1);
}
