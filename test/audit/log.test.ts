import { createHash, randomUUIDv7 } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  AuditError,
  CommittedAllow,
  CommittedRefusal,
  isCommittedAllow,
  type OutcomeDraft,
} from '../../src/audit/index.ts';
import { Certificate, createDevelopmentPki, openSigner } from '../../src/pki/index.ts';
import {
  allow,
  anchors,
  codeOf,
  contiguous,
  freshFolder,
  inputHead,
  openLog,
  pki,
  refusal,
  segmentsOf,
  signer,
  verifyFolder,
} from './support.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const OUTCOME: OutcomeDraft = {
  status: 200,
  upstream_status: 200,
  upstream_request_id: 'req_1',
  response_sha256: 'cd'.repeat(32),
  response_bytes: 12,
  ended: 'complete',
  fault: null,
  usage: { input_tokens: 3, output_tokens: 4 },
  finish: ['stop'],
  tool_calls: [],
  provider_tools: [],
  not_inspected: ['response_text', 'tool_calls'],
  duration_us: 4321,
};

test('a call leaves two linked records that verify', async () => {
  const folder = freshFolder();
  const log = await openLog(folder);
  await log.event({ type: 'config_activated', config_sha256: 'ef'.repeat(32) });
  const draft = allow();
  const { id, input } = draft;
  const inputBytes = Buffer.from(input);
  const committed = await log.commit(draft);
  expect(committed).toMatchObject({ id, seq: 3 });
  await log.outcome(committed, OUTCOME);
  await log.close('stopped');

  const lines = contiguous(folder);
  expect(lines.map(({ record }) => record.type)).toEqual([
    'log_opened',
    'bundle_activated',
    'config_activated',
    'decision',
    'outcome',
    'log_closed',
  ]);
  const [opened, , , decision, outcome, closed] = lines.map(({ record }) => record);
  expect(opened).toMatchObject({
    opened: 'new',
    signer: signer.certificate.sha256,
    software: { name: 'verdict', node: process.versions.node },
  });
  const text = lines[3]?.json.toString() ?? '';
  expect(text.endsWith(`,"input":${inputBytes}}`)).toBe(true);
  expect(decision).toMatchObject({
    id,
    mode: 'enforce',
    effect_enforced: 'forward',
    input_form: 'full',
    body_bytes: 200,
    input_sha256: sha256(inputBytes),
    body_sha256: sha256(Buffer.from(JSON.stringify('x'.repeat(198)))),
  });
  expect(outcome).toMatchObject({ decision: id, ...OUTCOME });
  expect(closed.reason).toBe('stopped');
  expect(await verifyFolder(folder)).toMatchObject({ outcome: 'signed', records: 6, closed: true, unfinished: 0 });
});

test('only the log makes a CommittedAllow, and only for a forward', async () => {
  const log = await openLog(freshFolder());
  const allowed = await log.commit(allow());
  const refused = await log.commit(refusal());
  expect([isCommittedAllow(allowed), allowed instanceof CommittedAllow]).toEqual([true, true]);
  expect([isCommittedAllow(refused), refused instanceof CommittedAllow]).toEqual([false, false]);
  expect(refused).toBeInstanceOf(CommittedRefusal);
  const fake = Object.assign(Object.create(CommittedAllow.prototype), { id: allowed.id, seq: 1 });
  expect([isCommittedAllow(fake), fake instanceof CommittedAllow]).toEqual([false, false]);
  expect([isCommittedAllow({ ...allowed }), isCommittedAllow(null), isCommittedAllow(undefined)]).toEqual([
    false,
    false,
    false,
  ]);
  // @ts-expect-error the constructor is private
  expect(() => new CommittedAllow(Symbol(), 'x', 1)).toThrow(TypeError);
  await log.close('stopped');
});

test.each([
  [
    'a body of its own',
    { body: Buffer.from('{"a":1}') },
    { body_sha256: sha256(Buffer.from('{"a":1}')), body_bytes: 7 },
  ],
  ['a known digest', { body_sha256: 'ab'.repeat(32), body_bytes: 9 }, { body_sha256: 'ab'.repeat(32), body_bytes: 9 }],
  ['no body', { body_sha256: null, body_bytes: 0 }, { body_sha256: null, body_bytes: 0 }],
])('the body digest of %s', async (_name, body, expected) => {
  const folder = freshFolder();
  const log = await openLog(folder);
  const { body_in_input: _, ...rest } = allow() as ReturnType<typeof allow> & { body_in_input: object };
  await log.commit({ ...rest, ...body, input: Buffer.from(`${inputHead()}}`) });
  await log.close('stopped');
  expect(contiguous(folder)[2]?.record).toMatchObject(expected);
  expect((await verifyFolder(folder)).outcome).toBe('signed');
});

test('a digest form is stored in place of the evaluated input, whose digest stays', async () => {
  const folder = freshFolder();
  const log = await openLog(folder);
  const draft = allow();
  const evaluated = sha256(draft.input);
  await log.commit({ ...draft, input_digest: Buffer.from(`${inputHead()}}`) });
  await log.close('stopped');
  const { record } = contiguous(folder)[2] ?? {};
  expect(record).toMatchObject({ input_form: 'digest', input_sha256: evaluated, input: { v: 1, phase: 'request' } });
  expect((await verifyFolder(folder)).outcome).toBe('signed');
});

