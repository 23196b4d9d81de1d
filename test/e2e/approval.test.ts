import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type OpenAI from 'openai';
import type { Fault } from '../audit/faulty-disk.ts';
import { AGENTS_ROUTE, bash, hook } from './agent.ts';
import { CHAT_BODY, codes, type Entry, Stand, until } from './harness.ts';
import { run } from './program.ts';
import { ROUTES } from './site.ts';
import { GatewayProcess } from './withstand/gateway-process.ts';
import type { Place } from './withstand/place.ts';

// A call that policy escalates, from the refusal to the second attempt, through the built gateway and the built commands.

const KEY = randomBytes(32).toString('hex');
const OTHER = { ...AGENTS_ROUTE, id: 'others', match: { path: '/other/v1/hooks' } };
const SITE = {
  routes: [...ROUTES, AGENTS_ROUTE, OTHER],
  approvals: { key: { env: 'E2E_APPROVAL_KEY' }, minutes: 5 },
  env: { E2E_APPROVAL_KEY: KEY },
};

let stand: Stand;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  stand = await Stand.open({
    ...SITE,
    async prepare(site) {
      tokens.developer = site.token;
      tokens.colleague = await site.issue({ subject: 'carol', roles: ['maintainer'] });
      tokens.peer = await site.issue({ subject: 'dave', roles: ['developer'] });
      tokens.both = await site.issue({ subject: 'mia', roles: ['developer', 'maintainer'] });
    },
  });
});
afterAll(() => stand.close());

/** Each test has a command of its own, since an approval is of one call. */
let command: string;
let count = 0;
beforeEach(() => {
  command = `npm install left-pad@${++count}`;
});

interface Answered {
  status: number;
  effect: string | null;
  reason: string;
  id: string;
}

interface Asking {
  as?: string;
  approval?: string;
  path?: string;
  at?: string;
}

/** Asks as `verdict hook claude-code` does. */
async function ask(payload: object = bash(command), asking: Asking = {}): Promise<Answered> {
  const { as = 'developer', approval, path = '/v1/hooks/claude-code', at = stand.url } = asking;
  const headers = {
    authorization: `Bearer ${tokens[as]}`,
    'content-type': 'application/json',
    ...(approval !== undefined && { 'x-verdict-approval': approval }),
  };
  const answer = await fetch(`${at}${path}`, { method: 'POST', headers, body: JSON.stringify(payload) });
  const body = (await answer.json()) as Entry;
  const reason = body.hookSpecificOutput?.permissionDecisionReason ?? body.error?.message ?? '';
  const { status } = answer;
  return { status, effect: answer.headers.get('x-verdict-effect'), reason, id: idIn(reason) };
}

const idIn = (text: string): string => /verdict approve (\S+)/.exec(text)?.[1] ?? '';

interface Approved {
  status: number;
  approval: string;
  code: string;
}

async function approve(id: string, as = 'colleague', at = stand.url, method = 'POST'): Promise<Approved> {
  const headers = { authorization: `Bearer ${tokens[as]}` };
  const answer = await fetch(`${at}/v1/approvals/${id}`, { method, headers });
  const body = (await answer.json()) as Entry;
  return { status: answer.status, approval: body.approval ?? '', code: body.error?.code ?? '' };
}

const granted = async (payload: object = bash(command)): Promise<string> =>
  (await approve((await ask(payload)).id)).approval;

