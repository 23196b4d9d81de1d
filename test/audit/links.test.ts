import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Report, verify } from '../../src/audit/index.ts';
import type { Certificate, Signer } from '../../src/pki/index.ts';
import { decisionInput, FIRST, HandLog, joined, NOW, sha256, source, testPki, uuid } from './signed-log.ts';

// How the records of tool calls hang together: with the call that they came from, its outcome, and the approvals that let them pass.

const BEFORE = new Date(NOW.getTime() - 3600_000);
const AFTER = new Date(NOW.getTime() + 3600_000);
const ALLOWED = { effect: 'allow', obligations: [], reasons: [] };
const DENIED = { effect: 'deny', obligations: [], reasons: [{ code: 'TOOL_NOT_ALLOWED', message: 'no' }] };
const APPROVAL = '0193c0de-0000-7000-8000-0000000a0000';

let anchors: Certificate[];
let audit: Signer;
beforeAll(() => {
  ({ anchors, audit } = testPki(BEFORE));
});

const check = (log: HandLog): Promise<Report> =>
  verify(source({ [FIRST]: joined(log.lines) }), { anchors, time: AFTER });

interface ToolCall {
  /** Number of the record of the call that it came from; null: it came by itself. */
  parent: number | null;
  origin?: 'model' | 'mcp' | 'hook';
  refused?: boolean;
  approval?: string;
  shadow?: boolean;
  /** What is wrong with the approval. */
  wrong?: object;
}

/** A decision on a tool call. */
function tool(
  log: HandLog,
  { parent, origin = 'model', refused = false, approval, shadow = false, wrong }: ToolCall,
): HandLog {
  const { body: _, ...input } = decisionInput();
  const mode = shadow ? 'shadow' : 'enforce';
  const by = { id: 'carol', issuer: 'verdict', role: 'maintainer' };
  const presented = approval
    ? { id: approval, by, at: NOW.toISOString(), expires: AFTER.toISOString(), ...wrong }
    : null;
  const fields = { name: 'Bash', origin, parent: parent === null ? null : uuid(parent), approval: presented };
  const decided = { phase: 'tool', entrypoint: 'verdict/tool', mode, body_sha256: null, body_bytes: 0 };
  return log.decision(
    { ...decided, result: refused ? DENIED : ALLOWED, effect_enforced: refused && !shadow ? 'refuse' : 'forward' },
    { ...input, phase: 'tool', route: { id: 'support', mode }, call: null, tool: fields },
  );
}

const told = (decision: number, released: boolean, more = 0) => ({
  decision: uuid(decision),
  name: 'Bash',
  released,
  more,
});
const undecided = (more = 0) => ({ decision: null, name: null, released: false, more });

/** Records 0 to 2: opened, a bundle, and a call that was forwarded. */
const opened = (): HandLog => new HandLog(audit).opened().activated().decision();

/** With tool calls 3, which is allowed, and 4, which is refused. */
const proposed = (): HandLog => tool(tool(opened(), { parent: 2 }), { parent: 2, refused: true });

