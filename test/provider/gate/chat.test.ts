import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import OpenAI from 'openai';
import type { GateOptions, Proposal, Ruling } from '../../../src/provider/gate/gate.ts';
import { openStreamGate } from '../../../src/provider/gate/open.ts';
import { allowAll, bytesOf, deny, denyAll, NOTICE, OPTIONS, rechunk, ruleBy, run, STRIP, wire } from './run.ts';

const sse = (chunks: unknown[]): string =>
  chunks.map((chunk) => `data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\n\n`).join('');
const chunk = (choices: object[], rest: object = {}): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model: 'gpt-x',
  choices,
  ...rest,
});
const delta = (fields: object, finish: string | null = null, index = 0): object =>
  chunk([{ index, delta: fields, logprobs: null, finish_reason: finish }]);
const part = (index: number, fields: object, choice = 0): object =>
  delta({ tool_calls: [{ index, ...fields }] }, null, choice);
const begin = (index: number, name: string, text = '', choice = 0): object =>
  part(index, { id: `call_${index}`, type: 'function', function: { name, arguments: text } }, choice);
const more = (index: number, text: string, choice = 0): object =>
  part(index, { function: { arguments: text } }, choice);
const usage = chunk([], { usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } });

/** Text, two calls whose pieces take turns, the end. */
const PARALLEL = [
  delta({ role: 'assistant', content: '' }),
  delta({ content: 'Grüße 😀 "tool_calls"' }),
  delta({ content: ' weiter' }),
  begin(0, 'read'),
  more(0, '{"path":'),
  begin(1, 'remove'),
  more(0, '"ä😀"}'),
  more(1, '{"secret":'),
  more(1, '"canary"}'),
  delta({}, 'tool_calls'),
  usage,
  '[DONE]',
];

const events = (text: string): string[] => text.split(/(?<=\n\n|\r\r|\r\n\r\n)/).toSorted();

interface Left {
  out: string;
  proposals: string[];
}
const gate = (
  chunks: unknown[],
  rule?: (proposal: Proposal) => Ruling,
  options?: GateOptions,
): Left & { fault: string | undefined } => run('openai-chat', [bytesOf(sse(chunks))], rule, options);

