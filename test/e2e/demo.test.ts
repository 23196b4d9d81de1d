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
  const decisions = [
    ...said.matchAll(/^ {2}(openai|anthropic) .* (forward|refuse) +(\d{3}) +([A-Z_]*) +[0-9a-f-]{36}$/gm),
  ];
  expect(decisions.map(([, sdk, effect, status, codes]) => [sdk, effect, status, codes].join(' ').trim())).toEqual([
    'openai forward 200',
    'openai forward 200',
    'anthropic forward 200',
    'anthropic forward 200',
    'openai refuse 403 MODEL_NOT_ALLOWED',
    'anthropic refuse 403 TOOL_NOT_ALLOWED',
    'anthropic refuse 401 IDENTITY_MISSING',
    'openai refuse 400 PATH_INVALID',
    'openai refuse 404 ENDPOINT_NOT_GOVERNED',
  ]);
  expect(said).toMatch(/replay +6 match, 3 not_evaluated/);
  expect(said).toMatch(/forgery .* tampered, line (\d+), SIGNATURE/);
  expect(said).not.toContain('\u001b'); // no colours where nobody looks
  expect(said).not.toContain('canary');
}, 180_000);

test('a policy that lets through what the demo expects to be denied fails it, and it says where', async () => {
  const data = join(checkout.folder, 'policies', 'routes', 'support', 'data.yaml');
  writeFileSync(data, readFileSync(data, 'utf8').replace('gpt-5-mini,', 'gpt-5-mini, gpt-5-pro,'));
  const { code, said } = await demo();
  expect(said).toMatch(
    /openai, gpt-5-pro: expected \{"status":403,.*\}, got \{"status":200,"effect":"forward","codes":\[\]\}/,
  );
  expect(said).toMatch(/decisions, forwarded, refused: expected \[9,4,5\], got \[9,5,4\]/);
  expect(said).toMatch(/\d+ of \d+ expectations failed; see /);
  expect(code).toBe(1);
}, 180_000);
