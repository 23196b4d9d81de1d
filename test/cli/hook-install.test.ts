import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { AGENTS, agentOf, answerHook, type Scope } from '../../src/hook/index.ts';
import { type Ran, verdict } from './run.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'verdict-install-'));
});
afterEach(() => rm(home, { recursive: true }));

const URL = 'http://127.0.0.1:8080';

const install = (agent: string, ...args: string[]): Promise<Ran> =>
  verdict(['hook', 'install', agent, '--url', URL, ...args], { cwd: home, env: { HOME: home } });

const path = (agent: string, scope: Scope = 'user') => join(home, agentOf(agent).settings.file[scope]);
const settings = (agent: string, scope: Scope = 'user') => readFile(path(agent, scope), 'utf8');

async function put(agent: string, text: string): Promise<void> {
  await mkdir(dirname(path(agent)), { recursive: true });
  await writeFile(path(agent), text);
}

const command = expect.stringMatching(/main\.ts hook \S+ --url http:\/\/127\.0\.0\.1:8080 \|\| \{ .*exit 2; \}$/);
const cursorHook = [{ command, timeout: 60, failClosed: true }];

/** Cursor's generic event, but not for the tools that have an event of their own. */
const cursorRest = (...tools: string[]) => [
  { command, timeout: 60, failClosed: true, matcher: `^(?!(?:${tools.join('|')})$)[\\s\\S]*$` },
];
const cursorBoth = { beforeShellExecution: cursorHook, beforeReadFile: cursorHook, beforeTabFileRead: cursorHook };

/** What each agent's documents say that its settings look like, and where they lie; one content is for both scopes. */
const EXPECTED: Record<string, [user: string, project: string, content: unknown, ofProject?: unknown]> = {
  'claude-code': [
    '.claude/settings.json',
    '.claude/settings.json',
    {
      hooks: { PreToolUse: [{ matcher: '*', hooks: [{ type: 'command', command, timeout: 60, onFailure: 'block' }] }] },
    },
  ],
  codex: [
    '.codex/hooks.json',
    '.codex/hooks.json',
    { hooks: { PreToolUse: [{ matcher: '*', hooks: [{ type: 'command', command, timeout: 60 }] }] } },
  ],
  cursor: [
    '.cursor/hooks.json',
    '.cursor/hooks.json',
    {
      version: 1,
      hooks: {
        ...cursorBoth,
        beforeMCPExecution: cursorHook,
        preToolUse: cursorRest('Shell', 'Read', 'ReadFile', 'MCP:.*'),
      },
    },
    { version: 1, hooks: { ...cursorBoth, preToolUse: cursorRest('Shell', 'Read', 'ReadFile') } },
  ],
  gemini: [
    '.gemini/settings.json',
    '.gemini/settings.json',
    {
      hooks: { BeforeTool: [{ matcher: '*', hooks: [{ name: 'verdict', type: 'command', command, timeout: 60000 }] }] },
    },
  ],
  copilot: [
    '.copilot/hooks/verdict.json',
    '.github/hooks/verdict.json',
    { version: 1, hooks: { preToolUse: [{ type: 'command', bash: command, timeoutSec: 60 }] } },
  ],
};

test.each([...AGENTS.keys()])('%s: new settings, shown first, and none the second time', async (agent) => {
  const [user, project, content, ofProject = content] = EXPECTED[agent] as [string, string, unknown, unknown?];
  const ran = await install(agent, '--yes');
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  expect(ran.stdout).toMatch(/^--- \/dev\/null\n\+\+\+ /);
  expect(JSON.parse(await readFile(join(home, user), 'utf8'))).toEqual(content);
  expect(await install(agent, '--yes')).toMatchObject({ code: 0, stdout: expect.stringContaining('there already') });
  expect(await install(agent, '--yes', '--scope', 'project')).toMatchObject({ code: 0 });
  expect(JSON.parse(await readFile(join(home, project), 'utf8'))).toEqual(ofProject);
});

/** Which events Cursor runs hooks for, in order: the generic one for every tool, then the tool's own. Cloud agents lack one. */
const ACTIONS: [tool: string, own: string[]][] = [
  ['Shell', ['beforeShellExecution']],
  ['Read', ['beforeReadFile']],
  ['ReadFile', ['beforeReadFile']],
  ['MCP:query', ['beforeMCPExecution']],
  ['MCP:Shell', ['beforeMCPExecution']],
  ['Write', []],
  ['ShellInput', []],
  ['a\nb', []],
];

