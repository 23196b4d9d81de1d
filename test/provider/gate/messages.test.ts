import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { GateOptions, Proposal, Ruling } from '../../../src/provider/gate/gate.ts';
import { openStreamGate } from '../../../src/provider/gate/open.ts';
import { allowAll, bytesOf, denyAll, NOTICE, OPTIONS, rechunk, ruleBy, run, STRIP, wire } from './run.ts';

interface Event {
  type: string;
  [key: string]: unknown;
}
const sse = (events: Event[]): string =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
const START: Event = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-x',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  },
};
const begin = (index: number, block: object): Event => ({ type: 'content_block_start', index, content_block: block });
const delta = (index: number, fields: object): Event => ({ type: 'content_block_delta', index, delta: fields });
const stop = (index: number): Event => ({ type: 'content_block_stop', index });
const text = (index: number, ...pieces: string[]): Event[] => [
  begin(index, { type: 'text', text: '' }),
  ...pieces.map((piece) => delta(index, { type: 'text_delta', text: piece })),
  stop(index),
];
const piece = (index: number, partial: string): Event =>
  delta(index, { type: 'input_json_delta', partial_json: partial });
const use = (index: number, name: string, ...pieces: string[]): Event[] => [
  begin(index, { type: 'tool_use', id: `toolu_${index}`, name, input: {} }),
  ...pieces.map((partial) => piece(index, partial)),
  stop(index),
];
const ending = (reason: string): Event[] => [
  { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 9 } },
  { type: 'message_stop' },
];
const PING: Event = { type: 'ping' };

const MESSAGE = [
  START,
  begin(0, { type: 'thinking', thinking: '', signature: '' }),
  delta(0, { type: 'thinking_delta', thinking: 'hm' }),
  delta(0, { type: 'thinking_delta', thinking: ' "tool_use" 😀' }),
  delta(0, { type: 'signature_delta', signature: 'c2ln' }),
  stop(0),
  PING,
  ...text(1, 'Grüße ', '😀\n', 'weiter'),
  ...use(2, 'read', '', '{"path":', '"ä😀"}'),
  ...text(3, 'und'),
  ...use(4, 'remove', '{"secret":"ca', 'nary"}'),
  ...ending('tool_use'),
];

const gate = (events: Event[], rule?: (proposal: Proposal) => Ruling, options?: GateOptions) =>
  run('anthropic-messages', [bytesOf(sse(events))], rule, options);

