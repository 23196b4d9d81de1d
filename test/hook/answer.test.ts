import { expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { AGENTS, agentOf, answerHook, HookError } from '../../src/hook/index.ts';
import { parse } from '../../src/json/index.ts';

const string = { type: 'string' };
const reason = { type: 'string', pattern: '\\S' };

/** An object with these properties and no others. */
const exactly = (properties: object, required: string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

/** `PreToolUse`: no decision at all, or one with its reason. Codex fails a hook for "ask", "allow" and unknown fields. */
const preToolUse = (...decisions: string[]) =>
  exactly({
    hookSpecificOutput: exactly(
      {
        hookEventName: { const: 'PreToolUse' },
        permissionDecision: { enum: decisions },
        permissionDecisionReason: reason,
      },
      ['hookEventName', 'permissionDecision', 'permissionDecisionReason'],
    ),
  });
const cursor = (decisions: string[], ...messages: string[]) =>
  exactly({ permission: { enum: decisions }, ...Object.fromEntries(messages.map((each) => [each, string])) }, [
    'permission',
  ]);
const BOTH = ['user_message', 'agent_message'];

/** Each agent's output schema as its documents have it, and whether it can ask. */
const SCHEMAS: [agent: string, event: string | null, schema: object, asks: boolean][] = [
  ['claude-code', 'PreToolUse', preToolUse('deny', 'ask'), true],
  ['codex', 'PreToolUse', preToolUse('deny'), false],
  ['gemini', 'BeforeTool', exactly({ decision: { const: 'deny' }, reason }), false],
  ['cursor', 'preToolUse', cursor(['allow', 'deny'], ...BOTH), false],
  ['cursor', 'beforeShellExecution', cursor(['allow', 'deny', 'ask'], ...BOTH), true],
  ['cursor', 'beforeMCPExecution', cursor(['allow', 'deny', 'ask'], ...BOTH), true],
  ['cursor', 'beforeReadFile', cursor(['allow', 'deny'], 'user_message'), false],
  ['cursor', 'beforeTabFileRead', cursor(['allow', 'deny']), false],
  ['cursor', null, cursor(['allow', 'deny'], ...BOTH), false],
  [
    'copilot',
    'preToolUse',
    exactly({ permissionDecision: { enum: ['deny', 'ask'] }, permissionDecisionReason: reason }),
    true,
  ],
];

const ruling = (effect: 'allow' | 'deny' | 'ask', message = 'no pushes to main') => ({
  effect,
  message,
  decisionId: '0199-id',
});

test.each(SCHEMAS)('%s %s: allow is no objection, never an approval', (agent, event, schema) => {
  const answer = answerHook(agent, ruling('allow'), event);
  expect(answer).toEqual({
    effect: 'allow',
    exitCode: 0,
    stdout: agent === 'cursor' ? '{"permission":"allow"}' : '{}',
    stderr: '',
  });
  expect(new Ajv().validate(schema, JSON.parse(answer.stdout))).toBe(true);
});

test.each(SCHEMAS)('%s %s: deny says why, and exits with 2', (agent, event, schema) => {
  const answer = answerHook(agent, ruling('deny'), event);
  const text = 'Verdict: no pushes to main (decision 0199-id)';
  expect(answer).toMatchObject({ effect: 'deny', exitCode: 2, stderr: text });
  expect(answer.stdout).toMatch(/"deny"/);
  expect(new Ajv().validate(schema, JSON.parse(answer.stdout))).toBe(true);
  if (event !== 'beforeTabFileRead') expect(agentOf(agent).reason(parse(Buffer.from(answer.stdout)))).toBe(text);
});

test.each(SCHEMAS)('%s %s: ask where it can, else deny', (agent, event, schema, asks) => {
  const answer = answerHook(agent, ruling('ask'), event);
  expect(answer).toMatchObject(asks ? { effect: 'ask', exitCode: 0, stderr: '' } : { effect: 'deny', exitCode: 2 });
  expect(answer.stdout).toContain(asks ? ':"ask"' : ':"deny"');
  expect(new Ajv().validate(schema, JSON.parse(answer.stdout))).toBe(true);
});

test('whatever the message, a denial has a reason of one printable line, in exact JSON', () => {
  fc.assert(
    fc.property(fc.constantFrom(...AGENTS.keys()), fc.string({ unit: 'binary' }), (agent, message) => {
      const { stdout, stderr } = answerHook(agent, ruling('deny', message), null);
      expect(stderr).toMatch(/^Verdict: \S[^\p{Cc}\u202e]* \(decision 0199-id\)$/u);
      expect(agentOf(agent).reason(parse(Buffer.from(stdout)))).toBe(stderr);
    }),
  );
  expect(answerHook('codex', { ...ruling('deny', ' \n'), decisionId: null }, null).stderr).toBe(
    'Verdict: policy gave no reason',
  );
  expect(answerHook('codex', ruling('deny', '\ud800x\u001b[2J\u202ey'), null).stderr).toContain('\ufffdx [2J y');
  expect(answerHook('codex', ruling('deny', 'x'.repeat(1e6)), null).stderr.length).toBeLessThan(2100);
});

test('an unknown agent has no answer', () => {
  expect(() => answerHook('windsurf', ruling('allow'), null)).toThrow(HookError);
});
