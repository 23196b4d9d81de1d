import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { event, Hand } from './hand.ts';
import { CHAT_BODY, codes, Stand, until, Wire } from './harness.ts';

const STREAM = JSON.stringify({ ...CHAT_BODY, stream: true });

let hand: Hand;
let stand: Stand;
beforeEach(async () => {
  hand = await Hand.start();
  stand = await Stand.open({
    providers: { openai: hand.url },
    limits: { stop_timeout_ms: 2500, concurrent_calls: 3, in_flight_bytes: 2_000_000, body_bytes: 1_000_000 },
  });
});
afterEach(async () => {
  await stand.discard();
  await hand.close();
});

async function begin() {
  const wire = await Wire.open(stand.url);
  await wire.send(stand.chat([], STREAM));
  const { res } = await hand.next();
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  res.write(event('first'));
  await wire.sees('first');
  return { wire, res };
}

/** Waits until no call is under way: a call ends with its last record, a moment after its answer. */
const quiet = () =>
  until(async () => {
    const metrics = await (await fetch(`${stand.url}/metrics`)).text();
    return /^verdict_calls_in_flight 0$/m.test(metrics) || undefined;
  }, 'no call is under way');

/** Waits for the end and checks what must hold then. */
async function expectStopped(reason: string): Promise<void> {
  expect(await stand.program.exited).toBe(0);
  expect(stand.journal().at(-1)).toMatchObject({ type: 'log_closed', reason });
  expect(await stand.verify()).toMatchObject({ outcome: 'signed', closed: true, unfinished: 0, finding: null });
  expect(stand.program.lines().filter(({ level }) => Number(level) >= 50)).toEqual([]);
}

describe('SIGTERM', () => {
  test('lets a stream finish, refuses new calls meanwhile, closes the log and exits with 0', async () => {
    const { wire, res } = await begin();
    const idle = await Wire.open(stand.url); // a kept connection with nothing on it must not hold the end up
    stand.program.signal('SIGTERM');
    await until(
      async () => ((await fetch(`${stand.url}/readyz`)).status === 503 ? true : undefined),
      'it is no longer ready',
    );
    expect(await (await fetch(`${stand.url}/readyz`)).json()).toMatchObject({
      checks: { running: false, log: true, bundle: true },
    });
    const answer = await stand.ask(stand.chat());
    expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('connection')]).toEqual([
      503,
      '1',
      'close',
    ]);
    expect(JSON.parse(answer.body.toString()).error.code).toBe('STOPPING');
    const refused = stand.journal().at(-1);
    expect(refused).toMatchObject({
      type: 'decision',
      id: answer.headers.get('x-verdict-decision'),
      effect_enforced: 'refuse',
    });
    expect(codes(refused)).toEqual(['STOPPING']);
    for (let i = 0; i < 5; i++) {
      res.write(event(`piece ${i}`));
      await wire.sees(`piece ${i}`);
      await sleep(100);
    }
    res.end('data: [DONE]\n\n');
    const { body } = await wire.answer();
    expect(body.toString()).toMatch(/first.*piece 4.*\[DONE\]/s);
    await expectStopped('SIGTERM');
    expect(hand.calls).toBe(1);
    const outcome = stand.journal().findLast(({ type }) => type === 'outcome');
    expect(outcome).toMatchObject({ status: 200, ended: 'complete', response_bytes: body.length });
    await expect(Wire.open(stand.url)).rejects.toThrow('ECONNREFUSED');
    wire.destroy();
    idle.destroy();
  });

  test('with nothing under way is quick', async () => {
    const kept = await Wire.open(stand.url);
    await kept.send(stand.get('/nowhere'));
    await kept.answer();
    const began = Date.now();
    stand.program.signal('SIGTERM');
    await expectStopped('SIGTERM');
    expect(Date.now() - began).toBeLessThan(2000);
    kept.destroy();
  });

  test('waits no longer than it may for a call that does not end', async () => {
    const { wire } = await begin();
    const hung = await Wire.open(stand.url);
    await hung.send(stand.chat());
    await hand.next();
    const slow = await Wire.open(stand.url);
    await slow.send(stand.chat().subarray(0, -10)); // a body that does not come
    await sleep(100);
    const began = Date.now();
    stand.program.signal('SIGTERM');
    await expectStopped('SIGTERM');
    const took = Date.now() - began;
    expect(took).toBeGreaterThan(2000);
    expect(took).toBeLessThan(6000);
    const ended = stand.journal().filter(({ type }) => type === 'outcome');
    expect(ended.map((outcome) => outcome.ended)).toEqual(['client_aborted', 'client_aborted']);
    expect(codes(stand.journal().findLast(({ type }) => type === 'decision'))).toEqual(['BODY_INCOMPLETE']);
    for (const each of [wire, hung, slow]) each.destroy();
  });

  test('SIGINT is the same', async () => {
    stand.program.signal('SIGINT');
    await expectStopped('SIGINT');
  });

  test('and the next start goes on with the log', async () => {
    await stand.ask(stand.get('/nowhere'));
    stand.program.signal('SIGTERM');
    await expectStopped('SIGTERM');
    const before = stand.journal();
    await stand.restart();
    await stand.ask(stand.get('/nowhere'));
    stand.program.signal('SIGTERM');
    await expectStopped('SIGTERM');
    const after = stand.journal();
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after[before.length]).toMatchObject({
      type: 'log_opened',
      opened: 'continued',
      log: before[0].log,
      seq: before.length,
    });
  });
});

