import { describe, expect, test } from '@jest/globals';
import type { GateOptions, Proposal, StreamGate } from '../../../src/provider/gate/gate.ts';
import { openJsonGate, openStreamGate } from '../../../src/provider/gate/open.ts';
import { allowAll, bytesOf, denyAll, drive, type GateDialect, OPTIONS, STRIP } from './run.ts';

// What becomes of calls that no ruling is asked on, or one for many: the outcome tells of them all.

const names = (gate: Pick<StreamGate, 'undecided'>) => gate.undecided().map(({ name, more }) => [name, more]);

interface Dialect {
  /** A call in the pieces of a stream, the first being its beginning. */
  streamed(index: number, name: string): object[];
  /** A whole response with these calls. */
  whole(names: string[]): object;
  /** A call, as a response lists it, that nobody knows. */
  strange: object;
  list(response: object): object[];
  /** The end of a stream with calls. */
  end: object[];
  /** An event in which another call begins, and which cannot be followed. */
  faulty: object;
}

const chunk = (delta: object, finish_reason: string | null = null) => ({
  choices: [{ index: 0, delta, finish_reason }],
});
const fn = (name: string, text: string) => ({
  id: `call_${name}`,
  type: 'function',
  function: { name, arguments: text },
});
const use = (name: string, input: object) => ({ type: 'tool_use', id: `toolu_${name}`, name, input });
const item = (name: string, text: string, index = 0) => ({
  ...{ id: `fc_${index}`, type: 'function_call', call_id: `call_${name}`, name, arguments: text, status: 'completed' },
});

const DIALECTS: Record<string, Dialect> = {
  'openai-chat': {
    streamed: (index, name) => [
      chunk({ tool_calls: [{ index, ...fn(name, '{"secret"') }] }),
      chunk({ tool_calls: [{ index, function: { arguments: ':1}' } }] }),
    ],
    whole: (list) => ({
      choices: [{ index: 0, message: { tool_calls: list.map((name) => fn(name, '{}')) }, finish_reason: 'tool_calls' }],
    }),
    strange: { id: 'x', type: 'browser', browser: { url: 'u' } },
    // biome-ignore lint/suspicious/noExplicitAny: it is of this very file
    list: (response: any) => response.choices[0].message.tool_calls,
    end: [chunk({}, 'tool_calls')],
    faulty: chunk({ tool_calls: [fn('late', '{}')] }),
  },
  'anthropic-messages': {
    streamed: (index, name) => [
      { type: 'content_block_start', index, content_block: use(name, {}) },
      { type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: '{"secret":1}' } },
      { type: 'content_block_stop', index },
    ],
    whole: (list) => ({ type: 'message', content: list.map((name) => use(name, {})), stop_reason: 'tool_use' }),
    strange: { type: 'browser_use', name: 'browser', input: {} },
    // biome-ignore lint/suspicious/noExplicitAny: it is of this very file
    list: (response: any) => response.content,
    end: [{ type: 'message_delta', delta: { stop_reason: 'tool_use' } }, { type: 'message_stop' }],
    faulty: { type: 'content_block_start', index: 99, content_block: use('late', {}) },
  },
  'openai-responses': {
    streamed: (index, name) => [
      { type: 'response.output_item.added', output_index: index, item: item(name, '', index) },
      { type: 'response.output_item.done', output_index: index, item: item(name, '{"secret":1}', index) },
    ],
    whole: (list) => ({ object: 'response', status: 'completed', output: list.map((name, i) => item(name, '{}', i)) }),
    strange: { type: 'message', content: [{ tool_calls: [{ name: 'x' }] }], name: 'x' },
    // biome-ignore lint/suspicious/noExplicitAny: it is of this very file
    list: (response: any) => response.output,
    end: [{ type: 'response.completed', response: { object: 'response', status: 'completed', output: [] } }],
    faulty: { type: 'response.output_item.added', item: item('late', '') },
  },
};

const sse = (events: object[]): Buffer => bytesOf(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));

