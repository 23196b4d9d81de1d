import { hash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { event, Hand } from './hand.ts';
import { CHAT, CHAT_BODY, Stand, until, Wire } from './harness.ts';

// What a response says of itself, and what the client then makes of its body: no call may be read out of what was not judged.

let hand: Hand;
let stand: Stand;
beforeAll(async () => {
  hand = await Hand.start();
  stand = await Stand.open({ providers: { openai: hand.url, anthropic: hand.url } });
});
afterAll(() => stand.close().finally(() => hand.close()));

type Head = string[];
const MARK = '‡';
const CALL = { id: 'c', type: 'function', function: { name: 'delete_order', arguments: JSON.stringify({ a: MARK }) } };
const MESSAGE = { role: 'assistant', content: null, tool_calls: [CALL] };
const ANSWER = JSON.stringify({ choices: [{ index: 0, message: MESSAGE, finish_reason: 'tool_calls' }] });
const TEXT = JSON.stringify({ choices: [{ index: 0, message: { content: 'hi' }, finish_reason: 'stop' }] });
const MODELS = '{"object":"list","data":[]}';
const JSON_TYPE = ['Content-Type', 'application/json'];
const MESSAGES = '/support/v1/messages';

/** Asks, has upstream answer so, and returns what the client and the log say. */
async function respond(status: number, head: Head, body: string | Buffer, asked: Buffer = stand.chat()) {
  return stand.decided(async () => {
    const wire = await Wire.open(stand.url);
    await wire.send(asked);
    const { res } = await hand.next();
    res.writeHead(status, head).end(body);
    const answer = await wire.answer();
    wire.destroy();
    return answer;
  });
}
const models = (route = 'support'): Buffer => stand.get(`/${route}/v1/models`);

describe('a charset that is not UTF-8', () => {
  const events = event('hi');
  test.each<[string, string, Head]>([
    ['JSON', TEXT, ['Content-Type', 'application/json; charset=utf-7']],
    ['JSON', TEXT, ['Content-Type', 'application/json; charset="UTF-16"']],
    ['JSON', TEXT, ['Content-Type', 'application/json; charset=utf-8; charset=utf-7']],
    ['JSON', TEXT, [...JSON_TYPE, 'content-type', 'application/json; charset=iso-2022-jp']],
    ['JSON', TEXT, [...JSON_TYPE, 'content-type', 'application/json']],
    ['events', events, ['Content-Type', 'text/event-stream; charset=iso-2022-jp']],
    ['events', events, ['Content-Type', 'text/event-stream', 'Content-Type', 'text/event-stream; charset=utf-7']],
    ['a list of models', MODELS, ['Content-Type', 'application/json; charset=utf-7']],
  ])('of %s: an error', async (what, body, head) => {
    const { value, outcome } = await respond(200, head, body, what.endsWith('models') ? models() : undefined);
    expect([value.status, value.headers.get('x-verdict-code')]).toEqual([502, 'RESPONSE_UNREADABLE']);
    expect(value.headers.get('content-type')).toBe('application/json');
    expect(outcome).toMatchObject({ status: 502, upstream_status: 200, response_bytes: value.body.length });
  });

  test('of an error: one of our own', async () => {
    const head = ['Content-Type', 'application/json; charset=utf-7'];
    const { value } = await respond(400, head, '{"error":{"message":"no"}}');
    expect([value.status, value.headers.get('x-verdict-code')]).toEqual([400, 'UPSTREAM_ERROR']);
  });

  test('in shadow passes, and is told of', async () => {
    const chat = stand.chat([], CHAT, '/shadow/v1/chat/completions');
    const { value, outcome } = await respond(200, ['Content-Type', 'application/json; charset=utf-7'], TEXT, chat);
    expect([value.status, value.body.toString()]).toEqual([200, TEXT]);
    expect(outcome.not_inspected).toEqual(['response_text', 'tool_calls']);
  });
});

describe('an error', () => {
  const RATE = [
    'Retry-After',
    '7',
    'X-RateLimit-Remaining-Requests',
    '0',
    'X-Request-Id',
    'req_1',
    'X-Should-Retry',
    'true',
  ];
  const KEPT = [...RATE.entries()].flatMap(([i, name]) => (i % 2 === 0 ? [[name.toLowerCase(), RATE[i + 1]]] : []));

  test.each([400, 401, 404, 429, 500, 529])('as vendors write it passes as it is, with status %d', async (status) => {
    const body = ' {"error":{"message":"no ‡","type":"x","param":null,"code":null}}\n';
    const { value, outcome } = await respond(status, [...JSON_TYPE, ...RATE], body);
    expect([value.status, value.body.toString()]).toEqual([status, body]);
    for (const [name, kept] of KEPT) expect(value.headers.get(name as string)).toBe(kept);
    expect(outcome).toMatchObject({ status, response_sha256: hash('sha256', body), not_inspected: ['response_text'] });
  });

  test.each<[string, Head, string | Buffer]>([
    ['an answer', JSON_TYPE, ANSWER],
    ['a list of it', JSON_TYPE, `[${ANSWER}]`],
    ['an answer in an error', JSON_TYPE, `{"error":${ANSWER}}`],
    ['a message', JSON_TYPE, `{"message":${JSON.stringify(MESSAGE)}}`],
    ['a response', JSON_TYPE, `{"response":${ANSWER}}`],
    ['events without their name', JSON_TYPE, `data: ${ANSWER}\n\n`],
    ['lines', JSON_TYPE, `${ANSWER}\n${ANSWER}\n`],
    ['UTF-16', JSON_TYPE, Buffer.from(ANSWER, 'utf16le')],
    ['a prefix', JSON_TYPE, `)]}'${ANSWER}`],
    ['no number', JSON_TYPE, `{"error":NaN,${ANSWER.slice(1)}`],
    ['a page', ['Content-Type', 'text/html; charset=iso-8859-1'], '<h1>Bad Gateway</h1>'],
    ['a page of no type', [], '<h1>Bad Gateway</h1>'],
    ['an encoding', [...JSON_TYPE, 'Content-Encoding', 'gzip'], '{"error":{"message":"no"}}'],
  ])('that is %s is replaced, and its status stays', async (_, head, body) => {
    for (const status of [400, 429, 503]) {
      const { value, outcome, decision } = await respond(status, [...head, ...RATE], body);
      expect(value.status).toBe(status);
      expect(JSON.parse(value.body.toString()).error).toMatchObject({
        code: 'UPSTREAM_ERROR',
        decision_id: decision.id,
      });
      expect(value.body.includes(MARK)).toBe(false);
      expect(value.headers.get('x-verdict-code')).toBe('UPSTREAM_ERROR');
      expect(value.headers.get('content-type')).toBe('application/json');
      expect(value.headers.has('content-encoding')).toBe(false);
      for (const [name, kept] of KEPT) expect(value.headers.get(name as string)).toBe(kept);
      expect(outcome).toMatchObject({
        ...{ status, upstream_status: status, ended: 'complete', fault: 'UPSTREAM_ERROR' },
        ...{ response_sha256: hash('sha256', value.body), response_bytes: value.body.length },
      });
      const seen = body === ANSWER ? [{ decision: null, name: 'delete_order', released: false, more: 0 }] : [];
      expect(outcome.tool_calls).toEqual(seen);
    }
  });

  test("is replaced in the words of Anthropic's dialect", async () => {
    const body = JSON.stringify({ ...CHAT_BODY, model: 'claude-haiku-4-5' });
    const asked = stand.chat(['anthropic-version: 2023-06-01'], body, MESSAGES);
    const { value } = await respond(529, [], 'no', asked);
    expect(value.status).toBe(529);
    expect(JSON.parse(value.body.toString())).toMatchObject({
      type: 'error',
      error: { type: 'overloaded_error', details: { error_code: 'UPSTREAM_ERROR' } },
    });
  });

  test('that comes as a stream is judged as one', async () => {
    const delta = { tool_calls: [{ index: 0, ...CALL }] };
    const chunk = { object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: 'tool_calls' }] };
    const head = ['Content-Type', 'text/event-stream'];
    const { value, outcome } = await respond(500, head, `data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
    expect(value.status).toBe(500);
    expect(value.body.includes(MARK)).toBe(false);
    expect(outcome.tool_calls).toMatchObject([{ name: 'delete_order', released: false }]);
  });

  test('in shadow passes whatever it is, and what could not be followed is told of', async () => {
    const chat = stand.chat([], CHAT, '/shadow/v1/chat/completions');
    for (const [body, notInspected] of [
      ['{"error":{"message":"no"}}', ['response_text']],
      [ANSWER, ['response_text', 'tool_calls']],
    ] as const) {
      const { value, outcome } = await respond(400, JSON_TYPE, body, chat);
      expect([value.status, value.body.toString()]).toEqual([400, body]);
      expect(outcome.not_inspected).toEqual(notInspected);
    }
  });
});

test('a text in which some readers of lines would find an event of its own passes nowhere', async () => {
  const text = `\u2028data: ${ANSWER.replaceAll('"', "'")}`;
  const message = { content: text };
  for (const [status, body, asked] of [
    [200, JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'stop' }] }), undefined],
    [429, JSON.stringify({ error: { message: text } }), undefined],
    [200, JSON.stringify({ object: 'list', data: [{ id: text }] }), models()],
  ] as const) {
    const { value } = await respond(status, JSON_TYPE, body, asked);
    expect(value.status).toBe(status === 200 ? 502 : status);
    expect(value.body.includes('delete_order')).toBe(false);
  }
});

describe('a list of models', () => {
  test('passes', async () => {
    const body = JSON.stringify({ object: 'list', data: [{ id: 'm', object: 'model', created: 1, owned_by: 'x' }] });
    const { value, outcome } = await respond(200, JSON_TYPE, body, models());
    expect([value.status, value.body.toString()]).toEqual([200, body]);
    expect(outcome).toMatchObject({ status: 200, response_sha256: hash('sha256', body), ended: 'complete' });
  });

  test.each<[string, Head, string]>([
    ['an answer', JSON_TYPE, ANSWER],
    ['events', ['Content-Type', 'text/event-stream'], `data: ${ANSWER}\n\n`],
    ['a page', ['Content-Type', 'text/html; charset=utf-8'], '<html>'],
    ['an encoding', [...JSON_TYPE, 'Content-Encoding', 'gzip'], MODELS],
    ['a redirection with an answer', JSON_TYPE, ANSWER],
  ])('that is %s does not', async (what, head, body) => {
    const { value, outcome } = await respond(what.startsWith('a red') ? 307 : 200, head, body, models());
    expect([value.status, value.headers.get('x-verdict-code')]).toEqual([502, 'RESPONSE_UNREADABLE']);
    expect(value.body.includes(MARK)).toBe(false);
    expect(outcome).toMatchObject({ status: 502, response_sha256: hash('sha256', value.body) });
  });

  test('in shadow passes whatever it is', async () => {
    const { value, outcome } = await respond(200, JSON_TYPE, ANSWER, models('shadow'));
    expect([value.status, value.body.toString()]).toEqual([200, ANSWER]);
    expect(outcome.not_inspected).toEqual(['response_text', 'tool_calls']);
  });
});

test("of the vendor's headers pass only those that clients use, in its order", async () => {
  const passing = [
    ...['Content-Type', 'application/json', 'Cache-Control', 'no-store', 'Retry-After-Ms', '5'],
    ...[
      'anthropic-ratelimit-requests-limit',
      '9',
      'x-ms-region',
      'x',
      'apim-request-id',
      'a',
      'OpenAI-Processing-Ms',
      '1',
    ],
  ];
  const held = [
    ...[
      'Link',
      'Refresh',
      'Location',
      'Content-Location',
      'Set-Cookie',
      'Set-Cookie2',
      'WWW-Authenticate',
      'Clear-Site-Data',
    ],
    ...[
      'Access-Control-Allow-Origin',
      'Access-Control-Expose-Headers',
      'Content-Disposition',
      'Content-Security-Policy',
    ],
    ...[
      'Alt-Svc',
      'NEL',
      'Report-To',
      'SourceMap',
      'X-Accel-Redirect',
      'X-Sendfile',
      'Server',
      'Via',
      'ETag',
      'Trailer',
    ],
    ...['Service-Worker-Allowed', 'OpenAI-Organization', 'anthropic-organization-id', 'X-Verdict-Code', 'X-Anything'],
  ].flatMap((name) => [name, 'canary']);
  const names = passing.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
  for (const [status, body] of [
    [200, TEXT],
    [429, '{"error":{"message":"no"}}'],
    [429, 'no'],
  ] as const) {
    const { value } = await respond(status, [...held.slice(0, 20), ...passing, ...held.slice(20)], body);
    expect(JSON.stringify([...value.headers])).not.toContain('canary');
    const kept = body === 'no' ? names.slice(1) : names;
    expect([...value.headers.keys()].filter((name) => kept.includes(name))).toEqual(kept);
  }
});

describe('a vendor that breaks off', () => {
  const begin = async (version: string, target = '/support/v1/chat/completions', stream = true) => {
    const wire = await Wire.open(stand.url);
    const body = JSON.stringify({ ...CHAT_BODY, stream });
    await wire.send(stand.chat([], body, target).toString('latin1').replace('HTTP/1.1', version));
    return { wire, res: (await hand.next()).res };
  };

  test.each([200, 429])('before anything was sent: an error, recorded as such (status %d)', async (status) => {
    const { value, outcome } = await stand.decided(async () => {
      const { wire, res } = await begin('HTTP/1.1', undefined, false);
      res.writeHead(status, { 'content-type': 'application/json' }).write('{"error":');
      setTimeout(() => res.destroy(), 50);
      const answer = await wire.answer();
      wire.destroy();
      return answer;
    });
    const code = status === 200 ? 'UPSTREAM_ABORTED' : 'UPSTREAM_ERROR';
    expect([value.status, value.headers.get('x-verdict-code')]).toEqual([status === 200 ? 502 : 429, code]);
    expect(outcome).toMatchObject({
      ...{ status: value.status, upstream_status: status, ended: 'upstream_aborted' },
      ...{ response_sha256: hash('sha256', value.body), response_bytes: value.body.length },
    });
  });

  test('in shadow, before its end: the client sees it', async () => {
    const { outcome } = await stand.decided(async () => {
      const { wire, res } = await begin('HTTP/1.1', '/shadow/v1/chat/completions', false);
      res.writeHead(200, { 'content-type': 'application/json' }).write('{"half":');
      await wire.sees('half');
      res.destroy();
      await expect(wire.answer()).rejects.toThrow('the connection ended');
      wire.destroy();
    });
    expect(outcome).toMatchObject({ status: 200, ended: 'upstream_aborted' });
  });

  /** How the connection ends for a client of HTTP/1.0. */
  async function ending(target: string, end: (res: ServerResponse) => void): Promise<string> {
    const body = JSON.stringify({ ...CHAT_BODY, stream: true });
    const { hostname, port } = new URL(stand.url);
    const socket = connect({ host: hostname, port: Number(port) });
    let received = '';
    const over = new Promise<string>((resolve) => {
      socket.on('end', () => resolve('end')).on('error', ({ code }: NodeJS.ErrnoException) => resolve(String(code)));
    });
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.write(stand.chat([], body, target).toString('latin1').replace('HTTP/1.1', 'HTTP/1.0'));
    const { res } = await hand.next();
    res.writeHead(200, { 'content-type': 'text/event-stream' }).write(event('a'));
    await until(() => received.includes(event('a')) || undefined, 'the client has the first event');
    expect(received).not.toMatch(/transfer-encoding/i);
    end(res);
    const how = await over;
    socket.destroy();
    return how;
  }

  test.each(['/support', '/shadow'])('of a client of HTTP/1.0, it is a reset: %s', async (route) => {
    const target = `${route}/v1/chat/completions`;
    const { value, outcome } = await stand.decided(() => ending(target, (res) => res.destroy()));
    expect(value).toBe('ECONNRESET');
    expect(outcome).toMatchObject({ status: 200, ended: 'upstream_aborted' });
    const whole = await stand.decided(() => ending(target, (res) => res.end('data: [DONE]\n\n')));
    expect(whole.value).toBe('end');
    expect(whole.outcome.ended).toBe('complete');
  });

  test('after the client left: nothing was received', async () => {
    const { outcome } = await stand.decided(async () => {
      const { wire, res } = await begin('HTTP/1.1', undefined, false);
      res.writeHead(200, { 'content-type': 'application/json' }).write('{"half":');
      const gone = new Promise((resolve) => res.once('close', resolve));
      wire.destroy();
      await gone;
    });
    expect(outcome).toMatchObject({ status: 0, ended: 'client_aborted', response_bytes: 0 });
  });
});