describe('what was decided', () => {
  test('text passes at once; a call waits for the end of its choice, and is released as it came', () => {
    const stream = openStreamGate('openai-chat', OPTIONS);
    const fed = (chunks: unknown[]): string => Buffer.concat(stream.feed(bytesOf(sse(chunks))).out).toString();
    expect(fed(PARALLEL.slice(0, 3))).toBe(sse(PARALLEL.slice(0, 3)));
    expect(fed(PARALLEL.slice(3, 9))).toBe('');
    const { out, proposals } = stream.feed(bytesOf(sse(PARALLEL.slice(9))));
    expect(out).toEqual([]);
    expect(proposals.map(({ calls }) => calls[0]?.name)).toEqual(['read', 'remove']);
    expect(proposals[0]?.calls[0]).toMatchObject({ type: 'function', origin: 'model', server: null, id: 'call_0' });
    expect(proposals[0]?.calls[0]?.arguments?.value()).toEqual({ path: 'ä😀' });
    expect(stream.settle(proposals[1]?.key ?? -1, allowAll(proposals[1] as Proposal)).out).toEqual([]);
    const last = stream.settle(proposals[0]?.key ?? -1, allowAll(proposals[0] as Proposal));
    expect(Buffer.concat(last.out).toString()).toBe(sse(PARALLEL.slice(3)));
    expect(stream.end(true)).toEqual({ out: [], proposals: [], done: true });
  });

  test('while a call comes, other choices go on, and what follows in its own waits', () => {
    const stream = openStreamGate('openai-chat', OPTIONS);
    const fed = (value: unknown): boolean => stream.feed(bytesOf(sse([value]))).out.length > 0;
    expect(fed(begin(0, 'f', '{}', 1))).toBe(false);
    expect(fed(delta({ content: 'a' }, null, 0))).toBe(true);
    expect(fed(delta({ content: 'b' }, null, 1))).toBe(false);
    expect(stream.feed(bytesOf(': keep-alive\n\n')).out).toHaveLength(1);
    expect(fed(delta({}, 'stop', 0))).toBe(true);
    expect(stream.feed(bytesOf(sse([delta({}, 'tool_calls', 1)]))).proposals).toHaveLength(1);
  });

  test('after a call, text in its choice waits, though it is like the text before', () => {
    const stream = openStreamGate('openai-chat', OPTIONS);
    const fed = (...chunks: unknown[]): number => stream.feed(bytesOf(sse(chunks))).out.length;
    expect(fed(delta({ content: 'a' }), delta({ content: 'b' }))).toBe(1);
    expect(fed(begin(0, 'f', '{}'), delta({ content: 'c' }))).toBe(0);
  });

  test('choices of which one event told wait for each other', () => {
    const stream = openStreamGate('openai-chat', OPTIONS);
    const fed = (value: unknown): number => stream.feed(bytesOf(sse([value]))).out.length;
    const call = { tool_calls: [{ index: 0, id: 'x', function: { name: 'f', arguments: '{}' } }] };
    expect(
      fed(
        chunk([
          { index: 0, delta: call },
          { index: 1, delta: { content: 'a' } },
          { index: 2, delta: {} },
        ]),
      ),
    ).toBe(0);
    expect(fed(delta({ content: 'b' }, null, 1))).toBe(0);
    expect(fed(delta({ content: 'b' }, null, 2))).toBe(0);
    expect(fed(delta({ content: 'b' }, null, 3))).toBe(1);
  });

  test('of several refusals, the error tells of the first in the order of the stream', () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const stream = openStreamGate('openai-chat', OPTIONS);
      expect(stream.feed(bytesOf(sse([begin(1, 'f'), begin(0, 'g'), delta({}, 'stop')]))).proposals).toHaveLength(2);
      const steps = order.map((key) => stream.settle(key, deny('TOOL_DENIED', `id-${key}`)));
      expect(steps.map(({ done }) => done)).toEqual([false, true]);
      expect(Buffer.concat(steps.flatMap(({ out }) => out)).toString()).toContain('id-0');
    }
  });

  test.each<[string, unknown[], string[]]>([
    [
      'the older function_call',
      [
        delta({ function_call: { name: 'f', arguments: '' } }),
        delta({ function_call: { arguments: '{"a":1}' } }),
        delta({}, 'function_call'),
      ],
      ['function f null {"a":1}'],
    ],
    [
      'a custom tool, whose text is one string',
      [
        part(0, { id: 'c', type: 'custom', custom: { name: 'sh', input: 'ls "' } }),
        part(0, { custom: { input: 'ü"\n' } }),
        delta({}, 'tool_calls'),
      ],
      ['custom sh c "ls \\"ü\\"\\n"'],
    ],
    ['no arguments', [begin(0, 'f'), delta({}, 'tool_calls')], ['function f call_0 {}']],
    [
      'a call and the end in one event',
      [delta({ tool_calls: [{ index: 0, id: 'x', function: { name: 'f', arguments: '{}' } }] }, 'stop')],
      ['function f x {}'],
    ],
    ['no finish_reason before [DONE]', [begin(0, 'f', '{}')], ['function f call_0 {}']],
    [
      'several answers',
      [begin(0, 'f', '{}', 1), begin(0, 'g', '[1]', 0), delta({}, 'tool_calls', 0), delta({}, 'tool_calls', 1)],
      ['function g call_0 [1]', 'function f call_0 {}'],
    ],
    [
      'several answers in one event wait for each other',
      [
        chunk([
          { index: 0, delta: { content: 'text' } },
          { index: 1, delta: { tool_calls: [{ index: 0, id: 'x', function: { name: 'f', arguments: '{}' } }] } },
        ]),
        begin(0, 'g', '{}', 0),
        delta({}, 'tool_calls', 1),
        delta({}, 'tool_calls', 0),
      ],
      ['function g call_0 {}', 'function f x {}'],
    ],
    [
      "the wrapper's own calls",
      [
        begin(0, 'multi_tool_use.parallel', '{"tool_uses":[{"recipient_name":"functions.a","parameters":{"x":1}},'),
        more(0, '{"recipient_name":"functions.b","parameters":{}}]}'),
        delta({}, 'tool_calls'),
      ],
      ['function a call_0 {"x":1} | function b call_0 {}'],
    ],
    [
      'a function that is only called parallel',
      [begin(0, 'parallel', '{"lines":2}'), delta({}, 'tool_calls')],
      ['function parallel call_0 {"lines":2}'],
    ],
  ])('%s', (_, chunks, expected) => {
    const { out, proposals } = gate([...chunks, '[DONE]']);
    expect(proposals).toEqual(expected);
    // Between choices, the order is that in which they are complete.
    expect(events(out)).toEqual(events(wire(sse([...chunks, '[DONE]']))));
  });

  test.each<[string, unknown[], string]>([
    ['no JSON', [begin(0, 'f', '{"a":'), delta({}, 'length')], 'TOOL_ARGUMENTS_INVALID'],
    ['a key twice', [begin(0, 'f', '{"a":1,"\\u0061":2}'), delta({}, 'stop')], 'TOOL_ARGUMENTS_INVALID'],
    ['keys that differ in case', [begin(0, 'f', '{"path":1,"Path":2}'), delta({}, 'stop')], 'TOOL_ARGUMENTS_INVALID'],
    ['two values', [begin(0, 'f', '{}'), more(0, '{}'), delta({}, 'stop')], 'TOOL_ARGUMENTS_INVALID'],
    ['no string', [part(0, { function: { name: 'f', arguments: {} } }), delta({}, 'stop')], 'TOOL_ARGUMENTS_INVALID'],
    ['no name', [more(0, '{}'), delta({}, 'stop')], 'TOOL_ARGUMENTS_INVALID'],
    ['two names', [begin(0, 'f', '{}'), begin(0, 'f', ''), delta({}, 'stop')], 'TOOL_ARGUMENTS_INVALID'],
    ['a long name', [begin(0, 'f'.repeat(257), '{}'), delta({}, 'stop')], 'TOOL_ARGUMENTS_INVALID'],
    ['an empty wrapper', [begin(0, 'parallel', '{"tool_uses":[]}'), delta({}, 'stop')], 'TOOL_ARGUMENTS_INVALID'],
    [
      'a wrapper of something else',
      [begin(0, 'multi_tool_use.parallel', '{}'), delta({}, 'stop')],
      'TOOL_ARGUMENTS_INVALID',
    ],
    [
      'a wrapper in a wrapper',
      [
        begin(0, 'parallel', '{"tool_uses":[{"recipient_name":"functions.parallel","parameters":{}}]}'),
        delta({}, 'stop'),
      ],
      'TOOL_ARGUMENTS_INVALID',
    ],
    ['no end', [begin(0, 'f', '{}')], 'TOOL_CALL_INCOMPLETE'],
  ])('faults: %s', (_, chunks, fault) => {
    const { out, proposals } = gate([delta({ content: 'before' }), ...chunks]);
    expect(proposals).toHaveLength(1);
    expect(proposals[0]).toContain(fault);
    expect(out).toBe(
      sse([
        delta({ content: 'before' }),
        {
          error: {
            message: `${fault}: policy denies this call (decision decision-1)`,
            type: 'permission_error',
            param: null,
            code: fault,
            decision_id: 'decision-1',
          },
        },
      ]),
    );
  });

  test('a gate does not release what has a fault, and takes one ruling for each call', () => {
    const stream = openStreamGate('openai-chat', OPTIONS);
    const [proposal] = stream.feed(bytesOf(sse([begin(0, 'f', '{'), delta({}, 'stop')]))).proposals;
    expect(proposal?.fault).toBe('TOOL_ARGUMENTS_INVALID');
    expect(() => stream.settle(0, { release: true })).toThrow('expected a refusal');
    stream.settle(0, denyAll(proposal as Proposal));
    expect(() => stream.settle(0, denyAll(proposal as Proposal))).toThrow('expected the key');
  });
});

