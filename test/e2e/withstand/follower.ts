import { createHash } from 'node:crypto';
import { appendFileSync, closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { Certificate, OID_AUDIT_RECORD, verifyCms } from '../../../src/pki/index.ts';

/** What a decision record says of one call. */
export interface Decided {
  id: string;
  forward: boolean;
  route: string | null;
  method: string;
  path: string;
  query: string;
  bodySha256: string | null;
}

/** Bytes after the last LF. */
export interface Torn {
  segment: string;
  offset: number;
  length: number;
  sha256: string;
}

const CHUNK = 4 * 1024 * 1024;
const NO_LINE = '0'.repeat(64);

/**
 * Reads a log as it grows, each line once: sequence, chain and signature of each, by code of its own, so that a log may be
 * checked after every one of many crashes. What `verdict verify` says is asked for besides.
 */
export class Follower {
  /** Records read so far; also the sequence number that must come next. */
  records = 0;
  readonly decisions = new Map<string, Decided>();
  /** `recovered` records, in order. */
  readonly recovered: Torn[] = [];
  /** Told of each decision once. */
  onDecision: (decided: Decided) => void = () => {};
  /** How often the log was opened. */
  opened = 0;
  private readonly folder: string;
  /** The last line that was read. */
  lastLine: Buffer = Buffer.alloc(0);
  private prev = NO_LINE;
  private segment = '';
  private offset = 0;
  private signer: Certificate | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Reads what is new. Returns the torn tail, if there is one; throws at the first line that does not continue the log.
   */
  read(): Torn | undefined {
    const names = readdirSync(this.folder).filter((name) => name.endsWith('.log'));
    let torn: Torn | undefined;
    for (const name of names.sort().filter((name) => name >= this.segment)) {
      if (torn) throw new Error(`${torn.segment}: expected a torn line in the last segment only`);
      if (name !== this.segment) this.enter(name);
      torn = this.readSegment(name);
    }
    return torn;
  }

  /** Leaves what an interrupted write leaves: the beginning of a line, that of the last one here, after the last LF. */
  tear(bytes: number): void {
    appendFileSync(join(this.folder, this.segment), this.lastLine.subarray(0, bytes));
  }

  private enter(name: string): void {
    if (Number(name.slice(0, 16)) !== this.records) throw new Error(`expected segment ${this.records}, got ${name}`);
    this.segment = name;
    this.offset = 0;
  }

  private readSegment(name: string): Torn | undefined {
    const fd = openSync(join(this.folder, name), 'r');
    try {
      let rest: Buffer = Buffer.alloc(0);
      for (;;) {
        const chunk = Buffer.allocUnsafe(CHUNK);
        const read = readSync(fd, chunk, 0, CHUNK, this.offset + rest.length);
        if (read === 0) break;
        rest = this.readLines(Buffer.concat([rest, chunk.subarray(0, read)]));
      }
      if (rest.length === 0) return undefined;
      return { segment: name, offset: this.offset, length: rest.length, sha256: sha256(rest) };
    } finally {
      closeSync(fd);
    }
  }

  /** Takes the whole lines and returns what follows them. */
  private readLines(bytes: Buffer): Buffer {
    let start = 0;
    for (let lf = bytes.indexOf(0x0a); lf >= 0; lf = bytes.indexOf(0x0a, start)) {
      this.take(bytes.subarray(start, lf));
      this.offset += lf + 1 - start;
      start = lf + 1;
    }
    return bytes.subarray(start);
  }

  private take(line: Buffer): void {
    const tab = line.indexOf(0x09);
    const json = line.subarray(0, tab);
    const record = JSON.parse(json.toString('utf8'));
    const where = `${this.segment}, record ${record.seq}`;
    if (record.seq !== this.records) throw new Error(`${where}: expected record ${this.records}`);
    if (record.prev !== this.prev) throw new Error(`${where}: expected prev to be the digest of the line before`);
    if (record.type === 'log_opened') this.signer = Certificate.fromDer(Buffer.from(record.certificates[0], 'base64'));
    if (!this.signer) throw new Error(`${where}: expected log_opened first`);
    const cms = Buffer.from(line.toString('latin1', tab + 1), 'base64');
    const digest = createHash('sha256').update(json).digest();
    verifyCms(cms, digest, { contentType: OID_AUDIT_RECORD, certificates: [this.signer] });
    this.prev = sha256(line);
    this.lastLine = Buffer.from(line);
    this.records++;
    this.note(record);
  }

  // biome-ignore lint/suspicious/noExplicitAny: a record is of many shapes
  private note(record: any): void {
    if (record.type === 'log_opened') this.opened++;
    if (record.type === 'recovered') {
      const { segment, offset, length, sha256 } = record;
      this.recovered.push({ segment, offset, length, sha256 });
    }
    if (record.type !== 'decision') return;
    if (this.decisions.has(record.id)) throw new Error(`record ${record.seq}: expected a decision id only once`);
    const { id, route, effect_enforced, body_sha256: bodySha256, input } = record;
    const decided = { id, forward: effect_enforced === 'forward', route, ...input.http, bodySha256 };
    this.decisions.set(id, decided);
    this.onDecision(decided);
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
