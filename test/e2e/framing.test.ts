import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { CHAT, codes, type Entry, request, Stand, Wire } from './harness.ts';

// Where one request ends and the next begins, and what is no HTTP at all. Whatever two servers could read in two ways is refused.

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.open({ limits: { headers_timeout_ms: 1500, body_timeout_ms: 1000, header_bytes: 8192 } });
});
afterAll(() => stand.close());
afterEach(() => stand.forgetRequests());

const POST = 'POST /support/v1/chat/completions HTTP/1.1';
const lines = (...more: string[]): string[] => [
  POST,
  'Host: verdict',
  `Authorization: Bearer ${stand.site.token}`,
  'Content-Type: application/json',
  ...more,
];
const CHUNKED = `${CHAT.length.toString(16)}\r\n${CHAT}\r\n0\r\n\r\n`;
const smuggled = (): Buffer => stand.get('/support/v1/models');

/** Sends all of it, and returns what comes until the connection ends. */
async function all(...parts: (string | Uint8Array)[]): Promise<string> {
  const wire = await Wire.open(stand.url);
  try {
    await wire.send(...parts);
    return (await wire.rest()).toString('latin1');
  } finally {
    wire.destroy();
  }
}

const statuses = (text: string): number[] => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, code]) => Number(code));

/** One refusal is in the log, and nothing went to the vendor. */
function expectRefused(records: Entry[], expected: readonly string[]): void {
  expect(records.map(({ type }) => type)).toEqual(['decision']);
  expect(expected).toContain(codes(records[0])[0]);
  expect(records[0].effect_enforced).toBe('refuse');
  expect(stand.forwarded).toBe(0);
}

describe('one message, two lengths', () => {
  test.each<[string, () => string[], () => string]>([
    ['length and chunks', () => ['Content-Length: 4', 'Transfer-Encoding: chunked'], () => CHUNKED],
    ['chunks and length', () => ['Transfer-Encoding: chunked', `Content-Length: ${CHAT.length}`], () => CHAT],
    [
      'chunks hidden in another coding',
      () => ['Transfer-Encoding: xchunked', `Content-Length: ${CHAT.length}`],
      () => CHAT,
    ],
    ['two lengths', () => ['Content-Length: 4', `Content-Length: ${CHAT.length}`], () => CHAT],
    ['the same length twice', () => [`Content-Length: ${CHAT.length}`, `Content-Length: ${CHAT.length}`], () => CHAT],
    ['a list of lengths', () => [`Content-Length: ${CHAT.length}, ${CHAT.length}`], () => CHAT],
    ['a length with a sign', () => [`Content-Length: +${CHAT.length}`], () => CHAT],
    ['a negative length', () => ['Content-Length: -1'], () => CHAT],
    ['a length in hex', () => [`Content-Length: 0x${CHAT.length.toString(16)}`], () => CHAT],
    ['a length with a space in it', () => ['Content-Length: 9 9'], () => CHAT],
    ['a length beyond 64 bits', () => ['Content-Length: 18446744073709551617'], () => CHAT],
    ['no length after its name', () => ['Content-Length:'], () => CHAT],
    ['chunked, then identity', () => ['Transfer-Encoding: chunked, identity'], () => CHUNKED],
    ['chunked, then something else', () => ['Transfer-Encoding: chunked', 'Transfer-Encoding: x'], () => CHUNKED],
    ['an unknown coding', () => ['Transfer-Encoding: x'], () => CHAT],
    ['a space before the colon', () => ['Transfer-Encoding : chunked'], () => CHUNKED],
    ['a vertical tab before chunked', () => ['Transfer-Encoding: \x0bchunked'], () => CHUNKED],
    ['a folded line', () => ['Transfer-Encoding:', ' chunked'], () => CHUNKED],
    ['a folded length', () => ['Content-Length: 1', ` ${CHAT.length}`], () => CHAT],
  ])('%s', async (_what, framing, body) => {
    const { value, records } = await stand.during(() => all(request(lines(...framing()), body()), smuggled()));
    expect(statuses(value)).toEqual([400]);
    expectRefused(records, ['HEADERS_INVALID', 'BODY_INCOMPLETE']);
  });
});