describe('what was decided', () => {
  test('text passes at once; a call waits for its end and its ruling, and what follows waits for it', () => {
    const stream = openStreamGate('anthropic-messages', OPTIONS);
    const fed = (events: Event[]): string => Buffer.concat(stream.feed(bytesOf(sse(events))).out).toString();
    expect(fed(MESSAGE.slice(0, 12))).toBe(sse(MESSAGE.slice(0, 12)));
    expect(fed(MESSAGE.slice(12, 15))).toBe('');
    expect(fed([PING])).toBe(sse([PING]));
    const { out, proposals } = stream.feed(bytesOf(sse(MESSAGE.slice(15, 20))));
    expect(out).toEqual([]);
    expect(proposals).toMatchObject([
      { calls: [{ name: 'read', type: 'function', origin: 'model', server: null, id: 'toolu_2' }] },
    ]);
    expect(proposals[0]?.calls[0]?.arguments?.value()).toEqual({ path: 'ä😀' });
    const settled = stream.settle(proposals[0]?.key ?? -1, { release: true });
    expect(Buffer.concat(settled.out).toString()).toBe(sse(MESSAGE.slice(12, 20)));
  });

  test.each<[string, Event[], string[]]>([
    ['no input', [...use(0, 'f'), ...ending('tool_use')], ['function f toolu_0 {}']],
    ['an empty piece of input', [...use(0, 'f', ''), ...ending('tool_use')], ['function f toolu_0 {}']],
    [
      'input at the beginning',
      [begin(0, { type: 'tool_use', id: 'x', name: 'f', input: { a: 1 } }), stop(0)],
      ['function f x {"a":1}'],
    ],
    [
      'blocks that take turns',
      [
        ...use(0, 'f').slice(0, 1),
        ...use(1, 'g').slice(0, 1),
        piece(0, '{"a":'),
        piece(1, '{}'),
        stop(1),
        piece(0, '1}'),
        stop(0),
        ...ending('tool_use'),
      ],
      ['function f toolu_0 {"a":1}', 'function g toolu_1 {}'],
    ],
  ])('%s', (_, events, expected) => {
    const { out, proposals } = gate([START, ...events]);
    expect(proposals).toEqual(expected);
    expect(out).toBe(sse([START, ...events]));
  });

  test('calls that ran at the provider pass, and are counted', () => {
    const events = [
      START,
      begin(0, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
      piece(0, '{"query":"x"}'),
      stop(0),
      begin(1, { type: 'web_search_tool_result', tool_use_id: 's', content: [] }),
      stop(1),
      begin(2, { type: 'mcp_tool_use', id: 'm', name: 'echo', server_name: 'e', input: {} }),
      stop(2),
      begin(3, { type: 'fallback', from: { model: 'a' }, to: { model: 'b' } }),
      stop(3),
      ...text(4, 'x'),
      { type: 'new_event', amount: 1 },
      ...ending('end_turn'),
    ];
    const stream = openStreamGate('anthropic-messages', OPTIONS);
    const { out, proposals } = stream.feed(bytesOf(sse(events)));
    expect(Buffer.concat(out).toString()).toBe(sse(events));
    expect(proposals).toEqual([]);
    expect(stream.observed()).toMatchObject({
      calls: 2,
      tools: [{ type: 'server_tool_use' }, { type: 'mcp_tool_use' }],
      abandoned: 0,
    });
  });

  test.each<[string, Event[], string]>([
    ['no JSON', use(0, 'f', '{"a":'), 'TOOL_ARGUMENTS_INVALID'],
    ['a key twice', use(0, 'f', '{"a":1,"\\u0061":2}'), 'TOOL_ARGUMENTS_INVALID'],
    ['keys that differ in case', use(0, 'f', '{"path":1,"Path":2}'), 'TOOL_ARGUMENTS_INVALID'],
    [
      'an integer that no double holds',
      [begin(0, { type: 'tool_use', name: 'f', input: { a: 'BIG' } }), stop(0)],
      'TOOL_ARGUMENTS_INVALID',
    ],
    [
      'input at the beginning and in pieces',
      [begin(0, { type: 'tool_use', name: 'f', input: { a: 1 } }), piece(0, '{}'), stop(0)],
      'TOOL_ARGUMENTS_INVALID',
    ],
    [
      'a piece that is no string',
      [...use(0, 'f').slice(0, 1), piece(0, 1 as unknown as string), stop(0)],
      'TOOL_ARGUMENTS_INVALID',
    ],
    ['no name', [begin(0, { type: 'tool_use', input: {} }), stop(0)], 'TOOL_ARGUMENTS_INVALID'],
    ['no end of the block', [...use(0, 'f', '{}').slice(0, 2), ...ending('tool_use')], 'TOOL_CALL_INCOMPLETE'],
    ['no end of the stream', use(0, 'f', '{"a":').slice(0, 2), 'TOOL_CALL_INCOMPLETE'],
  ])('faults: %s', (_, events, fault) => {
    const stream = sse([START, ...events]).replace('"BIG"', '12345678901234567890');
    const { out, proposals } = run('anthropic-messages', [bytesOf(stream)]);
    expect(proposals).toHaveLength(1);
    expect(proposals[0]).toContain(fault);
    const error = { type: 'permission_error', message: `${fault}: policy denies this call (decision decision-1)` };
    const details = { error_code: fault, decision_id: 'decision-1' };
    expect(out).toBe(sse([START, { type: 'error', error: { ...error, details }, request_id: 'decision-1' }]));
  });

  test('while a call comes, text of a block before it waits too', () => {
    const stream = openStreamGate('anthropic-messages', OPTIONS);
    const fed = (...events: Event[]): number => stream.feed(bytesOf(sse(events))).out.length;
    expect(fed(START, ...text(0, 'a', 'b').slice(0, 3))).toBe(1);
    expect(fed(...use(1, 'f').slice(0, 1), ...text(0, 'c').slice(1, 2))).toBe(0);
  });

  test('the end of a message ends its blocks', () => {
    const stream = openStreamGate('anthropic-messages', STRIP);
    const events = [START, ...use(0, 'f', '{}').slice(0, 2), ...ending('tool_use')];
    const { proposals } = stream.feed(bytesOf(sse(events)));
    expect(proposals).toMatchObject([{ fault: 'TOOL_CALL_INCOMPLETE' }]);
    expect(stream.feed(bytesOf(sse([piece(0, '{}')]))).out).toEqual([]);
    const { out, fault, done } = stream.settle(0, denyAll(proposals[0] as Proposal));
    expect({ fault, done }).toEqual({ fault: 'RESPONSE_UNREADABLE', done: true });
    expect(Buffer.concat(out).toString()).not.toContain('"tool_use"');
  });

  test('odd indexes are no matter where nothing is called', () => {
    const events = [START, ...text(1, 'a'), ...text(1, 'b'), ...ending('end_turn')];
    expect(gate(events).out).toBe(sse(events));
    expect(gate([START, ...text(1, 'a'), ...use(1, 'f')]).fault).toBe('RESPONSE_UNREADABLE');
    expect(gate([START, ...use(0, 'f'), ...text(2, 'a')]).fault).toBe('RESPONSE_UNREADABLE');
  });

  test('a message that begins again: a block that was open is never released', () => {
    const events = [
      START,
      ...text(0, 'a'),
      ...use(1, 'canary', '{"canary":').slice(0, 2),
      START,
      ...use(0, 'f', '{}'),
      ...ending('tool_use'),
    ];
    const stream = openStreamGate('anthropic-messages', OPTIONS);
    const { out, proposals } = stream.feed(bytesOf(sse(events)));
    expect(proposals).toMatchObject([{ calls: [{ name: 'f' }] }]);
    const rest = stream.settle(0, { release: true }).out;
    expect(Buffer.concat([...out, ...rest]).toString()).toBe(sse([...events.slice(0, 4), ...events.slice(6)]));
    expect(stream.observed().abandoned).toBe(1);
  });
});

describe('what cannot be followed ends in an error, and nothing that is held is released', () => {
  const CALL = { type: 'tool_use', id: 'x', name: 'canary', input: {} };
  test.each<[string, Event[] | string]>([
    ['no JSON', 'event: ping\ndata: {"type":"ping"\n\n'],
    ['no object', 'event: ping\ndata: [{"type":"ping"}]\n\n'],
    ['no type', 'event: ping\ndata: {}\n\n'],
    ['a key twice', 'event: ping\ndata: {"type":"ping","type":"content_block_start"}\n\n'],
    ['two types', `event: ping\ndata: ${JSON.stringify(begin(1, CALL))}\n\n`],
    ['a block of unknown type', [begin(1, { ...CALL, type: 'client_call' })]],
    ['a block of a type in other letters', [begin(1, { ...CALL, type: 'Tool_use' })]],
    ['a type beside another in other letters', [begin(1, { ...CALL, type: 'text', Type: 'tool_use' })]],
    ['an index that is not the next', [begin(5, CALL)]],
    ['an index that was there', [begin(0, CALL)]],
    ['a piece of a block that never began', [piece(1, '{}')]],
    ['a piece of the block from behind', [piece(-1, '{}')]],
    ['an end of a block that never began', [stop(7)]],
    ['text in a call', [delta(0, { type: 'text_delta', text: 'x' })]],
    ['blocks in the beginning of a message', [{ ...START, message: { content: [CALL] } }]],
    ['an event of unknown type that may hold a call', [{ type: 'tool_call', call: { name: 'f' } }]],
    [
      'half a surrogate pair in a piece',
      'data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"\\ud83d"}}\n\n',
    ],
  ])('%s', (_, events) => {
    const before = [START, begin(0, CALL), piece(0, '{"canary":')];
    const bytes = bytesOf(sse(before) + (typeof events === 'string' ? events : sse(events)));
    for (const options of [OPTIONS, STRIP]) {
      const { out, fault, proposals } = run('anthropic-messages', [bytes], allowAll, options);
      expect(fault).toBe('RESPONSE_UNREADABLE');
      expect(proposals).toEqual([]);
      expect(out).not.toContain('canary');
      expect(out.startsWith(sse([START]))).toBe(true);
      expect(out.slice(sse([START]).length)).toMatch(/^event: error\ndata: \{"type":"error",.*decision-0.*\n\n$/);
    }
  });

  test('a piece of a block that has stopped', () => {
    const { out, fault } = gate([START, ...use(0, 'f', '{}'), piece(0, ',"canary":1}')]);
    expect(fault).toBe('RESPONSE_UNREADABLE');
    expect(out).toContain(sse(use(0, 'f', '{}')));
    expect(out).not.toContain('canary');
  });
});

describe('stripped', () => {
  test('a refused call becomes a block of text, and the rest stays as it came', () => {
    const { out } = gate(
      MESSAGE,
      ruleBy((name) => name === 'remove'),
      STRIP,
    );
    const notice = text(4, NOTICE);
    expect(out).toBe(wire(sse([...MESSAGE.slice(0, 20), ...notice, ...MESSAGE.slice(-2)])));
  });

  test('with all calls gone, the message ends as text does', () => {
    const { out } = gate(MESSAGE, denyAll, STRIP);
    const events = [
      ...MESSAGE.slice(0, 12),
      ...text(2, NOTICE),
      ...text(3, 'und'),
      ...text(4, NOTICE),
      ...ending('end_turn'),
    ];
    expect(out).toBe(wire(sse(events)));
  });

  test('a call of another message leaves that one alone', () => {
    const both = [START, ...use(0, 'f'), ...ending('tool_use'), START, ...use(0, 'g'), ...ending('tool_use')];
    const { out } = gate(
      both,
      ruleBy((name) => name === 'f'),
      STRIP,
    );
    expect(out).toBe(sse([START, ...text(0, NOTICE), ...ending('end_turn'), ...both.slice(5)]));
  });
});

describe('any cut', () => {
  const STREAM = `\ufeff: hello\n\n${sse(MESSAGE)}`;
  const rulings: [string, (proposal: Proposal) => Ruling, GateOptions][] = [
    ['released', allowAll, OPTIONS],
    ['refused', ruleBy((name) => name === 'remove'), OPTIONS],
    ['stripped', ruleBy((name) => name === 'read'), STRIP],
  ];

  test.each(rulings)('%s: the same proposals and the same bytes', (_, rule, options) => {
    const lines = STREAM.replaceAll('"type":', '"type":\ndata:');
    for (const stream of [STREAM, lines, STREAM.replaceAll('\n', '\r\n'), STREAM.replaceAll('\n', '\r')]) {
      const bytes = bytesOf(stream);
      const whole = run('anthropic-messages', [bytes], rule, options);
      if (rule === allowAll) expect(whole.out).toBe(wire(stream));
      expect(run('anthropic-messages', [bytes], rule, options, 'late')).toEqual(whole);
      expect(run('anthropic-messages', rechunk(bytes, [1]), rule, options)).toEqual(whole);
      for (let cut = 1; cut < bytes.length; cut += stream === STREAM ? 1 : 7) {
        expect(run('anthropic-messages', [bytes.subarray(0, cut), bytes.subarray(cut)], rule, options)).toEqual(whole);
      }
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 20 }),
          fc.boolean(),
          (sizes, late) => {
            const chunks = rechunk(bytes, sizes);
            expect(run('anthropic-messages', chunks, rule, options, late ? 'late' : 'at once')).toEqual(whole);
          },
        ),
        { numRuns: 30 },
      );
    }
  });

  test('broken off anywhere: nothing refused comes out', () => {
    const bytes = bytesOf(sse(MESSAGE));
    for (let cut = 0; cut < bytes.length; cut += 3) {
      for (const options of [OPTIONS, STRIP]) {
        expect(run('anthropic-messages', [bytes.subarray(0, cut)], denyAll, options).out).not.toMatch(
          /canary|secret|path/,
        );
      }
    }
  });
});