describe('what cannot be followed ends in an error, and nothing that is held is released', () => {
  const telling = { tool_calls: [{ index: 0, function: { name: 'canary' } }] };
  test.each<[string, string | Buffer]>([
    ['no JSON', 'data: {"choices":[{"index":0,"delta":{"content":"a"}]}\n\n'],
    ['a key twice', 'data: {"choices":[],"choices":[{"index":0,"delta":{"tool_calls":[]}}]}\n\n'],
    ['no UTF-8', Buffer.from('data: {"choices":[{"index":0,"delta":{"content":"\xff"}}]}\n\n', 'latin1')],
    ['no index of a call', sse([delta({ tool_calls: [{ function: { name: 'f' } }] })])],
    ['no index of a choice', sse([chunk([{ delta: telling }])])],
    ['a choice as text', sse([chunk(['canary' as unknown as object])])],
    ['a call of another type', sse([part(0, { type: 'mcp', mcp: { name: 'f' } })])],
    ['a call of two types', sse([part(0, { function: { name: 'f' }, custom: { name: 'g' } })])],
    ['a call that is said to be of another type', sse([part(0, { type: 'custom', function: { name: 'f' } })])],
    ['keys in other letters', sse([delta({ Tool_Calls: telling.tool_calls })])],
    ['keys that fold to others', sse([chunk([{ index: 0, meſſage: telling }])])],
    ['arguments in other letters', sse([part(0, { function: { name: 'f', arguments: '{}', Arguments: '{"b":1}' } })])],
    ['a function in other letters', sse([part(0, { function: { name: 'f' }, FUNCTION: { name: 'g' } })])],
    ['an unknown object', sse([delta({ actions: [{ name: 'f' }] })])],
    ['a content part of unknown type', sse([delta({ content: [{ type: 'tool_use', name: 'f' }] })])],
    ['a call in a message of a chunk', sse([chunk([{ index: 0, delta: { content: '' }, message: telling }])])],
    ['a piece after the end of its choice', sse([delta({}, 'stop'), more(0, '{}')])],
    [
      'half a surrogate pair in arguments',
      `data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\\ud83d"}}]}}]}\n\n`,
    ],
    ['a byte order mark in mid-stream', `data: {"choices":[]}\n\n\ufeffdata: ${JSON.stringify(begin(0, 'f'))}\n\n`],
    ['one before another field of an event', `: a\n\ufeffdata: ${JSON.stringify(begin(0, 'f'))}\n\n`],
  ])('%s', (_, text) => {
    const before = sse([delta({ content: 'text' }, null, 3), begin(0, 'canary', '', 7), more(0, '{"canary":1}', 7)]);
    for (const rule of [allowAll, denyAll]) {
      const { out, fault, proposals } = run(
        'openai-chat',
        [bytesOf(before), typeof text === 'string' ? bytesOf(text) : text],
        rule,
        STRIP,
      );
      expect(fault).toBe('RESPONSE_UNREADABLE');
      expect(proposals).toEqual([]);
      expect(out).not.toContain('canary');
      expect(out).toMatch(
        /^data: .*\n\n(?:data: \{"choices":\[\]\}\n\n|data: .*"stop".*\n\n)?data: \{"error":.*decision-0.*\n\n$/,
      );
    }
  });

  test('what vendors do send passes', () => {
    const chunks = [
      chunk([], { prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }] }),
      { id: 'x', usage: null },
      delta({ role: 'assistant', content: null, tool_calls: null, function_call: null, refusal: null, reasoning: 'r' }),
      delta({
        content: [{ type: 'text', text: 'a' }],
        reasoning_details: [{ type: 'x' }],
        annotations: [],
        tool_calls: [],
      }),
      chunk([{ index: 0, delta: { content: 'a' }, message: { role: 'assistant', content: 'a' }, finish_reason: '' }]),
      chunk([{ index: 0, content_filter_offsets: { start_offset: 1 } }]),
      delta({ audio: { id: 'a', data: 'x' } }),
      { error: { message: 'overloaded' } },
    ];
    expect(gate(chunks).out).toBe(sse(chunks));
    const seed = `data: {"choices":[{"index":0,"seed":15423894577849362000,"delta":{"content":"\\ud83d"}}]}\n\n`;
    expect(run('openai-chat', [bytesOf(seed + seed)]).out).toBe(seed + seed);
  });
});

