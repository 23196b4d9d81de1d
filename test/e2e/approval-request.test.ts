import { hash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { APIError } from 'openai';
import { AGENTS_ROUTE, bash } from './agent.ts';
import { CHAT_BODY, codes, type Entry, Stand } from './harness.ts';
import { run } from './program.ts';
import { ROUTES } from './site.ts';

// Requests to a model that policy escalates, and what no approval can answer.

const POLICY = `package verdict

allowed := {"effect": "allow", "reasons": [], "obligations": []}

reasons := [{"code": "ASK", "message": "is that so?", "rule": "data.verdict.request"}]

user := object.get(object.get(input, "body", {}), "user", "") if input.phase == "request"

asked(roles) := {"effect": "escalate", "reasons": reasons, "obligations": [{"type": "approve", "by": role} | some role in roles]}

request := asked(["maintainer"]) if {
	not answered
	not startswith(user, "two")
	user != "caller"
}

request := asked(["caller"]) if {
	not answered
	user == "caller"
}

request := asked(["maintainer", "lawyer"]) if {
	not answered
	startswith(user, "two")
}

request := allowed if {
	answered
	not suspended
}

request := {"effect": "deny", "reasons": [object.union(reasons[0], {"code": "SUSPENDED"})], "obligations": []} if {
	answered
	suspended
}

suspended if "suspended" in input.subject.roles

answered if input.approval.by.role == "maintainer"

tool := asked(["maintainer", "lawyer"]) if input.tool.origin == "hook"

tool := asked(["caller"]) if input.tool.origin == "mcp"
`;

let stand: Stand;
let colleague: string;
/** The same caller's, with another role. */
let suspended: string;
beforeAll(async () => {
  stand = await Stand.open({
    routes: [...ROUTES, AGENTS_ROUTE, { ...AGENTS_ROUTE, id: 'trial', match: { path: '/trial' }, mode: 'shadow' }],
    approvals: { key: { env: 'E2E_APPROVAL_KEY' } },
    env: { E2E_APPROVAL_KEY: 'a secret of at least 32 characters' },
    async prepare(site) {
      await site.buildPolicy(POLICY, ['verdict/request', 'verdict/tool']);
      colleague = await site.issue({ subject: 'carol', roles: ['maintainer'] });
      suspended = await site.issue({ subject: 'developer', roles: ['suspended'] });
    },
  });
});
afterAll(() => stand.close());
afterEach(() => stand.forgetRequests());

interface Told {
  status: number | undefined;
  code: string | null | undefined;
  message: string;
  id: string;
}

/** Sends a chat call of this user, and tells how it was answered. */
async function chat(user: string, approval?: string, route = 'support', token = stand.site.token): Promise<Told> {
  const headers = approval === undefined ? {} : { 'x-verdict-approval': approval };
  const call = stand.gpt({ route, token }).chat.completions.create({ ...CHAT_BODY, user }, { headers });
  return call.then(
    (): Told => ({ status: 200, code: undefined, message: '', id: '' }),
    ({ status, code, message }: APIError) => ({ status, code, message, id: idIn(message) }),
  );
}

const idIn = (text: string): string => /verdict approve (\S+)/.exec(text)?.[1] ?? '';

async function approve(id: string): Promise<{ status: number; approval: string; request: Entry }> {
  const headers = { authorization: `Bearer ${colleague}` };
  const answer = await fetch(`${stand.url}/v1/approvals/${id}`, { method: 'POST', headers });
  const { approval = '', request } = (await answer.json()) as Entry;
  return { status: answer.status, approval, request };
}

const granted = async (user: string, route?: string): Promise<string> =>
  (await approve((await chat(user, undefined, route)).id)).approval;

const bodyOf = (user: string): string => JSON.stringify({ ...CHAT_BODY, user });

describe('a request', () => {
  test('is refused, approved of, and forwarded once', async () => {
    const refused = await stand.decided(() => chat('one'));
    expect(refused.value).toMatchObject({ status: 403, code: 'APPROVAL_REQUIRED' });
    expect(refused.value.message).toContain('(is that so?)');
    expect(refused.decision.input).not.toHaveProperty('approval');
    expect(stand.forwarded).toBe(0);

    const approved = await stand.during(() => approve(refused.value.id));
    const { approval, request } = approved.value;
    const content = { tool: null, arguments_sha256: hash('sha256', bodyOf('one')) };
    expect(request).toMatchObject(content);
    const [record] = approved.records;
    expect(record).toMatchObject({ type: 'approval', decision: refused.decision.id, ...content });

    const passed = await stand.decided(() => chat('one', approval));
    expect(passed.value.status).toBe(200);
    expect(passed.decision).toMatchObject({
      phase: 'request',
      effect_enforced: 'forward',
      input: { approval: { id: record.approval, by: { id: 'carol', role: 'maintainer' } }, body: { user: 'one' } },
    });
    expect(JSON.stringify(stand.openai.requests.map(({ rawHeaders }) => rawHeaders))).not.toContain(approval);

    const again = await stand.decided(() => chat('one', approval));
    expect(again.value).toMatchObject({ status: 403, code: 'APPROVAL_USED' });
    expect(codes(again.decision)).toEqual(['APPROVAL_USED']);
    expect(again.decision).toMatchObject({ entrypoint: null, effect_enforced: 'refuse' });
    const next = await approve(again.value.id);
    expect(await chat('one', `${approval},${next.approval}`)).toMatchObject({ status: 200 });
  });

  test('of many at once, one is forwarded', async () => {
    const approval = await granted('many');
    const answers = await Promise.all(Array.from({ length: 10 }, () => chat('many', approval)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(stand.forwarded).toBe(1);
  });

  test.each<[string, string, string]>([
    ['body', 'support', 'other'],
    ['route', 'discreet', 'same'],
  ])('of another %s is escalated anew', async (_what, route, user) => {
    const approval = await granted('same');
    expect(await chat(user, approval, route)).toMatchObject({ status: 403, code: 'APPROVAL_REQUIRED' });
    expect(await chat('same', approval)).toMatchObject({ status: 200 });
  });

  test.each(['blind', 'discreet'])('whose text is not kept: %s', async (route) => {
    // Policy of a blind route sees no user, and so asks by one role.
    const approval = await granted('quiet', route);
    const { value, decision } = await stand.decided(() => chat('quiet', approval, route));
    expect(value.status).toBe(200);
    expect(decision.input).toMatchObject({ approval: { by: { id: 'carol' } } });
    expect(decision.input).not.toHaveProperty('body');
    expect(await stand.verify()).toMatchObject({ finding: null, reused: [] });
  });

  test('that policy denies all the same gives the approval back', async () => {
    const approval = await granted('back');
    const { value, decision } = await stand.decided(() => chat('back', approval, 'support', suspended));
    expect(value).toMatchObject({ status: 403, code: 'SUSPENDED', id: '' });
    expect(decision.input).toMatchObject({ approval: { by: { id: 'carol' } } });
    expect(await chat('back', approval)).toMatchObject({ status: 200 });
  });

  test('without a body: the list of models', async () => {
    const list = (headers = {}) => stand.gpt().models.list({ headers });
    const refused = await list().catch((error: APIError) => error.message);
    const { approval } = await approve(idIn(String(refused)));
    expect(await list({ 'x-verdict-approval': approval })).toBeDefined();
    await expect(list({ 'x-verdict-approval': approval })).rejects.toMatchObject({ code: 'APPROVAL_USED' });
  });

  test('is known to have been forwarded after a restart', async () => {
    const approval = await granted('restart');
    expect(await chat('restart', approval)).toMatchObject({ status: 200 });
    stand.program.signal('SIGTERM');
    await stand.program.exited;
    await stand.restart();
    expect(await chat('restart', approval)).toMatchObject({ status: 403, code: 'APPROVAL_USED' });
  });

  test('is told of by the command', async () => {
    const { id } = await chat('command');
    const env = { VERDICT_TOKEN: colleague };
    const { stdout } = await run(['approve', id, '--url', stand.url], { env });
    expect(stdout).toMatch(/request +to a model\n +body +sha256 [0-9a-f]{64}\n/);
  });
});

test('a request has no person before it who could be asked', async () => {
  const { value, decision } = await stand.decided(() => chat('caller'));
  expect(value).toMatchObject({ status: 403, code: 'CONFIRMATION_REQUIRED', id: '' });
  expect(value.message).toContain('cannot be asked about here (is that so?)');
  expect(decision).toMatchObject({ effect_enforced: 'refuse', result: { effect: 'escalate' } });
  expect(stand.forwarded).toBe(0);

  const headers = { authorization: `Bearer ${stand.site.token}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ server: 's', calls: [{ name: 't', type: 'function', arguments: {} }] });
  const answer = await fetch(`${stand.url}/v1/hooks/mcp`, { method: 'POST', headers, body });
  const [ruling] = ((await answer.json()) as Entry).rulings;
  expect(ruling).toMatchObject({ effect: 'deny', status: 403, code: 'CONFIRMATION_REQUIRED' });
});

describe('approvals by two roles', () => {
  test('cannot be asked for: a request is refused, and told why', async () => {
    const { value, decision } = await stand.decided(() => chat('two'));
    expect(value).toMatchObject({ status: 403, code: 'OBLIGATION_UNSUPPORTED', id: '' });
    expect(value.message).toContain('expected one approval, by one role');
    expect(decision.result.obligations).toHaveLength(2);
  });

  test('nor for a tool call', async () => {
    const headers = { authorization: `Bearer ${stand.site.token}`, 'content-type': 'application/json' };
    const body = JSON.stringify(bash('ls'));
    const answer = await fetch(`${stand.url}/v1/hooks/claude-code`, { method: 'POST', headers, body });
    expect(answer.headers.get('x-verdict-effect')).toBe('deny');
    expect(await answer.text()).toContain('OBLIGATION_UNSUPPORTED');
  });
});

test('a route for hooks in shadow is told of at the start, by its id', () => {
  const told = stand.program.lines().filter(({ msg }) => String(msg).includes('in shadow'));
  expect(told).toMatchObject([{ level: 40, route: 'trial' }]);
});