describe("the vendor's SDK", () => {
  const client = (body: string): Anthropic =>
    new Anthropic({
      apiKey: 'k',
      maxRetries: 0,
      fetch: async () =>
        new Response(Buffer.from(body, 'latin1'), { headers: { 'content-type': 'text/event-stream' } }),
    });
  const request = { model: 'claude-x', max_tokens: 9, messages: [{ role: 'user' as const, content: 'hi' }] };
  const final = (body: string) => client(body).messages.stream(request).finalMessage();

  test('accepts what was released', async () => {
    const { content, stop_reason } = await final(gate(MESSAGE).out);
    expect(stop_reason).toBe('tool_use');
    expect(content).toMatchObject([
      { type: 'thinking', thinking: 'hm "tool_use" 😀', signature: 'c2ln' },
      { type: 'text', text: 'Grüße 😀\nweiter' },
      { type: 'tool_use', id: 'toolu_2', name: 'read', input: { path: 'ä😀' } },
      { type: 'text', text: 'und' },
      { type: 'tool_use', id: 'toolu_4', name: 'remove', input: { secret: 'canary' } },
    ]);
  });

  test('accepts what was stripped', async () => {
    const some = await final(
      gate(
        MESSAGE,
        ruleBy((name) => name === 'read'),
        STRIP,
      ).out,
    );
    expect(some.stop_reason).toBe('tool_use');
    expect(some.content.slice(2)).toMatchObject([
      { type: 'text', text: NOTICE },
      { type: 'text', text: 'und' },
      { type: 'tool_use', name: 'remove' },
    ]);
    const none = await final(gate(MESSAGE, denyAll, STRIP).out);
    expect(none.stop_reason).toBe('end_turn');
    expect(none.content.map(({ type }) => type)).toEqual(['thinking', 'text', 'text', 'text', 'text']);
  });

  test('raises its usual error', async () => {
    const { out } = gate(MESSAGE, denyAll);
    await expect(final(out)).rejects.toThrow('TOOL_DENIED');
    const stream = await client(out).messages.create({ ...request, stream: true });
    await expect(async () => {
      for await (const _ of stream);
    }).rejects.toMatchObject({ type: 'permission_error', message: expect.stringContaining('decision-1') });
  });
});

