import { describe, expect, test } from '@jest/globals';
import { register } from '../../src/cli/show.ts';
import { decisionInput, FIRST, uuid } from '../audit/signed-log.ts';
import { openedLog } from '../replay/recorded.ts';
import { CA, logFolder, type Ran, run, shell } from './reading.ts';

const show = (...args: string[]): Promise<Ran> => run(register, ['show', ...args]);
const refused = {
  effect: 'deny',
  obligations: [],
  reasons: [
    { code: 'MODEL_NOT_ALLOWED', message: 'no' },
    { code: 'TOOL_DENIED', message: 'no' },
  ],
};
const log = openedLog()
  .activated()
  .decision()
  .outcome(2)
  .decision({ result: refused, effect_enforced: 'refuse' })
  .closed();

describe('verdict show', () => {
  test('prints a line for each record', async () => {
    const { code, lines } = await show(logFolder(log));
    expect(code).toBe(0);
    expect(lines.map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
      ['2026-11-24T20:00:01.000Z', '0', 'log_opened'],
      ['2026-11-24T20:00:02.000Z', '1', 'bundle_activated'],
      ['2026-11-24T20:00:03.000Z', '2', 'decision'],
      ['2026-11-24T20:00:04.000Z', '3', 'outcome'],
      ['2026-11-24T20:00:05.000Z', '4', 'decision'],
      ['2026-11-24T20:00:06.000Z', '5', 'log_closed'],
    ]);
    expect(lines[2]).toContain(`${uuid(2)}  support  app-1  allow → forward  gpt-5-mini`);
    expect(lines[3]).toContain(`of ${uuid(2)}  status 200  complete  3 + 5 tokens`);
    expect(lines[4]).toContain('deny → refuse  gpt-5-mini  MODEL_NOT_ALLOWED,TOOL_DENIED');
  });

  test('tells an answer that was broken off from a clean one', async () => {
    const call = { decision: null, name: 'read_file', released: false, more: 0 };
    const tool_calls = [call, { ...call, decision: uuid(3), more: 2871 }];
    const broken = openedLog().activated().decision().outcome(2, { fault: 'RESPONSE_UNREADABLE', tool_calls });
    const { lines } = await show(logFolder(broken));
    expect(lines[3]).toContain('complete  NOT JUDGED: RESPONSE_UNREADABLE');
    expect(lines[3]).toContain('2873 tool calls, 0 released, 1 not decided');
    expect((await show(logFolder(log))).lines.join()).not.toContain('NOT JUDGED');
  });

  test('prints everything about one call', async () => {
    const { code, lines } = await show(logFolder(log), '--id', uuid(2));
    const text = lines.join('\n');
    expect(code).toBe(0);
    expect(lines[0]).toBe(`decision ${uuid(2)}`);
    expect(text).toContain('"content": "Hi"');
    expect(text).toContain(`outcome ${uuid(3)}`);
    expect(text).toContain('upstream_request_id req_1');
    expect(await show(logFolder(log), '--id', 'nothing')).toMatchObject({
      code: 1,
      message: 'no record nothing in this log',
    });
  });

  test("prints the records' own JSON", async () => {
    const { lines } = await show(logFolder(log), '--json');
    expect(lines).toEqual(log.lines.map((line) => line.toString().split('\t')[0]));
  });

  test('lets no record command the terminal', async () => {
    const hostile = openedLog().decision(
      { app: 'x' },
      { ...decisionInput(), call: { model: '\u001b[2J\u0007\u202e\u009bm' } },
    );
    for (const args of [[], ['--id', uuid(1)]]) {
      const { lines } = await show(logFolder(hostile), ...args);
      expect(lines.join('')).not.toMatch(/[\p{Cc}\u202e]/u);
      expect(lines.join('\n')).toContain('\\u001b[2J\\u0007\\u202e\\u009bm');
    }
  });

  test('shows the tool calls and approvals of a call with it', async () => {
    const { body: _, ...input } = decisionInput();
    const decided = { phase: 'tool', body_sha256: null, body_bytes: 0 };
    const tool = (parent: string | null) => ({
      ...input,
      phase: 'tool',
      tool: { name: 'Bash', origin: 'model', parent },
    });
    const linked = openedLog()
      .activated()
      .decision()
      .decision(decided, tool(uuid(2)))
      .decision(decided, tool(null));
    const people = { requester: { id: 'dev', issuer: 'v' }, approver: { id: 'carol', issuer: 'v', roles: ['m'] } };
    const call = { approval: uuid(9), decision: uuid(2), tool: 'Bash', arguments_sha256: 'ab'.repeat(32) };
    linked.add('approval', { ...call, ...people, role: 'm', expires: '2026-11-24T21:00:00.000Z' });
    const { lines } = await show(logFolder(linked), '--id', uuid(2));
    expect(lines.filter((line) => !line.startsWith(' '))).toEqual([
      `decision ${uuid(2)}`,
      `decision ${uuid(3)}`,
      `approval ${uuid(5)}`,
    ]);
  });

  test('marks what is no record, and goes on', async () => {
    const bytes = Buffer.concat([Buffer.from('no record\n'), log.bytes(), Buffer.from('{"v"')]);
    const { code, lines } = await show(logFolder(bytes));
    expect(code).toBe(1);
    expect(lines[0]).toContain(`!! ${FIRST}, line 1: LINE_GRAMMAR`);
    expect(lines).toHaveLength(8);
    expect(lines[7]).toContain('line 8: TAIL');
  });

  test('with --ca, shows verified records only', async () => {
    const bytes = log.bytes();
    const at = bytes.indexOf(Buffer.from('"status":200')) + 9;
    bytes[at] = 0x34;
    const { code, lines } = await show(logFolder(bytes), '--ca', CA);
    expect(code).toBe(1);
    expect(lines.slice(0, 3).map((line) => line.split(/ {2,}/)[2])).toEqual([
      'log_opened',
      'bundle_activated',
      'decision',
    ]);
    expect(lines).toHaveLength(6);
    expect(lines[3]).toContain('TAMPERED');
  });

  test('stops quietly when its reader goes', async () => {
    for (const args of [[], ['--ca', CA]]) {
      expect(await run(register, ['show', logFolder(log), ...args], 2)).toMatchObject({ code: 0, message: '' });
    }
    const long = openedLog();
    for (let i = 0; i < 3000; i++) long.decision();
    const { code, lines, message } = await shell('$VERDICT show "$1" | head -n 2', logFolder(long));
    expect({ code, message }).toEqual({ code: 0, message: '' });
    expect(lines).toHaveLength(2);
  });
});
