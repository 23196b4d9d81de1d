import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import { event, Hand } from './hand.ts';
import { CHAT, CHAT_BODY, Stand, until, Wire } from './harness.ts';

// A response on its way: how it passes, and every way in which one side can leave it unfinished.

let hand: Hand;
let stand: Stand;
beforeAll(async () => {
  hand = await Hand.start();
  stand = await Stand.open({
    providers: { openai: hand.url },
    limits: { upstream_timeout_ms: 1500, upstream_idle_timeout_ms: 1200 },
  });
});
afterAll(async () => {
  await stand.close();
  await hand.close();
});

const STREAM = JSON.stringify({ ...CHAT_BODY, stream: true });
/** The least that a chat completion is. */
const ANSWER = '{"choices":[]}';
const closed = (stream: IncomingMessage | ServerResponse): Promise<void> =>
  new Promise((resolve) => (stream.destroyed ? resolve() : stream.once('close', resolve)));

/** Asks for a stream on a connection of its own, and takes the upstream's end of it. */
async function begin(body = STREAM): Promise<{ wire: Wire; req: IncomingMessage; res: ServerResponse }> {
  const wire = await Wire.open(stand.url);
  await wire.send(stand.chat([], body));
  return { wire, ...(await hand.next()) };
}

describe('passes as it comes', () => {
  test('head at once, then event by event, each before the next is there', async () => {
    const { outcome } = await stand.decided(async () => {
      const { wire, res } = await begin();
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.flushHeaders();
      const head = await wire.peek(10);
      expect(head.toString()).toContain('HTTP/1.1 200');
      expect(head.toString()).toContain('content-type: text/event-stream');
      for (let i = 0; i < 20; i++) {
        const before = (await wire.peek(0)).length;
        res.write(event(`piece ${i}`));
        const began = performance.now();
        const now = await wire.peek(before + event(`piece ${i}`).length);
        expect(performance.now() - began).toBeLessThan(200);
        expect(now.toString()).toContain(`piece ${i}`);
        expect(now.toString()).not.toContain(`piece ${i + 1}`);
      }
      res.end('data: [DONE]\n\n');
      expect((await wire.answer()).body.toString()).toMatch(/\[DONE\]\n\n$/);
      wire.destroy();
    });
    expect(outcome).toMatchObject({ status: 200, ended: 'complete' });
  });

  test('to the SDK, while the vendor waits', async () => {
    const stream = stand.gpt().chat.completions.create({ ...CHAT_BODY, stream: true });
    const { res } = await hand.next();
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.flushHeaders();
    const chunks = (await stream)[Symbol.asyncIterator]();
    for (const text of ['a', 'b', 'c']) {
      res.write(event(text));
      expect((await chunks.next()).value?.choices[0]?.delta.content).toBe(text);
    }
    res.end('data: [DONE]\n\n');
    expect((await chunks.next()).done).toBe(true);
  });

  test('but for bytes that make no sense: a tool call might hide in them', async () => {
    const noise = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256));
    const { value, outcome } = await stand.decided(async () => {
      const { wire, res } = await begin();
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(noise.subarray(0, 1000));
      await sleep(20);
      res.end(Buffer.concat([noise.subarray(1000), Buffer.from('\n\n')]));
      const answer = await wire.answer();
      wire.destroy();
      return answer;
    });
    const text = value.body.toString('latin1');
    expect(text).toMatch(/^data: \{"error":\{"message":"RESPONSE_UNREADABLE: [^\n]*\n\n$/m);
    expect(text.length).toBeLessThan(5000);
    expect(outcome).toMatchObject({
      status: 200,
      response_bytes: text.length,
      usage: null,
      finish: [],
      tool_calls: [],
    });
  });

  test.each([
    [204, undefined],
    [304, undefined],
    [200, ''],
    [404, '{"error":"no"}'],
    [302, ''],
    [599, '{"error":"odd"}'],
  ])('with status %d, on a connection that goes on', async (status, body) => {
    const { value, records } = await stand.during(async () => {
      const { wire, res } = await begin(CHAT);
      res.writeHead(status, {
        location: `${hand.url}/elsewhere`,
        ...(body === undefined ? {} : { 'content-length': body.length }),
      });
      res.end(body);
      const answers = [await wire.answer()];
      await wire.send(stand.chat());
      (await hand.next()).res.end(ANSWER);
      answers.push(await wire.answer());
      wire.destroy();
      return answers;
    });
    expect(value.map((answer) => [answer.status, answer.body.toString()])).toEqual([
      [status, body ?? ''],
      [200, ANSWER],
    ]);
    const outcomes = records.filter(({ type }) => type === 'outcome');
    expect(outcomes).toMatchObject([
      { status, upstream_status: status, ended: 'complete', response_bytes: body?.length ?? 0 },
      { status: 200, ended: 'complete' },
    ]);
  });

  test('without the interim responses that are not for the client', async () => {
    const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n';
    const answer = await answerBy(
      `${interim}HTTP/1.1 200 OK\r\ncontent-length: 14\r\nconnection: close\r\n\r\n${ANSWER}`,
    );
    expect([answer.status, answer.body.toString()]).toEqual([200, ANSWER]);
  });

  test('over connections that are kept', async () => {
    const before = hand.connections;
    for (let i = 0; i < 20; i++) {
      const asked = stand.gpt().models.list();
      (await hand.next()).res.setHeader('content-type', 'application/json').end('{"object":"list","data":[]}');
      await asked;
    }
    expect(hand.connections - before).toBeLessThanOrEqual(2);
  });

  test('and never as the answer to another call', async () => {
    const split = `HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n${ANSWER}HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\ncanary`;
    expect((await answerBy(split)).body.toString()).toBe(ANSWER);
    const { wire, res } = await begin(CHAT);
    const mine = '{"choices":[],"id":"mine"}';
    res.end(mine);
    expect((await wire.answer()).body.toString()).toBe(mine);
    wire.destroy();
  });
});

/** Asks, answers with these bytes as upstream, and returns what the client got. */
async function answerBy(bytes: string) {
  const wire = await Wire.open(stand.url);
  await wire.send(stand.chat());
  const socket = await hand.socket();
  socket.write(bytes);
  const answer = await wire.answer();
  wire.destroy();
  return answer;
}

describe('a client that reads slowly', () => {
  const PIECE = Buffer.from(event('x'.repeat(800)).repeat(64));
  const PIECES = 800; // some 50 MB
  const rss = (): number =>
    Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${stand.program.pid}/status`, 'utf8'))?.[1]) * 1024;

  /** Writes a long stream as fast as it is taken. */
  async function pour(res: ServerResponse, progress: (written: number) => void): Promise<void> {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    const over = closed(res);
    for (let i = 1; i <= PIECES && !res.destroyed; i++) {
      if (!res.write(PIECE)) await Promise.race([new Promise((resolve) => res.once('drain', resolve)), over]);
      progress(i * PIECE.length);
    }
    res.end();
  }

  test('slows the vendor down, and the gateway holds none of it', async () => {
    const { value, outcome } = await stand.decided(async () => {
      const { wire, res } = await begin();
      wire.pause();
      let written = 0;
      const before = rss();
      const poured = pour(res, (bytes) => {
        written = bytes;
      });
      await sleep(700); // shorter than upstream_idle_timeout_ms
      const stalled = { written, grown: rss() - before };
      wire.resume();
      await poured;
      const { body } = await wire.answer();
      wire.destroy();
      return { ...stalled, length: body.length };
    });
    expect(value.written).toBeLessThan(20 * 1024 * 1024); // what kernel buffers of two connections hold
    expect(value.grown).toBeLessThan(24 * 1024 * 1024);
    expect(value.length).toBe(PIECES * PIECE.length);
    expect(outcome).toMatchObject({ ended: 'complete', response_bytes: PIECES * PIECE.length });
  });

  test('and stops reading altogether is taken for gone', async () => {
    const { outcome } = await stand.decided(async () => {
      const { wire, res } = await begin();
      wire.pause();
      await pour(res, () => {});
      wire.destroy();
    });
    expect(outcome).toMatchObject({ status: 200, ended: 'client_aborted' });
    expect(outcome.response_bytes).toBeLessThan(PIECES * PIECE.length);
  });
});

describe('a client that goes away', () => {
  test('in mid-stream ends the call upstream', async () => {
    const { outcome } = await stand.decided(async () => {
      const { wire, res } = await begin();
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(event('a'));
      await wire.sees(event('a'));
      wire.destroy();
      await closed(res);
    });
    expect(outcome).toMatchObject({
      status: 200,
      upstream_status: 200,
      ended: 'client_aborted',
      response_bytes: event('a').length,
    });
  });

  test('before anything came ends the call upstream', async () => {
    const { outcome } = await stand.decided(async () => {
      const { wire, res } = await begin();
      wire.destroy();
      await closed(res);
    });
    expect(outcome).toMatchObject({ upstream_status: null, ended: 'client_aborted', response_bytes: 0 });
  });

  test('by the SDK', async () => {
    const { outcome } = await stand.decided(async () => {
      const stream = stand.gpt().chat.completions.create({ ...CHAT_BODY, stream: true });
      const { res } = await hand.next();
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(event('a'));
      for await (const _ of await stream) break;
      await closed(res);
    });
    expect(outcome.ended).toBe('client_aborted');
  });
});

describe('a vendor that goes away', () => {
  test('in mid-stream: the client sees it, the outcome says it', async () => {
    const { value, outcome } = await stand.decided(async () => {
      const { wire, res } = await begin();
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(event('a'));
      await wire.sees(event('a'));
      res.destroy();
      const rest = (await wire.rest()).toString();
      wire.destroy();
      return rest;
    });
    expect(value).toContain(event('a').trim());
    expect(value).not.toMatch(/\r\n0\r\n\r\n$/); // or it would look finished
    expect(outcome).toMatchObject({ status: 200, ended: 'upstream_aborted' });
  });

  test('in mid-stream, as the SDK sees it', async () => {
    const stream = stand.gpt().chat.completions.create({ ...CHAT_BODY, stream: true });
    const { res } = await hand.next();
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write(event('a'));
    const read = async () => {
      for await (const _ of await stream) res.destroy();
    };
    await expect(read()).rejects.toThrow();
  });

  test('in the middle of a body that has a length: an error, and nothing of it', async () => {
    const { value, outcome } = await stand.decided(async () => {
      const { wire, res } = await begin(CHAT);
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
      res.write('{"half":');
      await sleep(50);
      res.destroy();
      const answer = await wire.answer();
      wire.destroy();
      return answer;
    });
    expect(value.status).toBe(502);
    expect(JSON.parse(value.body.toString()).error.code).toBe('UPSTREAM_ABORTED');
    expect(outcome).toMatchObject({
      ...{ status: 502, upstream_status: 200, ended: 'upstream_aborted', response_bytes: value.body.length },
      response_sha256: hash('sha256', value.body),
    });
  });

  test.each<[string, (socket: NodeJS.WritableStream & { destroy(): void }) => void]>([
    ['without an answer', (socket) => socket.destroy()],
    [
      'with half a head',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-');
        setTimeout(() => socket.destroy(), 50);
      },
    ],
    ['with something that is no HTTP', (socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n')],
    ['with a head that never ends', (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(100_000)}`)],
    [
      'with two lengths',
      (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}'),
    ],
    ['with a status below 100', (socket) => socket.write('HTTP/1.1 099 X\r\ncontent-length: 2\r\n\r\n{}')],
    ['with the status 000', (socket) => socket.write('HTTP/1.1 000 X\r\n\r\n{}')],
    [
      'with another protocol',
      (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    ],
  ])('%s', async (_what, act) => {
    const { value, decision, outcome } = await stand.decided(async () => {
      const wire = await Wire.open(stand.url);
      await wire.send(stand.chat());
      act(await hand.socket());
      const answer = await wire.answer();
      wire.destroy();
      return answer;
    });
    expect(value.status).toBe(502);
    expect(JSON.parse(value.body.toString()).error).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      decision_id: decision.id,
    });
    expect(outcome).toMatchObject({
      status: 502,
      upstream_status: null,
      ended: 'upstream_unavailable',
      response_bytes: value.body.length,
    });
  });

  test('and is not asked twice', async () => {
    const before = hand.calls;
    const asked = stand.ask(stand.chat());
    (await hand.next()).res.destroy();
    expect((await asked).status).toBe(502);
    await sleep(100);
    expect(hand.calls - before).toBe(1);
  });
});

