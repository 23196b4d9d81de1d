import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Issuer, newKey } from '../identity/issuer.ts';
import { AGENTS_ROUTE, bash, hook, type Session } from './agent.ts';
import { codes, type Entry, Stand } from './harness.ts';
import { run } from './program.ts';

// Coding agents' hooks: the built `verdict hook` in front of the built gateway, with the example policies.

const CWD = '/home/dev/project';
const common = { session_id: 's-7', cwd: CWD };
const cursor = { conversation_id: 's-7', workspace_roots: [CWD] };

/** How each agent tells that it is about to run a command, and to read a file. */
const AGENTS: Record<string, { run(command: string): object; read(path: string): object }> = {
  'claude-code': {
    run: (command) => ({ ...bash(command), session_id: 's-7' }),
    read: (file_path) => ({ ...bash(''), session_id: 's-7', tool_name: 'Read', tool_input: { file_path } }),
  },
  codex: {
    run: (command) => ({ ...common, hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_input: { command } }),
    read: (path) => ({
      ...common,
      hook_event_name: 'PreToolUse',
      tool_name: 'Bash',
      tool_input: { command: `cat ${path}` },
    }),
  },
  cursor: {
    run: (command) => ({ ...cursor, hook_event_name: 'beforeShellExecution', command, cwd: CWD }),
    read: (file_path) => ({ ...cursor, hook_event_name: 'beforeReadFile', file_path, content: '' }),
  },
  gemini: {
    run: (command) => ({
      ...common,
      hook_event_name: 'BeforeTool',
      tool_name: 'run_shell_command',
      tool_input: { command },
    }),
    read: (file_path) => ({
      ...common,
      hook_event_name: 'BeforeTool',
      tool_name: 'read_file',
      tool_input: { file_path },
    }),
  },
  copilot: {
    run: (command) => ({ sessionId: 's-7', cwd: CWD, toolName: 'bash', toolArgs: JSON.stringify({ command }) }),
    read: (path) => ({ sessionId: 's-7', cwd: CWD, toolName: 'view', toolArgs: JSON.stringify({ path }) }),
  },
};
const NAMES = Object.keys(AGENTS);
const of = (name: string) => AGENTS[name] as (typeof AGENTS)[string];

const digest = { id: 'digest', kind: 'hook', match: { path: '/digest/v1/hooks' }, policy: 'coding', text: 'digest' };
const discreet = {
  ...digest,
  id: 'discreet',
  match: { path: '/discreet/v1/hooks' },
  text: 'full',
  audit: { input: 'digest' },
};
const shadow = { ...AGENTS_ROUTE, id: 'shadow', match: { path: '/shadow/v1/hooks' }, mode: 'shadow' };

let stand: Stand;
let session: Session;
let issuer: Issuer;
let delegated: string;
beforeAll(async () => {
  const key = await newKey('ES256');
  issuer = await new Issuer().start();
  issuer.keys = [key.jwk];
  stand = await Stand.open({
    routes: [AGENTS_ROUTE, digest, discreet, shadow],
    oidc: [{ issuer: issuer.issuer, audience: 'verdict', jwks_url: issuer.url, algorithms: ['ES256'] }],
  });
  session = { url: stand.url, token: stand.site.token };
  const now = Math.floor(Date.now() / 1000);
  const act = { sub: 'workstation-9' };
  delegated = await issuer.sign(key, { iat: now, exp: now + 600, roles: ['developer'], act });
});
afterAll(async () => {
  await stand.close();
  await issuer.stop();
});

