import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { register } from '../../src/cli/verify.ts';
import { decisionInput, FIRST, HandLog, joined, LOG_ID, segmentName, sha256, testPki } from '../audit/signed-log.ts';
import { AFTER, BEFORE, openedLog, pki } from '../replay/recorded.ts';
import { CA, folderOf, logFolder, type Ran, run, shell } from './reading.ts';

const AT = AFTER.toISOString();
const verify = (...args: string[]): Promise<Ran> => run(register, ['verify', '--ca', CA, '--at', AT, ...args]);
const good = openedLog().activated().decision().outcome(2).decision().closed();
const headOf = (log: HandLog, seq: number): string => `${seq}:${sha256(log.lines[seq] ?? '')}`;

describe('verdict verify', () => {
  test('says what a good log holds', async () => {
    const { code, lines } = await verify(logFolder(good));
    const text = lines.join('\n');
    expect(code).toBe(0);
    expect(lines[0]).toContain('SIGNED: every record is signed by a trusted signer and chained to the first');
    expect(text).toContain('records    6 in 1 segment');
    expect(text).toContain('calls      2: 2 forwarded, 0 refused');
    expect(text).toContain('outcomes   1; 1 forwarded call without one');
    expect(text).toContain('CN=Verdict development audit signer');
    expect(text).toContain(`head       ${headOf(good, 5)}`);
    expect(text).toContain('the log was closed in order');
  });

  test('says that an open log may lack its end, and that a kept head shows it', async () => {
    const cut = logFolder(joined(good.lines.slice(0, 4)));
    const { code, lines } = await verify(cut);
    expect(code).toBe(0);
    expect(lines.join('\n')).toContain('the log was not closed: only a head that was kept (--head) shows');
    const rolledBack = await verify(cut, '--head', headOf(good, 1), '--head', headOf(good, 5));
    expect(rolledBack.code).toBe(1);
    expect(rolledBack.lines[0]).toContain('ROLLED BACK');
    expect((await verify(cut, '--head', headOf(good, 2))).code).toBe(0);
  });

  test('names the first bad line and why', async () => {
    const bytes = good.bytes();
    const third = bytes.indexOf(Buffer.from('"status":200'));
    bytes[third + 9] = 0x34;
    const { code, lines } = await verify(logFolder(bytes));
    expect(code).toBe(1);
    expect(lines[0]).toContain('TAMPERED');
    expect(lines[1]).toContain(`first bad  segment ${FIRST}, line 4 (record 3)`);
    expect(lines[2]).toContain('SIGNATURE');
    expect(lines[3]).toContain('good up to record 2');
  });

  test('finds a torn tail, an empty log, a stranger and a future record', async () => {
    const torn = await verify(logFolder(good.bytes().subarray(0, -5)));
    expect([torn.code, torn.lines[0]]).toEqual([1, expect.stringContaining('TORN TAIL')]);
    const empty = await verify(folderOf({}));
    expect([empty.code, empty.lines[0]]).toEqual([1, expect.stringContaining('EMPTY')]);
    const strange = await verify(logFolder(new HandLog(testPki(BEFORE).audit).opened()));
    expect([strange.code, strange.lines[0]]).toEqual([1, expect.stringContaining('NOT TRUSTED')]);
    const early = await verify('--at', BEFORE.toISOString(), logFolder(good));
    expect([early.code, early.lines[2]]).toEqual([1, expect.stringContaining('TIME_FUTURE')]);
  });

  test('reads one segment alone as a log', async () => {
    expect((await verify(join(logFolder(good), FIRST))).code).toBe(0);
  });

  test('prints JSON that is stable', async () => {
    const folder = logFolder(good);
    const { code, lines } = await verify('--json', folder);
    expect(code).toBe(0);
    expect(lines).toHaveLength(1);
    const report = JSON.parse(lines[0] ?? '');
    expect(Object.keys(report)).toEqual([
      ...[
        'path',
        'outcome',
        'log',
        'records',
        'decisions',
        'outcomes',
        'approvals',
        'reused',
        'unfinished',
        'first',
        'last',
        'clockBackMs',
        'head',
      ],
      ...['closed', 'segments', 'bytes', 'signers', 'finding', 'tail'],
    ]);
    expect(report).toMatchObject({ path: folder, outcome: 'signed', records: 6, finding: null, tail: null });
  });

  test('compares copies of one log: parted is a fork, shorter is rolled back', async () => {
    const other = new HandLog(pki.audit);
    other.lines.push(...good.lines.slice(0, 4));
    other.decision({ latency_us: 1 });
    const [whole, parted, shorter] = [logFolder(good), logFolder(other), logFolder(joined(good.lines.slice(0, 2)))];
    const fork = await verify('--json', whole, parted);
    expect(fork.code).toBe(1);
    expect(fork.lines.map((line) => JSON.parse(line))).toMatchObject([
      { outcome: 'forked', finding: { code: 'FORK', seq: 4 } },
      { outcome: 'forked', finding: { code: 'FORK', seq: 4 } },
    ]);
    const back = await verify('--json', shorter, whole);
    expect(back.lines.map((line) => JSON.parse(line).outcome)).toEqual(['rolled_back', 'signed']);
    expect((await verify(whole, logFolder(good))).code).toBe(0);
    const unrelated = openedLog();
    unrelated.lines.length = 0;
    unrelated.log = '0193c0de-0000-7000-8000-00000000ffff';
    expect((await verify(whole, logFolder(unrelated.opened()))).code).toBe(0);
  });

  test('names an approval that two replicas took; two copies of one log say nothing new', async () => {
    const approval = { id: '0193c0de-0000-7000-8000-0000000a0000', by: { id: 'carol' }, expires: AT };
    const replica = (log: string): HandLog => {
      const hand = new HandLog(pki.audit);
      hand.log = log;
      const { body: _, ...input } = decisionInput();
      const tool = { name: 'Bash', origin: 'hook', parent: null, approval };
      const decided = { phase: 'tool', body_sha256: null, body_bytes: 0 };
      hand.opened().activated();
      return hand.decision(decided, { ...input, phase: 'tool', tool }).closed();
    };
    const log = replica(LOG_ID);
    const [one, copy] = [logFolder(log), logFolder(log)];
    const two = logFolder(replica('0193c0de-0000-7000-8000-00000000ffff'));
    expect((await verify(one, copy)).code).toBe(0);
    expect((await verify(two)).code).toBe(0);
    const both = await verify(one, copy, two);
    expect(both.code).toBe(1);
    const found = both.lines.filter((line) => line.includes('used twice'));
    expect(found).toEqual([`  approval   ${approval.id} was used twice: record 2 of ${one}, then record 2`]);
    expect(both.lines.filter((line) => line.includes('SIGNED'))).toHaveLength(3);
  });

  test('a copy that was tampered with is no fork', async () => {
    const bytes = good.bytes();
    const at = bytes.indexOf(Buffer.from('"status":200')) + 9;
    bytes[at] = 0x34;
    const { lines } = await verify('--json', logFolder(good), logFolder(bytes));
    expect(lines.map((line) => JSON.parse(line).outcome)).toEqual(['signed', 'tampered']);
  });

  test('tells usage from a file that cannot be read', async () => {
    expect(await verify('/no/such/log')).toMatchObject({ code: 3, message: expect.stringContaining('/no/such/log') });
    expect((await run(register, ['verify', logFolder(good), '--ca', '/no/such/root.pem'])).code).toBe(3);
    const noPem = join(folderOf({ 'root.pem': 'no certificate' }), 'root.pem');
    expect((await run(register, ['verify', logFolder(good), '--ca', noPem])).code).toBe(2);
    expect((await verify('--head', '1:abc', logFolder(good))).code).toBe(2);
    expect((await verify('--at', 'yesterday', logFolder(good))).code).toBe(2);
  });

  test('finds a segment that was removed', async () => {
    const folder = folderOf({ [FIRST]: joined(good.lines.slice(0, 2)), [segmentName(2)]: joined(good.lines.slice(2)) });
    expect((await verify(folder)).code).toBe(0);
    rmSync(join(folder, FIRST));
    expect((await verify(folder)).lines[1]).toContain(`segment ${segmentName(2)}`);
    writeFileSync(join(folder, FIRST), joined(good.lines.slice(0, 1)));
    expect((await verify(folder)).code).toBe(1);
  });

  test('as a program: exit codes, and nothing but the verdict in a pipe', async () => {
    const folder = logFolder(good);
    const fine = await shell('$VERDICT verify "$1" --ca "$2" --at "$3" | cat', folder, CA, AT);
    expect(fine).toMatchObject({ code: 0, message: '' });
    expect(fine.lines[0]).toContain('SIGNED');
    expect(
      (await shell('$VERDICT verify "$1" --ca "$2" --at "$3"', logFolder(good.bytes().subarray(0, -5)), CA, AT)).code,
    ).toBe(1);
    expect((await shell('$VERDICT verify "$1"', folder)).code).toBe(2);
    expect((await shell('$VERDICT verify /no/such/log --ca "$1"', CA)).code).toBe(3);
  });
});
