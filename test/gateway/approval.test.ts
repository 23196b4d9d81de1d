import { hash, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeJwt, SignJWT } from 'jose';
import { Approvals, type ApprovalsOptions } from '../../src/gateway/approval.ts';
import type { Claimed, ClaimedRequest } from '../../src/gateway/claim.ts';
import type { Approval, Subject } from '../../src/input/index.ts';
import { parse } from '../../src/json/index.ts';
import type { Decision } from '../../src/policy/index.ts';
import type { ToolCall } from '../../src/tool/index.ts';

const SECRET = 'a secret of at least 32 characters';
const DECISION = '01a2102b-93bc-7be4-923e-72108db06b45';
const BY = { id: 'carol', issuer: 'verdict', role: 'maintainer' };
const START = Date.parse('2026-11-24T20:00:00.400Z');
const MINUTE = 60_000;
const ARGUMENTS = '{"command":"npm install left-pad"}';

const subject: Subject = {
  ...{ id: 'dev', method: 'token', issuer: 'verdict', roles: ['developer'], tenant: null, application: null },
  ...{ verified_at: '2026-11-24T20:00:00.000Z', expires: null },
};
const tool: ToolCall = {
  ...{ name: 'Bash', type: 'function', origin: 'hook', server: null, id: 'call_1', workspace: '/work' },
  arguments: parse(Buffer.from(ARGUMENTS)),
};
const call = { subject, route: 'coding', tool, time: new Date(START).toISOString() };
const agent = (act: object) => ({ ...call, subject: { ...subject, act } });
const asked: ClaimedRequest = {
  ...{ method: 'POST', path: '/coding/v1/chat/completions', query: '', betas: [] },
  body: Buffer.from(ARGUMENTS),
};
const { tool: _, ...caller } = call;
const request = { ...caller, request: asked };

/** Approvals with a clock that the test moves. */
class Bench {
  now = START;
  readonly approvals: Approvals;

  constructor(secret = SECRET, minutes = 15, before?: ApprovalsOptions['before']) {
    this.approvals = new Approvals({ secret, minutes, ...(before && { before }), clock: () => this.now });
  }

  ask = async (claimed: Claimed = call): Promise<string> =>
    (await this.approvals.ask(DECISION, 'maintainer', claimed)) ?? '';
  grant = async (id: string, by = BY): Promise<string> => (await this.approvals.grant(id, by))?.token ?? '';
  claim = (token: string, claimed: Claimed = call) => this.approvals.claim(token, claimed);
}

describe('what is asked for', () => {
  test('is told to who opens the id, in whole seconds', async () => {
    const bench = new Bench();
    expect(await bench.approvals.open(await bench.ask())).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      decision: DECISION,
      subject: { id: 'dev', issuer: 'verdict' },
      tool: 'Bash',
      arguments_sha256: hash('sha256', ARGUMENTS),
      role: 'maintainer',
      expires: '2026-11-24T20:15:00.000Z',
    });
  });

  test('can be opened by every gateway with the key, and no other', async () => {
    const id = await new Bench().ask();
    expect(await new Bench().approvals.open(id)).toBeDefined();
    expect(await new Bench(`${SECRET}!`).approvals.open(id)).toBeUndefined();
    expect(await new Approvals({ secret: undefined, minutes: 15, clock: () => START }).open(id)).toBeUndefined();
    expect(() => new Approvals({ secret: 'short', minutes: 15 })).toThrow('at least 32 characters');
  });

  test('holds neither arguments nor more of a name than a person reads', async () => {
    const bench = new Bench();
    const long = { ...call, tool: { ...tool, name: `${'n'.repeat(63)}\u{1f600}${'n'.repeat(4000)}` } };
    const id = await bench.ask(long);
    expect(id.length).toBeLessThan(700);
    expect(JSON.stringify(decodeJwt(id))).not.toContain('left-pad');
    expect((await bench.approvals.open(id))?.tool).toBe(`${'n'.repeat(63)}\ufffd`);
    expect(await bench.claim(await bench.grant(id), long)).toMatchObject({ by: BY });
    const other = { ...long, tool: { ...tool, name: `${long.tool.name}n` } };
    expect(await bench.claim(await bench.grant(id), other)).toBeUndefined();
  });

  test('has no id where it would be too long for a path and a message', async () => {
    const far = { ...call, subject: { ...subject, id: '\u00e9'.repeat(2000) } };
    expect(await new Bench().approvals.ask(DECISION, 'maintainer', far)).toBeUndefined();
  });

  test('is one approval by one role', () => {
    const decision = (effect: Decision['effect'], ...obligations: Decision['obligations']): Decision => ({
      ...{ effect, obligations, reasons: [], json: '', fault: false },
    });
    const approve = { type: 'approve', by: 'maintainer' };
    expect(Approvals.roleOf(decision('escalate', approve))).toBe('maintainer');
    for (const other of [
      decision('allow', approve),
      decision('deny', approve),
      decision('escalate'),
      decision('escalate', approve, approve),
      decision('escalate', { type: 'redact', by: 'maintainer' }),
      decision('escalate', { type: 'approve' }),
      decision('escalate', { type: 'approve', by: '' }),
      decision('escalate', { type: 'approve', by: ['maintainer'] }),
      decision('escalate', { type: 'approve', by: 'm'.repeat(257) }),
    ]) {
      expect(Approvals.roleOf(other)).toBeUndefined();
    }
  });
});

