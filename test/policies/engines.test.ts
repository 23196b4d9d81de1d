import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Workshop } from '../../src/bundle/index.ts';
import { compareEngines } from '../../src/cli/engines.ts';
import { Evaluator } from '../../src/policy/index.ts';
import { ENTRYPOINTS, opa } from '../bundle/support.ts';

const spec = { sources: [resolve('policies')], capabilities: resolve('policies/capabilities.json') };
const example = JSON.parse(readFileSync('policies/inputs/allow/support-openai.json', 'utf8'));

const key = fc.constantFrom(
  'v',
  'phase',
  'route',
  'policy',
  'subject',
  'id',
  'roles',
  'call',
  'model',
  'fallbacks',
  'tools',
  'name',
  'type',
  'messages',
  'parameters',
  'max_tokens',
  'n',
  'fields',
  'betas',
  'bytes',
  'endpoint',
  'provider',
  'verified_at',
);
const scalar = fc.oneof(
  fc.constantFrom(
    null,
    true,
    false,
    0,
    1,
    -1,
    0.5,
    1024,
    1025,
    1e21,
    9007199254740991,
    '',
    'support',
    'coding',
    'openai',
    'gpt-4o-mini',
    'request',
    'models',
    'lookup_order',
    'function',
  ),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
);
const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
}));
/** A path into the example and what is put there instead; undefined takes it away. */
const change = fc.tuple(fc.array(key, { minLength: 1, maxLength: 3 }), fc.option(anything, { nil: undefined }));

function applied(changes: [string[], unknown][]): unknown {
  const input = structuredClone(example);
  for (const [path, value] of changes) {
    let at = input;
    for (const step of path.slice(0, -1)) at = typeof at?.[step] === 'object' && at[step] !== null ? at[step] : at;
    if (value === undefined) delete at[path.at(-1) ?? ''];
    else at[path.at(-1) ?? ''] = value;
  }
  return input;
}

test('OPA and WebAssembly decide alike, and nothing is allowed by accident, whatever the input', async () => {
  const changed = fc.array(change, { minLength: 1, maxLength: 3 }).map(applied);
  const samples = [...fc.sample(changed, { numRuns: 600, seed: 1 }), ...fc.sample(anything, { numRuns: 200, seed: 2 })];
  const inputs = new Map(samples.map((input, index) => [`${index}`, Buffer.from(JSON.stringify(input))]));
  await Workshop.use(spec, opa, async (workshop) => {
    const compiled = await workshop.compile(ENTRYPOINTS);
    expect(await compareEngines(workshop, compiled, ENTRYPOINTS, inputs)).toEqual({
      decisions: 3 * samples.length,
      differences: [],
    });
    const evaluator = new Evaluator(compiled);
    let allowed = 0;
    for (const [name, bytes] of inputs) {
      const decision = evaluator.decide('verdict/request', bytes);
      expect(decision.fault).toBe(false);
      if (decision.effect !== 'allow') continue;
      allowed++;
      expect(samples[Number(name)]).toMatchObject({
        v: 1,
        phase: 'request',
        route: { policy: 'support' },
        subject: { id: expect.stringMatching(/./s) },
        call: { provider: 'openai', bytes: expect.anything() },
      });
    }
    expect(allowed).toBeGreaterThan(20);
    expect(allowed).toBeLessThan(600);
  });
});