describe('tool calls of a response', () => {
  test.each<[string, object[]]>([
    ['released and withheld', [told(3, true), told(4, false)]],
    ['both withheld', [told(3, false), told(4, false)]],
    ['in another order', [told(4, false), told(3, true)]],
  ])('are told of in the outcome: %s', async (_what, tool_calls) => {
    const report = await check(proposed().outcome(2, { tool_calls }).closed());
    expect(report).toMatchObject({
      outcome: 'signed',
      unfinished: 0,
      decisions: { total: 3, forwarded: 2, refused: 1 },
    });
  });

  test.each<[string, object[]]>([
    ['all forgotten', []],
    ['a refused one forgotten', [told(3, true)]],
    ['an allowed one forgotten', [told(4, false)]],
    ['one told of twice', [told(3, true), told(3, true)]],
    ['one told of twice, beside the other', [told(3, true), told(3, true), told(4, false)]],
    ['a refused one released', [told(3, true), told(4, true)]],
    ['one that was never decided', [told(3, true), told(4, false), told(9, false)]],
    ['another one in its place', [told(3, true), told(9, false)]],
    ['the call itself', [told(3, true), told(2, false)]],
  ])('%s: found', async (_what, tool_calls) => {
    const { outcome, finding } = await check(proposed().outcome(2, { tool_calls }).closed());
    expect([outcome, finding?.code, finding?.seq]).toEqual(['tampered', 'LINK', 5]);
  });

  test('some that were never decided, and how many more one stands for', async () => {
    const tool_calls = [told(3, true), told(4, false, 2871), undecided(), undecided(9)];
    const log = proposed().outcome(2, { fault: 'RESPONSE_UNREADABLE', tool_calls }).closed();
    expect(await check(log)).toMatchObject({ outcome: 'signed', unfinished: 0 });
  });

  test.each<[string, object[], string | null]>([
    ['released without a decision', [told(3, true), told(4, false), { ...undecided(), released: true }], null],
    ['released for many', [told(3, true, 1), told(4, false)], null],
    ['half a decision', [told(3, true), told(4, false), { ...undecided(), decision: '' }], null],
    ['no count', [told(3, true), { decision: uuid(4), name: 'Bash', released: false }], null],
    ['a fault that nobody knows', [told(3, true), told(4, false)], 'BORED'],
  ])('%s: found', async (_what, tool_calls, fault) => {
    const { outcome, finding } = await check(proposed().outcome(2, { fault, tool_calls }).closed());
    expect([outcome, finding?.code, finding?.seq]).toEqual(['tampered', 'RECORD_FIELDS', 5]);
  });

  test('one of which the gateway did not learn that the log took it: as many as that, and no more', async () => {
    const fault = 'AUDIT_UNAVAILABLE';
    const one = [told(4, false), undecided()];
    expect(await check(proposed().outcome(2, { fault, tool_calls: one }))).toMatchObject({ outcome: 'signed' });
    for (const wrong of [
      { fault, tool_calls: [undecided()] },
      { fault, tool_calls: [told(4, false)] },
      { fault: 'INTERNAL', tool_calls: one },
    ]) {
      expect((await check(proposed().outcome(2, wrong))).finding).toMatchObject({ code: 'LINK', seq: 5 });
    }
  });

  test('a refused one that is released by a route in shadow', async () => {
    const log = tool(opened(), { parent: 2, refused: true, shadow: true }).outcome(2, { tool_calls: [told(3, true)] });
    expect(await check(log)).toMatchObject({ outcome: 'signed' });
  });

  test.each<[string, () => HandLog]>([
    ['after the outcome of its call', () => tool(opened().outcome(2), { parent: 2 })],
    ['before its call', () => tool(new HandLog(audit).opened().activated(), { parent: 3 })],
    [
      'of a call that was refused',
      () =>
        tool(new HandLog(audit).opened().activated().decision({ result: DENIED, effect_enforced: 'refuse' }), {
          parent: 2,
        }),
    ],
    ['of another tool call', () => tool(tool(opened(), { parent: 2 }), { parent: 3 })],
    ['of an outcome', () => tool(opened().outcome(2), { parent: 3 })],
  ])('one %s: found', async (_what, make) => {
    const log = make();
    const { outcome, finding } = await check(log);
    expect([outcome, finding?.code, finding?.seq]).toEqual(['tampered', 'LINK', log.lines.length - 1]);
  });

  test('belong to their own call, of two at once', async () => {
    const both = (): HandLog => tool(tool(opened().decision(), { parent: 2 }), { parent: 3 });
    const good = both()
      .outcome(3, { tool_calls: [told(5, true)] })
      .outcome(2, { tool_calls: [told(4, true)] });
    expect(await check(good)).toMatchObject({ outcome: 'signed', unfinished: 0 });
    const swapped = both().outcome(3, { tool_calls: [told(4, true)] });
    expect((await check(swapped)).finding).toMatchObject({ code: 'LINK', seq: 6 });
  });
});

describe('tool calls by themselves', () => {
  test('one that a hook announces has no outcome, and may not', async () => {
    const log = tool(opened().outcome(2), { parent: null, origin: 'hook' });
    expect(await check(log)).toMatchObject({ outcome: 'signed', unfinished: 0 });
    expect((await check(log.outcome(4))).finding).toMatchObject({ code: 'LINK', seq: 5 });
  });

  test('one over MCP that is forwarded has one', async () => {
    const log = tool(opened().outcome(2), { parent: null, origin: 'mcp' });
    expect(await check(log)).toMatchObject({ outcome: 'signed', unfinished: 1 });
    expect(await check(log.outcome(4))).toMatchObject({ outcome: 'signed', unfinished: 0 });
  });
});