describe('the way of an approval', () => {
  test('refused, approved of by a colleague, presented, passed once', async () => {
    const refused = await stand.decided(() => ask());
    expect(refused.value).toMatchObject({ status: 200, effect: 'deny' });
    expect(refused.value.reason).toMatch(/APPROVAL_REQUIRED: .*a maintainer must approve of an installation by npm/);
    expect(refused.decision).toMatchObject({
      phase: 'tool',
      effect_enforced: 'refuse',
      result: { effect: 'escalate', obligations: [{ type: 'approve', by: 'maintainer' }] },
      input: { tool: { approval: null } },
    });

    const approved = await stand.during(() => approve(refused.value.id));
    expect(approved.value.status).toBe(200);
    expect(approved.records).toHaveLength(1);
    const [record] = approved.records;
    expect(record).toMatchObject({
      type: 'approval',
      decision: refused.decision.id,
      tool: 'Bash',
      requester: { id: 'developer', issuer: 'verdict' },
      approver: { id: 'carol', roles: ['maintainer'] },
      role: 'maintainer',
    });
    expect(stand.logText()).not.toContain(approved.value.approval);

    const passed = await stand.decided(() => ask(bash(command), { approval: approved.value.approval }));
    expect(passed.value).toMatchObject({ status: 200, effect: 'allow' });
    expect(passed.decision).toMatchObject({
      effect_enforced: 'forward',
      result: { effect: 'allow' },
      input: {
        tool: {
          arguments: { command },
          approval: {
            id: record.approval,
            by: { id: 'carol', issuer: 'verdict', role: 'maintainer' },
            expires: record.expires,
          },
        },
      },
    });

    const again = await stand.decided(() => ask(bash(command), { approval: approved.value.approval }));
    expect(again.value).toMatchObject({ effect: 'deny', reason: expect.stringContaining('APPROVAL_USED') });
    expect(codes(again.decision)).toEqual(['APPROVAL_USED']);
    expect(again.decision).toMatchObject({ entrypoint: null, effect_enforced: 'refuse' });

    // The refusal tells how to get another, and the used one beside it does no harm.
    const second = await approve(again.value.id);
    const both = `${approved.value.approval}, ${second.approval}`;
    expect(await ask(bash(command), { approval: both })).toMatchObject({ effect: 'allow' });
  });

  test('of many at once, one passes', async () => {
    const approval = await granted();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(bash(command), { approval })));
    expect(answers.filter(({ effect }) => effect === 'allow')).toHaveLength(1);
    expect(answers.filter(({ reason }) => reason.includes('APPROVAL_USED'))).toHaveLength(19);
  });

  test('an id that is approved of twice is good for one call', async () => {
    const { id } = await ask();
    const [one, two] = [await approve(id), await approve(id, 'both')];
    expect(await ask(bash(command), { approval: one.approval })).toMatchObject({ effect: 'allow' });
    expect((await ask(bash(command), { approval: two.approval })).reason).toContain('APPROVAL_USED');
    expect(await approve(id)).toMatchObject({ status: 403, code: 'APPROVAL_USED' }); // nothing is left to approve of
  });

  test('where nothing had to be approved of, none is used up', async () => {
    const approval = await granted();
    expect(await ask(bash('npm test'), { approval })).toMatchObject({ effect: 'allow' });
    expect(await ask(bash(command), { approval })).toMatchObject({ effect: 'allow' });
  });
});

test('Cursor runs a command with one approval: of its two events for it, one is judged', async () => {
  const { stdout } = await run(['hook', 'install', 'cursor', '--print', '--url', stand.url]);
  const { hooks } = JSON.parse(stdout) as { hooks: Record<string, { command: string; matcher?: string }[]> };
  const cwd = '/home/dev/project';
  const common = { conversation_id: 's-1', generation_id: 'g-1', workspace_roots: [cwd] };
  const payloads = [
    {
      ...{ ...common, hook_event_name: 'preToolUse', tool_name: 'Shell', tool_use_id: 't-1', cwd },
      tool_input: { command, working_directory: cwd },
    },
    { ...common, hook_event_name: 'beforeShellExecution', command, cwd, sandbox: false },
  ];
  /** What Cursor makes of it: the first answer that is no allow. */
  const runs = async (approval = ''): Promise<string> => {
    for (const payload of payloads) {
      const name = 'tool_name' in payload ? payload.tool_name : payload.command;
      for (const { matcher = '' } of hooks[payload.hook_event_name] ?? []) {
        if (!new RegExp(matcher).test(name)) continue;
        const env = { VERDICT_APPROVAL: approval };
        const { code, stderr } = await hook('cursor', payload, { url: stand.url, token: stand.site.token, env });
        if (code !== 0) return stderr;
      }
    }
    return 'run';
  };
  const { value: refused, records } = await stand.during(() => runs());
  expect(records).toHaveLength(1);
  const { approval } = await approve(idIn(refused));
  const passed = await stand.during(() => runs(approval));
  expect(passed.value).toBe('run');
  expect(passed.records).toHaveLength(1);
});