describe('chunks that are none', () => {
  test.each([
    ['bare LF after the size', `${CHAT.length.toString(16)}\n${CHAT}\r\n0\r\n\r\n`],
    ['bare LF after the data', `${CHAT.length.toString(16)}\r\n${CHAT}\n0\r\n\r\n`],
    ['nothing after the data', `${CHAT.length.toString(16)}\r\n${CHAT}0\r\n\r\n`],
    ['a size with 0x', `0x${CHAT.length.toString(16)}\r\n${CHAT}\r\n0\r\n\r\n`],
    ['a negative size', `-1\r\n${CHAT}\r\n0\r\n\r\n`],
    ['a size beyond 64 bits', `fffffffffffffffff\r\n${CHAT}\r\n0\r\n\r\n`],
    ['a space before the size', ` ${CHAT.length.toString(16)}\r\n${CHAT}\r\n0\r\n\r\n`],
    ['no size', `\r\n${CHAT}\r\n0\r\n\r\n`],
    ['more data than the size says', `4\r\n${CHAT}\r\n0\r\n\r\n`],
    ['bare CR in an extension', `${CHAT.length.toString(16)};a\rb\r\n${CHAT}\r\n0\r\n\r\n`],
    ['bare LF in an extension', `${CHAT.length.toString(16)};a\nb\r\n${CHAT}\r\n0\r\n\r\n`],
  ])('%s', async (_what, body) => {
    const { value, records } = await stand.during(() =>
      stand.ask(Buffer.concat([request(lines('Transfer-Encoding: chunked'), body), smuggled()])),
    );
    expect([value.status, value.headers.get('connection')]).toEqual([400, 'close']);
    expect(value.headers.get('x-verdict-decision')).toBe(records[0].id);
    expectRefused(records, ['BODY_INCOMPLETE']);
  });

  test('and those that are: extensions and trailers mean nothing', async () => {
    const half = CHAT.length >> 1;
    const rest = CHAT.length - half;
    const body =
      `${half.toString(16)};ext="a;b"\r\n${CHAT.slice(0, half)}\r\n000${rest.toString(16).toUpperCase()}\r\n${CHAT.slice(half)}\r\n` +
      `0\r\nX-Trailer: canary\r\nAuthorization: Bearer canary\r\n\r\n`;
    const { value } = await stand.decided(() => stand.ask(request(lines('Transfer-Encoding: chunked'), body)));
    expect(value.status).toBe(200);
    expect(stand.openai.requests[0]?.body.toString()).toBe(CHAT);
    expect(stand.openai.requests[0]?.headers).toMatchObject({ 'content-length': String(CHAT.length) });
    expect(JSON.stringify(stand.openai.requests[0]?.rawHeaders)).not.toMatch(/canary|transfer-encoding|trailer/i);
  });
});