test.each<[string, Scope, string[]]>([
  ['on this machine', 'user', []],
  ['in the cloud', 'project', ['beforeMCPExecution']],
  ['on this machine', 'project', []],
])('Cursor %s, settings of the %s: each action is judged once', async (_where, scope, lacking) => {
  const { hooks } = JSON.parse((await install('cursor', '--print', '--scope', scope)).stdout);
  for (const [tool, own] of ACTIONS) {
    const events = ['preToolUse', ...own].filter((event) => !lacking.includes(event));
    const judging = events.flatMap((event) => (hooks[event] ?? []) as { matcher?: string }[]);
    const runs = judging.filter(({ matcher = '' }) => new RegExp(matcher).test(tool));
    const whole = judging.filter(({ matcher = '.*' }) => new RegExp(`^(?:${matcher})$`).test(tool));
    expect([tool, runs.length, whole.length]).toEqual([tool, 1, 1]);
  }
});

test('Cursor: hooks of ours from before are changed or taken away, others stay', async () => {
  const ours = { command: 'verdict hook cursor --url http://127.0.0.1:9 || exit 2', timeout: 60, failClosed: true };
  const other = { command: './mine.sh' };
  const hooks = { beforeMCPExecution: [ours, other, ours], preToolUse: [other, ours], stop: [other] };
  await mkdir(dirname(path('cursor', 'project')), { recursive: true });
  await writeFile(path('cursor', 'project'), JSON.stringify({ version: 1, hooks }));
  expect(await install('cursor', '--yes', '--scope', 'project')).toMatchObject({ code: 0 });
  expect(JSON.parse(await settings('cursor', 'project'))).toEqual({
    version: 1,
    hooks: {
      ...cursorBoth,
      beforeMCPExecution: [other],
      preToolUse: [other, ...cursorRest('Shell', 'Read', 'ReadFile')],
      stop: [other],
    },
  });
});

const CLAUDE = `{
\t"model": "opus",   "permissions": {"deny": ["Read(.env)"]},
\t"hooks": {
\t\t"PostToolUse": [ { "matcher": "Write", "hooks": [] } ],
\t\t"PreToolUse": [
\t\t\t{ "matcher": "Bash", "hooks": [{ "type": "command", "command": "./mine.sh" }] }
\t\t]
\t},
\t"env": { "A": "\\u00e9" }
}
`;

test('everything else stays, to the byte; a hook of ours is replaced where it stands', async () => {
  await put('claude-code', CLAUDE);
  expect(await install('claude-code', '--yes')).toMatchObject({ code: 0 });
  const once = await settings('claude-code');
  const at = once.indexOf('./mine.sh" }] }') + './mine.sh" }] }'.length;
  const end = once.length - CLAUDE.length + at;
  expect(once.slice(0, at) + once.slice(end)).toBe(CLAUDE);
  expect(once.slice(at, end)).toMatch(/^,\n\t\t\t\{\n\t\t\t\t"matcher": "\*",/);

  const ran = await install('claude-code', '--yes', '--timeout', '5s');
  expect(ran.stdout.match(/^[-+][^-+].*$/gm)).toHaveLength(2);
  expect(await settings('claude-code')).toBe(once.replace(':8080 ||', ':8080 --timeout 5s ||'));
});

test('comments stay where the agent takes them, and are refused where it would not read the file', async () => {
  const text = '// mine\r\n{\r\n    /* why */ "theme": "x", // so\r\n    "hooks": {}\r\n}\r\n';
  await put('gemini', text);
  expect(await install('gemini', '--yes')).toMatchObject({ code: 0 });
  const edited = await settings('gemini');
  expect(edited.startsWith(text.slice(0, text.indexOf('{}')))).toBe(true);
  expect(edited.replaceAll('\r\n', '')).not.toContain('\n');
  await put('cursor', text);
  expect(await install('cursor', '--yes')).toMatchObject({ code: 2 });
  expect(await settings('cursor')).toBe(text);
});

test.each([
  ['cursor', '{', /expected JSON: JSON_SYNTAX/],
  ['cursor', '[]', /expected an object/],
  ['cursor', '{"version":1,"hooks":{},"hooks":{}}', /JSON_DUPLICATE_KEY/],
  ['cursor', '{"version":2,"hooks":{}}', /expected 1 at \$\.version/],
  ['cursor', '{"version":1,"hooks":[]}', /expected an object at \$\.hooks/],
  ['cursor', '{"version":1,"hooks":{"beforeReadFile":{}}}', /expected an array at \$\.hooks\.beforeReadFile/],
  ['gemini', '{"a":1,}', /expected JSON, with comments or without/],
  ['claude-code', '\ufeff{}', /expected JSON/],
])('%s settings %j are refused and left as they are', async (agent, text, reason) => {
  await put(agent, text);
  const ran = await install(agent, '--yes');
  expect(ran).toMatchObject({ code: 2, stdout: '' });
  expect(ran.stderr).toMatch(reason);
  expect(await settings(agent)).toBe(text);
  expect(await readdir(dirname(path(agent)))).toHaveLength(1);
});

test('nothing is written without a yes, or with --print', async () => {
  const asked = await install('codex');
  expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('expected --yes') });
  expect(asked.stdout).toContain('+++ ');
  const line = `${process.execPath} ${resolve('src/cli/main.ts')} hook install codex --url ${URL}`;
  const onTerminal = { HOME: home, NODE_OPTIONS: '--import=data:text/javascript,process.stdin.isTTY=true' };
  const refused = await shell(line, 'n\n', onTerminal);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing was written') });
  const printed = await install('codex', '--print');
  expect(JSON.parse(printed.stdout)).toEqual(EXPECTED.codex?.[2]);
  expect(await readdir(home)).toEqual([]);
  expect(await shell(line, 'y\n', onTerminal)).toMatchObject({ code: 0 });
  expect(JSON.parse(await settings('codex'))).toEqual(EXPECTED.codex?.[2]);
});