describe.each(Object.entries(DIALECTS))('%s', (name, dialect) => {
  const id = name as GateDialect;
  const { streamed, whole, strange, list, end, faulty } = dialect;
  const start =
    name === 'anthropic-messages' ? [{ type: 'message_start', message: { type: 'message', content: [] } }] : [];
  const openStream = (options = OPTIONS): StreamGate => openStreamGate(id, options);

  test('a stream that cannot be followed: what had begun, however it is cut, and what begins where it breaks', () => {
    const [first = {}, ...rest] = streamed(0, 'read_file');
    for (const broken of ['data: {garbage}\n\n', `data: ${JSON.stringify(faulty)}\n\n`]) {
      const bytes = Buffer.concat([sse([...start, first, ...rest.slice(0, -1)]), bytesOf(broken)]);
      for (const size of [bytes.length, 7]) {
        const gate = openStream();
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
          bytes.subarray(i * size, (i + 1) * size),
        );
        const { proposals, fault } = drive(gate, chunks, allowAll, 'at once');
        expect([fault, proposals]).toEqual(['RESPONSE_UNREADABLE', []]);
        expect(names(gate)).toEqual([['read_file', 0], ...(broken.includes('late') ? [['late', 0]] : [])]);
      }
    }
  });

  test('a stream that holds back too much', () => {
    const gate = openStream({ ...OPTIONS, maxHeldBytes: 600 });
    const [first = {}] = streamed(0, 'read_file');
    const { fault } = drive(gate, [sse([...start, first, { type: 'x', pad: 'x'.repeat(700) }])], allowAll, 'at once');
    expect(fault).toBe('RESPONSE_TOO_LARGE');
    expect(names(gate)).toEqual([['read_file', 0]]);
  });

  test('what was proposed is told of by its decision, and not twice', () => {
    const gate = openStream();
    const events = [...start, ...streamed(0, 'f'), ...streamed(1, 'g'), ...end];
    const { proposals } = drive(gate, [sse(events)], allowAll, 'late');
    expect(proposals).toHaveLength(2);
    expect(names(gate)).toEqual([]);
  });

  test('a whole response: all that it lists, known or not', () => {
    const response = whole(['read_file', 'remove']);
    list(response).splice(1, 0, strange);
    const gate = openJsonGate(id, bytesOf(JSON.stringify(response)), OPTIONS);
    expect([gate.fault, gate.proposals]).toEqual(['RESPONSE_UNREADABLE', []]);
    const strangers: Record<string, string | null> = { 'anthropic-messages': 'browser', 'openai-chat': null };
    const called = name in strangers ? strangers[name] : 'x';
    expect(names(gate).toSorted()).toEqual(
      [
        ['read_file', 0],
        ['remove', 0],
        [called, 0],
      ].toSorted(),
    );
    expect(openJsonGate(id, bytesOf('{"a":'), OPTIONS).undecided()).toEqual([]);
    expect(openJsonGate(id, bytesOf(JSON.stringify(whole(['f']))), OPTIONS).undecided()).toEqual([]);
  });

  const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `f${i}`);
  const total = (proposals: Proposal[]): number =>
    proposals.reduce((sum, { calls, more = 0 }) => sum + calls.length + more, 0);

  test.each([65, 66, 3000])('%d calls are all counted, with a limit of 64', (count) => {
    const gate = openJsonGate(id, bytesOf(JSON.stringify(whole(many(count)))), OPTIONS);
    expect([gate.proposals.length, total(gate.proposals)]).toEqual([65, count]);
    const events = [...start, ...many(count).flatMap((call, i) => streamed(i, call)), ...end];
    const stream = drive(
      openStream(STRIP),
      [sse(events)],
      (one) => (one.fault ? denyAll(one) : allowAll(one)),
      'at once',
    );
    expect([stream.proposals.length, total(stream.proposals)]).toEqual([65, count]);
  });
});