describe('a vendor that takes too long', () => {
  test('for its head: 504', async () => {
    const { value, outcome } = await stand.decided(async () => {
      const asked = stand.gpt().chat.completions.create(CHAT_BODY);
      const { res } = await hand.next();
      const error = await asked.catch((thrown: unknown) => thrown);
      await closed(res);
      return error;
    });
    expect(value).toBeInstanceOf(OpenAI.InternalServerError);
    expect(value).toMatchObject({ status: 504, code: 'UPSTREAM_TIMEOUT' });
    expect(outcome).toMatchObject({ status: 504, upstream_status: null, ended: 'upstream_timeout' });
  });

  test('within a body that is not passed on before its end: 504', async () => {
    const { value, outcome } = await stand.decided(async () => {
      const { wire, res } = await begin(CHAT);
      res.writeHead(200, { 'content-type': 'application/json' });
      res.write('{"half":');
      const answer = await wire.answer();
      await closed(res);
      wire.destroy();
      return answer;
    });
    expect([value.status, value.headers.get('x-verdict-code')]).toEqual([504, 'UPSTREAM_TIMEOUT']);
    expect(outcome).toMatchObject({
      ...{ status: 504, upstream_status: 200, ended: 'upstream_timeout', response_bytes: value.body.length },
    });
  });

  test('within a stream: it is cut off', async () => {
    const { outcome } = await stand.decided(async () => {
      const { wire, res } = await begin();
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(event('a'));
      expect((await wire.rest()).toString()).not.toMatch(/\r\n0\r\n\r\n$/);
      await closed(res);
      wire.destroy();
    });
    expect(outcome).toMatchObject({
      status: 200,
      upstream_status: 200,
      ended: 'upstream_timeout',
      response_bytes: event('a').length,
    });
  });

  test('is not one whose stream lasts long, but goes on', async () => {
    const { outcome } = await stand.decided(async () => {
      const { wire, res } = await begin();
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let i = 0; i < 5; i++) {
        res.write(event('a'));
        await sleep(500);
      }
      res.end();
      await wire.answer();
      wire.destroy();
    });
    expect(outcome).toMatchObject({ ended: 'complete', response_bytes: 5 * event('a').length });
    expect(outcome.duration_us).toBeGreaterThan(2_400_000);
  });
});