describe('bounds', () => {
  const options = { ...STRIP, maxArgumentBytes: 1000, maxHeldBytes: 64 * 1024, maxCalls: 10 };

  test('arguments over the limit are not kept, in however many pieces they come', () => {
    const stream = openStreamGate('anthropic-messages', options);
    stream.feed(bytesOf(sse([START, ...use(0, 'f', '{"canary":"').slice(0, 2)])));
    const bytes = bytesOf(sse([piece(0, 'x'.repeat(50))]));
    for (let i = 0; i < 20_000; i++) stream.feed(bytes);
    expect(stream.heldBytes).toBeLessThan(1000);
    const { proposals } = stream.feed(bytesOf(sse([stop(0), ...ending('tool_use')])));
    expect(proposals).toMatchObject([{ fault: 'TOOL_ARGUMENTS_TOO_LARGE', calls: [{ name: 'f' }] }]);
    const { out } = stream.settle(0, denyAll(proposals[0] as Proposal));
    expect(Buffer.concat(out).toString()).toBe(
      sse([...text(0, NOTICE.replace('TOOL_DENIED', 'TOOL_ARGUMENTS_TOO_LARGE')), ...ending('end_turn')]),
    );
  });

  test('5 MB of arguments', () => {
    const large = { ...OPTIONS, maxHeldBytes: 32 * 1024 * 1024, maxArgumentBytes: 6 * 1024 * 1024 };
    const input = { a: 'x'.repeat(5 * 1024 * 1024) };
    for (const events of [
      use(0, 'f', JSON.stringify(input)),
      [begin(0, { type: 'tool_use', name: 'f', input }), stop(0)],
    ]) {
      const stream = sse([START, ...events, ...ending('tool_use')]);
      const chunks = rechunk(bytesOf(stream), [65_536]);
      expect(run('anthropic-messages', chunks, allowAll, large).out === stream).toBe(true);
      expect(run('anthropic-messages', chunks, denyAll, OPTIONS).proposals[0]).toContain('TOOL_ARGUMENTS_TOO_LARGE');
      expect(run('anthropic-messages', chunks, denyAll, options).fault).toBe('RESPONSE_TOO_LARGE');
    }
  });

  test('thousands of calls: those beyond the limit are one proposal', () => {
    const calls = Array.from({ length: 5000 }, (_, i) => use(i, 'f', '{"i":', `${i}}`)).flat();
    const stream = sse([START, ...calls, ...ending('tool_use')]);
    const many = { ...OPTIONS, maxCalls: 5000, maxHeldBytes: 64 * 1024 * 1024 };
    const all = run('anthropic-messages', [bytesOf(stream)], allowAll, many, 'late');
    expect(all.proposals).toHaveLength(5000);
    expect(all.out === stream).toBe(true);
    const few = run('anthropic-messages', [bytesOf(stream)], allowAll, options);
    expect(few.proposals).toHaveLength(11);
    expect(few.proposals[10]).toContain('TOOL_CALLS_TOO_MANY');
    expect(few.out.match(/"tool_use","id"/g)).toHaveLength(10);
    expect(few.out).toContain('"index":4999,"content_block":{"type":"text"');
  });
});
