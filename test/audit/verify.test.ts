import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Report, Signers, type VerifyOptions, verify } from '../../src/audit/index.ts';
import type { Certificate, Signer } from '../../src/pki/index.ts';
import {
  decisionInput,
  FIRST,
  HandLog,
  joined,
  NOW,
  segmentName,
  sha256,
  source,
  testPki,
  uuid,
} from './signed-log.ts';

let anchors: Certificate[];
let signers: Signers;
let audit: Signer;
let bundle: Signer;
let small: Buffer[];
const BEFORE = new Date(NOW.getTime() - 3600_000);
const AFTER = new Date(NOW.getTime() + 3600_000);

beforeAll(() => {
  ({ anchors, audit, bundle } = testPki(BEFORE));
  signers = new Signers(anchors);
  small = smallLog(audit).lines;
});

const smallLog = (signer: Signer): HandLog => {
  const refused = { effect: 'deny', obligations: [], reasons: [{ code: 'MODEL_NOT_ALLOWED', message: 'no' }] };
  return new HandLog(signer)
    .opened()
    .activated()
    .decision()
    .outcome(2)
    .decision({ result: refused, effect_enforced: 'refuse' })
    .decision()
    .outcome(5)
    .closed();
};

const run = (bytes: Buffer | Record<string, Buffer>, options: Partial<VerifyOptions> = {}): Promise<Report> =>
  verify(source(Buffer.isBuffer(bytes) ? { [FIRST]: bytes } : bytes), { anchors, time: AFTER, ...options });

/** Where and why, in short. */
const place = ({ outcome, finding }: Report): unknown[] => [outcome, finding?.code, finding?.line, finding?.seq];

describe('a good log', () => {
  test('is signed, and what was found is counted', async () => {
    const report = await run(joined(small));
    expect(report).toMatchObject({
      outcome: 'signed',
      records: 8,
      decisions: { total: 3, forwarded: 2, refused: 1, allow: 2, deny: 1, escalate: 0 },
      outcomes: 2,
      unfinished: 0,
      closed: true,
      clockBackMs: 0,
      head: { seq: 7, digest: sha256(small[7] ?? '') },
      finding: null,
      tail: null,
    });
    expect(report.signers).toMatchObject([{ sha256: audit.certificate.sha256, records: 8 }]);
  });

  test('is the same whatever the chunks it comes in', async () => {
    const whole = await run(joined(small));
    for (const chunk of [1, 7, 500, 1000]) {
      expect(await verify(source({ [FIRST]: joined(small) }, chunk), { anchors, time: AFTER })).toEqual(whole);
    }
  });

  test('may lie in several segments, given in any order', async () => {
    const segments = {
      [segmentName(5)]: joined(small.slice(5)),
      [FIRST]: joined(small.slice(0, 2)),
      [segmentName(2)]: joined(small.slice(2, 5)),
    };
    expect(await run(segments)).toMatchObject({ outcome: 'signed', records: 8, segments: 3 });
    expect(await run({ ...segments, [segmentName(8)]: Buffer.alloc(0) })).toMatchObject({
      outcome: 'signed',
      segments: 4,
    });
  });

  test('hands its records on, in order', async () => {
    const seen: string[] = [];
    await run(joined(small), { onRecord: ({ seq, type }) => void seen.push(`${seq} ${type}`) });
    expect(seen).toEqual([
      '0 log_opened',
      '1 bundle_activated',
      '2 decision',
      '3 outcome',
      '4 decision',
      '5 decision',
      '6 outcome',
      '7 log_closed',
    ]);
  });

  test('that is empty shows nothing', async () => {
    expect(await run({})).toMatchObject({ outcome: 'empty', records: 0, head: null });
    expect(await run(Buffer.alloc(0))).toMatchObject({ outcome: 'empty', records: 0 });
  });

  test('that was opened again goes on with another key', async () => {
    const other = testPki(BEFORE);
    const log = smallLog(audit);
    const next = new HandLog(other.audit);
    next.lines.push(...log.lines);
    const lines = next.opened('continued').decision().lines;
    const report = await run(joined(lines), { anchors: [...anchors, ...other.anchors] });
    expect(report).toMatchObject({ outcome: 'signed', records: 10, unfinished: 1, closed: false });
    expect(report.signers.map(({ records }) => records)).toEqual([8, 2]);
    expect(place(await run(joined(lines)))).toEqual(['tampered', 'SIGNER_UNTRUSTED', 9, 8]);
  });

  test('may step back in time, which is reported', async () => {
    const log = new HandLog(audit).opened().activated().decision();
    log.add('log_closed', { reason: 'stopped' }, { time: new Date(NOW.getTime() - 500).toISOString() });
    expect(await run(log.bytes())).toMatchObject({ outcome: 'signed', clockBackMs: 3500 });
  });
});

