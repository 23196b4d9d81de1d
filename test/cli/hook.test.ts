import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { AGENTS, answerHook } from '../../src/hook/index.ts';
import { CLAUDE } from '../hook/payloads.ts';
import type { Ran } from './run.ts';

const MAIN = resolve('src/cli/main.ts');
const TOKEN = 'vdt_000000000000_secretsecretsecret';
const PROMPT = 'the-developers-own-words';

let folder: string;
let server: Server;
let url: string;
/** What the gateway of the next test does. */
let respond: (req: IncomingMessage, res: ServerResponse, body: string) => void;
let asked = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verdict-hook-'));
  server = createServer(async (req, res) => {
    asked++;
    const chunks: Buffer[] = [];
    for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
    respond(req, res, Buffer.concat(chunks).toString());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

const INPUT = JSON.stringify({ ...CLAUDE, tool_input: { command: PROMPT } });

/** Runs `verdict hook …` as an agent does, with the payload on standard input. */
async function hook(args: string[], input = INPUT, env: NodeJS.ProcessEnv = {}, act?: (child: ChildProcess) => void) {
  const child = spawn(process.execPath, [MAIN, 'hook', ...args], {
    env: { ...process.env, NODE_OPTIONS: '', VERDICT_TOKEN: TOKEN, ...env },
  });
  const ran: Ran = { code: -1, stdout: '', stderr: '' };
  child.stdout.on('data', (data) => (ran.stdout += data));
  child.stderr.on('data', (data) => (ran.stderr += data));
  child.stdin.on('error', () => {}); // it may end without having read it all
  if (act) act(child);
  else child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { ...ran, code };
}

/** What the gateway is to do with an answer: the contract of POST /v1/hooks/{agent}. */
function answer(agent: string, effect: 'allow' | 'deny' | 'ask', event: string | null = null) {
  const made = answerHook(agent, { effect, message: 'because of policy', decisionId: '0199-id' }, event);
  respond = (_req, res) => {
    res.setHeader('content-type', 'application/json');
    res.setHeader('x-verdict-decision', '0199-id');
    res.setHeader('x-verdict-effect', made.effect);
    res.setHeader('x-verdict-exit-code', String(made.exitCode));
    res.end(made.stdout);
  };
  return made;
}

/** A block: exit code 2, one line of reason, the agent's own denial, and nothing that is nobody's business. */
function expectBlocked(ran: Ran, agent: string, reason: RegExp | string): void {
  expect(ran.stderr).toMatch(/^Verdict: [^\n]+\n$/);
  expect(ran.stderr).toMatch(reason);
  expect(ran.code).toBe(2);
  const message = ran.stderr.trim().replace('Verdict: ', '');
  const denial = answerHook(agent, { effect: 'deny', message, decisionId: null }, null);
  expect(ran.stdout.trim()).toBe(denial.stdout);
  expect(`${ran.stdout}${ran.stderr}`).not.toMatch(/secretsecret|developers-own/);
}

const AGENT_NAMES = [...AGENTS.keys()];

test.each(AGENT_NAMES)('%s: no objection', async (agent) => {
  const { stdout } = answer(agent, 'allow');
  expect(await hook([agent, '--url', url])).toEqual({ code: 0, stdout: `${stdout}\n`, stderr: '' });
});

test.each(AGENT_NAMES)('%s: denied, with the reason in its schema and on standard error', async (agent) => {
  const { stdout, stderr } = answer(agent, 'deny');
  expect(stderr).toContain('because of policy (decision 0199-id)');
  expect(await hook([agent, '--url', url])).toEqual({ code: 2, stdout: `${stdout}\n`, stderr: `${stderr}\n` });
});

test('a question goes to the person', async () => {
  const { stdout } = answer('claude-code', 'ask');
  expect(stdout).toContain('"ask"');
  expect(await hook(['claude-code', '--url', url])).toEqual({ code: 0, stdout: `${stdout}\n`, stderr: '' });
});

test("the gateway gets the agent's bytes, and the token from a file or the environment", async () => {
  const file = join(folder, 'token');
  await writeFile(file, `${TOKEN}-of-file\n`);
  const seen: unknown[] = [];
  const { stdout } = answer('codex', 'allow');
  const ok = respond;
  respond = (req, res, body) => {
    const { authorization } = req.headers;
    seen.push({ method: req.method, url: req.url, authorization, type: req.headers['content-type'], body });
    ok(req, res, body);
  };
  const input = ` ${INPUT}\n`;
  expect(await hook(['codex', '--url', `${url}/base/`], input)).toMatchObject({ code: 0, stdout: `${stdout}\n` });
  expect(await hook(['codex', '--url', url, '--token-file', file], input)).toMatchObject({ code: 0 });
  const call = { method: 'POST', type: 'application/json', body: input };
  expect(seen).toEqual([
    { ...call, url: '/base/v1/hooks/codex', authorization: `Bearer ${TOKEN}` },
    { ...call, url: '/v1/hooks/codex', authorization: `Bearer ${TOKEN}-of-file` },
  ]);
});

test.each(['{}', '{"hookSpecificOutput":{"permissionDecisionReason":" "}}'])(
  'a denial without a reason, %s, is given one: Codex would run the tool',
  async (body) => {
    respond = (_, res) => res.writeHead(200, headers('deny', '2')).end(body);
    expect(await hook(['codex', '--url', url])).toEqual({ code: 2, stdout: `${body}\n`, stderr: 'Verdict: denied\n' });
  },
);

/** Answers that are none. */
const BAD: [string, (req: IncomingMessage, res: ServerResponse) => void, RegExp][] = [
  ['500 without a body', (_, res) => res.writeHead(500).end(), /refused with 500\n/],
  [
    '403 with the error body',
    (_, res) =>
      res.writeHead(403).end('{"error":{"code":"ROUTE_DENIED","message":"not\\u001b here","decision_id":"id-1"}}'),
    /refused with 403 ROUTE_DENIED: not(?:\\u001b)? here \(decision id-1\)/,
  ],
  ['200 from something else', (_, res) => res.end('{}'), /no Verdict gateway/],
  ['a redirect', (_, res) => res.writeHead(302, { location: '/elsewhere' }).end(), /refused with 302/],
  ['garbage', (_, res) => res.writeHead(200, headers('allow', '0')).end('<html>'), /something else than a JSON object/],
  ['an array', (_, res) => res.writeHead(200, headers('allow', '0')).end('[]'), /something else than a JSON object/],
  ['nothing', (_, res) => res.writeHead(200, headers('allow', '0')).end(), /something else than a JSON object/],
  ['a denial that exits 0', (_, res) => res.writeHead(200, headers('deny', '0')).end('{}'), /no Verdict gateway/],
  ['an unknown effect', (_, res) => res.writeHead(200, headers('toString', '0')).end('{}'), /no Verdict gateway/],
  [
    'half an answer',
    (_, res) => {
      res.writeHead(200, { ...headers('allow', '0'), 'content-length': 100 }).write('{}');
      setTimeout(() => res.destroy(), 50);
    },
    /cannot be reached|broke off/,
  ],
  ['a hang-up', (req) => req.socket.destroy(), /cannot be reached \(ECONNRESET\)/],
  [
    'too much',
    (_, res) => res.writeHead(200, headers('allow', '0')).end(' '.repeat(300_000)),
    /more than 262144 bytes/,
  ],
];

function headers(effect: string, exit: string): Record<string, string> {
  return { 'x-verdict-effect': effect, 'x-verdict-exit-code': exit, 'x-verdict-decision': 'id' };
}

test.each(BAD)('%s blocks', async (_, act, reason) => {
  respond = act;
  expectBlocked(await hook(['gemini', '--url', url]), 'gemini', reason);
});

test('an answer that is late, or never ends, blocks at the time-out', async () => {
  respond = () => {};
  expectBlocked(await hook(['cursor', '--url', url, '--timeout', '700ms']), 'cursor', /no answer within 700ms/);
  respond = (_, res) => {
    const drip = setInterval(() => res.write(' '), 100);
    res.writeHead(200, headers('allow', '0')).on('close', () => clearInterval(drip));
  };
  expectBlocked(await hook(['cursor', '--url', url, '--timeout', '700ms']), 'cursor', /no answer within 700ms/);
});

test('an agent that never ends its payload is answered too', async () => {
  const ran = await hook(['codex', '--url', url, '--timeout', '700ms'], '', {}, (child) => child.stdin?.write('{'));
  expectBlocked(ran, 'codex', /no answer within 700ms/);
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s blocks', async (signal) => {
  const reached = new Promise<void>((done) => {
    respond = () => done();
  });
  const ran = await hook(['codex', '--url', url], INPUT, {}, (child) => {
    child.stdin?.end(INPUT);
    void reached.then(() => child.kill(signal));
  });
  expectBlocked(ran, 'codex', `ended by ${signal}`);
});

test('nobody there', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, 'close');
  const ran = await hook(['copilot', '--url', `http://127.0.0.1:${port}`]);
  expectBlocked(ran, 'copilot', /cannot be reached \(ECONNREFUSED\)/);
});

