import { expect, test } from '@jest/globals';
import { findSensitivity } from '../../../src/classify/sensitivity/sensitivity.ts';
import { HOSTILE } from './hostile.ts';

const SMALL = 50_000;
const SLACK = 3;

function timeOf(text: string): number {
  const start = performance.now();
  findSensitivity(text);
  return performance.now() - start;
}

/** Four times the text takes about four times as long, with slack; a machine that does other things gets a second chance. */
test.each(Object.entries(HOSTILE))('linear: %s', (_, make) => {
  const [small, large] = [make(SMALL), make(4 * SMALL)];
  const ratios: number[] = [];
  do ratios.push(timeOf(large) / Math.max(timeOf(small), 5));
  while ((ratios.at(-1) as number) >= 4 * SLACK && ratios.length < 5);
  expect(Math.min(...ratios)).toBeLessThan(4 * SLACK);
});