describe('what is no request', () => {
  const get = (...more: string[]) => request(['GET /support/v1/models HTTP/1.1', 'Host: verdict', ...more]);
  test.each<[string, () => string | Uint8Array]>([
    ['noise', () => 'hello\r\n\r\n'],
    ['TLS', () => Buffer.from('16030100a5010000a10303', 'hex')],
    ['HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['HTTP/0.9', () => 'GET /support/v1/models\r\n\r\n'],
    ['an unknown version', () => 'GET /support/v1/models HTTP/9.9\r\nHost: verdict\r\n\r\n'],
    ['an unknown method', () => 'FORWARD /support/v1/models HTTP/1.1\r\nHost: verdict\r\n\r\n'],
    ['a method in lower case', () => 'get /support/v1/models HTTP/1.1\r\nHost: verdict\r\n\r\n'],
    ['a folded header', () => get('X-A: 1', ' 2')],
    ['a folded first header', () => 'GET /support/v1/models HTTP/1.1\r\n Host: verdict\r\n\r\n'],
    ['a space in a name', () => get('X A: 1')],
    ['a header without a colon', () => get('X-A')],
    ['a header without a name', () => get(': 1')],
    ['NUL in a value', () => get('X-A: \x00')],
    ['bare CR in a value', () => get('X-A: 1\rX-B: 2')],
    ['bare LF after a header', () => 'GET /support/v1/models HTTP/1.1\nHost: verdict\n\n'],
    ['bare LF before the end', () => 'GET /support/v1/models HTTP/1.1\r\nHost: verdict\r\nX-A: 1\n\r\n'],
  ])('%s', async (_what, bytes) => {
    const { value, records } = await stand.during(() => all(bytes()));
    expect(statuses(value)).toEqual([400]);
    expect(value).toMatch(/connection: close/i);
    expectRefused(records, ['HEADERS_INVALID', 'HOST_MISSING']);
  });

  test('too many bytes of headers', async () => {
    for (const bytes of [
      get(`X-A: ${'a'.repeat(10_000)}`),
      get(...Array.from({ length: 500 }, (_, i) => `X-${i}: ${'a'.repeat(20)}`)),
    ]) {
      const { value, records } = await stand.during(() => all(bytes));
      expect(statuses(value)).toEqual([431]);
      expectRefused(records, ['HEADERS_TOO_LARGE']);
    }
  });

  test('headers that come too slowly', async () => {
    const { value, records } = await stand.during(async () => {
      const wire = await Wire.open(stand.url);
      for (const piece of ['GET /support/v1/models HTTP/1.1\r\n', 'Host: verdict\r\n', 'X-A: ', '1', '2']) {
        await wire.send(piece);
        await sleep(100);
      }
      return (await wire.rest()).toString();
    });
    expect(statuses(value)).toEqual([408]);
    expectRefused(records, ['HEADERS_TIMEOUT']);
  });

  test('a connection that says nothing, or goes away in mid-header, is no call', async () => {
    const { records } = await stand.during(async () => {
      const silent = await Wire.open(stand.url);
      silent.destroy();
      const begun = await Wire.open(stand.url);
      await begun.send('GET /support/v1/models HTT');
      begun.destroy();
      await sleep(200);
    });
    expect(records).toEqual([]);
  });
});

describe('bodies in time', () => {
  test('one that comes too slowly is refused once, with an answer, and cut off', async () => {
    const { value, records } = await stand.during(async () => {
      const wire = await Wire.open(stand.url);
      await wire.send(request(lines(`Content-Length: ${CHAT.length}`)));
      let answer = '';
      const answered = wire.rest().then((bytes) => {
        answer = bytes.toString();
      });
      for (let i = 0; i < 50 && answer === ''; i++) {
        await wire.send(CHAT.slice(i, i + 1));
        await Promise.race([sleep(100), answered]);
      }
      await answered;
      return answer;
    });
    expect(statuses(value)).toEqual([408]);
    expectRefused(records, ['BODY_TIMEOUT']);
  });

  test('a refused call whose body trickles on is one record, one answer, and no longer than it may be', async () => {
    const began = Date.now();
    const { value, records } = await stand.during(async () => {
      const wire = await Wire.open(stand.url);
      const head = lines('Content-Length: 100000').map((line) => line.replace('Bearer vdt_', 'Bearer vdt_x'));
      await wire.send(request(head));
      const rest = wire.rest();
      let over = false;
      void rest.then(() => {
        over = true;
      });
      while (!over && Date.now() - began < 10_000) {
        await wire.send('x');
        await Promise.race([sleep(100), rest]);
      }
      return (await rest).toString();
    });
    expect(Date.now() - began).toBeLessThan(8000);
    expect(statuses(value)).toEqual([401]);
    expectRefused(records, ['IDENTITY_INVALID']);
  });

  test('a client that goes away in mid-body leaves its record', async () => {
    for (const framing of [`Content-Length: ${CHAT.length}`, 'Transfer-Encoding: chunked']) {
      const { records } = await stand.during(async () => {
        const wire = await Wire.open(stand.url);
        await wire.send(request(lines(framing), framing.startsWith('T') ? '4\r\n{"mo\r\n' : '{"mo'));
        await sleep(100);
        wire.destroy();
        await stand.entry((entry) => entry.type === 'decision' && entry.seq > stand.journal().length - 2);
        await sleep(100);
      });
      expectRefused(records, ['BODY_INCOMPLETE']);
    }
  });
});

describe('several requests on one connection', () => {
  test('are decided one by one and answered in order', async () => {
    stand.openai.next({ delayMs: 300 });
    const { value, records } = await stand.during(async () => {
      const wire = await Wire.open(stand.url);
      await wire.send(
        stand.chat(),
        stand.get('/support/v1/models'),
        stand.chat([], JSON.stringify({ ...JSON.parse(CHAT), model: 'gpt-5-pro' })),
        stand.get('/nowhere'),
        request(lines('Transfer-Encoding: chunked'), CHUNKED),
      );
      const answers = [];
      for (let i = 0; i < 5; i++) answers.push(await wire.answer());
      wire.destroy();
      return answers;
    });
    expect(value.map(({ status }) => status)).toEqual([200, 200, 403, 404, 200]);
    const decisions = new Map(
      records.filter(({ type }) => type === 'decision').map((decision) => [decision.id, decision]),
    );
    expect(decisions.size).toBe(5);
    expect(value.map(({ headers }) => decisions.get(headers.get('x-verdict-decision'))?.input.http.path)).toEqual([
      '/support/v1/chat/completions',
      '/support/v1/models',
      '/support/v1/chat/completions',
      '/nowhere',
      '/support/v1/chat/completions',
    ]);
    expect(stand.forwarded).toBe(3);
  });

  test('a refused body is not the next request', async () => {
    const body = stand.get('/support/v1/models').toString('latin1');
    const head = lines(`Content-Length: ${body.length}`).map((line) => line.replace('application/json', 'text/plain'));
    const { value, records } = await stand.during(async () => {
      const wire = await Wire.open(stand.url);
      await wire.send(request(head, body), stand.get('/nowhere'));
      const answers = [await wire.answer(), await wire.answer()];
      wire.destroy();
      return answers;
    });
    expect(value.map(({ status }) => status)).toEqual([415, 404]);
    expect(records).toHaveLength(2);
    expect(stand.forwarded).toBe(0);
  });

  test('noise after a call does not get into its answer', async () => {
    let open = (): void => {};
    stand.openai.next({
      gate: new Promise<void>((resolve) => (open = resolve)),
      text: ['a', 'b', 'c'],
      eventDelayMs: 50,
    });
    const { value, records } = await stand.during(async () => {
      const wire = await Wire.open(stand.url);
      await wire.send(stand.chat([], JSON.stringify({ ...JSON.parse(CHAT), stream: true })));
      while (stand.forwarded === 0) await sleep(10);
      open();
      await wire.peek(20);
      await wire.send('noise\r\n\r\n');
      return (await wire.rest()).toString();
    });
    expect(statuses(value)).toEqual([200]);
    expect(records.filter(({ type }) => type === 'decision').map((decision) => codes(decision))).toEqual([
      [],
      ['HEADERS_INVALID'],
    ]);
  });

  test('a client that goes away leaves none of them behind', async () => {
    stand.openai.next({ hang: true });
    stand.openai.next({ hang: true });
    const { records } = await stand.during(async () => {
      const wire = await Wire.open(stand.url);
      await wire.send(stand.chat(), stand.chat(), stand.chat());
      while (stand.forwarded < 2) await sleep(10);
      await sleep(100);
      wire.destroy();
    });
    const outcomes = records.filter(({ type }) => type === 'outcome');
    expect(outcomes.length).toBeGreaterThanOrEqual(2);
    expect(outcomes.slice(0, 2).map(({ ended }) => ended)).toEqual(['client_aborted', 'client_aborted']);
    for (const received of stand.openai.requests.slice(0, 2)) expect(await received.ended).toBe('aborted');
    const metrics = await (await fetch(`${stand.url}/metrics`)).text();
    expect(metrics).toMatch(/^verdict_calls_in_flight 0$/m);
  });
});