describe('every change is found, at its line', () => {
  test('one byte, whichever and however', async () => {
    const bytes = new HandLog(audit).opened().activated().decision().outcome(2).closed().bytes();
    const missed: string[] = [];
    let line = 1;
    for (let at = 0; at < bytes.length; at++) {
      for (const mask of at % 16 === 0 ? [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80] : [1 << (at % 8)]) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ mask;
        const { outcome, finding } = await run(changed, { anchors: signers });
        if (outcome !== 'tampered' || finding?.line !== line || finding.seq !== line - 1) {
          missed.push(`byte ${at} of line ${line} ^ ${mask}: ${outcome} ${JSON.stringify(finding)}`);
        }
      }
      if (bytes[at] === 0x0a) line++;
    }
    expect(missed).toEqual([]);
  });

  test('every truncation: a torn tail within a line, a shorter log between two', async () => {
    const bytes = new HandLog(audit).opened().activated().decision().outcome(2).closed().bytes();
    const missed: string[] = [];
    let lines = 0;
    for (let length = 0; length < bytes.length; length++) {
      if (length > 0 && bytes[length - 1] === 0x0a) lines++;
      const between = length === 0 || bytes[length - 1] === 0x0a;
      const report = await run(bytes.subarray(0, length), { anchors: signers });
      const expected = length === 0 ? 'empty' : between ? 'signed' : 'torn_tail';
      if (report.outcome !== expected || report.records !== lines || report.closed)
        missed.push(`${length}: ${report.outcome}`);
      if (!between && report.tail?.length !== length - (bytes.lastIndexOf(0x0a, length - 1) + 1))
        missed.push(`${length}: tail`);
    }
    expect(missed).toEqual([]);
  });

  test('a cut between two lines, by a head that was kept: nothing in the log itself shows it', async () => {
    const head = { seq: 7, digest: sha256(small[7] ?? '') };
    for (let lines = 0; lines < small.length; lines++) {
      const cut = { [FIRST]: joined(small.slice(0, lines)) };
      expect(place(await run(cut, { heads: [head] }))).toEqual(['rolled_back', 'HEAD_MISSING', null, 7]);
    }
    const torn = joined(small).subarray(0, -10);
    expect(place(await run(torn, { heads: [head] }))).toEqual(['rolled_back', 'HEAD_MISSING', null, 7]);
  });

  test('a line deleted, doubled, or swapped with the next', async () => {
    for (let i = 0; i < small.length; i++) {
      const without = small.toSpliced(i, 1);
      const code = i === 0 ? 'LOG_STATE' : 'SEQUENCE';
      // The last line leaves no gap.
      if (i < small.length - 1) expect(place(await run(joined(without)))).toEqual(['tampered', code, i + 1, i]);
      const doubled = small.toSpliced(i, 0, small[i] ?? Buffer.of());
      expect(place(await run(joined(doubled)))).toEqual(['tampered', 'SEQUENCE', i + 2, i + 1]);
      if (i === small.length - 1) continue;
      const swapped = small.toSpliced(i, 2, small[i + 1] ?? Buffer.of(), small[i] ?? Buffer.of());
      expect(place(await run(joined(swapped)))).toEqual(['tampered', code, i + 1, i]);
    }
  });

  test('lines of another log of the same signer', async () => {
    const other = new HandLog(audit);
    other.log = uuid(99);
    other.opened().activated().decision().outcome(2).decision();
    const spliced = [...small.slice(0, 3), ...other.lines.slice(3)];
    expect(place(await run(joined(spliced)))).toEqual(['tampered', 'LOG_ID', 4, 3]);
  });

  test('lines of another history of the same log', async () => {
    const other = new HandLog(audit).opened().activated().decision({ latency_us: 1 }).outcome(2).decision();
    expect(place(await run(joined([...small.slice(0, 3), ...other.lines.slice(3)])))).toEqual([
      'tampered',
      'CHAIN',
      4,
      3,
    ]);
  });

  test('a second successor of one line is a fork', async () => {
    const other = new HandLog(audit);
    other.lines.push(...small.slice(0, 3));
    other.decision({ latency_us: 1 });
    expect(place(await run(joined([...small.slice(0, 4), ...other.lines.slice(3)])))).toEqual(['forked', 'FORK', 5, 4]);
  });

  test('a head that the log contradicts is a fork', async () => {
    expect(place(await run(joined(small), { heads: [{ seq: 3, digest: 'ab'.repeat(32) }] }))).toEqual([
      'forked',
      'HEAD_DIFFERS',
      4,
      3,
    ]);
    expect(await run(joined(small), { heads: [{ seq: 3, digest: sha256(small[3] ?? '') }] })).toMatchObject({
      outcome: 'signed',
    });
  });

  test('segments removed, renamed, swapped, joined or with a stranger among them', async () => {
    const [a, b, c] = [joined(small.slice(0, 2)), joined(small.slice(2, 5)), joined(small.slice(5))];
    const [two, five] = [segmentName(2), segmentName(5)];
    const expected = async (segments: Record<string, Buffer>, code: string, segment: string): Promise<void> => {
      expect((await run(segments)).finding).toMatchObject({ code, segment });
    };
    await expected({ [FIRST]: a, [five]: c }, 'SEGMENT_NAME', five);
    await expected({ [two]: b, [five]: c }, 'SEGMENT_NAME', two);
    await expected({ [FIRST]: a, [segmentName(3)]: b, [five]: c }, 'SEGMENT_NAME', segmentName(3));
    await expected({ [FIRST]: a, [two]: c, [five]: b }, 'SEQUENCE', two);
    await expected({ [FIRST]: joined(small.slice(0, 5)), [two]: b, [five]: c }, 'SEGMENT_NAME', two);
    await expected({ [FIRST]: a, [two]: b, [five]: c, 'copy.log': b }, 'SEGMENT_NAME', 'copy.log');
    await expected({ [FIRST]: a.subarray(0, -1), [two]: b, [five]: c }, 'LINE_GRAMMAR', FIRST);
    await expected({ [FIRST]: a, [two]: Buffer.alloc(0), [five]: c }, 'SEGMENT_NAME', five);
  });
});

