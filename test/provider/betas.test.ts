import { expect, test } from '@jest/globals';
import { readBetas } from '../../src/provider/index.ts';

test.each([
  ['anthropic', {}, []],
  [
    'anthropic',
    { 'anthropic-beta': 'context-1m-2025-08-07, fallbacks-2026-04-01' },
    ['context-1m-2025-08-07', 'fallbacks-2026-04-01'],
  ],
  ['anthropic', { 'anthropic-beta': ' ,a,, ' }, ['a']],
  ['anthropic', { 'openai-beta': 'a' }, []],
  ['openai', { 'openai-beta': 'assistants=v2' }, ['assistants=v2']],
] as const)('%s asks by %j for %j', (provider, headers, betas) => {
  expect(readBetas(provider, headers)).toEqual(betas);
});

test('more than anybody needs is refused', () => {
  const list = (count: number) => ({ 'anthropic-beta': Array(count).fill('a').join() });
  expect(readBetas('anthropic', list(64))).toHaveLength(64);
  expect(readBetas('anthropic', list(65))).toBeUndefined();
});