describe('a vendor that is not there', () => {
  let other: Stand;
  let deaf: Worker;
  let gone: Hand;
  beforeAll(async () => {
    gone = await Hand.start();
    const { url } = gone;
    await gone.close();
    const server = `const { workerData, parentPort } = require('node:worker_threads');
      const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
        parentPort.postMessage(server.address().port);
        setTimeout(() => Atomics.wait(new Int32Array(workerData), 0, 0), 50);
      });`;
    deaf = new Worker(server, { eval: true, workerData: new SharedArrayBuffer(4) });
    const port = await new Promise((resolve) => deaf.once('message', resolve));
    await sleep(200);
    other = await Stand.open({
      providers: { openai: url, anthropic: `http://127.0.0.1:${port}` },
      limits: { upstream_timeout_ms: 1000 },
    });
  });
  afterAll(async () => {
    await other.close();
    await deaf.terminate();
  });

  test('refuses the connection: 502', async () => {
    const { value, outcome } = await other.decided(() =>
      other
        .gpt()
        .chat.completions.create(CHAT_BODY)
        .catch((error: unknown) => error),
    );
    expect(value).toMatchObject({ status: 502, code: 'UPSTREAM_UNAVAILABLE' });
    expect(outcome).toMatchObject({ status: 502, ended: 'upstream_unavailable', upstream_status: null });
  });

  test('does not accept it: 504 in time, however many connections wait', async () => {
    const { value, records } = await other.during(() =>
      Promise.all(
        Array.from({ length: 6 }, async () => {
          const began = performance.now();
          const error: { status?: number } = await other
            .claude({ timeout: 10_000 })
            .messages.create(messages)
            .then(
              () => ({}),
              (thrown) => thrown,
            );
          return { status: error.status, ms: performance.now() - began };
        }),
      ),
    );
    expect(value.map(({ status }) => status)).toEqual(Array(6).fill(504));
    expect(Math.max(...value.map(({ ms }) => ms))).toBeLessThan(4000);
    expect(records.filter(({ ended }) => ended === 'upstream_timeout')).toHaveLength(6);
  });
  const messages = { model: 'claude-haiku-4-5', max_tokens: 10, messages: [{ role: 'user' as const, content: 'x' }] };
});

test('nothing is left of all these calls', async () => {
  await until(
    async () => /^verdict_calls_in_flight 0$/m.test(await (await fetch(`${stand.url}/metrics`)).text()) || undefined,
    'no call is in flight',
  );
});