describe('approving', () => {
  const body = async (text: string | undefined, chunked = false): Promise<[number, string]> => {
    const { id } = await ask();
    const headers = { authorization: `Bearer ${tokens.colleague}`, 'content-type': 'application/json' };
    const sent = chunked && text !== undefined ? new Blob([text]).stream() : text;
    const init = { method: 'POST', headers, body: sent, ...(chunked && { duplex: 'half' as const }) } as RequestInit;
    const answer = await fetch(`${stand.url}/v1/approvals/${id}`, init);
    return [answer.status, ((await answer.json()) as Entry).error?.code ?? ''];
  };

  test.each([undefined, '', '{}', ' { }\n'])('takes %j for a body', async (text) => {
    expect(await body(text)).toEqual([200, '']);
    if (text) expect(await body(text, true)).toEqual([200, '']);
  });

  test.each(['{"role":"x"}', '[]', 'null', '{} {}', '{'])('refuses a body of %j', async (text) => {
    expect(await body(text)).toEqual([400, 'BODY_UNEXPECTED']);
    expect(await body(text, true)).toEqual([400, 'BODY_UNEXPECTED']);
  });

  test('refuses a long body', async () => {
    expect(await body(' '.repeat(2000))).toEqual([413, 'BODY_TOO_LARGE']);
  });
});

describe('an approval is of one call', () => {
  test.each<[string, () => [object, Asking]]>([
    ['other arguments', () => [bash(`${command} --save`), {}]],
    ['another folder', () => [bash(command, '/home/dev/elsewhere'), {}]],
    ['another tool', () => [{ ...bash(command), tool_name: 'bash' }, {}]],
    ['another subject', () => [bash(command), { as: 'both' }]],
    ['another route', () => [bash(command), { path: '/other/v1/hooks/claude-code' }]],
    ['another agent', () => [bash(command), { path: '/v1/hooks/codex' }]],
  ])('%s: escalated anew', async (_what, make) => {
    const approval = await granted();
    const [payload, asking] = make();
    const { value, decision } = await stand.decided(() => ask(payload, { ...asking, approval }));
    expect(value).toMatchObject({ effect: 'deny', reason: expect.stringContaining('APPROVAL_REQUIRED') });
    expect(decision).toMatchObject({ effect_enforced: 'refuse', input: { tool: { approval: null } } });
    expect(await ask(bash(command), { approval })).toMatchObject({ effect: 'allow' }); // it is as good as before
  });

  test.each<[string, () => Promise<string>]>([
    ['nothing', async () => ''],
    ['garbage', async () => 'a.b.c'],
    ['commas', async () => ','.repeat(500)],
    ['the id itself', async () => (await ask()).id],
    ['one that was changed', async () => (await granted()).replace(/.(?=[^.]*$)/, (c) => (c === 'A' ? 'B' : 'A'))],
    ['one without a signature', async () => (await granted()).replace(/[^.]*$/, '')],
    [
      'one that says it needs none',
      async () => {
        const [, claims] = (await granted()).split('.');
        return `${Buffer.from('{"alg":"none","typ":"approval+jwt"}').toString('base64url')}.${claims}.`;
      },
    ],
  ])('%s is none', async (_what, make) => {
    const approval = await make();
    expect(await ask(bash(command), { approval })).toMatchObject({
      effect: 'deny',
      reason: expect.stringContaining('APPROVAL_REQUIRED'),
    });
  });

  test('and is no use where policy denies', async () => {
    const approval = await granted();
    const { value, decision } = await stand.decided(() => ask(bash(`${command} && rm -rf /`), { approval }));
    expect(value.effect).toBe('deny');
    expect(value.id).toBe('');
    expect(decision.result.effect).toBe('deny');
  });
});