test('a link and the mode of the file are kept', async () => {
  const real = join(home, 'dotfiles.json');
  await writeFile(real, '{}');
  await chmod(real, 0o600);
  await mkdir(join(home, '.codex'));
  await symlink(real, path('codex'));
  expect(await install('codex', '--yes')).toMatchObject({ code: 0 });
  expect(JSON.parse(await readFile(real, 'utf8'))).toEqual(EXPECTED.codex?.[2]);
  expect((await stat(real)).mode & 0o777).toBe(0o600);
  expect(await readFile(path('codex'), 'utf8')).toBe(await readFile(real, 'utf8'));
});

test.each([
  [['--url', 'http://verdict.example'], /expected https/],
  [['--timeout', '60s'], /below 60s, which is how long the agent waits/],
  [['--token-file', '/nowhere'], /--token-file cannot be read/],
  [['--scope', 'machine'], /Allowed choices/],
])('%j is refused: it would block every call', async (args, reason) => {
  const ran = await install('codex', '--yes', ...args);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toMatch(reason);
  expect(await readdir(home)).toEqual([]);
});

/** As the agents run a hook's command. */
function shell(line: string, input: string, env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  return new Promise((done) => {
    const options = { env: { ...process.env, NODE_OPTIONS: '', ...env } };
    const child = execFile('sh', ['-c', line], options, (error, stdout, stderr) =>
      done({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

async function written(...args: string[]): Promise<string> {
  const { stdout } = await install('cursor', '--print', ...args);
  return JSON.parse(stdout).hooks.preToolUse[0].command;
}

test('the command that is written runs from a shell, with the token file, whatever its name', async () => {
  const file = join(home, "it's a token $HOME");
  await writeFile(file, 'vdt_000000000000_x');
  let token: string | undefined;
  const { stdout } = answerHook('cursor', { effect: 'allow', message: '', decisionId: 'id' }, 'preToolUse');
  const server = createServer((req, res) => {
    token = req.headers.authorization;
    req.resume();
    res.writeHead(200, { 'x-verdict-effect': 'allow', 'x-verdict-exit-code': '0' }).end(stdout);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  const line = await written('--url', `http://127.0.0.1:${port}`, '--token-file', file);
  expect(await shell(line, '{}')).toEqual({ code: 0, stdout: `${stdout}\n`, stderr: '' });
  expect(token).toBe('Bearer vdt_000000000000_x');
  server.close();
});

test('where verdict has gone, or dies, the command still blocks, with a reason', async () => {
  const gone = await shell(await written('--command', '/nowhere/verdict'), '{}');
  expect(gone).toMatchObject({ code: 2, stdout: '' });
  expect(gone.stderr).toContain('Verdict: the hook could not run');
  const killed = await shell(await written(), '{}', { NODE_OPTIONS: '--import=data:text/javascript,process.abort()' });
  expect(killed).toMatchObject({ code: 2, stdout: '' });
  expect(killed.stderr).toContain('Verdict: the hook could not run');
  const denied = await shell(await written(), '{}', { VERDICT_TOKEN: '' });
  expect(denied).toMatchObject({ code: 2, stdout: expect.stringContaining('"deny"') });
  expect(denied.stderr).toMatch(/^Verdict: expected a gateway token[^\n]*\n$/);
});