test.each([0, 10, 4095, 4096, 16_384, 16_385, 100_000, 3_000_000])(
  'inputs of all sizes: %d bytes of body, many at once',
  async (bytes) => {
    const folder = freshFolder();
    const log = await openLog(folder);
    const drafts = Array.from({ length: 7 }, () => allow(bytes));
    const digests = drafts.map(({ input }) => sha256(input));
    await Promise.all(drafts.map((draft) => log.commit(draft)));
    await log.close('stopped');
    expect(
      contiguous(folder)
        .slice(2, -1)
        .map(({ record }) => record.input_sha256),
    ).toEqual(digests);
    expect((await verifyFolder(folder)).outcome).toBe('signed');
  },
);

test('text beyond ASCII is recorded as it is', async () => {
  const folder = freshFolder();
  const log = await openLog(folder);
  const subject = { id: 'Zoë 🚀', note: 'a\tb\nc\\ud83d', lone: '\ud83d' };
  const head = Buffer.from(`${inputHead({ ...subject, lone: '\ufffd' }, 'süp')},"body":`);
  const input = Buffer.concat([head, Buffer.from('"héllo 🚀"}')]);
  const body_in_input = { start: head.length, end: input.length - 1 };
  const draft = { ...allow(), subject, route: 'süp', input, body_in_input };
  await log.commit(draft);
  await log.close('stopped');
  expect(contiguous(folder)[2]?.record).toMatchObject({
    subject: { ...subject, lone: '\ufffd' },
    input: { body: 'héllo 🚀' },
  });
  expect((await verifyFolder(folder)).outcome).toBe('signed');
});

test('segments end at their size, and the log goes on in the next', async () => {
  const folder = freshFolder();
  const log = await openLog(folder, { segmentBytes: 20_000 });
  for (let i = 0; i < 6; i++) await Promise.all(Array.from({ length: 8 }, () => log.commit(allow(1000))));
  await log.close('stopped');
  const segments = segmentsOf(folder);
  expect(segments.length).toBeGreaterThan(2);
  const lines = contiguous(folder);
  for (const name of segments)
    expect(lines.find(({ segment }) => segment === name)?.record.seq).toBe(Number(name.slice(0, 16)));
  expect(await verifyFolder(folder)).toMatchObject({ outcome: 'signed', segments: segments.length });
  // One record more than its size at most, and no less.
  const sizes = segments.map((name) => statSync(join(folder, name)).size);
  for (const size of sizes) expect(size).toBeLessThan(20_000 + 4000);
  for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThanOrEqual(20_000);
});

test('files are for their owner only', async () => {
  const folder = freshFolder();
  const log = await openLog(folder);
  await log.close('stopped');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const name of ['0000000000000000.log', 'lock']) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
});

test('a draft that would not make a valid record is refused, and takes no number', async () => {
  const folder = freshFolder();
  const log = await openLog(folder);
  const good = [log.commit(allow())];
  const bad = [
    log.commit({ ...allow(), input: Buffer.from('{\n}'), body_in_input: { start: 0, end: 0 } }),
    log.commit({ ...allow(), input: Buffer.from('{\t}'), body_in_input: { start: 0, end: 0 } }),
    log.commit({ ...allow(), input: Buffer.from('{\r}'), body_in_input: { start: 0, end: 0 } }),
    log.commit({ ...allow(), input: new Uint8Array(0) }),
    log.commit({ ...allow(), body_in_input: { start: 5, end: 1_000_000 } }),
    log.commit({ ...allow(), result: '{"effect":"deny","obligations":[],"reasons":[]}' }),
    log.commit({ ...allow(), result: '{"effect":"allow",\n"obligations":[],"reasons":[]}' }),
    log.commit({ ...allow(), result: '{"effect":"allow"' }),
    log.commit({ ...allow(), result: '{"effect":"allow","x":"\ud800"}' }),
    log.commit({ ...allow(), latency_us: 1.5 }),
    log.commit({ ...allow(), latency_us: -1 }),
    log.commit({ ...allow(), subject: { id: 'x'.repeat(300_000) } }),
  ];
  good.push(log.commit(allow()));
  expect(await Promise.all(bad.map(codeOf))).toEqual(bad.map(() => 'AUDIT_RECORD'));
  expect((await Promise.all(good)).map(({ seq }) => seq)).toEqual([2, 3]);
  expect(log.writable).toBe(true);
  await log.close('stopped');
  contiguous(folder);
});

test('a record that no reader would take is refused', async () => {
  const log = await openLog(freshFolder());
  const huge = { ...allow(), input: new Uint8Array(64 * 1024 * 1024), body_in_input: { start: 0, end: 0 } };
  await expect(log.commit(huge)).rejects.toThrow(/expected an input of at most [0-9]+ bytes, got 67108864/);
  await log.commit(allow());
  await log.close('stopped');
});