test('where policy denies the very call all the same, the approval is given back', async () => {
  const reasons = '[{"code": "ASK", "message": "is that so?"}]';
  const policy = `package verdict

request := {"effect": "allow", "obligations": [], "reasons": []} if input.phase == "request"

tool := {"effect": "deny", "obligations": [], "reasons": ${reasons}} if input.http.query != ""

tool := {"effect": "escalate", "obligations": [{"type": "approve", "by": "maintainer"}], "reasons": ${reasons}} if {
	input.http.query == ""
	not input.tool.approval.id
}

tool := {"effect": "allow", "obligations": [], "reasons": []} if {
	input.http.query == ""
	input.tool.approval.by.role == "maintainer"
}
`;
  const own = await Stand.open({
    ...SITE,
    async prepare(site) {
      await site.buildPolicy(policy, ['verdict/request', 'verdict/tool']);
      tokens.stranger = await site.issue({ subject: 'carol', roles: ['maintainer'] });
    },
  });
  const at = own.url;
  const { approval } = await approve((await ask(bash(command), { at })).id, 'stranger', at);
  const denied = await own.decided(() => ask(bash(command), { at, approval, path: '/v1/hooks/claude-code?deny' }));
  expect(denied.value).toMatchObject({ effect: 'deny', id: '' });
  expect(denied.decision).toMatchObject({
    effect_enforced: 'refuse',
    input: { tool: { approval: { by: { id: 'carol' } } } },
  });
  expect(await ask(bash(command), { at, approval })).toMatchObject({ effect: 'allow' });
  expect(await own.verify()).toMatchObject({ approvals: [{ id: denied.decision.input.tool.approval.id }], reused: [] });
  await own.close();
});

describe('not everybody may approve', () => {
  test.each([
    ['the caller', 'developer', 'APPROVAL_FORBIDDEN', 403],
    ['somebody without the role', 'peer', 'APPROVAL_FORBIDDEN', 403],
    ['nobody', 'nobody', 'IDENTITY_INVALID', 401],
  ])('%s', async (_who, as, code, status) => {
    const { id } = await ask();
    const { value, decision } = await stand.decided(() => approve(id, as));
    expect(value).toEqual({ status, approval: '', code });
    expect(codes(decision)).toEqual([code]);
  });

  test('the caller, even with the role', async () => {
    const { id } = await ask(bash(command), { as: 'both' });
    expect(await approve(id, 'both')).toMatchObject({ status: 403, code: 'APPROVAL_FORBIDDEN' });
    expect(await approve(id)).toMatchObject({ status: 200 });
  });

  test.each<[string, () => Promise<string>]>([
    ['garbage', async () => 'a.b.c'],
    ['nothing', async () => ''],
    ['an approval', granted],
    ['a cut id', async () => (await ask()).id.slice(0, -1)],
    ['a longer path', async () => `${(await ask()).id}/x`],
  ])('of %s', async (_what, make) => {
    const id = await make();
    const { value, decision } = await stand.decided(() => approve(id));
    expect(value).toMatchObject({ status: 404, code: 'APPROVAL_INVALID' });
    expect(codes(decision)).toEqual(['APPROVAL_INVALID']);
  });

  test('by another method, or with a body', async () => {
    const { id } = await ask();
    expect(await approve(id, 'colleague', stand.url, 'GET')).toMatchObject({ status: 405 });
    const answer = await stand.ask(
      `POST /v1/approvals/${id} HTTP/1.1\r\nHost: v\r\nAuthorization: Bearer ${tokens.colleague}\r\nContent-Length: 2\r\n\r\n[]`,
    );
    expect(answer.status).toBe(400);
  });
});