test.each([
  [['codex'], INPUT, {}, /expected --url/],
  [['codex', '--url', 'nonsense'], INPUT, {}, /expected --url/],
  [['codex', '--url', 'file:///etc/passwd'], INPUT, {}, /expected --url/],
  [['codex', '--url', 'http://me:secretsecret@127.0.0.1/'], INPUT, {}, /without credentials/],
  [['codex', '--url', 'http://verdict.example'], INPUT, {}, /expected https/],
  [['codex', '--url', 'http://127.0.0.1.example'], INPUT, {}, /expected https/],
  [['codex', '--url', 'URL', '--timeout', 'soon'], INPUT, {}, /expected --timeout/],
  [['codex', '--url', 'URL', '--timeout', '0s'], INPUT, {}, /expected --timeout/],
  [['codex', '--url', 'URL', '--token-file', '/nowhere'], INPUT, {}, /--token-file cannot be read \(ENOENT\)/],
  [['codex', '--url', 'URL', '--ca', '/nowhere'], INPUT, {}, /--ca cannot be read \(ENOENT\)/],
  [['codex', '--url', 'URL'], INPUT, { VERDICT_TOKEN: '' }, /expected a gateway token/],
  [['codex', '--url', 'URL'], INPUT, { VERDICT_TOKEN: 'secretsecret\nx: y' }, /expected a gateway token/],
  [['codex', '--url', 'URL'], '', {}, /on standard input: JSON_SYNTAX/],
  [['codex', '--url', 'URL'], `not JSON, ${PROMPT}`, {}, /on standard input: JSON_SYNTAX/],
  [['codex', '--url', 'URL'], '{"a":1,"a":2}', {}, /JSON_DUPLICATE_KEY/],
  [['codex', '--url', 'URL'], `{"a":"${'x'.repeat(11 * 1024 * 1024)}"}`, {}, /at most 10485760 bytes/],
])('%j blocks before anything is sent (%#)', async (args, input, env, reason) => {
  const before = asked;
  const ran = await hook(
    args.map((arg) => (arg === 'URL' ? url : arg)),
    input,
    env,
  );
  expectBlocked(ran, 'codex', reason);
  expect(asked).toBe(before);
});