describe('what was granted', () => {
  test('is the approval that policy sees', async () => {
    const bench = new Bench();
    const id = await bench.ask();
    bench.now += 2 * MINUTE;
    const token = await bench.grant(id);
    bench.now += MINUTE;
    expect(await bench.claim(token)).toEqual({
      id: (await bench.approvals.open(id))?.id,
      by: BY,
      at: '2026-11-24T20:02:00.000Z',
      expires: '2026-11-24T20:17:00.000Z',
    });
  });

  const others: [string, Claimed][] = [
    ['subject', { ...call, subject: { ...subject, id: 'dev2' } }],
    ['issuer', { ...call, subject: { ...subject, issuer: 'https://idp.example' } }],
    ['route', { ...call, route: 'coding2' }],
    ['tool', { ...call, tool: { ...tool, name: 'bash' } }],
    ['type', { ...call, tool: { ...tool, type: 'custom' } }],
    ['origin', { ...call, tool: { ...tool, origin: 'model' } }],
    ['server', { ...call, tool: { ...tool, server: 'files' } }],
    ['folder', { ...call, tool: { ...tool, workspace: '/elsewhere' } }],
    ['spelling', { ...call, tool: { ...tool, arguments: parse(Buffer.from('{"command": "npm install left-pad"}')) } }],
    ['lack of arguments', { ...call, tool: { ...tool, arguments: undefined } }],
    ['application', { ...call, subject: { ...subject, application: 'bot' } }],
    ['agent', agent({ sub: 'hook:codex' })],
    ['request', request],
  ];
  test.each(others)('is not for another %s', async (_what, other) => {
    const bench = new Bench();
    const token = await bench.grant(await bench.ask());
    expect(await bench.claim(token, other)).toBeUndefined();
    expect(await bench.claim(token)).toMatchObject({ by: BY });
  });

  test('is for the same call under another id of the vendor, and by another session of the caller', async () => {
    const bench = new Bench();
    const token = await bench.grant(await bench.ask());
    expect(await bench.claim(token, { ...call, tool: { ...tool, id: 'call_2' } })).toMatchObject({ by: BY });
    const below = { sub: 'workload', iss: 'https://idp.example' };
    const session = (name: string) => agent({ sub: 'hook:codex', session: name, act: below });
    const own = await bench.grant(await bench.ask(session('s-1')));
    for (const other of [
      call,
      agent({ sub: 'hook:claude-code', session: 's-1', act: below }),
      agent({ sub: 'hook:codex', session: 's-1' }),
      agent({ sub: 'hook:codex', act: { ...below, sub: 'other' } }),
    ]) {
      expect(await bench.claim(own, other)).toBeUndefined();
    }
    expect(await bench.claim(own, session('s-2'))).toMatchObject({ by: BY });
  });

  test.each<[string, Partial<ClaimedRequest>]>([
    ['body', { body: Buffer.from(`${ARGUMENTS} `) }],
    ['lack of a body', { body: undefined }],
    ['method', { method: 'GET' }],
    ['path', { path: '/coding/v1/responses' }],
    ['query', { query: 'beta=true' }],
    ['beta feature', { betas: ['computer-use'] }],
  ])('of a request is not for another %s', async (_what, other) => {
    const bench = new Bench();
    const id = await bench.ask(request);
    expect(await bench.approvals.open(id)).toMatchObject({ tool: null, arguments_sha256: hash('sha256', ARGUMENTS) });
    const token = await bench.grant(id);
    expect(await bench.claim(token, { ...request, request: { ...asked, ...other } })).toBeUndefined();
    expect(await bench.claim(token, call)).toBeUndefined();
    expect(await bench.claim(token, request)).toMatchObject({ by: BY });
  });

  test('is used once, and free again if the call did not go ahead', async () => {
    const bench = new Bench();
    const token = await bench.grant(await bench.ask());
    const first = (await bench.claim(token)) as Approval;
    expect(await bench.claim(token)).toEqual({ used: 'maintainer' });
    bench.approvals.giveBack(first);
    expect(await bench.claim(token)).toEqual(first);
  });

  test('goes to one of many that claim it at once', async () => {
    const bench = new Bench();
    const token = await bench.grant(await bench.ask());
    const claims = await Promise.all(Array.from({ length: 100 }, () => bench.claim(token)));
    expect(claims.filter((claim) => claim && 'id' in claim)).toHaveLength(1);
    expect(claims.filter((claim) => claim && 'used' in claim)).toHaveLength(99);
  });

  test('is found among others, used ones and garbage', async () => {
    const bench = new Bench();
    const used = await bench.grant(await bench.ask());
    await bench.claim(used);
    const other = await bench.grant(await bench.ask({ ...call, route: 'other' }));
    const good = await bench.grant(await bench.ask());
    expect(await bench.claim(`x, ${used} ,${other},,${good}`)).toMatchObject({ by: BY });
    expect(await bench.claim(`${','.repeat(16)}${await bench.grant(await bench.ask())}`)).toBeUndefined(); // too many
  });
});