describe('the message to a person', () => {
  test('holds the whole id, short enough to be copied, also under long names', async () => {
    const { id } = await ask();
    expect(id.length).toBeLessThan(550);
    const long = { ...bash(command), tool_name: `mcp__unknown__${'n'.repeat(100)}` };
    const { value } = await stand.decided(() => ask(long));
    expect(value.reason).toContain('APPROVAL_REQUIRED');
    expect(value.id.length).toBeLessThan(700);
    const approval = await granted(long);
    expect(await ask(long, { approval })).toMatchObject({ effect: 'allow' });
  });
});

describe('commands', () => {
  test('agent is blocked, colleague approves, developer pastes a line, agent goes on', async () => {
    const home = stand.site.path('home');
    await mkdir(home);
    const session = { url: stand.url, token: tokens.developer as string, env: { HOME: home } };
    const blocked = await hook('claude-code', bash(command), session);
    expect(blocked.code).toBe(2);
    expect(blocked.stderr).toContain('APPROVAL_REQUIRED');
    const id = idIn(blocked.stderr);

    const file = stand.site.path('colleague.token');
    await writeFile(file, `${tokens.colleague}\n`);
    const approved = await run(['approve', id, '--url', stand.url, '--token-file', file]);
    expect(approved).toMatchObject({ code: 0, stderr: '' });
    expect(approved.stdout).toMatch(/tool +Bash\n/);
    expect(approved.stdout).toMatch(/caller +developer \(verdict\)\n/);
    const line = approved.stdout.split('\n').find((each) => each.startsWith('mkdir -p ~/')) ?? '';
    shell(line, home);

    expect(await hook('claude-code', bash(command), session)).toEqual({ code: 0, stdout: '{}\n', stderr: '' });
    const used = await hook('claude-code', bash(command), session);
    expect(used.code).toBe(2);
    expect(used.stderr).toContain('APPROVAL_USED');

    // Another goes into the same file.
    const next = await run(['approve', idIn(used.stderr), '--url', stand.url, '--json'], {
      env: { VERDICT_TOKEN: tokens.colleague ?? '' },
    });
    const { approval, request } = JSON.parse(next.stdout);
    expect(request).toMatchObject({
      tool: 'Bash',
      role: 'maintainer',
      subject: { id: 'developer', issuer: 'verdict' },
    });
    shell(`echo ${approval} >> ~/.config/verdict/approvals`, home);
    expect(await hook('claude-code', bash(command), session)).toMatchObject({ code: 0 });
  });

  test('by a variable, or a file of that name', async () => {
    const session = { url: stand.url, token: tokens.developer as string };
    const env = { VERDICT_APPROVAL: await granted() };
    expect(await hook('claude-code', bash(command), { ...session, env })).toMatchObject({ code: 0 });
    const file = stand.site.path('approvals');
    const second = bash(`${command}-b`);
    await writeFile(file, `# mine\n\nnonsense\n${await granted(second)}\n`);
    expect(await hook('claude-code', second, session, ['--approvals-file', file])).toMatchObject({ code: 0 });
  });

  test('refused: the reason and exit code 3', async () => {
    const { id } = await ask();
    const refused = await run(['approve', id, '--url', stand.url], { env: { VERDICT_TOKEN: tokens.developer ?? '' } });
    expect(refused.code).toBe(3);
    expect(refused.stdout).toBe('');
    expect(refused.stderr).toMatch(/refused with 403 APPROVAL_FORBIDDEN.*another subject/);
  });
});