describe('stripped', () => {
  const others = ruleBy((name) => name === 'remove');

  test('a refused call is replaced by a notice, and the rest stays as it came', () => {
    const { out } = gate(PARALLEL, others, STRIP);
    const kept = [...PARALLEL.slice(0, 5), PARALLEL[6]];
    const notice = out.slice(
      wire(sse(kept.slice(0, 5))).length,
      out.length - wire(sse([PARALLEL[6], ...PARALLEL.slice(9)])).length,
    );
    expect(out).toBe(wire(sse(kept.slice(0, 5))) + notice + wire(sse([PARALLEL[6], ...PARALLEL.slice(9)])));
    expect(JSON.parse(notice.slice(6))).toEqual(
      delta(
        { content: '[A tool call was withheld. TOOL_DENIED: policy denies this call (decision decision-1)]' },
        null,
      ) &&
        expect.objectContaining({
          id: 'chatcmpl-1',
          choices: [expect.objectContaining({ index: 0, finish_reason: null })],
        }),
    );
    expect(out).not.toContain('canary');
  });

  test('with all calls gone, the choice ends as text does', () => {
    const { out } = gate(PARALLEL, denyAll, STRIP);
    expect(out).not.toMatch(/canary|tool_calls"|path/);
    expect(out).toContain('"finish_reason":"stop"');
    const legacy = [
      delta({ role: 'assistant', content: null, function_call: { name: 'f', arguments: '{"canary":1}' } }),
      delta({}, 'function_call'),
    ];
    const stripped = gate(legacy, denyAll, STRIP).out;
    expect(stripped).toContain('"delta":{"role":"assistant","content":null}');
    expect(stripped).toContain('"finish_reason":"stop"');
    expect(stripped).not.toMatch(/canary|function_call/);
  });

  test('an event of several calls loses one of them', () => {
    const both = delta({
      content: 'text',
      tool_calls: [
        { index: 0, id: 'a', function: { name: 'remove', arguments: '{"canary":1}' } },
        {
          index: 1,
          id: 'b',
          function: { name: 'read', arguments: '{}' },
          extra_content: { google: { thought_signature: 's' } },
        },
      ],
    });
    const [event] = gate([both, delta({}, 'tool_calls')], others, STRIP).out.split('\n\n');
    expect(JSON.parse(event?.slice(6) ?? '').choices[0].delta).toEqual({
      content: 'text',
      tool_calls: [
        {
          index: 0,
          id: 'b',
          function: { name: 'read', arguments: '{}' },
          extra_content: { google: { thought_signature: 's' } },
        },
      ],
    });
  });
});

describe('any cut', () => {
  const COMMENTED = `\ufeff: hello\n\nid: 1\nretry: 10\ndata: ${JSON.stringify(PARALLEL[1])}\n\nevent: x\ndata:${JSON.stringify(PARALLEL[2])}\n\n`;
  const STREAM = `${COMMENTED}${sse(PARALLEL.slice(3))}`;
  const split = STREAM.replaceAll('"choices":', '"choices":\ndata: '); // line ends between tokens
  const choices = sse([
    delta({ role: 'assistant', content: 'a' }, null, 1),
    begin(0, 'read', '{}', 1),
    delta({ content: 'b' }, null, 0),
    begin(0, 'remove', '{"a":1}', 0),
    delta({}, 'tool_calls', 1),
    delta({ content: 'c' }, null, 2),
    delta({}, 'tool_calls', 0),
    '[DONE]',
  ]);
  const rulings: [string, (proposal: Proposal) => Ruling, GateOptions][] = [
    ['released', allowAll, OPTIONS],
    ['refused', ruleBy((name) => name === 'remove'), OPTIONS],
    ['stripped', ruleBy((name) => name === 'read'), STRIP],
  ];

  test.each(rulings)('%s: the same proposals and the same bytes', (_, rule, options) => {
    for (const text of [STREAM, split, choices, STREAM.replaceAll('\n', '\r\n'), choices.replaceAll('\n', '\r')]) {
      const bytes = bytesOf(text);
      const whole = run('openai-chat', [bytes], rule, options);
      if (rule === allowAll) expect(events(whole.out)).toEqual(events(wire(text)));
      if (rule === allowAll && !text.includes('"index":2')) expect(whole.out).toBe(wire(text));
      expect(run('openai-chat', [bytes], rule, options, 'late')).toEqual(whole);
      expect(run('openai-chat', rechunk(bytes, [1]), rule, options)).toEqual(whole);
      const step = text === STREAM ? 1 : 7;
      for (let cut = 1; cut < bytes.length; cut += step) {
        expect(run('openai-chat', [bytes.subarray(0, cut), bytes.subarray(cut)], rule, options)).toEqual(whole);
      }
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 20 }),
          fc.boolean(),
          (sizes, late) => {
            expect(run('openai-chat', rechunk(bytes, sizes), rule, options, late ? 'late' : 'at once')).toEqual(whole);
          },
        ),
        { numRuns: 30 },
      );
    }
  });

  test('broken off anywhere: nothing refused comes out', () => {
    const bytes = bytesOf(sse(PARALLEL));
    for (let cut = 0; cut < bytes.length; cut++) {
      for (const options of [OPTIONS, STRIP]) {
        expect(run('openai-chat', [bytes.subarray(0, cut)], denyAll, options).out).not.toContain('canary');
      }
    }
  });
});

