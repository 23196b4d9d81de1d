import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  EventFraming,
  type Framing,
  LineFraming,
  McpGate,
  type McpStep,
  type Message,
  negotiatedVersion,
  OpenRequests,
  type ProtocolVersion,
  type ReplyContext,
} from '../../src/mcp/index.ts';
import { messagesOf, REFUSAL, REFUSE, RELEASE, request } from './support.ts';

interface Given {
  version?: ProtocolVersion;
  framing?: Framing;
  carrier?: ReplyContext['carrier'];
  open?: [number, string][];
  maxHeldBytes?: number;
}

function gateOf({ version = '2025-11-25', framing = new EventFraming(10_000), ...given }: Given = {}) {
  const requests = new OpenRequests();
  for (const [id, method] of given.open ?? [[1, 'tools/list']]) {
    requests.add(messagesOf(request(method, {}, id)).messages[0] as Message);
  }
  const context = { version, server: 'files', carrier: given.carrier ?? 'event', requests } as const;
  const gate = new McpGate(framing, { context, fault: REFUSAL, maxHeldBytes: given.maxHeldBytes ?? 100_000 });
  return { gate, requests };
}

/** Feeds chunks and answers every question at once, refusing asks and items of these names. */
function run(gate: McpGate, chunks: Uint8Array[], refused: string[] = []) {
  const out: Uint8Array[] = [];
  const answers: string[] = [];
  let skipped = 0;
  const take = (step: McpStep): void => {
    out.push(...step.out);
    answers.push(...step.answers);
    skipped += step.skipped.length;
    for (const { key, reply } of step.held) {
      const rulings = reply.questions.map((question) => {
        const name = question.kind === 'ask' ? question.call.name : question.item.name;
        return [question.key, refused.includes(name) ? REFUSE : RELEASE] as const;
      });
      take(gate.settle(key, new Map(rulings)));
    }
  };
  for (const chunk of chunks) take(gate.feed(chunk));
  take(gate.end());
  return { out: Buffer.concat(out).toString(), answers, skipped, fault: gate.fault?.code };
}

/** The bytes in pieces of these sizes, over and over. */
function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] as number;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

const progress = '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"ä","progress":1}}';
const sampling = '{"jsonrpc":"2.0","id":"s1","method":"sampling/createMessage","params":{"maxTokens":1}}';
const roots = '{"jsonrpc":"2.0","id":"s2","method":"roots/list"}';
const tools = '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a"},{"name":"b"}]}}';

const STREAM = [
  '\uFEFFid: 0\ndata:\n\n',
  ': keep-alive\n',
  `event: message\r\nid: 1\r\ndata: ${progress}\r\n\r\n`,
  `data: ${sampling}\rid: 2\r\r`,
  'retry: 10\n\n',
  `id: 3\ndata: {"jsonrpc":"2.0",\ndata: "id":"s2","method":"roots/list"}\n\n`,
  ':\r\n',
  `event: message\nid: 4\ndata:${tools}\n\n`,
].join('');

/** Sampling is refused, and tool b. */
const FILTERED = STREAM.replace(`data: ${sampling}\rid: 2\r\r`, 'id: 2\n\n').replace(
  `event: message\nid: 4\ndata:${tools}\n\n`,
  `event: message\nid: 4\ndata: ${tools.replace(',{"name":"b"}', '')}\n\n`,
);

test('a stream passes byte for byte if all is allowed', () => {
  expect(run(gateOf().gate, [Buffer.from(STREAM)])).toEqual({ out: STREAM, answers: [], skipped: 0, fault: undefined });
});

test('what is refused is taken out, and the server is answered', () => {
  const { out, answers } = run(gateOf().gate, [Buffer.from(STREAM)], ['sampling/createMessage', 'b']);
  expect(out).toBe(FILTERED);
  expect(answers.map((text) => JSON.parse(text))).toMatchObject([{ id: 's1', error: { code: 403 } }]);
});

test('any cut of the bytes gives the same', () => {
  const bytes = Buffer.from(STREAM);
  for (let at = 0; at <= bytes.length; at++) {
    const chunks = [bytes.subarray(0, at), bytes.subarray(at)];
    expect(run(gateOf().gate, chunks, ['sampling/createMessage', 'b']).out).toBe(FILTERED);
  }
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }), (sizes) => {
      const { out, answers } = run(gateOf().gate, cut(bytes, sizes), ['sampling/createMessage', 'b']);
      expect(out).toBe(FILTERED);
      expect(answers).toHaveLength(1);
    }),
  );
});