test.each([[['windsurf', '--url', 'http://127.0.0.1']], [[]], [['codex', '--no-such-option']], [['install']]])(
  'a wrong command line %j blocks too',
  async (args) => {
    const ran = await hook(args);
    expect(ran.code).toBe(2);
    expect(ran.stderr).not.toBe('');
    expect(ran.stdout).toBe('');
  },
);

test("the environment's proxy is not heard", async () => {
  answer('codex', 'allow');
  const proxy = 'http://127.0.0.1:1';
  const env = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy, http_proxy: proxy, HTTPS_PROXY: proxy, NO_PROXY: '' };
  expect(await hook(['codex', '--url', url], INPUT, env)).toMatchObject({ code: 0 });
});

test('an agent that reads no answer is not told that all is well', async () => {
  answer('codex', 'allow');
  const ran = await hook(['codex', '--url', url], '', {}, (child) => {
    child.stdout?.destroy();
    void sleep(100).then(() => child.stdin?.end(INPUT));
  });
  expect(ran.code).toBe(2);
});

test("a certificate is trusted by --ca, never by the environment's leave", async () => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=verdict', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', [...request, '-keyout', key, '-out', cert, ...names], { stdio: 'ignore' });
  answer('codex', 'allow');
  const tls = createTlsServer({ key: await readFile(key), cert: await readFile(cert) }, (req, res) => {
    req.resume();
    respond(req, res, '');
  }).listen(0, '127.0.0.1');
  await once(tls, 'listening');
  const secure = `https://127.0.0.1:${(tls.address() as AddressInfo).port}`;
  expect(await hook(['codex', '--url', secure, '--ca', cert])).toMatchObject({ code: 0 });
  const lax = { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' };
  expectBlocked(
    await hook(['codex', '--url', secure], INPUT, lax),
    'codex',
    /cannot be reached \(DEPTH_ZERO_SELF_SIGNED/,
  );
  tls.close();
});

test.each([
  `setTimeout(() => { throw new Error('${PROMPT}') }, 300)`,
  `setTimeout(() => Promise.reject(new TypeError('${PROMPT}')), 300)`,
])('a crash blocks: %s', async (crash) => {
  respond = () => {};
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(crash)}` };
  expectBlocked(await hook(['codex', '--url', url], INPUT, env), 'codex', /unexpected failure \((?:Type)?Error\)/);
});
