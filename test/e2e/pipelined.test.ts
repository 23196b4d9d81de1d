import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Stand, until, Wire } from './harness.ts';

// Requests in a row on one connection, whose answers wait for their turn (RFC 9112, section 9.3.2).
let stand: Stand;
beforeAll(async () => {
  stand = await Stand.open();
});
afterAll(() => stand.close());

test('pipelined calls are answered in their order, each by its own decision', async () => {
  stand.openai.next({ delayMs: 200 });
  const { value, records } = await stand.during(async () => {
    const wire = await Wire.open(stand.url);
    await wire.send(stand.chat(), stand.get('/support/v1/models'), stand.chat([], '{}'));
    const answers = [await wire.answer(), await wire.answer(), await wire.answer()];
    wire.destroy();
    return answers;
  });
  expect(value.map(({ status }) => status)).toEqual([200, 200, 400]);
  const decisions = value.map(({ headers }) => headers.get('x-verdict-decision'));
  expect(new Set(decisions).size).toBe(3);
  expect(records.filter(({ type }) => type === 'decision').map(({ id }) => id)).toEqual(
    expect.arrayContaining(decisions),
  );
});

test.each([
  ['nothing', ''],
  ['CONNECT, after which node forgets them', 'CONNECT verdict:443 HTTP/1.1\r\nHost: verdict\r\n\r\n'],
  ['what is no HTTP', '\x00\x01\r\n\r\n'],
])(
  'calls that wait for their turn, and then %s, end with their connection and give their room back',
  async (_, last) => {
    const calls = 5;
    const forwards = (): number => stand.journal().filter((entry) => entry.effect_enforced === 'forward').length;
    const before = forwards();
    stand.openai.always({ hang: true });
    const { records } = await stand.during(async () => {
      const wire = await Wire.open(stand.url);
      await wire.send(...Array.from({ length: calls }, () => stand.chat()), last);
      await until(() => (forwards() === before + calls ? true : undefined), 'all calls are decided');
      wire.destroy();
    });
    const outcomes = records.filter(({ type }) => type === 'outcome');
    stand.openai.always({});
    expect(outcomes.length).toBe(calls);
    expect(new Set(outcomes.map(({ ended }) => ended))).toEqual(new Set(['client_aborted']));
    await until(async () => ((await inFlight()) === 0 ? true : undefined), 'no call is in flight');
  },
);

async function inFlight(): Promise<number> {
  const metrics = await (await fetch(`${stand.url}/metrics`)).text();
  return Number(/^verdict_calls_in_flight (\d+)/m.exec(metrics)?.[1]);
}