describe("the vendor's SDK", () => {
  const client = (body: string): OpenAI =>
    new OpenAI({
      apiKey: 'k',
      maxRetries: 0,
      fetch: async () =>
        new Response(Buffer.from(body, 'latin1'), { headers: { 'content-type': 'text/event-stream' } }),
    });
  const request = { model: 'gpt-x', messages: [{ role: 'user' as const, content: 'hi' }] };
  const final = (body: string) => client(body).chat.completions.stream(request).finalChatCompletion();

  test('accepts what was released', async () => {
    const { choices } = await final(gate(PARALLEL).out);
    expect(choices[0]?.message.tool_calls).toMatchObject([
      { id: 'call_0', function: { name: 'read', arguments: '{"path":"ä😀"}' } },
      { id: 'call_1', function: { name: 'remove', arguments: '{"secret":"canary"}' } },
    ]);
  });

  test.each([
    ['read', 'tool_calls', [{ id: 'call_1', function: { name: 'remove' } }]],
    ['remove', 'tool_calls', [{ id: 'call_0', function: { name: 'read' } }]],
    ['', 'stop', undefined],
  ])('accepts what was stripped: without %j', async (name, finish, calls) => {
    const rule = name === '' ? denyAll : ruleBy((other) => other === name);
    const { choices } = await final(gate(PARALLEL, rule, STRIP).out);
    expect(choices[0]?.finish_reason).toBe(finish);
    expect(choices[0]?.message.content).toBe(
      `Grüße 😀 "tool_calls" weiter\n\n${calls ? NOTICE : `${NOTICE}\n\n${NOTICE}`}`,
    );
    if (calls) expect(choices[0]?.message.tool_calls).toMatchObject(calls);
    else expect(choices[0]?.message.tool_calls).toBeUndefined();
  });

  test('accepts a stripped call of one event, the older one too', async () => {
    for (const fields of [
      { tool_calls: [{ index: 0, id: 'x', type: 'function', function: { name: 'f', arguments: '{}' } }] },
      { function_call: { name: 'f', arguments: '{}' } },
    ]) {
      const { choices } = await final(
        gate([delta({ role: 'assistant', ...fields }, 'tool_calls')], denyAll, STRIP).out,
      );
      expect(choices[0]).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant', content: NOTICE } });
    }
  });

  test('raises its usual error', async () => {
    const { out } = gate(PARALLEL, denyAll);
    const stream = await client(out).chat.completions.create({ ...request, stream: true });
    const seen: string[] = [];
    await expect(async () => {
      for await (const { choices } of stream) seen.push(choices[0]?.delta.content ?? '');
    }).rejects.toMatchObject({ code: 'TOOL_DENIED', message: expect.stringContaining('decision-1') });
    expect(seen.join('')).toBe('Grüße 😀 "tool_calls" weiter');
    await expect(final(out)).rejects.toThrow('TOOL_DENIED');
  });
});