describe.each(NAMES)('%s', (name) => {
  const ask = (payload: object | string, as = session) => stand.decided(() => hook(name, payload, as));

  test('goes on with what policy has no objection to, and that is on record', async () => {
    const { value, decision, outcome } = await ask(of(name).run('npm test'));
    const stdout = name === 'cursor' ? '{"permission":"allow"}\n' : '{}\n';
    expect(value).toEqual({ code: 0, stdout, stderr: '' });
    expect(outcome).toBeUndefined();
    expect(decision).toMatchObject({
      phase: 'tool',
      entrypoint: 'verdict/tool',
      route: 'agents',
      effect_enforced: 'forward',
      subject: { id: 'developer', roles: ['developer'], act: { sub: `hook:${name}`, session: 's-7' } },
      input: {
        http: { method: 'POST', path: `/v1/hooks/${name}` },
        call: null,
        tool: {
          origin: 'hook',
          parent: null,
          workspace: CWD,
          approval: null,
          actions: [{ kind: 'command', words: ['npm', 'test'] }],
        },
      },
    });
    expect(decision.body_sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('is kept from deleting everything, and from secrets', async () => {
    for (const payload of [of(name).run('rm -rf /'), of(name).read(`${CWD}/.env`)]) {
      const { value, decision } = await ask(payload);
      expect(decision).toMatchObject({ effect_enforced: 'refuse', result: { effect: 'deny' } });
      expect(value.code).toBe(2);
      expect(value.stderr).toContain(`Verdict: ${codes(decision)[0]}: `);
      expect(value.stderr).toContain(`(decision ${decision.id})`);
      expect(JSON.stringify(JSON.parse(value.stdout))).toContain(decision.id);
    }
  });

  test('is told how an approval is asked for, and not to ask its own user', async () => {
    const { value } = await ask(of(name).run('npm install left-pad'));
    expect(value.code).toBe(2);
    expect(value.stderr).toMatch(/APPROVAL_REQUIRED: this call needs an approval: verdict approve eyJ[\w.-]+ \(/);
    expect(value.stdout).not.toContain('"ask"');
  });

  test('is blocked where its payload is not understood', async () => {
    for (const payload of ['{}', '[]', '{"tool_name":"x","tool_name":"y"}', '{"hook_event_name":"PostToolUse"}']) {
      const { value, records } = await stand.during(() => hook(name, payload, session));
      expect(value.code).toBe(2);
      expect(value.stderr).toMatch(/^Verdict: /);
      for (const record of records) expect(codes(record)).toEqual(['CALL_INVALID']);
    }
  });

  test('is blocked without a valid token, which is on record', async () => {
    const { value, decision } = await ask(of(name).run('npm test'), { ...session, token: 'vdt_000000000000_wrong' });
    expect(value.code).toBe(2);
    expect(value.stderr).toContain('IDENTITY_INVALID');
    expect(decision.subject).toBeNull();
    expect(codes(decision)).toEqual(['IDENTITY_INVALID']);
  });

  test('is blocked when there is no gateway', async () => {
    const value = await hook(name, of(name).run('npm test'), { ...session, url: 'http://127.0.0.1:9' });
    expect(value.code).toBe(2);
    expect(value.stderr).toContain('cannot be reached');
    expect(value.stdout).not.toBe('');
  });
});

test("the developer stays on top, the agent below, the token's own actor below that", async () => {
  const { decision } = await stand.decided(() =>
    hook('codex', of('codex').run('npm test'), { ...session, token: delegated }),
  );
  expect(decision.subject).toMatchObject({
    id: 'alice',
    method: 'oidc',
    act: { sub: 'hook:codex', session: 's-7', act: { sub: 'workstation-9' } },
  });
  expect(decision.input.subject).toEqual(decision.subject);
});

test('no other agents, methods or bodies', async () => {
  const headers = { authorization: `Bearer ${session.token}`, 'content-type': 'application/json' };
  const send = async (path: string, init: RequestInit): Promise<unknown> => {
    const answer = await fetch(`${stand.url}/v1/hooks${path}`, { headers, ...init });
    return [answer.status, ((await answer.json()) as Entry).error.code];
  };
  const body = JSON.stringify(bash('npm test'));
  expect(await send('/unheard-of', { method: 'POST', body })).toEqual([404, 'ENDPOINT_NOT_GOVERNED']);
  expect(await send('/claude-code/x', { method: 'POST', body })).toEqual([404, 'ENDPOINT_NOT_GOVERNED']);
  expect(await send('', { method: 'POST', body })).toEqual([404, 'ENDPOINT_NOT_GOVERNED']);
  expect(await send('/claude-code', {})).toEqual([405, 'METHOD_NOT_ALLOWED']);
  expect(await send('/claude-code', { method: 'POST', body: '{' })).toEqual([400, 'BODY_INVALID']);
  const text = { ...headers, 'content-type': 'text/plain' };
  expect(await send('/claude-code', { method: 'POST', body, headers: text })).toEqual([415, 'MEDIA_TYPE_UNSUPPORTED']);
  const large = JSON.stringify(bash(`echo ${'x'.repeat(11 << 20)}`));
  expect(await send('/claude-code', { method: 'POST', body: large })).toEqual([413, 'BODY_TOO_LARGE']);
});

test('a route in shadow objects to nothing, and records what it would have said', async () => {
  const { value, decision } = await stand.decided(() =>
    hook('claude-code', bash('rm -rf /'), { ...session, url: `${stand.url}/shadow` }),
  );
  expect(value.code).toBe(0);
  expect(decision).toMatchObject({ mode: 'shadow', effect_enforced: 'forward', result: { effect: 'deny' } });
});

test('routes without text: digests in the record, and what the command would do is not in it', async () => {
  const secret = 'planted-93ab';
  const at = (route: string) => ({ ...session, url: `${stand.url}/${route}` });
  const judged = await stand.decided(() => hook('claude-code', bash(`echo ${secret}`), at('discreet')));
  expect(judged.value.code).toBe(0);
  expect(judged.decision).toMatchObject({ input_form: 'digest', input: { tool: { actions: [] } } });
  // Policy does not see the command there either, so the example policies do not understand it.
  const blind = await stand.decided(() => hook('claude-code', bash(`echo ${secret}`), at('digest')));
  expect(blind.value.code).toBe(2);
  expect(blind.decision).toMatchObject({ input_form: 'full', input: { tool: { actions: [] } } });
  expect(codes(blind.decision)).toContain('TOOL_CALL_NOT_UNDERSTOOD');
  expect(stand.logText()).not.toContain(secret);
});

test('every tool decision replays', async () => {
  const site = (name: string) => stand.site.path(name);
  const args = [stand.auditFolder, '--bundles', site('audit/bundles'), '--ca', site('pki/root.pem')];
  const { code, stdout } = await run(['replay', ...args, '--all', '--json']);
  expect(code).toBe(0);
  const lines: Entry[] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const outcomes = new Map(lines.map((line) => [line.id, line.outcome]));
  const tools = stand.journal().filter(({ phase, entrypoint }) => phase === 'tool' && entrypoint !== null);
  expect(tools.length).toBeGreaterThan(20);
  for (const { id, route } of tools)
    expect([id, outcomes.get(id)]).toEqual([id, route === 'discreet' ? 'input_withheld' : 'match']);
});

describe('a question that needs no approval', () => {
  let asking: Stand;
  beforeAll(async () => {
    const reason = '{"code": "PLEASE_CONFIRM", "message": "is that what you want?"}';
    const policy = `package verdict

obligations := [{"type": "approve", "by": "caller"}] if input.route.id == "agents"

obligations := [] if input.route.id == "bare"

obligations := [{"type": "approve", "by": "caller"}, {"type": "approve", "by": "maintainer"}] if input.route.id == "both"

request := {"effect": "allow", "obligations": [], "reasons": []} if input.phase == "request"

tool := {"effect": "escalate", "obligations": obligations, "reasons": [${reason}]} if input.phase == "tool"
`;
    const bare = { ...AGENTS_ROUTE, id: 'bare', match: { path: '/bare/v1/hooks' } };
    const both = { ...AGENTS_ROUTE, id: 'both', match: { path: '/both/v1/hooks' } };
    asking = await Stand.open({
      routes: [AGENTS_ROUTE, bare, both],
      prepare: (site) => site.buildPolicy(policy, ['verdict/request', 'verdict/tool']),
    });
  });
  afterAll(() => asking.close());
  const at = (prefix = ''): Session => ({ url: `${asking.url}${prefix}`, token: asking.site.token });

  test.each(NAMES)('goes to the person before %s, if it can ask, and that is on record', async (name) => {
    for (const prefix of ['', '/bare']) {
      const { value, decision } = await asking.decided(() => hook(name, of(name).run('make'), at(prefix)));
      const asks = ['claude-code', 'cursor', 'copilot'].includes(name);
      expect(decision).toMatchObject({ effect_enforced: asks ? 'ask' : 'refuse', result: { effect: 'escalate' } });
      expect([name, value.code, value.stdout.includes('"ask"')]).toEqual([name, asks ? 0 : 2, asks]);
      expect(value.stdout).toContain('is that what you want?');
      expect(value.stdout).toContain(decision.id);
      if (asks) expect(value.stdout).toContain('Verdict: PLEASE_CONFIRM: ');
      else if (prefix === '')
        expect(value.stderr).toContain('CONFIRMATION_REQUIRED: this call needs a yes of the person');
      expect(value.stdout).not.toContain('verdict approve');
    }
  });

  test('is a denial at an event of Cursor that asks nobody, and beside an approval', async () => {
    const read = await asking.decided(() => hook('cursor', of('cursor').read(`${CWD}/a`), at()));
    expect(read.value.code).toBe(2);
    expect(read.decision).toMatchObject({ effect_enforced: 'refuse' });
    const both = await asking.decided(() => hook('claude-code', bash('make'), at('/both')));
    expect(both.value.code).toBe(2);
    expect(both.decision).toMatchObject({ effect_enforced: 'refuse' });
  });

  test('leaves a log that verifies and replays', async () => {
    expect(await asking.verify()).toMatchObject({ finding: null });
    const site = (name: string) => asking.site.path(name);
    const args = [asking.auditFolder, '--bundles', site('audit/bundles'), '--ca', site('pki/root.pem')];
    expect(await run(['replay', ...args, '--all'])).toMatchObject({ code: 0 });
  });
});