test('what is refused stays out where a byte order mark stands before it', () => {
  const { out } = run(gateOf().gate, [Buffer.from(`\uFEFFdata: ${sampling}\nid: 1\n\n`)], ['sampling/createMessage']);
  expect(out).toBe('id: 1\n\n');
});

test.each(['\n', '\r', '\r\n'])('an event is one whatever its lines end with: %j', (end) => {
  const lines = [
    'event: message',
    'data: {"jsonrpc":"2.0","id":"s2",',
    'data: "method":"roots/list"}',
    'id: 1',
    '',
    '',
  ];
  const bytes = Buffer.from(lines.join(end));
  for (const chunks of [[bytes], cut(bytes, [1])]) {
    const { out, answers } = run(gateOf().gate, chunks, ['roots/list']);
    expect(out.trimEnd()).toBe('event: message\nid: 1');
    expect(answers).toHaveLength(1);
    expect(run(gateOf().gate, chunks).out).toBe(bytes.toString());
  }
});

test('each message is told with the method that it answers', () => {
  const told: unknown[] = [];
  const requests = new OpenRequests();
  requests.add(messagesOf(request('initialize')).messages[0] as Message);
  const context = { version: '2025-11-25', server: null, carrier: 'line', requests } as const;
  const onMessage = (message: Message, method: string | undefined) => {
    told.push([
      message.kind,
      method,
      message.kind === 'response' && message.result && negotiatedVersion(message.result),
    ]);
  };
  const stdio = new McpGate(new LineFraming(1000), { context, fault: REFUSAL, maxHeldBytes: 1000, onMessage });
  run(stdio, [Buffer.from(`${progress}\n{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-03-26"}}\n`)]);
  expect(told).toEqual([
    ['notification', undefined, false],
    ['response', 'initialize', '2025-03-26'],
  ]);
});

test('what needs no decision passes with its last byte; what comes after a question waits for it', () => {
  const { gate } = gateOf();
  const event = (data: string) => Buffer.from(`data: ${data}\n\n`);
  expect(gate.feed(Buffer.from(':\n')).out).toHaveLength(1);
  expect(gate.feed(event(progress).subarray(0, -1)).out).toEqual([]);
  expect(Buffer.concat(gate.feed(Buffer.from('\n')).out)).toEqual(event(progress));
  const [first] = gate.feed(event(sampling)).held;
  const step = gate.feed(Buffer.concat([event(progress), event(roots)]));
  expect(step.out).toEqual([]);
  const [second] = step.held;
  expect(gate.heldBytes).toBe(event(sampling).length + event(progress).length + event(roots).length);
  expect(gate.settle(second?.key ?? -1, new Map([[0, RELEASE]])).out).toEqual([]);
  expect(gate.end().done).toBe(false);
  const last = gate.settle(first?.key ?? -1, new Map([[0, RELEASE]]));
  expect(Buffer.concat(last.out)).toEqual(Buffer.concat([event(sampling), event(progress), event(roots)]));
  expect(last.done).toBe(true);
  expect(gate.heldBytes).toBe(0);
});

test.each([
  ['broken JSON', 'data: {"jsonrpc":\n\n'],
  ['what is no message', 'data: hello\n\n'],
  ['the endpoint of the transport before', 'event: endpoint\ndata: /messages?id=1\n\n'],
  ['a field that there is not', 'Data: x\n\n'],
  ['a line without a field', `${sampling}\n\n`],
  ['a comment that Python reads as two lines', `: x\u2028data: ${sampling}\n\n`],
  [
    'a text that Python reads as two lines, the second a field',
    'data: {"jsonrpc":"2.0","method":"notifications/message","params":{"data":"x\u2028data: y"}}\n\n',
  ],
  [
    'a text that is two lines to who takes it for Latin-1',
    'data: {"jsonrpc":"2.0","method":"notifications/message","params":{"data":"\u00c5data: y"}}\n\n',
  ],
  ['a field that Python reads as two lines', `id: x\u0085data: ${sampling}\n\n`],
  ['a byte order mark in the middle', `id: x\n\uFEFFdata: ${sampling}\n\n`],
  ['bytes that are no text', Buffer.from([0x3a, 0xff, 0x0a])],
  ['an event over the bound', `data: ${'x'.repeat(10_000)}`],
] as [string, string | Buffer][])('%s ends the stream with an error for what was asked', (_, bad) => {
  const good = `data: ${progress}\n\n`;
  const text = Buffer.concat([Buffer.from(good), Buffer.from(bad), Buffer.from(`data: ${progress}\n\n`)]);
  for (const chunks of [[text], cut(text, [7])]) {
    const { out, fault } = run(gateOf().gate, chunks);
    expect(fault).toMatch(/^REPLY_/);
    expect(out.startsWith(good)).toBe(true);
    const error = {
      code: 403,
      message: expect.any(String),
      data: { code: REFUSAL.code, decision_id: REFUSAL.decisionId },
    };
    expect(JSON.parse(out.slice(good.length).replace('event: message\ndata: ', ''))).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error,
    });
  }
});