describe('bounds', () => {
  const options = { ...STRIP, maxArgumentBytes: 1000, maxHeldBytes: 64 * 1024, maxCalls: 10 };

  test('arguments over the limit are not kept, in however many pieces they come', () => {
    const stream = openStreamGate('openai-chat', options);
    stream.feed(bytesOf(sse([delta({ role: 'assistant' }), begin(0, 'f', '{"canary":"')])));
    const piece = bytesOf(sse([more(0, 'x'.repeat(50))]));
    for (let i = 0; i < 5000; i++) stream.feed(piece);
    expect(stream.heldBytes).toBeLessThan(1000);
    const { proposals } = stream.feed(bytesOf(sse([more(0, '"}'), delta({}, 'tool_calls'), '[DONE]'])));
    expect(proposals).toMatchObject([{ fault: 'TOOL_ARGUMENTS_TOO_LARGE', calls: [{ name: 'f' }] }]);
    const { out, done } = stream.settle(0, denyAll(proposals[0] as Proposal));
    expect(done).toBe(false);
    expect(Buffer.concat(out).toString()).toMatch(
      /withheld\. TOOL_ARGUMENTS_TOO_LARGE.*\n\n.*"stop".*\n\ndata: \[DONE\]\n\n$/,
    );
  });

  test('5 MB of arguments, in one event and in many', () => {
    const text = `{"a":"${'x'.repeat(5 * 1024 * 1024)}"}`;
    const large = { ...OPTIONS, maxHeldBytes: 32 * 1024 * 1024, maxArgumentBytes: 6 * 1024 * 1024 };
    const one = sse([begin(0, 'f', text), delta({}, 'tool_calls'), '[DONE]']);
    expect(run('openai-chat', rechunk(bytesOf(one), [65_536]), allowAll, large).out === one).toBe(true);
    expect(run('openai-chat', [bytesOf(one)], denyAll, OPTIONS).proposals[0]).toContain('TOOL_ARGUMENTS_TOO_LARGE');
    expect(run('openai-chat', rechunk(bytesOf(one), [65_536]), denyAll, options).fault).toBe('RESPONSE_TOO_LARGE');
    const many = sse([
      begin(0, 'f'),
      ...(text.match(/.{1,200}/g) ?? []).map((piece) => more(0, piece)),
      delta({}, 'stop'),
    ]);
    expect(run('openai-chat', rechunk(bytesOf(many), [65_536]), denyAll, OPTIONS).proposals[0]).toContain(
      'TOOL_ARGUMENTS_TOO_LARGE',
    );
  });

  test('thousands of calls: those beyond the limit are one proposal', () => {
    const calls = Array.from({ length: 5000 }, (_, i) => [begin(i, 'f', '{"i":'), more(i, `${i}}`)]).flat();
    const text = sse([delta({ role: 'assistant' }), ...calls, delta({}, 'tool_calls'), '[DONE]']);
    const all = run('openai-chat', [bytesOf(text)], allowAll, {
      ...OPTIONS,
      maxCalls: 5000,
      maxHeldBytes: 64 * 1024 * 1024,
    });
    expect(all.proposals).toHaveLength(5000);
    expect(all.out === text).toBe(true);
    const few = run('openai-chat', [bytesOf(text)], allowAll, options);
    expect(few.proposals).toHaveLength(11);
    expect(few.proposals[10]).toContain('TOOL_CALLS_TOO_MANY');
    expect(few.out.match(/"tool_calls":\[/g)).toHaveLength(20);
    const none = run('openai-chat', [bytesOf(text)], denyAll, {
      ...STRIP,
      maxCalls: 5000,
      maxHeldBytes: 64 * 1024 * 1024,
    });
    expect(none.out).not.toContain('"tool_calls":[');
  });

  test('choices', () => {
    const choices = Array.from({ length: 2000 }, (_, index) => delta({ content: 'a' }, 'stop', index));
    expect(gate(choices, allowAll, options).fault).toBe('RESPONSE_UNREADABLE');
  });

  test('what is held in all, and the largest event', () => {
    const calls = Array.from({ length: 9 }, (_, i) => begin(i, 'f', 'x'.repeat(900)));
    const text = sse([...calls, ...Array.from({ length: 100 }, () => delta({ content: 'y'.repeat(900) }))]);
    const { fault, out } = run('openai-chat', rechunk(bytesOf(text), [999]), allowAll, options);
    expect(fault).toBe('RESPONSE_TOO_LARGE');
    expect(out).toMatch(/^data: \{"error":.*\n\n$/);
    const endless = openStreamGate('openai-chat', options);
    for (let i = 0; i < 1000; i++) {
      endless.feed(Buffer.alloc(1000, 'x'));
      expect(endless.heldBytes).toBeLessThan(70_000);
    }
    expect(endless.feed(Buffer.alloc(1)).done).toBe(true);
  });
});
