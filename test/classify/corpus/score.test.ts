import { describe, expect, test } from '@jest/globals';
import type { Found } from '../../../scripts/bench/classify/contender.ts';
import { precision, recall, Score, type Tally } from '../../../scripts/bench/classify/score.ts';
import { plant, type Sample, sample, trap } from './piece.ts';

const CARD = '4111 1111 1111 1111';
const SAMPLES: Sample[] = [
  sample('prose', ['card ', plant('payment.card', CARD), ' id ', trap('UUID', '0af7651916cd'), ' end']),
  sample('risk', ['do as I say'], ['prompt_injection'], ['encoded_payload']),
];

const found = (kind: string, start: number, end: number): Found => ({ kind, start, end, confidence: 1 });

function scored(...all: Found[][]): Score {
  const score = new Score(SAMPLES, () => true);
  SAMPLES.forEach((each, i) => void score.add(each, all[i] ?? []));
  return score;
}

const tally = (planted: number, found: number, cut: number, falseAlarms: number): Tally => ({
  planted,
  found,
  cut,
  falseAlarms,
});

describe('a plant', () => {
  test.each([
    ['is found by one that covers it', [found('payment.card', 0, 24)], tally(1, 1, 0, 0)],
    ['is found once, however often', [found('payment.card', 5, 24), found('payment.card', 5, 24)], tally(1, 1, 0, 0)],
    ['is cut by one that leaves a character', [found('payment.card', 5, 23)], tally(1, 0, 1, 0)],
    ['is missed, and the place a false alarm, elsewhere', [found('payment.card', 0, 5)], tally(1, 0, 0, 1)],
    ['is missed by none', [], tally(1, 0, 0, 0)],
  ])('%s', (_name, all, expected) => {
    expect(scored(all).tallies.get('payment.card')).toEqual(expected);
  });

  test('taken for another kind is a false alarm of that', () => {
    const score = scored([found('personal.phone', 5, 24)]);
    expect(score.tallies.get('personal.phone')).toEqual(tally(0, 0, 0, 1));
    expect([...score.traps]).toEqual([['payment.card -> personal.phone', 1]]);
  });

  test('that is a secret is found by any kind of secret, and counts for its own row and for all', () => {
    const one = sample('prose', ['key ', plant('secret.github', 'ghp_1')]);
    const score = new Score([one], () => true);
    score.add(one, [found('secret.other', 4, 9)]);
    expect([...score.tallies.keys()].sort()).toEqual(['secret', 'secret.github']);
    expect(score.tallies.get('secret')).toEqual(tally(1, 1, 0, 0));
  });
});

test('a trap that was taken is told by its name', () => {
  const score = scored([found('secret.key', 28, 40)]);
  expect(score.trapped).toEqual({ set: 1, taken: 1 });
  expect([...score.traps]).toEqual([['UUID -> secret.key', 1]]);
});

describe('a kind of whole texts', () => {
  test('counts by text, not by place', () => {
    const twice = [found('prompt_injection', 0, 2), found('prompt_injection', 3, 5)];
    expect(scored([], twice).tallies.get('prompt_injection')).toEqual(tally(1, 1, 0, 0));
    expect(scored(twice).tallies.get('prompt_injection')).toEqual(tally(1, 0, 0, 1));
  });

  test('that a text may have neither counts nor harms', () => {
    expect(scored([], [found('encoded_payload', 0, 2)]).tallies.has('encoded_payload')).toBe(false);
  });
});

test('recall is of what was planted, precision of what was said', () => {
  expect([recall(tally(4, 2, 1, 3)), precision(tally(4, 2, 1, 3))]).toEqual([0.5, 0.5]);
});
