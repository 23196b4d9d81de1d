import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Checkout, terminalEnv } from '../support/checkout.ts';

let checkout: Checkout;

beforeAll(() => {
  checkout = new Checkout();
});

afterAll(() => checkout.remove());

/** `npm run demo` in the checkout. */
function demo(env: NodeJS.ProcessEnv = {}): Promise<{ code: number; said: string }> {
  const options = { cwd: checkout.folder, env: { ...terminalEnv(), TMPDIR: checkout.folder, ...env } };
  return new Promise((resolve) => {
    execFile('npm', ['run', '--silent', 'demo'], options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, said: stdout + stderr });
    });
  });
}

test('the demo holds, and calls no vendor even when there are keys for them', async () => {
  const nobody = 'http://127.0.0.1:1';
  const { code, said } = await demo({
    OPENAI_API_KEY: 'sk-canary',
    OPENAI_BASE_URL: nobody,
    ANTHROPIC_API_KEY: 'sk-ant-canary',
    ANTHROPIC_AUTH_TOKEN: 'canary',
    ANTHROPIC_BASE_URL: nobody,
  });
  expect(said).toMatch(/^All held: \d+ expectations in [\d.]+ s$/m);
  expect(code).toBe(0);
  const decisions = [...said.matchAll(/^ {2}(\S* .*\S) +[0-9a-f-]{36}$/gm)].map(([, line]) =>
    line?.replace(/ +/g, ' '),
  );
  expect(decisions.map((line) => line?.trim())).toEqual([
    'openai gpt-5-mini forward 200',
    'openai gpt-5-mini, streamed forward 200',
    'anthropic claude-haiku-4-5 forward 200',
    'anthropic claude-haiku-4-5, streamed forward 200',
    'openai gpt-5-pro refuse 403 MODEL_NOT_ALLOWED',
    'anthropic offers tool run_shell refuse 403 TOOL_NOT_ALLOWED',
    'anthropic without a token refuse 401 IDENTITY_MISSING',
    'openai path /support%2f..%2fcoding refuse 400 PATH_INVALID',
    'openai embeddings refuse 404 ENDPOINT_NOT_GOVERNED',
    'openai a key in the prompt refuse 403 SECRET_IN_TEXT',
    'openai injection in a tool’s result refuse 403 INJECTION_WITH_TOOLS',
    'openai lookup_order, streamed forward 200',
    '└ lookup_order forward',
    'openai bad arguments, streamed forward 200',
    '└ lookup_order refuse TOOL_ARGUMENTS_NOT_ALLOWED',
    'openai lookup_order, Responses API forward 200',
    '└ lookup_order forward',
    'openai bad arguments, Responses API forward 403',
    '└ lookup_order refuse TOOL_ARGUMENTS_NOT_ALLOWED',
    'anthropic read_file .env, streamed forward 200',
    '└ read_file refuse SECRET_FILE',
    'mcp connects forward 200',
    'mcp lists the tools forward 200',
    '└ get_ticket forward',
    '└ comment_on_ticket refuse TOOL_ROLE_REQUIRED',
    '└ delete_ticket refuse MCP_NOT_ALLOWED',
    'mcp get_ticket forward 200',
    'mcp delete_ticket refuse 403 MCP_NOT_ALLOWED',
    'claude-code git status forward exit 0',
    'claude-code rm -rf / refuse exit 2 DELETION_TOO_WIDE,WRITE_OUTSIDE_WORKSPACE',
    `claude-code sh -c 'cat .en"v"' refuse exit 2 SECRET_FILE`,
    'claude-code reads .env refuse exit 2 SECRET_FILE',
  ]);
  expect(said).toMatch(/verify +signed: \d+ records, 32 decisions, 12 outcomes/);
  expect(said).toMatch(/secrets +the key in the prompt stands in 0 of 2 logs/);
  expect(said).toMatch(/replay +of calls to models: 13 match, 3 not_evaluated/);
  expect(said).toMatch(/replay +of tool calls: 16 match/);
  expect(said).toMatch(/forgery .* tampered, line (\d+), SIGNATURE/);
  expect(said).not.toContain('\u001b'); // no colours where nobody looks
  expect(said).not.toContain('canary');
}, 180_000);

test('a policy that lets through what the demo expects to be denied fails it, and it says where', async () => {
  const data = join(checkout.folder, 'policies', 'routes', 'support', 'data.yaml');
  writeFileSync(data, readFileSync(data, 'utf8').replace('gpt-5-mini,', 'gpt-5-mini, gpt-5-pro,'));
  const { code, said } = await demo();
  expect(said).toMatch(
    /openai, gpt-5-pro: expected \{"status":403,.*\}, got \{"status":200,"decisions":\[\{.*"effect":"forward","codes":\[\].*\}\]\}/,
  );
  expect(said).toMatch(/decisions, forwarded, refused: expected \[32,16,16\], got \[32,17,15\]/);
  expect(said).toMatch(/\d+ of \d+ expectations failed; see /);
  expect(code).toBe(1);
}, 180_000);