describe('time', () => {
  test('an id ends, and so does what was granted', async () => {
    const bench = new Bench();
    const id = await bench.ask();
    bench.now += 15 * MINUTE - 1000;
    const token = await bench.grant(id);
    expect(token).not.toBe('');
    bench.now += 1000;
    expect(await bench.approvals.open(id)).toBeUndefined();
    expect(await bench.approvals.grant(id, BY)).toBeUndefined();
    bench.now += 14 * MINUTE - 1000;
    expect(await bench.claim(token)).toMatchObject({ by: BY });
    const late = new Bench();
    late.now = bench.now + MINUTE;
    expect(await late.claim(token)).toBeUndefined();
  });

  test('a call that came after the end has no approval, though the clock went back since', async () => {
    const bench = new Bench();
    const token = await bench.grant(await bench.ask());
    const at = (ms: number): Claimed => ({ ...call, time: new Date(START + ms).toISOString() });
    expect(await bench.claim(token, at(15 * MINUTE - 400))).toBeUndefined();
    expect(await bench.claim(token, at(15 * MINUTE - 401))).toMatchObject({ expires: '2026-11-24T20:15:00.000Z' });
  });

  test('a second token of one id is no second use, however late', async () => {
    const bench = new Bench();
    const id = await bench.ask();
    const first = await bench.grant(id);
    expect(await bench.claim(first)).toMatchObject({ by: BY });
    bench.now += 14 * MINUTE;
    const second = await bench.grant(id);
    bench.now += 14 * MINUTE; // the first has ended meanwhile, and others come and go
    for (let i = 0; i < 3; i++)
      expect(await bench.claim(await bench.grant(await bench.ask()))).toMatchObject({ by: BY });
    expect(await bench.claim(second)).toEqual({ used: 'maintainer' });
  });

  test('a gateway whose approvals last less does not take longer ones', async () => {
    const long = new Bench(SECRET, 60);
    const token = await long.grant(await long.ask());
    expect(await new Bench(SECRET, 60).claim(token)).toMatchObject({ by: BY });
    const id = await long.ask();
    long.now += 59 * MINUTE;
    const brief = new Bench(SECRET, 15);
    brief.now = long.now;
    expect(await brief.claim(await long.grant(id))).toBeUndefined();
  });
});