test('when a stream is given up, nothing that waits is released, whatever is ruled later', () => {
  const { gate } = gateOf({
    open: [
      [1, 'tools/list'],
      [2, 'tools/call'],
    ],
  });
  const [held] = gate.feed(Buffer.from(`data: ${tools}\n\n`)).held;
  const step = gate.feed(Buffer.from('data: {\n\n'));
  expect(step.done).toBe(true);
  expect(
    Buffer.concat(step.out)
      .toString()
      .match(/"id":\d/g),
  ).toEqual(['"id":1', '"id":2']);
  expect(
    gate.settle(
      held?.key ?? -1,
      new Map([
        [0, RELEASE],
        [1, RELEASE],
      ]),
    ),
  ).toMatchObject({ out: [], done: true });
  expect(gate.feed(Buffer.from(`data: ${progress}\n\n`)).out).toEqual([]);
});

test('what waits is bounded', () => {
  const { gate } = gateOf({ maxHeldBytes: 1000 });
  gate.feed(Buffer.from(`data: ${sampling}\n\n`));
  const steps = Array.from({ length: 20 }, () => gate.feed(Buffer.from(`data: ${progress}\n\n`)));
  expect(steps.some((step) => step.done)).toBe(true);
  expect(gate.fault?.code).toBe('REPLY_TOO_LARGE');
  expect(gate.heldBytes).toBe(0);
});

test('an event that is not complete at the end is none', () => {
  expect(run(gateOf().gate, [Buffer.from(`data: ${progress}\n\ndata: ${progress}\n`)]).out).toBe(
    `data: ${progress}\n\n`,
  );
});

test('a response closes its request, so that another may have its id', () => {
  const { gate, requests } = gateOf();
  expect(requests.methodOf(1)).toBe('tools/list');
  run(gate, [Buffer.from(`data: ${tools}\n\n`)]);
  expect(requests.methodOf(1)).toBeUndefined();
});

test('on stdio lines are filtered alike, and what is no message is left out', () => {
  const lines = [
    `${progress}\r\n`,
    'Server started.\n',
    '\n',
    `${sampling}\n`,
    `  ${tools}  \n`,
    '{"jsonrpc":"2.0",\r"id":1}\n',
  ];
  const wanted = [`${progress}\r\n`, '\n', `  ${tools.replace(',{"name":"b"}', '')}\n`].join('');
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }), (sizes) => {
      const { gate } = gateOf({ framing: new LineFraming(1000), carrier: 'line' });
      const { out, answers, skipped, fault } = run(gate, cut(Buffer.from(lines.join('')), sizes), [
        'sampling/createMessage',
        'b',
      ]);
      expect({ out, answers: answers.length, skipped, fault }).toEqual({
        out: wanted,
        answers: 1,
        skipped: 2,
        fault: undefined,
      });
    }),
  );
});

test('a line over the bound ends it for all that was asked', () => {
  const { gate } = gateOf({ framing: new LineFraming(100), carrier: 'line' });
  const { out, fault } = run(gate, cut(Buffer.from('x'.repeat(200)), [9]));
  expect(fault).toBe('LINE_TOO_LONG');
  expect(JSON.parse(out)).toMatchObject({ id: 1, error: { code: 403 } });
});

test('a long message in small chunks takes time that grows with its length only', () => {
  const data = `{"jsonrpc":"2.0","id":1,"result":{"content":"${'x'.repeat(2_000_000)}"}}`;
  const { gate } = gateOf({ framing: new EventFraming(3_000_000), open: [[1, 'tools/call']], maxHeldBytes: 3_000_000 });
  const started = performance.now();
  const { out } = run(gate, cut(Buffer.from(`data: ${data}\n\n`), [3]));
  expect(out).toBe(`data: ${data}\n\n`);
  expect(performance.now() - started).toBeLessThan(10_000);
});