describe('approvals', () => {
  const hook = { parent: null, origin: 'hook' } as const;
  const other = APPROVAL.replace('a0000', 'b0000');

  test('are told of, each with its decision', async () => {
    const log = tool(tool(opened(), { ...hook, approval: APPROVAL }), { ...hook, approval: other });
    expect(await check(log)).toMatchObject({
      approvals: [
        { id: APPROVAL, seq: 3 },
        { id: other, seq: 4 },
      ],
      reused: [],
    });
  });

  test('that were used twice are named; the log itself is whole', async () => {
    const log = tool(tool(tool(opened(), { ...hook, approval: APPROVAL }), hook), { ...hook, approval: APPROVAL });
    expect(await check(log.closed())).toMatchObject({
      outcome: 'signed',
      approvals: [{ id: APPROVAL, seq: 3 }],
      reused: [{ id: APPROVAL, seq: 5, other: 3 }],
    });
  });

  test.each<[string, object]>([
    ['the caller gave', { by: { id: 'app-1', role: 'maintainer' } }],
    ['had expired', { expires: NOW.toISOString() }],
    ['never expires', { expires: null }],
  ])('that %s let nothing pass: found', async (_what, wrong) => {
    const { finding } = await check(tool(opened(), { ...hook, approval: APPROVAL, wrong }));
    expect(finding).toMatchObject({ code: 'RECORD_INPUT', seq: 3 });
    expect((await check(tool(opened(), { ...hook, approval: APPROVAL, wrong, refused: true }))).finding).toBeNull();
  });

  test('that let nothing pass were not used', async () => {
    const log = tool(tool(opened(), { ...hook, approval: APPROVAL, refused: true }), { ...hook, approval: APPROVAL });
    expect(await check(log)).toMatchObject({ approvals: [{ id: APPROVAL, seq: 4 }], reused: [] });
  });

  /** A request that was forwarded with an approval. */
  const request = (log: HandLog, change: object = {}): HandLog => {
    const by = { id: 'carol', issuer: 'verdict', role: 'maintainer' };
    const approval = { id: APPROVAL, by, at: NOW.toISOString(), expires: AFTER.toISOString(), ...change };
    return log.decision({}, { ...decisionInput(), approval });
  };

  test('of requests count with those of tool calls', async () => {
    const log = tool(request(opened()), { ...hook, approval: APPROVAL });
    expect(await check(log)).toMatchObject({
      approvals: [{ id: APPROVAL, seq: 3 }],
      reused: [{ id: APPROVAL, seq: 4, other: 3 }],
    });
    const { finding } = await check(request(opened(), { expires: NOW.toISOString() }));
    expect(finding).toMatchObject({ code: 'RECORD_INPUT', seq: 3 });
  });

  const record = {
    ...{ approval: APPROVAL, decision: uuid(7), tool: 'Bash', arguments_sha256: sha256('{}') },
    ...{
      requester: { id: 'dev', issuer: 'verdict' },
      approver: { id: 'carol', issuer: 'verdict', roles: ['maintainer'] },
    },
    ...{ role: 'maintainer', expires: AFTER.toISOString() },
  };

  test('have a record of their own, of a decision that may be in another log', async () => {
    expect(await check(opened().outcome(2).add('approval', record))).toMatchObject({ outcome: 'signed', records: 5 });
    const ofRequest = opened().add('approval', { ...record, tool: null });
    expect(await check(ofRequest)).toMatchObject({ outcome: 'signed', records: 4 });
  });

  test.each<[string, object]>([
    ['an id that is none', { approval: 'x' }],
    ['no decision', { decision: null }],
    ['no digest', { arguments_sha256: '' }],
    ['a requester without issuer', { requester: { id: 'dev' } }],
    ['no approver', { approver: null }],
    ['a time that is none', { expires: 'soon' }],
    ['one field more', { more: 1 }],
  ])('whose record has %s: found', async (_what, change) => {
    const { finding } = await check(opened().add('approval', { ...record, ...change }));
    expect(finding).toMatchObject({ code: 'RECORD_FIELDS', seq: 3 });
  });

  test.each<[string, object, string]>([
    ['that the caller approved', { id: 'dev', issuer: 'verdict', roles: ['maintainer'] }, 'tampered'],
    ['that somebody without the role did', { id: 'carol', issuer: 'verdict', roles: ['developer'] }, 'tampered'],
    ['of the same name elsewhere', { id: 'dev', issuer: 'https://idp.example', roles: ['maintainer'] }, 'signed'],
  ])('whose record says %s', async (_what, approver, outcome) => {
    expect((await check(opened().add('approval', { ...record, approver }))).outcome).toBe(outcome);
  });
});