describe('after a restart', () => {
  const since = (seconds: number): string => new Date(START + seconds * 1000).toISOString();
  const nameOf = async (bench: Bench, id: string): Promise<string> => (await bench.approvals.open(id))?.id ?? '';

  test('what the log tells was used is used, until it ends', async () => {
    const before = new Bench();
    const id = await before.ask();
    const token = await before.grant(id);
    const restarted = new Bench(SECRET, 15, { ids: [await nameOf(before, id)], since: null });
    expect(await restarted.claim(token)).toEqual({ used: 'maintainer' });
    expect(restarted.approvals.wasUsed(await nameOf(before, id))).toBe(true);
    expect(await restarted.claim(await before.grant(await before.ask()))).toMatchObject({ by: BY });
  });

  test('a second token of an id is used too, as late as it can be', async () => {
    const before = new Bench();
    const id = await before.ask();
    const name = await nameOf(before, id);
    before.now += 15 * MINUTE - 1000;
    const late = await before.grant(id);
    const restarted = new Bench(SECRET, 15, { ids: [name], since: null });
    restarted.now = START + 30 * MINUTE - 2000;
    for (let i = 0; i < 3; i++) await restarted.claim(await restarted.grant(await restarted.ask()));
    expect(await restarted.claim(late)).toEqual({ used: 'maintainer' });
    // What it looks for in the log goes back as far.
    expect(Approvals.usesSince(15, new Date(restarted.now)).getTime()).toBeLessThanOrEqual(START);
  });

  test('what was asked for before the log tells of uses is not known; what came later is', async () => {
    const before = new Bench();
    const id = await before.ask();
    const token = await before.grant(id);
    const unknown = new Bench(SECRET, 15, { ids: [], since: since(1) });
    expect(await unknown.claim(token)).toBeUndefined();
    expect(await unknown.approvals.open(id)).toBeUndefined();
    expect(await unknown.grant(id)).toBe('');
    expect(await new Bench(SECRET, 15, { ids: [], since: since(-1) }).claim(token)).toMatchObject({ by: BY });
    unknown.now += 2000;
    expect(await unknown.claim(await unknown.grant(await unknown.ask()))).toMatchObject({ by: BY });
  });
});

describe('what was not sealed for it', () => {
  test('an id is no grant, and a grant no id', async () => {
    const bench = new Bench();
    const id = await bench.ask();
    expect(await bench.claim(id)).toBeUndefined();
    expect(await bench.approvals.open(await bench.grant(id))).toBeUndefined();
    expect(await bench.approvals.grant(await bench.grant(id), BY)).toBeUndefined();
  });

  test('the same claims under another key or algorithm', async () => {
    const bench = new Bench();
    const claims = decodeJwt(await bench.grant(await bench.ask()));
    const sign = (header: { alg: string; typ: string }, key: Uint8Array, payload = claims) =>
      new SignJWT(payload).setProtectedHeader(header).sign(key);
    const header = { alg: 'HS256', typ: 'approval+jwt' };
    expect(await bench.claim(await sign(header, randomBytes(32)))).toBeUndefined();
    expect(await bench.claim(await sign(header, Buffer.from(SECRET)))).toBeUndefined();
    expect(await bench.claim(await sign({ ...header, alg: 'HS512' }, randomBytes(64)))).toBeUndefined();
  });

  test('one changed character, wherever it is', async () => {
    const bench = new Bench();
    const token = await bench.grant(await bench.ask());
    // The last character of the signature has four bits that decoders pass over.
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 2), fc.constantFrom('A', 'z', '_', '.', ' '), async (at, char) => {
        fc.pre(token[at] !== char);
        expect(await bench.claim(`${token.slice(0, at)}${char}${token.slice(at + 1)}`)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
    expect(await bench.claim(token)).toMatchObject({ by: BY });
  });
});