describe('a call that a model proposes', () => {
  const CALL = { name: 'Bash', arguments: '{"command":"npm install left-pad"}' };
  const body = {
    ...CHAT_BODY,
    model: 'gpt-5.2',
    tools: [{ type: 'function' as const, function: { name: 'Bash' } }],
  };
  const chat = (
    headers: Record<string, string> = {},
    stream = false,
    toolCalls = [CALL],
  ): Promise<OpenAI.ChatCompletion> => {
    stand.openai.next({ toolCalls, pieceBytes: 9 });
    const { completions } = stand.gpt({ route: 'coding' }).chat;
    return stream ? completions.stream(body, { headers }).finalChatCompletion() : completions.create(body, { headers });
  };

  test.each([false, true])('is released with an approval (stream: %s)', async (stream) => {
    const refused = await stand.decided(() => chat({}, stream).catch((error: Error) => error.message));
    expect(refused.value).toContain('APPROVAL_REQUIRED');
    const { approval, status } = await approve(idIn(String(refused.value)));
    expect(status).toBe(200);
    const passed = await stand.decided(() => chat({ 'x-verdict-approval': approval }, stream));
    expect(passed.value).toMatchObject({ choices: [{ message: { tool_calls: [{ function: CALL }] } }] });
    expect(passed.tools).toMatchObject([{ input: { tool: { approval: { by: { id: 'carol' } } } } }]);
    expect(JSON.stringify(stand.openai.requests.map(({ rawHeaders }) => rawHeaders))).not.toContain(approval);
    const again = await stand.decided(() =>
      chat({ 'x-verdict-approval': approval }, stream).catch((error: Error) => error.message),
    );
    expect(again.value).toContain('APPROVAL_USED');
    expect(again.outcome.tool_calls).toMatchObject([{ released: false }]);
  });

  test('of the same call twice in one response, one approval is for one', async () => {
    const twice = (headers: Record<string, string>) =>
      stand.decided(() => chat(headers, false, [CALL, CALL]).catch((error: Error) => error.message));
    const id = async (): Promise<string> => idIn(String((await twice({})).value));
    const [one, two, three] = [await approve(await id()), await approve(await id()), await approve(await id())];
    const short = await twice({ 'x-verdict-approval': one.approval });
    expect(short.value).toContain('APPROVAL_USED');
    expect(short.tools.map(({ effect_enforced }) => effect_enforced).sort()).toEqual(['forward', 'refuse']);
    expect(short.outcome.tool_calls).toMatchObject([{ released: false }, { released: false }]);
    const both = await twice({ 'x-verdict-approval': `${two.approval},${three.approval}` });
    expect(both.value).toMatchObject({
      choices: [{ message: { tool_calls: [{ function: CALL }, { function: CALL }] } }],
    });
  });
});