test.each<[GateDialect, object]>([
  ['anthropic-messages', { type: 'message_start', message: { type: 'message', content: [] } }],
  ['openai-responses', { type: 'error', code: 'server_error', message: 'x', param: null }],
])('a call that the vendor itself gives up: %s', (id, event) => {
  const gate = openStreamGate(id, OPTIONS);
  const [first = {}] = DIALECTS[id]?.streamed(0, 'read_file') ?? [];
  expect(gate.feed(sse([first, event])).fault).toBeUndefined();
  expect(names(gate)).toEqual([['read_file', 0]]);
});

test.each(Object.entries(DIALECTS))(
  'a call that comes after a refused one, at once or later: %s',
  (id, { streamed }) => {
    const gate = openStreamGate(id as GateDialect, OPTIONS);
    const start =
      id === 'anthropic-messages' ? [{ type: 'message_start', message: { type: 'message', content: [] } }] : [];
    const ends = id === 'openai-chat' ? [chunk({}, 'tool_calls')] : [];
    const [begun] = streamed(1, 'late');
    const late = JSON.parse(JSON.stringify(begun).replace('"index":0,"delta"', '"index":1,"delta"')); // another choice
    const { proposals, done } = gate.feed(sse([...start, ...streamed(0, 'f'), ...ends, late]));
    expect([proposals.length, done]).toEqual([1, false]);
    expect(gate.settle(0, denyAll(proposals[0] as Proposal)).done).toBe(true);
    expect(names(gate)).toEqual([['late', 0]]);
  },
);

