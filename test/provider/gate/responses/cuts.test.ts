import { isDeepStrictEqual } from 'node:util';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { GateOptions } from '../../../../src/provider/gate/gate.ts';
import { allowAll, denyAll, rechunk, ruleBy } from '../run.ts';
import {
  begun,
  type Event,
  ended,
  functionCall,
  functionItem,
  message,
  messageItem,
  OPTIONS,
  type Run,
  run,
  STRIP,
  sse,
} from './run.ts';

const [opening, words, closing] = message(0, 'ä', '😀');
const [read, remove] = [functionCall(1, 'read', '{"path":', '"ä😀"}'), functionCall(2, 'remove', '{"s":"', 'canary"}')];

/** Calls that take turns with each other and with a text that began before, without spare fields. */
const EVENTS: Event[] = [
  ...opening,
  ...read.slice(0, 2),
  ...words.slice(0, 1),
  ...remove.slice(0, 2),
  ...read.slice(2),
  ...words.slice(1),
  ...remove.slice(2),
  ...closing,
];
const LAST = ended([
  messageItem(0, 'ä😀'),
  functionItem(1, 'read', '{"path":"ä😀"}'),
  functionItem(2, 'remove', '{"s":"canary"}'),
]);
const STREAMS: [string, string][] = [
  ['LF', sse([...begun, ...EVENTS, LAST])],
  ['CRLF', `: hi\r\n\r\n${sse([...EVENTS, LAST], { end: '\r\n', names: false })}`],
  ['CR', `${sse([...EVENTS, LAST], { end: '\r' })}data: [DONE]\r\r`],
  ['no last event', sse(EVENTS)],
  ['a broken event', `${sse(EVENTS)}data: {"type"\n\n`],
  ['an error of the vendor', sse([...EVENTS.slice(0, -5), { type: 'error', code: null, message: 'm', param: null }])],
  ['no end of the last event', sse([...EVENTS, LAST]).slice(0, -1)],
];
const RULES = [allowAll, denyAll, ruleBy((name) => name === 'remove'), ruleBy((name) => name === 'read')];

/** Once a refusal ended the stream, nobody asks what else it would have held: that may then be less. */
function expectSame(one: Run, whole: Run, { onDenied }: GateOptions): void {
  if (isDeepStrictEqual(one, whole)) return; // much faster, and there are many
  expect([one.out, one.fault]).toEqual([whole.out, whole.fault]);
  expect(whole.proposals.slice(0, one.proposals.length)).toEqual(one.proposals);
  if (onDenied === 'strip' || !one.out.includes('TOOL_DENIED')) expect(one).toEqual(whole);
}

test.each(STREAMS)('cut at every byte, the same comes out: %s', (name, text) => {
  const bytes = Buffer.from(text);
  for (const [options, rule] of [
    [STRIP, ruleBy((called) => called === 'read')],
    [OPTIONS, ruleBy((called) => called === 'remove')],
  ] as const) {
    const whole = run([bytes], rule, options);
    const step = name.includes(' ') || options === OPTIONS ? 13 : 1;
    for (let cut = 1; cut < bytes.length; cut += step) {
      expectSame(run([bytes.subarray(0, cut), bytes.subarray(cut)], rule, options), whole, options);
    }
    expectSame(run(rechunk(bytes, [1]), rule, options), whole, options);
    expectSame(run(rechunk(bytes, [1]), rule, options, 'late'), whole, options);
  }
});

test.each(STREAMS)('cut at random, ruled on early or late, the same comes out: %s', (_, text) => {
  const bytes = Buffer.from(text);
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 }),
      fc.constantFrom(...RULES),
      fc.constantFrom(OPTIONS, STRIP),
      fc.constantFrom<'at once' | 'late'>('at once', 'late'),
      (sizes, rule, options, when) => {
        const one = run(rechunk(bytes, sizes), rule, options, when);
        expectSame(one, run([bytes], rule, options, 'late'), options);
      },
    ),
    { numRuns: 50 },
  );
});

test.each(STREAMS)('broken off anywhere, nothing refused comes out: %s', (name, text) => {
  const bytes = Buffer.from(text);
  const step = name === 'LF' ? 3 : 29;
  for (let cut = 0; cut < bytes.length; cut += step) {
    for (const options of [OPTIONS, STRIP]) {
      const { out } = run([bytes.subarray(0, cut)], denyAll, options);
      expect(out).not.toMatch(/canary|path/);
    }
  }
});

test('an event that is left out, told twice or moved makes nothing come out that was not ruled on', () => {
  const events = [...begun, ...EVENTS, LAST];
  const index = fc.integer({ min: 0, max: events.length - 1 });
  fc.assert(
    fc.property(index, index, fc.constantFrom('leave out', 'repeat', 'move'), (from, to, what) => {
      const changed = [...events];
      const [event] = what === 'repeat' ? [changed[from] as Event] : changed.splice(from, 1);
      if (what !== 'leave out' && event) changed.splice(to, 0, event);
      for (const options of [OPTIONS, STRIP]) {
        const text = Buffer.from(sse(changed));
        expect(run([text], denyAll, options).out).not.toMatch(/canary|path/);
        expect(
          run(
            [text],
            ruleBy((name) => name === 'remove'),
            options,
          ).out,
        ).not.toContain('canary');
        const { out, proposals } = run([text], allowAll, options);
        if (out.includes('canary')) expect(proposals).toContain('function remove call_2 {"s":"canary"}');
      }
    }),
    { numRuns: 300 },
  );
});