describe('gateways with one key', () => {
  test('a restarted one takes what it gave before', async () => {
    const approval = await granted();
    const { id } = await ask();
    stand.program.signal('SIGTERM');
    await stand.program.exited;
    await stand.restart();
    expect(await ask(bash(command), { approval })).toMatchObject({ effect: 'allow' });
    expect(await approve(id)).toMatchObject({ status: 200 });
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)('one that was restarted by %s knows which were used', async (signal) => {
    const { id } = await ask();
    const [used, spare] = [await approve(id), await approve(id)];
    expect(await ask(bash(command), { approval: used.approval })).toMatchObject({ effect: 'allow' });
    stand.program.signal(signal);
    await stand.program.exited;
    await stand.restart();
    for (const { approval } of [used, spare]) {
      expect(await ask(bash(command), { approval })).toMatchObject({
        effect: 'deny',
        reason: expect.stringContaining('APPROVAL_USED'),
      });
    }
    expect(await approve(id)).toMatchObject({ status: 403, code: 'APPROVAL_USED' });
    expect(await stand.verify()).toMatchObject({ reused: [] });
  });

  test('without a key, approvals end with the process', async () => {
    const alone = await Stand.open({ ...SITE, approvals: {}, prepare: (site) => addColleague(site) });
    try {
      const at = alone.url;
      const { id } = await ask(bash(command), { at });
      const { approval } = await approve(id, 'stranger', at);
      expect(approval).not.toBe('');
      expect(await approve(id, 'colleague')).toMatchObject({ code: 'APPROVAL_INVALID' }); // elsewhere
      alone.program.signal('SIGTERM');
      await alone.program.exited;
      await alone.restart();
      expect(await ask(bash(command), { approval, at: alone.url })).toMatchObject({
        reason: expect.stringContaining('APPROVAL_REQUIRED'),
      });
      expect(await approve(id, 'stranger', alone.url)).toMatchObject({ code: 'APPROVAL_INVALID' });
    } finally {
      await alone.close();
    }
  });

  test('two take it once each, and their logs together tell', async () => {
    const replica = await Stand.open(SITE);
    const approval = await granted();
    expect(await ask(bash(command), { approval, at: replica.url })).toMatchObject({ effect: 'allow' });
    expect(await ask(bash(command), { approval })).toMatchObject({ effect: 'allow' });
    const ca = ['--ca', stand.site.path('pki/root.pem')];
    expect((await run(['verify', replica.auditFolder, ...ca])).code).toBe(0);
    const both = await run(['verify', replica.auditFolder, stand.auditFolder, ...ca]);
    const { input } = replica.journal().find(({ input }) => input?.tool?.approval);
    expect(both.code).toBe(1);
    expect(both.stdout).toContain(`${input.tool.approval.id} was used twice`);
    expect(both.stdout).toContain(replica.auditFolder);
    await replica.close();
  });

  test('whose disk fails as an approval is used: nothing passes, and nothing looks used twice', async () => {
    const place = await Stand.open({ ...SITE, prepare: (site) => addColleague(site) });
    const plan = place.site.path('faults.json');
    const failing = (...faults: Fault[]): void => writeFileSync(plan, JSON.stringify(faults));
    failing();
    place.program.signal('SIGTERM');
    await place.program.exited;
    const keys = { E2E_OPENAI_KEY: 'x', E2E_ANTHROPIC_KEY: 'x', ...SITE.env };
    const program = join(import.meta.dirname, 'withstand', 'faulty-gateway.ts');
    const { site, auditFolder: log } = place;
    const on: Place = { config: site.config, env: keys, log, ca: site.ca, token: site.token, site };
    const faulty = new GatewayProcess(on, [process.execPath, program, plan]);
    try {
      const at = await faulty.ready;
      const { approval } = await approve((await ask(bash(command), { at })).id, 'stranger', at);
      const { id } = await ask(bash(`${command} -g`), { at });
      failing({ op: 'sync', from: 0, times: 1e9, error: 'EIO' });
      expect(await ask(bash(command), { at, approval })).toMatchObject({ status: 503, effect: null });
      expect(await approve(id, 'stranger', at)).toEqual({ status: 503, approval: '', code: 'AUDIT_UNAVAILABLE' });
      failing();
      await until(async () => ((await fetch(`${at}/readyz`)).ok ? true : undefined), 'the log takes records again');
      // The record of the call that failed may be in the log, or not: a second use would look as if both had passed.
      const after = await ask(bash(command), { at, approval });
      expect(after.reason).toContain('APPROVAL_USED');
      const another = await approve(after.id, 'stranger', at);
      expect(await ask(bash(command), { at, approval: another.approval })).toMatchObject({ effect: 'allow' });
      expect(await faulty.stop()).toBe(0);
      expect(await place.verify()).toMatchObject({ outcome: 'signed', closed: true, reused: [] });
    } finally {
      await faulty.stop('SIGKILL');
      await place.discard();
    }
  });

  const addColleague = async (site: { issue: Stand['site']['issue'] }): Promise<void> => {
    tokens.stranger = await site.issue({ subject: 'carol', roles: ['maintainer'] });
  };
});

test('no secret of an approval is in the operational log', () => {
  expect(stand.program.stdout).not.toMatch(/eyJ/);
  expect(stand.program.stdout).not.toContain(KEY);
});

function shell(line: string, home: string): void {
  execFileSync('sh', ['-c', line], { env: { ...process.env, HOME: home } });
  expect(readFileSync(`${home}/.config/verdict/approvals`, 'utf8')).toMatch(/^[\w.\n-]+$/);
}
