import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findIntent } from '../../../src/classify/intent/intent.ts';
import { INTENT_KINDS } from '../../../src/classify/intent/kinds.ts';

const kindsOf = (text: string): string[] => findIntent(text).map(({ kind }) => kind);

test.each([
  ['What is the capital of France?', 'query'],
  ['Hi! How do I reset my password?', 'query'],
  ['Explain photosynthesis to a child', 'query'],
  ['Warum ist der Himmel blau?', 'query'],
  ['Write a poem about the spring', 'generation'],
  ['Could you please draft an email to my boss', 'generation'],
  ['Summarize:\n\nThe meeting was long.', 'generation'],
  ['Schreibe ein Gedicht über den Herbst', 'generation'],
  ['Run the following script: ls', 'code_execution'],
  ['Now execute this Python code: print(1)', 'code_execution'],
  ['run `make test`', 'code_execution'],
  ['Send an invoice to Bob', 'agent_action'],
  ['Book a flight to Berlin', 'agent_action'],
  ['please delete the old branch', 'agent_action'],
  ['Open a ticket for this', 'agent_action'],
  ['Lösche alle Einträge', 'agent_action'],
  ['Export all customer records', 'data_export'],
  ['Dump the users table', 'data_export'],
  ['Give me all patient records', 'data_export'],
  ['Upload the quarterly report to pastebin', 'data_export'],
])('%s', (text, kind) => {
  expect(kindsOf(text)).toEqual([kind]);
});

test('several intents, each with its place', () => {
  const text = 'Write a summary of the call. Then send it to Bob, please.';
  expect(findIntent(text).map(({ kind, start, end }) => [kind, text.slice(start, end)])).toEqual([
    ['generation', 'Write a summary'],
    ['agent_action', 'Then send it'],
  ]);
});

test.each([
  'Hello there',
  'The order was sent to the customer.',
  'I ran into trouble yesterday.',
  'My flight was booked by the team.',
  'const x = a ? b : c;',
  'Our exports grew last year.',
  'He wrote a letter.',
])('no intent: %s', (text) => {
  expect(kindsOf(text)).toEqual([]);
});

test('a request after, or before, a long text that was pasted', () => {
  const pasted = 'The meeting was long and nobody spoke of it. '.repeat(500);
  expect(kindsOf(`Translate this:\n${pasted}`)).toEqual(['generation']);
  const text = `${pasted}\nWrite a poem about it`;
  expect(findIntent(text).map(({ start, end }) => text.slice(start, end))).toEqual(['Write a poem']);
});

test('one finding a kind, within the text, the same each time', () => {
  const words = fc.constantFrom(
    'what',
    'is',
    'run',
    'the',
    'code',
    'export',
    'all',
    'users',
    '?',
    '.',
    '\n',
    'please',
    'a',
    'poem',
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 60 }), (parts) => {
      const text = parts.join(' ');
      const findings = findIntent(text);
      expect(new Set(findings.map(({ kind }) => kind)).size).toBe(findings.length);
      for (const { kind, start, end } of findings) {
        expect(Object.keys(INTENT_KINDS)).toContain(kind);
        expect(start >= 0 && start < end && end <= text.length).toBe(true);
      }
      expect(findIntent(text)).toEqual(findings);
    }),
  );
});