describe('more than may be under way', () => {
  /** Asks, expects to be shed, and returns the record. */
  async function expectShed(bytes: Uint8Array) {
    const answer = await stand.ask(bytes);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(JSON.parse(answer.body.toString()).error.code).toBe('OVERLOADED');
    const record = stand.journal().find(({ id }) => id === answer.headers.get('x-verdict-decision'));
    expect(codes(record)).toEqual(['OVERLOADED']);
    expect(record).toMatchObject({ effect_enforced: 'refuse', entrypoint: null });
    return record;
  }

  test('calls: refused with Retry-After and a record, while the others go on', async () => {
    const under = [await begin(), await begin(), await begin()];
    await expectShed(stand.chat());
    await expectShed(stand.get('/nowhere'));
    expect((await fetch(`${stand.url}/readyz`)).status).toBe(200); // busy is not ill
    expect(hand.calls).toBe(3);
    for (const { wire, res } of under) {
      res.end();
      expect((await wire.answer()).status).toBe(200);
      wire.destroy();
    }
    await quiet();
    const next = await begin();
    next.res.end();
    await next.wire.answer();
    next.wire.destroy();
    stand.program.signal('SIGTERM');
    await expectStopped('SIGTERM');
  });

  test('bytes of bodies: likewise, whatever was announced', async () => {
    const large = JSON.stringify({ ...CHAT_BODY, messages: [{ role: 'user', content: 'x'.repeat(900_000) }] });
    const slow = await Promise.all([1, 2].map(() => Wire.open(stand.url)));
    for (const wire of slow) await wire.send(stand.chat([], large).subarray(0, -10));
    await sleep(200);
    const record = await expectShed(stand.chat([], large));
    expect(record).toMatchObject({ route: 'support', subject: { id: 'developer' } });
    const lines = stand
      .chat(['Transfer-Encoding: chunked'])
      .toString()
      .replace(/Content-Length.*\r\n/, '');
    const head = lines.slice(0, lines.indexOf('\r\n\r\n') + 4);
    await expectShed(Buffer.from(`${head}${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`));
    expect((await stand.ask(stand.get('/nowhere'))).status).toBe(404);
    for (const wire of slow) wire.destroy();
    await quiet();
    expect(hand.calls).toBe(0);
    stand.program.signal('SIGTERM');
    await expectStopped('SIGTERM');
  });
});
