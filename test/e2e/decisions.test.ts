import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { CHAT_BODY, codes, Stand } from './harness.ts';
import { run } from './program.ts';

// All that a policy can say, and all that can become of it when it says nothing of use.

const POLICY = `package verdict

user := input.body.user

allowed := {"effect": "allow", "reasons": [], "obligations": []}

reason(code) := {"code": code, "message": "because", "rule": "data.verdict.request"}

request := allowed if user == "allow"

request := {"effect": "deny", "reasons": [reason("OWN_CODE")], "obligations": []} if user == "deny"

request := {"effect": "deny", "reasons": [reason("OWN_CODE"), reason("OTHER_CODE")], "obligations": []} if user == "deny twice"

request := {"effect": "deny", "reasons": [reason("INTERNAL")], "obligations": []} if user == "deny as the gateway"

request := {"effect": "deny", "reasons": [], "obligations": []} if user == "deny without a reason"

request := {"effect": "escalate", "reasons": [reason("NEEDS_TWO")], "obligations": [{"type": "approve"}]} if user == "escalate"

request := object.union(allowed, {"obligations": [{"type": "redact", "label": "pii"}]}) if user == "oblige"

request := {"effect": "maybe", "reasons": [], "obligations": []} if user == "another effect"

request := true if user == "true"

request := object.union(allowed, {"also": 1}) if user == "one field more"

request := allowed if user == "both"

request := {"effect": "deny", "reasons": [], "obligations": []} if user == "both"

request := allowed if {
	user == "slow"
	count([1 | some a in numbers.range(1, 3000); some b in numbers.range(1, 3000); a * b == 0]) == 0
}
`;

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.open({
    limits: { policy_deadline_ms: 300 },
    prepare: (site) => site.buildPolicy(POLICY),
  });
});
afterAll(() => stand.close());
afterEach(() => stand.forgetRequests());

/** Asks on a route as this user; gives the status and code that the client is told, and the record. */
async function ask(user: string, route = 'support') {
  const { value, decision, outcome } = await stand.decided(() =>
    stand
      .gpt({ route })
      .chat.completions.create({ ...CHAT_BODY, user })
      .withResponse()
      .then(
        ({ response }) => ({ status: response.status, code: undefined }),
        (error: { status: number; code: string }) => ({ status: error.status, code: error.code }),
      ),
  );
  return { ...value, decision, outcome };
}

const RESULTS: [string, number, string | undefined, 'allow' | 'deny' | 'escalate'][] = [
  ['allow', 200, undefined, 'allow'],
  ['deny', 403, 'OWN_CODE', 'deny'],
  ['deny twice', 403, 'OTHER_CODE', 'deny'], // reasons are in order
  ['escalate', 403, 'OBLIGATION_UNSUPPORTED', 'escalate'], // nobody is named who could approve
  ['oblige', 403, 'OBLIGATION_UNSUPPORTED', 'allow'],
  ['something else', 403, 'POLICY_UNDEFINED', 'deny'],
  ['another effect', 403, 'POLICY_RESULT_INVALID', 'deny'],
  ['true', 403, 'POLICY_RESULT_INVALID', 'deny'],
  ['both', 403, 'POLICY_ERROR', 'deny'],
  ['slow', 503, 'POLICY_DEADLINE', 'deny'],
];

describe('enforced', () => {
  test.each(RESULTS)('%s', async (user, status, code, effect) => {
    const answer = await ask(user);
    expect([answer.status, answer.code]).toEqual([status, code]);
    expect(stand.forwarded).toBe(status === 200 ? 1 : 0);
    expect(answer.decision).toMatchObject({
      mode: 'enforce',
      entrypoint: 'verdict/request',
      bundle: { revision: 'own', sequence: 1 },
      result: { effect },
      effect_enforced: status === 200 ? 'forward' : 'refuse',
      input: { body: { user } },
    });
    expect(answer.outcome === undefined).toBe(status !== 200);
  });

  test("a policy's code is answered as a policy's, whatever it is called", async () => {
    const answer = await ask('deny as the gateway');
    expect([answer.status, answer.code]).toEqual([403, 'INTERNAL']);
  });

  test('a denial without a reason is one, and so is a decision that says more than one may', async () => {
    for (const user of ['deny without a reason', 'one field more']) {
      const answer = await ask(user);
      expect(answer.status).toBe(403);
      expect(answer.code).toMatch(/^[A-Z_]+$/);
      expect(answer.decision.effect_enforced).toBe('refuse');
    }
    expect(stand.forwarded).toBe(0);
  });
});

describe('in shadow', () => {
  test.each(RESULTS)('%s', async (user, _status, code, effect) => {
    const answer = await ask(user, 'shadow');
    // What policy would have said of it is not known then, and shadow is to tell it.
    const forwarded = code !== 'POLICY_ERROR' && code !== 'POLICY_DEADLINE';
    expect(answer.status === 200).toBe(forwarded);
    expect(stand.forwarded).toBe(forwarded ? 1 : 0);
    expect(answer.decision).toMatchObject({
      mode: 'shadow',
      result: { effect },
      effect_enforced: forwarded ? 'forward' : 'refuse',
    });
  });
});

test('a slow policy holds up nobody for longer than its deadline', async () => {
  const slow = stand.gpt().chat.completions.create({ ...CHAT_BODY, user: 'slow' });
  const began = Date.now();
  const others = await Promise.all(
    Array.from({ length: 5 }, () =>
      stand
        .gpt()
        .chat.completions.create({ ...CHAT_BODY, user: 'allow' })
        .then(
          () => 'allowed',
          ({ code }) => code,
        ),
    ),
  );
  await expect(slow).rejects.toMatchObject({ status: 503 });
  expect(Date.now() - began).toBeLessThan(3000);
  for (const other of others) expect(['allowed', 'POLICY_DEADLINE']).toContain(other);
  expect((await ask('allow')).status).toBe(200);
});

test('a hundred failing evaluations in a row leave a policy that decides', async () => {
  for (let i = 0; i < 100; i++)
    await stand
      .gpt()
      .chat.completions.create({ ...CHAT_BODY, user: 'both' })
      .catch(() => {});
  expect((await ask('allow')).status).toBe(200);
  expect((await ask('deny')).code).toBe('OWN_CODE');
});

test('replayed, each decision is the same again; those that the engine made are told apart', async () => {
  const { decision } = await ask('slow');
  const ca = stand.site.path('pki', 'root.pem');
  const { code, stdout } = await run([
    'replay',
    stand.auditFolder,
    '--bundles',
    `${stand.auditFolder}/bundles`,
    '--ca',
    ca,
    '--json',
  ]);
  expect(code).toBe(0);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const byEngine = stand
    .journal()
    .filter(
      (entry) => entry.type === 'decision' && ['POLICY_ERROR', 'POLICY_DEADLINE'].includes(codes(entry)[0] ?? ''),
    );
  expect(lines.at(-1).counts).toMatchObject({
    mismatch: 0,
    bundle_missing: 0,
    input_withheld: 0,
    not_evaluated: byEngine.length,
  });
  expect(lines.at(-1).counts.match).toBeGreaterThan(20);
  expect(lines.find(({ id }) => id === decision.id)).toMatchObject({ outcome: 'not_evaluated' });
});