describe('who signed', () => {
  test('another certificate of the same authority than the one in force', async () => {
    const log = new HandLog(audit).opened();
    const other = new HandLog(bundle);
    other.lines.push(...log.lines);
    expect(place(await run(other.decision().bytes()))).toEqual(['tampered', 'SIGNATURE', 2, 1]);
  });

  test('a certificate for signing bundles', async () => {
    const report = await run(smallLog(bundle).bytes());
    expect(place(report)).toEqual(['untrusted', 'SIGNER_UNTRUSTED', 1, 0]);
    expect(report.finding?.why).toContain('PKI_PATH_PURPOSE');
  });

  test('an authority that nobody trusts', async () => {
    expect(place(await run(smallLog(testPki(BEFORE).audit).bytes()))).toEqual(['untrusted', 'SIGNER_UNTRUSTED', 1, 0]);
    expect(place(await run(joined(small), { anchors: [] }))).toEqual(['untrusted', 'SIGNER_UNTRUSTED', 1, 0]);
  });

  test('a revoked certificate', async () => {
    const report = await run(joined(small), { revoked: new Set([audit.certificate.sha256]) });
    expect(place(report)).toEqual(['untrusted', 'SIGNER_UNTRUSTED', 1, 0]);
  });

  test('a certificate that had expired, or was not valid yet, at the time of the record', async () => {
    const old = testPki(new Date(NOW.getTime() - 10 * 86400_000), 1);
    expect(place(await run(smallLog(old.audit).bytes(), { anchors: old.anchors }))).toEqual([
      'untrusted',
      'SIGNER_UNTRUSTED',
      1,
      0,
    ]);
    const log = new HandLog(audit).opened();
    log.add('log_closed', { reason: 'x' }, { time: '2031-01-01T00:00:00.000Z' });
    expect(place(await run(log.bytes(), { time: new Date('2040-01-01') }))).toEqual([
      'tampered',
      'SIGNER_WINDOW',
      2,
      1,
    ]);
    const early = new HandLog(audit).opened();
    early.add('log_closed', { reason: 'x' }, { time: '2020-01-01T00:00:00.000Z' });
    expect(place(await run(early.bytes()))).toEqual(['tampered', 'SIGNER_WINDOW', 2, 1]);
  });

  test('stays verifiable after its certificate has expired', async () => {
    expect(await run(joined(small), { time: new Date('2040-01-01') })).toMatchObject({ outcome: 'signed' });
  });

  test('a record from the future', async () => {
    expect(place(await run(joined(small), { time: BEFORE }))).toEqual(['tampered', 'TIME_FUTURE', 1, 0]);
  });

  test('a log_opened that carries another certificate than it names', async () => {
    const log = new HandLog(audit);
    const certificates = [Buffer.from(audit.certificate.der).toString('base64')];
    const software = { name: 'verdict', version: '0', node: '24' };
    log.add('log_opened', { opened: 'new', software, signer: bundle.certificate.sha256, certificates });
    expect(place(await run(log.bytes()))).toEqual(['tampered', 'SIGNER_CERTIFICATE', 1, 0]);
  });
});

describe('with threads', () => {
  test('the same report, whether the log is good or bad', async () => {
    const log = new HandLog(audit).opened().activated();
    const app = 'x'.repeat(500);
    for (let i = 0; i < 1500; i++) log.decision({ app }, { ...decisionInput(), app: { id: app } });
    const good = await run(log.bytes(), { threads: 2 });
    expect(good).toMatchObject({ outcome: 'signed', records: 1502 });
    expect(await run(log.bytes())).toEqual(good);
    const bad = log.bytes();
    bad[bad.length - 500_000] = (bad[bad.length - 500_000] ?? 0) ^ 1;
    const report = await run(bad, { threads: 2 });
    expect(report).toMatchObject({ outcome: 'tampered' });
    expect(await run(bad)).toEqual(report);
  });
});