test('an input that is handed over twice is refused', async () => {
  const log = await openLog(freshFolder());
  const draft = allow(10_000);
  await log.commit(draft);
  expect(await codeOf(log.commit({ ...draft, id: randomUUIDv7() }))).toBe('AUDIT_RECORD');
  await log.close('stopped');
});

test('beyond what may wait, decisions are refused; outcomes have room longer', async () => {
  const log = await openLog(freshFolder(), { waiting: { records: 4, bytes: 1_000_000 } });
  const first = await log.commit(allow());
  const decisions = Array.from({ length: 6 }, () => codeOf(log.commit(allow())));
  const outcomes = Array.from({ length: 6 }, () => codeOf(log.outcome(first, OUTCOME)));
  expect(await Promise.all(decisions)).toEqual([
    'none',
    'none',
    'none',
    'none',
    'AUDIT_OVERLOADED',
    'AUDIT_OVERLOADED',
  ]);
  expect(await Promise.all(outcomes)).toEqual(['none', 'none', 'none', 'none', 'AUDIT_OVERLOADED', 'AUDIT_OVERLOADED']);
  const large = [allow(600_000), allow(600_000), allow(600_000)].map((draft) => codeOf(log.commit(draft)));
  expect(await Promise.all(large)).toEqual(['none', 'none', 'AUDIT_OVERLOADED']);
  expect(await codeOf(log.commit(allow()))).toBe('none');
  await log.close('stopped');
});

test('close writes what waits, then nothing more', async () => {
  const folder = freshFolder();
  const log = await openLog(folder);
  const waiting = Array.from({ length: 20 }, () => log.commit(allow()));
  const closing = log.close('stopped');
  expect(log.close('again')).toBe(closing);
  expect(await codeOf(log.commit(allow()))).toBe('AUDIT_CLOSED');
  await Promise.all([...waiting, closing]);
  expect(log.writable).toBe(false);
  expect(contiguous(folder)).toHaveLength(23);
});

test('another key takes over with key_rotated', async () => {
  const folder = freshFolder();
  const other = createDevelopmentPki({ now: new Date(Date.now() - 60_000), days: 30 });
  const trusted = [...anchors, ...Certificate.fromPem(other.root.certificatePem)];
  const log = await openLog(folder, { anchors: trusted });
  // A key that may not sign a log do not speak for takes over nothing.
  await expect(log.rotate(openSigner(pki.bundle))).rejects.toMatchObject({ code: 'AUDIT_SIGNER' });
  await log.commit(allow());
  const next = openSigner(other.audit);
  await Promise.all([log.commit(allow()), log.rotate(next), log.commit(allow())]);
  await log.close('stopped');
  const report = await verifyFolder(folder, trusted);
  expect(report).toMatchObject({ outcome: 'signed', records: 7 });
  expect(report.signers.map(({ sha256 }) => sha256)).toEqual([signer.certificate.sha256, next.certificate.sha256]);
  expect(contiguous(folder).filter(({ record }) => record.type === 'key_rotated')).toHaveLength(1);
  // The log goes on with the first key: log_opened says so.
  await (await openLog(folder)).close('stopped');
  expect((await verifyFolder(folder, trusted)).outcome).toBe('signed');
});

const opened = (more: object) => codeOf(openLog(freshFolder(), more).then((log) => log.close('stopped')));

test('a key that cannot sign the log is refused at the start', async () => {
  const later = new Date(Date.now() + 40 * 24 * 3600 * 1000);
  expect(await opened({ now: () => later })).toBe('AUDIT_SIGNER');
  expect(await opened({ now: () => new Date(0) })).toBe('AUDIT_SIGNER');
  expect(await opened({ signer: openSigner(pki.bundle) })).toBe('AUDIT_SIGNER');
  expect(await opened({ anchors: [] })).toBe('AUDIT_SIGNER');
  expect(await opened({ revoked: new Set([signer.certificate.sha256]) })).toBe('AUDIT_SIGNER');
  expect(await opened({ anchors })).toBe('none');
});

test('once the certificate has expired nothing is committed, and what there is verifies', async () => {
  const folder = freshFolder();
  let now = new Date();
  const log = await openLog(folder, { now: () => now });
  await log.commit(allow());
  now = new Date(signer.certificate.notAfter.getTime() + 1);
  expect(log.writable).toBe(false);
  await expect(log.commit(allow())).rejects.toThrow(/^the audit signing certificate is valid from .* to /);
  await expect(log.commit(allow())).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  now = new Date();
  await log.commit(allow());
  now = new Date(signer.certificate.notAfter.getTime() + 1);
  await expect(log.close('stopped')).rejects.toThrow(/^log_closed could not be written: the audit signing certificate/);
  expect(await verifyFolder(folder)).toMatchObject({ outcome: 'signed', records: 4, closed: false });
});

test('errors say their code', () => {
  expect(new AuditError('AUDIT_LOCKED', 'why')).toMatchObject({
    name: 'AuditError',
    code: 'AUDIT_LOCKED',
    message: 'why',
  });
});
