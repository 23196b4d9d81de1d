import { createHash, randomUUIDv7 } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import {
  type DecisionDraft,
  Log,
  type LogOptions,
  type LogSource,
  type Report,
  verify,
} from '../../src/audit/index.ts';
import type { WriterOptions } from '../../src/audit/protocol.ts';
import { Certificate, createDevelopmentPki, openSigner } from '../../src/pki/index.ts';
import type { Fault } from './faulty-disk.ts';

export const pki = createDevelopmentPki({ now: new Date(Date.now() - 60_000), days: 30 });
export const signer = openSigner(pki.audit);
export const anchors = Certificate.fromPem(pki.root.certificatePem);

const root = mkdtempSync(join(tmpdir(), 'verdict-audit-'));
const open = new Set<Log>();
afterAll(async () => {
  // A test that failed must not leave a thread behind.
  for (const log of open) await log.close('end of tests').catch(() => undefined);
  rmSync(root, { recursive: true, force: true });
});

let folders = 0;
/** A path that does not exist yet. */
export const freshFolder = (): string => join(root, `log${folders++}`);

export const BUNDLE = { digest: 'ab'.repeat(32), revision: 'r1', sequence: 7 };
export const ACTIVATION = { type: 'bundle_activated', bundle: BUNDLE, previous: null, rollback: false } as const;

/** Opens a log and announces the bundle of the drafts below, as a gateway does at its start. */
export async function openLog(folder: string, more: Partial<LogOptions> = {}): Promise<Log> {
  const software = { name: 'verdict', version: '0.0.0' };
  const log = await Log.open({ folder, signer, anchors, software, now: () => new Date(), retryMs: 20, ...more });
  open.add(log);
  await log.event(ACTIVATION);
  return log;
}

/** For driving the writer in this thread. */
export const writerOptions = (folder: string, segmentBytes = 1_000_000): WriterOptions => ({
  folder,
  segmentBytes,
  signer: { key: signer.key, certificates: [signer.certificate.der] },
  software: { name: 'verdict', version: '0.0.0' },
  time: new Date().toISOString(),
  approvalsSince: null,
  disk: null,
});

export const RESULT = '{"effect":"allow","obligations":[],"reasons":[]}';
export const DENIAL = '{"effect":"deny","obligations":[],"reasons":[{"code":"MODEL_DENIED","message":"no"}]}';

export const SUBJECT = { id: 'ada', method: 'token', roles: ['agent'] };

/** An input document of the same call as `allow`, without its body and closing brace. */
export const inputHead = (subject: object = SUBJECT, route = 'support'): string =>
  `{"v":1,"phase":"request","route":{"id":"${route}","mode":"enforce"},"subject":${JSON.stringify(subject)},"app":{"id":"support-bot"}`;

/** An input document with a body of so many bytes. */
export function inputOf(body: number): { input: Uint8Array; body_in_input: { start: number; end: number } } {
  const start = `${inputHead()},"body":`;
  const text = `${start}"${'x'.repeat(Math.max(0, body - 2))}"}`;
  return { input: new TextEncoder().encode(text), body_in_input: { start: start.length, end: text.length - 1 } };
}

export function allow(body = 200): DecisionDraft & { effect_enforced: 'forward' } {
  return {
    id: randomUUIDv7(),
    phase: 'request',
    mode: 'enforce',
    route: 'support',
    subject: SUBJECT,
    app: 'support-bot',
    entrypoint: 'verdict/request',
    engine: 'opa-wasm/1.10.0',
    bundle: BUNDLE,
    result: RESULT,
    effect_enforced: 'forward',
    latency_us: 321,
    ...inputOf(body),
  };
}

export const refusal = (body = 200): DecisionDraft => ({ ...allow(body), result: DENIAL, effect_enforced: 'refuse' });

export interface Line {
  segment: string;
  /** Without LF. */
  bytes: Buffer;
  json: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: records of every type
  record: any;
}

export const segmentsOf = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => /^[0-9]{16}\.log$/.test(name))
    .sort();

/** The whole lines of a log, read without any of the code under test. */
export function linesOf(folder: string): Line[] {
  return segmentsOf(folder).flatMap((segment) => {
    const bytes = readFileSync(join(folder, segment));
    const lines: Line[] = [];
    for (let start = 0, end = bytes.indexOf(10); end >= 0; start = end + 1, end = bytes.indexOf(10, start)) {
      const line = bytes.subarray(start, end);
      const json = line.subarray(0, line.indexOf(9));
      lines.push({ segment, bytes: line, json, record: JSON.parse(json.toString()) });
    }
    return lines;
  });
}

/** Sequence, chain and log id, checked in the plainest way; returns the lines. */
export function contiguous(folder: string): Line[] {
  const lines = linesOf(folder);
  let prev = '0'.repeat(64);
  lines.forEach(({ bytes, record }, index) => {
    if (record.seq !== index || record.prev !== prev || record.log !== lines[0]?.record.log) {
      throw new Error(`line ${index} does not continue the log: seq ${record.seq}`);
    }
    prev = createHash('sha256').update(bytes).digest('hex');
  });
  return lines;
}

export function verifyFolder(folder: string, trusted = anchors): Promise<Report> {
  const source: LogSource = {
    segments: segmentsOf(folder).map((name) => {
      const bytes = readFileSync(join(folder, name));
      return {
        name,
        size: bytes.length,
        async *chunks() {
          yield bytes;
        },
      };
    }),
  };
  return verify(source, { anchors: trusted, time: new Date() });
}

/** A disk that fails as planned. */
export class FaultyDisk {
  readonly url: URL;
  private readonly plan = freshFolder();

  constructor() {
    this.set();
    this.url = new URL(`./faulty-disk.ts?plan=${encodeURIComponent(this.plan)}`, import.meta.url);
  }

  set(...faults: Fault[]): void {
    writeFileSync(this.plan, JSON.stringify(faults));
  }
}

/** Waits until it holds, at most ten seconds. */
export async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; !holds(); i++) {
    if (i > 1000) throw new Error('expected it to hold within ten seconds');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
