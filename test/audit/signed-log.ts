import { createHash } from 'node:crypto';
import type { LogSource } from '../../src/audit/index.ts';
import {
  Certificate,
  CmsSigner,
  createDevelopmentPki,
  OID_AUDIT_RECORD,
  openSigner,
  type Signer,
} from '../../src/pki/index.ts';

export const NOW = new Date('2026-11-24T20:00:00.000Z');
export const LOG_ID = '0193c0de-0000-7000-8000-00000000abcd';
const NO_LINE = '0'.repeat(64);

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
export const uuid = (n: number): string => `0193c0de-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

/** A CA with its two signers. */
export function testPki(now: Date, days = 30): { anchors: Certificate[]; audit: Signer; bundle: Signer } {
  const pki = createDevelopmentPki({ now, days });
  return {
    anchors: Certificate.fromPem(pki.root.certificatePem),
    audit: openSigner(pki.audit),
    bundle: openSigner(pki.bundle),
  };
}

type Fields = Record<string, unknown>;

/** The bundle of the decisions below. */
export const BUNDLE = { digest: 'ab'.repeat(32), revision: 'r1', sequence: 1 };

/** Writes the lines of a log by hand, so that each can be wrong in any way. */
export class HandLog {
  readonly lines: Buffer[] = [];
  log = LOG_ID;
  private readonly signer: Signer;
  private time = NOW.getTime();

  constructor(signer: Signer) {
    this.signer = signer;
  }

  /** The JSON of the next record. */
  json(type: string, fields: Fields, common: Fields = {}): string {
    this.time += 1000;
    const last = this.lines.at(-1);
    const seq = this.lines.length;
    const record = { v: 1, type, log: this.log, seq, prev: last ? sha256(last) : NO_LINE };
    return JSON.stringify({ ...record, time: new Date(this.time).toISOString(), id: uuid(seq), ...common, ...fields });
  }

  add(type: string, fields: Fields, common: Fields = {}): this {
    this.lines.push(signLine(this.json(type, fields, common), this.signer));
    return this;
  }

  opened(opened: 'new' | 'continued' = 'new', certificate: Certificate = this.signer.certificate): this {
    const software = { name: 'verdict', version: '0.1.0', node: '24.0.0' };
    const certificates = [certificate, ...this.signer.chain].map(({ der }) => Buffer.from(der).toString('base64'));
    return this.add('log_opened', { opened, software, signer: certificate.sha256, certificates });
  }

  activated(bundle: Fields = BUNDLE): this {
    return this.add('bundle_activated', { bundle, previous: null, rollback: false });
  }

  decision(changes: Fields = {}, input: Fields = decisionInput()): this {
    return this.add('decision', decisionFields(changes, input));
  }

  outcome(of: number, changes: Fields = {}): this {
    return this.add('outcome', { ...outcomeFields(uuid(of)), ...changes });
  }

  closed(): this {
    return this.add('log_closed', { reason: 'stopped' });
  }

  bytes(): Buffer {
    return joined(this.lines);
  }
}

export function signLine(json: string, signer: Signer): Buffer {
  const digest = createHash('sha256').update(json).digest();
  const cms = new CmsSigner(signer, OID_AUDIT_RECORD).sign(digest);
  return Buffer.from(`${json}\t${Buffer.from(cms).toString('base64')}`);
}

export const joined = (lines: Buffer[]): Buffer => Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));

export function decisionInput(): Fields {
  const body = { model: 'gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }] };
  return {
    v: 1,
    phase: 'request',
    time: NOW.toISOString(),
    route: { id: 'support', mode: 'enforce' },
    subject: { id: 'app-1' },
    app: { id: 'support-bot' },
    call: { model: 'gpt-5-mini' },
    body,
  };
}

export function decisionFields(changes: Fields = {}, input: Fields = decisionInput()): Fields {
  const evaluated = JSON.stringify(input);
  return {
    phase: 'request',
    mode: 'enforce',
    route: 'support',
    subject: { id: 'app-1' },
    app: 'support-bot',
    entrypoint: 'verdict/request',
    engine: 'opa-wasm/1.10.0',
    bundle: BUNDLE,
    result: { effect: 'allow', obligations: [], reasons: [] },
    effect_enforced: 'forward',
    body_sha256: input.body === undefined ? null : sha256(JSON.stringify(input.body)),
    body_bytes: 200,
    latency_us: 700,
    input_form: 'full',
    input_sha256: sha256(evaluated),
    ...changes,
    input,
  };
}

function outcomeFields(decision: string): Fields {
  return {
    decision,
    status: 200,
    upstream_status: 200,
    upstream_request_id: 'req_1',
    response_sha256: sha256('{}'),
    response_bytes: 2,
    ended: 'complete',
    fault: null,
    usage: { input_tokens: 3, output_tokens: 5 },
    finish: ['stop'],
    tool_calls: [],
    provider_tools: [],
    not_inspected: ['response_text', 'tool_calls'],
    duration_us: 90000,
  };
}

/** Segments in memory, by name; read in chunks of some size. */
export function source(segments: Record<string, Buffer>, chunk = 1 << 20): LogSource {
  return {
    segments: Object.entries(segments).map(([name, bytes]) => ({
      name,
      size: bytes.length,
      async *chunks() {
        for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
      },
    })),
  };
}

export const FIRST = '0000000000000000.log';
export const segmentName = (seq: number): string => `${String(seq).padStart(16, '0')}.log`;
