import { afterAll, expect, test } from '@jest/globals';
import { Engine } from '../../src/policy/index.ts';
import { compile } from '../support/opa.ts';

const rego = (code: string): string => `package t

import rego.v1

default decision := {"effect": "allow", "reasons": [], "obligations": []}

decision := {"effect": "deny", "reasons": [{"code": "${code}", "message": "m"}], "obligations": []} if {
  input.rounds > 0
  some a in numbers.range(1, input.rounds)
  some b in numbers.range(1, input.rounds)
  a * b == -1
}

decision := {"effect": "deny", "reasons": [{"code": "${code}", "message": "m"}], "obligations": []} if input.deny
`;
const engine = new Engine({ deadlineMs: 250 });
afterAll(() => engine.stop());

const input = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const SLOW = { rounds: 1_000_000 };

test('decisions come in order, many at once', async () => {
  const policy = await engine.load(compile(rego('NO'), ['t/decision']));
  const asked = Array.from({ length: 500 }, (_, i) =>
    engine.decide(policy, 't/decision', input({ rounds: 0, deny: i % 2 === 0 })),
  );
  const effects = (await Promise.all(asked)).map((decision) => decision.effect);
  expect(effects).toEqual(Array.from({ length: 500 }, (_, i) => (i % 2 === 0 ? 'deny' : 'allow')));
});

test('an evaluation past its deadline is denied; those around it are not, and the next one works', async () => {
  const policy = await engine.load(compile(rego('NO'), ['t/decision']));
  const decide = (value: unknown) => engine.decide(policy, 't/decision', input(value));
  const answers = await Promise.all([
    decide({ rounds: 0 }),
    decide(SLOW),
    decide({ rounds: 0, deny: true }),
    decide(SLOW),
    decide({ rounds: 0 }),
  ]);
  expect(answers.map((answer) => answer.reasons[0]?.code ?? answer.effect)).toEqual([
    'allow',
    'POLICY_DEADLINE',
    'NO',
    'POLICY_DEADLINE',
    'allow',
  ]);
  expect(await decide({ rounds: 0 })).toMatchObject({ effect: 'allow', fault: false });
});

test('a call keeps the policy that it began with while another is loaded', async () => {
  const one = await engine.load(compile(rego('ONE'), ['t/decision']));
  const first = engine.decide(one, 't/decision', input({ rounds: 0, deny: true }));
  const two = await engine.load(compile(rego('TWO'), ['t/decision']));
  const again = engine.decide(one, 't/decision', input({ rounds: 0, deny: true }));
  const second = engine.decide(two, 't/decision', input({ rounds: 0, deny: true }));
  expect((await Promise.all([first, again, second])).map((decision) => decision.reasons[0]?.code)).toEqual([
    'ONE',
    'ONE',
    'TWO',
  ]);
  engine.unload(one);
  expect(await engine.decide(one, 't/decision', input({}))).toMatchObject({ effect: 'deny', fault: true });
});

test('a policy that cannot be loaded is refused and harms no other', async () => {
  const policy = await engine.load(compile(rego('NO'), ['t/decision']));
  const source = compile('package t\n\nimport rego.v1\n\ndecision := yaml.marshal(input)\n', ['t/decision']);
  await expect(engine.load(source)).rejects.toMatchObject({ name: 'PolicyError' });
  expect(await engine.decide(policy, 't/decision', input({ rounds: 0 }))).toMatchObject({ effect: 'allow' });
});

test('a stopped engine denies', async () => {
  const other = new Engine({ deadlineMs: 1000 });
  const policy = await other.load(compile(rego('NO'), ['t/decision']));
  const waiting = other.decide(policy, 't/decision', input({ rounds: 0 }));
  await other.stop();
  expect(await waiting).toMatchObject({ effect: 'deny', fault: true });
  expect(await other.decide(policy, 't/decision', input({ rounds: 0 }))).toMatchObject({ effect: 'deny' });
});