describe('the notice in a chat', () => {
  const part = (index: number, name: string, choice = 0) => ({
    choices: [{ index: choice, delta: { tool_calls: [{ index, ...fn(name, '{}') }] }, finish_reason: null }],
  });
  const finish = (choice: number) => ({ choices: [{ index: choice, delta: {}, finish_reason: 'tool_calls' }] });
  const few: GateOptions = { ...STRIP, maxCalls: 2 };
  const rule = (one: Proposal) => (one.fault ? denyAll(one) : allowAll(one));

  /** What each choice says in the end. */
  function said(events: object[], by = rule): string[] {
    const { bytes } = drive(openStreamGate('openai-chat', few), [sse(events)], by, 'late');
    const texts: string[] = [];
    for (const [, data = ''] of bytes.toString().matchAll(/^data: (.*)$/gm)) {
      const { index, delta } = JSON.parse(data).choices[0];
      texts[index] = (texts[index] ?? '') + (delta.content ?? '');
    }
    return texts;
  }

  test('says how many calls it stands for, in each choice', () => {
    const calls = [...[0, 1, 2, 3, 4].map((i) => part(i, `f${i}`)), ...[0, 1].map((i) => part(i, `g${i}`, 1))];
    const [first, second] = said([...calls, finish(0), finish(1)]);
    expect(first).toMatch(/^\[3 tool calls were withheld\. /);
    expect(second).toMatch(/^\[2 tool calls were withheld\. /);
    const message = (count: number, index: number) => ({
      ...{ index, finish_reason: 'tool_calls' },
      message: { content: 'Hi', tool_calls: Array.from({ length: count }, (_, i) => fn(`f${i}`, '{}')) },
    });
    const body = JSON.stringify({ choices: [message(5, 0), message(2, 1), message(1, 2)] });
    const gate = openJsonGate('openai-chat', bytesOf(body), few);
    expect(gate.proposals.map(({ more }) => more)).toEqual([undefined, undefined, 5]);
    const rendered = gate.render(new Map(gate.proposals.map((one) => [one.key, rule(one)])));
    const { choices } = JSON.parse(Buffer.from(rendered.body).toString());
    expect(choices.map((choice: ReturnType<typeof message>) => choice.message.content)).toEqual([
      expect.stringMatching(/^Hi\n\n\[3 tool calls were withheld\. /),
      expect.stringMatching(/^Hi\n\n\[2 tool calls were withheld\. /),
      expect.stringMatching(/^Hi\n\n\[A tool call was withheld\. /),
    ]);
  });

  test('begins a line of its own where text came before, and only there', () => {
    const text = (content: string) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
    const withheld = '[A tool call was withheld. TOOL_DENIED: policy denies this call (decision decision-1)]';
    const call = [part(0, 'f'), finish(0)];
    expect(said([text('Hi'), ...call], denyAll)).toEqual([`Hi\n\n${withheld}`]);
    expect(said([text('H'), text('i'), ...call], denyAll)).toEqual([`Hi\n\n${withheld}`]);
    expect(said([text(''), text('Hi'), ...call], denyAll)).toEqual([`Hi\n\n${withheld}`]);
    expect(said([text(''), ...call], denyAll)).toEqual([withheld]);
    expect(said(call, denyAll)).toEqual([withheld]);
    expect(said([part(0, 'f'), part(1, 'g'), finish(0)], denyAll)).toEqual([`${withheld}\n\n${withheld}`]);
  });
});

describe('a wrapper', () => {
  const use2 = { recipient_name: 'functions.f', parameters: {} };
  const wrapped = (count: number) =>
    fn('multi_tool_use.parallel', JSON.stringify({ tool_uses: Array.from({ length: count }, () => use2) }));
  const options = { ...STRIP, maxCalls: 10 };

  test('counts for what it holds', () => {
    const calls = [wrapped(8), wrapped(8), wrapped(2)];
    const body = { choices: [{ index: 0, message: { tool_calls: calls }, finish_reason: 'tool_calls' }] };
    const events = [
      ...calls.map((call, index) => chunk({ tool_calls: [{ index, ...call }] })),
      chunk({}, 'tool_calls'),
    ];
    const stream = drive(
      openStreamGate('openai-chat', options),
      [sse(events)],
      (one) => (one.fault ? denyAll(one) : allowAll(one)),
      'at once',
    );
    for (const proposals of [
      openJsonGate('openai-chat', bytesOf(JSON.stringify(body)), options).proposals,
      stream.proposals,
    ]) {
      expect(proposals.map(({ calls, fault, more }) => [calls.length, fault, more])).toEqual([
        [8, undefined, undefined],
        [1, 'TOOL_CALLS_TOO_MANY', 7],
        expect.arrayContaining([expect.anything()]),
      ]);
    }
  });
});

describe('tools that ran at the provider', () => {
  const ran = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} };
  const remote = { type: 'mcp_tool_use', id: 'm', name: 'search', server_name: 'docs', input: {} };

  test('are told of by name, each once, and no more than an outcome holds', () => {
    const many = Array.from({ length: 500 }, (_, i) => ({ ...ran, name: `t${i}${'x'.repeat(300)}` }));
    const content = [ran, ran, remote, ...many];
    const gate = openJsonGate('anthropic-messages', bytesOf(JSON.stringify({ type: 'message', content })), OPTIONS);
    const { calls, tools } = gate.observed();
    expect([calls, tools.length]).toEqual([503, 64]);
    expect(tools.slice(0, 2)).toEqual([
      { type: 'server_tool_use', name: 'web_search', server: null },
      { type: 'mcp_tool_use', name: 'search', server: 'docs' },
    ]);
    expect(Math.max(...tools.map(({ name }) => name?.length ?? 0))).toBe(128);
  });

  test('in a chat and its stream, by what Groq calls them', () => {
    const executed_tools = [{ index: 0, type: 'search', arguments: '{}', output: '' }];
    const body = { choices: [{ index: 0, message: { content: 'x', executed_tools }, finish_reason: 'stop' }] };
    const tools = [{ type: 'executed_tools', name: 'search', server: null }];
    expect(openJsonGate('openai-chat', bytesOf(JSON.stringify(body)), OPTIONS).observed().tools).toEqual(tools);
    const gate = openStreamGate('openai-chat', OPTIONS);
    gate.feed(sse([chunk({ executed_tools })]));
    expect(gate.observed()).toEqual({ calls: 1, tools, abandoned: 0 });
  });
});
