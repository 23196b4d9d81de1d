import { describe, expect, test } from '@jest/globals';
import type { Proposal } from '../../../../src/provider/gate/gate.ts';
import { openResponsesStreamGate } from '../../../../src/provider/gate/responses/stream.ts';
import { allowAll, deny, denyAll, NOTICE, ruleBy } from '../run.ts';
import {
  added,
  argumentsDelta,
  begun,
  done,
  type Event,
  ended,
  eventsOf,
  functionCall,
  functionItem,
  gated,
  type Item,
  message,
  messageItem,
  OPTIONS,
  run,
  STRIP,
  sse,
  textDelta,
} from './run.ts';

const [opening, words, closing] = message(0, 'Grüße ', '😀 "function_call"');
const TEXT = [...opening, ...words, ...closing];
const textItem = messageItem(0, 'Grüße 😀 "function_call"');

/** A message, two calls one after the other, the end. */
const CALLS = [
  ...begun,
  ...TEXT,
  ...functionCall(1, 'read', '{"path":', '"ä😀"}'),
  ...functionCall(2, 'remove', '{"secret":', '"canary"}'),
  ended([textItem, functionItem(1, 'read', '{"path":"ä😀"}'), functionItem(2, 'remove', '{"secret":"canary"}')]),
];

/** What the last event, a whole response, lists. */
const outputOf = (out: string): Item[] =>
  (eventsOf(out).at(-1) as { response?: { output: Item[] } }).response?.output ?? [];

/** A stream that holds one call, told once as its item. */
const single = (item: Item, before: Event[] = [added(0, { ...item })]): string =>
  sse([...begun, ...before, done(0, item), ended([item])]);

describe('what is released', () => {
  test('text passes at once; a call waits for its ruling, and leaves as it came', () => {
    const gate = openResponsesStreamGate(OPTIONS);
    const parts = sse(CALLS).split(/(?<=\n\n)/);
    const fed = (from: number, to: number) => {
      const step = gate.feed(Buffer.from(parts.slice(from, to).join('')));
      return { ...step, text: Buffer.concat(step.out).toString() };
    };
    expect(fed(0, 9).text).toBe(parts.slice(0, 9).join(''));
    expect(fed(9, 13)).toMatchObject({ text: '', proposals: [] });
    expect(gate.heldBytes).toBeGreaterThan(0);
    const { text, proposals } = fed(13, parts.length);
    expect(text).toBe('');
    expect(proposals.map(({ calls }) => calls[0]?.name)).toEqual(['read', 'remove']);
    expect(proposals[0]?.calls[0]).toMatchObject({ type: 'function', origin: 'model', server: null, id: 'call_1' });
    expect(proposals[0]?.calls[0]?.arguments?.value()).toEqual({ path: 'ä😀' });
    expect(gate.settle(proposals[1]?.key ?? -1, { release: true }).out).toEqual([]);
    expect(gate.end(true)).toMatchObject({ out: [], done: false });
    const last = gate.settle(proposals[0]?.key ?? -1, { release: true });
    expect(Buffer.concat(last.out).toString()).toBe(parts.slice(9).join(''));
    expect(last.done).toBe(true);
    expect(gate.heldBytes).toBe(0);
  });

  test.each([
    ['with names', {}],
    ['without names', { names: false }],
    ['without numbers', { numbers: false }],
    ['with CRLF', { end: '\r\n' }],
  ])('byte for byte, %s', (_, form) => {
    const text = `\ufeff: hello\n\n${sse(CALLS, form)}data: [DONE]\n\n`;
    expect(gated(text)).toMatchObject({ out: text, fault: undefined });
    expect(gated(text).proposals).toHaveLength(2);
  });

  test('while a call comes, an item that began before goes on, and one that begins after waits', () => {
    const gate = openResponsesStreamGate(OPTIONS);
    const fed = (...events: Event[]): string =>
      Buffer.concat(gate.feed(Buffer.from(sse(events, { numbers: false }))).out).toString();
    const [head, [delta], tail] = message(2, 'later');
    fed(...begun, ...opening);
    expect(fed(...functionCall(1, 'f', '{', '}').slice(0, 2))).toBe('');
    expect(fed(textDelta(0, 'a'))).not.toBe('');
    expect(fed({ type: 'keepalive' })).not.toBe('');
    expect(fed(...head, delta as Event)).toBe('');
    expect(fed(textDelta(0, 'b'))).not.toBe('');
    const { out, proposals } = gate.feed(Buffer.from(sse(functionCall(1, 'f', '{', '}').slice(2), { numbers: false })));
    expect(out).toEqual([]);
    expect(fed(textDelta(0, 'c'))).toBe('');
    const released = eventsOf(Buffer.concat(gate.settle(proposals[0]?.key ?? -1, { release: true }).out).toString());
    expect(released.map(({ output_index }) => output_index)).toEqual([1, 1, 2, 2, 2, 1, 1, 1, 0]);
    expect(fed(...tail)).not.toBe('');
  });

  test('events of a later item stay in their order while a call that began among them is open', () => {
    const [head, deltas, tail] = message(1, 'one', 'two', 'three');
    const [f, , g] = [functionCall(0, 'f', '{}'), [], functionCall(2, 'g', '{}')];
    const events = [
      ...begun,
      ...f.slice(0, 1),
      ...head,
      ...g.slice(0, 1),
      ...deltas.slice(0, 1),
      ...f.slice(1),
      ...deltas.slice(1),
      ...g.slice(1),
      ...tail,
    ];
    const out = eventsOf(gated(sse(events)).out);
    expect(out).toHaveLength(events.length);
    const said = out.flatMap(({ type, delta }) => (type === 'response.output_text.delta' ? [delta] : []));
    expect(said).toEqual(['one', 'two', 'three']);
  });

  test('ids of items may change with every event', () => {
    let count = 0;
    const change = (event: Event): Event => {
      const item = event.item as Item | undefined;
      if (item) return { ...event, item: { ...item, id: `other_${count++}` } };
      return 'item_id' in event ? { ...event, item_id: `other_${count++}` } : event;
    };
    const text = sse([...CALLS.slice(0, -1).map(change), ...CALLS.slice(-1)]);
    expect(gated(text)).toMatchObject({ out: text, fault: undefined });
  });

  test('output indexes may leave one out, and a whole response may leave out its list', () => {
    const items = [functionItem(3, 'f', '{}'), functionItem(9, 'g', '{"a":1}')];
    for (const last of [ended(items), ended([]), { type: 'response.completed', response: { id: 'resp_1' } }]) {
      const text = sse([...begun, ...functionCall(3, 'f', '{}'), ...functionCall(9, 'g', '{"a":1}'), last]);
      expect(gated(text)).toMatchObject({
        out: text,
        proposals: ['function f call_3 {}', 'function g call_9 {"a":1}'],
      });
    }
    const stripped = sse([...begun, ...functionCall(3, 'f', '{}'), ...functionCall(9, 'g', '{"a":1}'), ended(items)]);
    const { out } = gated(
      stripped,
      ruleBy((name) => name === 'g'),
      STRIP,
    );
    expect(outputOf(out).map(({ type }) => type)).toEqual(['function_call', 'message']);
  });
});

describe('what is a call', () => {
  const proposals = (item: Item, before?: Event[]): string[] => gated(single(item, before), denyAll).proposals;
  const call = { id: 'x_1', call_id: 'call_1', status: 'completed' };

  test.each<[string, Item, string]>([
    ['no arguments', functionItem(0, 'f', ''), 'function f call_0 {}'],
    ['a namespace', functionItem(0, 'get', '{}', { namespace: 'crm' }), 'function crm.get call_0 {}'],
    [
      'a custom tool',
      { ...call, type: 'custom_tool_call', name: 'sql', input: 'a "b"' },
      'custom sql call_1 "a \\"b\\""',
    ],
    ['an empty custom tool', { ...call, type: 'custom_tool_call', name: 'sql', input: '' }, 'custom sql call_1 ""'],
    [
      'a shell',
      { ...call, type: 'shell_call', action: { commands: ['ls', 'rm x'], timeout_ms: null, max_output_length: null } },
      'shell_call shell call_1 {"commands":["ls","rm x"],"timeout_ms":null,"max_output_length":null}',
    ],
    [
      'a local shell',
      { ...call, type: 'local_shell_call', action: { type: 'exec', command: ['ls'], env: {} } },
      'local_shell_call local_shell call_1 {"type":"exec","command":["ls"],"env":{}}',
    ],
    [
      'a patch',
      { ...call, type: 'apply_patch_call', operation: { type: 'delete_file', path: 'a' } },
      'apply_patch_call apply_patch call_1 {"type":"delete_file","path":"a"}',
    ],
    [
      'a computer',
      { ...call, type: 'computer_call', pending_safety_checks: [], action: { type: 'click', x: 1, y: 2 } },
      'computer_call computer call_1 {"type":"click","x":1,"y":2}',
    ],
    [
      'a computer with a list',
      { ...call, type: 'computer_call', action: null, actions: [{ type: 'wait' }] },
      'computer_call computer call_1 [{"type":"wait"}]',
    ],
    [
      'a search for tools by the client',
      { ...call, type: 'tool_search_call', execution: 'client', arguments: { goal: 'x' } },
      'tool_search_call tool_search call_1 {"goal":"x"}',
    ],
    [
      'an approval',
      { id: 'mcpr_1', type: 'mcp_approval_request', name: 'send', server_label: 'mail', arguments: '{"to":"a"}' },
      'mcp_approval_request mail/send mcpr_1 {"to":"a"}',
    ],
  ])('%s', (_, item, told) => {
    expect(proposals(item)).toEqual([told]);
    expect(gated(single(item))).toMatchObject({ out: single(item), fault: undefined });
  });

  test.each<[string, Item]>([
    ['no name', functionItem(0, '', '{}')],
    ['a long name', functionItem(0, 'f'.repeat(257), '{}')],
    ['no arguments', functionItem(0, 'f', null as unknown as string)],
    ['broken JSON', functionItem(0, 'f', '{"a":')],
    ['a duplicate key', functionItem(0, 'f', '{"a":1,"a":2}')],
    ['keys that differ in case', functionItem(0, 'f', '{"path":1,"Path":2}')],
    ['a key in escapes', functionItem(0, 'f', '{"a":1,"\\u0061":2}')],
    ['a case that no parser agrees on', { ...call, type: 'shell_call', action: { commands: ['a'], Commands: ['b'] } }],
    ['a number as action', { ...call, type: 'shell_call', action: 1 }],
    ['no action', { ...call, type: 'computer_call' }],
    ['two actions', { ...call, type: 'computer_call', action: { type: 'wait' }, actions: [{ type: 'wait' }] }],
    ['no server', { id: 'm', type: 'mcp_approval_request', name: 'send', arguments: '{}' }],
    ['an id that is no text', functionItem(0, 'f', '{}', { call_id: 1 })],
    ['a wrapper of nothing', functionItem(0, 'multi_tool_use.parallel', '{"tool_uses":[]}')],
    ['a wrapper that holds no calls', functionItem(0, 'parallel', '{"tool_uses":[{"recipient_name":"f"}]}')],
  ])('refused: %s', (_, item) => refused(item, 'TOOL_ARGUMENTS_INVALID'));

  test.each<[string, Item]>([
    ['a type to come', { ...call, type: 'teleport_call', target: 'moon' }],
    ['what has what a call has', { ...call, type: 'teleport', arguments: '{}' }],
    ['no type', { ...call, arguments: '{}' } as unknown as Item],
    ['a misspelt key', { ...functionItem(0, 'f', '{}'), Arguments: '{"a":1}' }],
    ['a misspelt type', { ...messageItem(0, 'x'), Type: 'function_call' }],
  ])('refused, and said to be not known: %s', (_, item) => refused(item, 'TOOL_CALL_UNKNOWN'));

  function refused(item: Item, code: string): void {
    for (const options of [OPTIONS, STRIP]) {
      const { proposals: told, out, fault } = gated(single(item), allowAll, options);
      expect([fault, ...told]).toEqual([undefined, expect.stringMatching(new RegExp(` \\| ${code}$`))]);
      expect(out).toContain(options === OPTIONS ? 'event: error' : `A tool call was withheld. ${code}`);
      expect(out).not.toMatch(/_call"|teleport|Arguments/);
    }
  }

  test('the wrapper around parallel calls is taken apart, and ruled as one', () => {
    const uses = ['weather', 'remove'].map((name) => ({ recipient_name: `functions.${name}`, parameters: { name } }));
    for (const names of [
      { name: 'parallel' },
      { name: 'multi_tool_use.parallel' },
      { name: 'parallel', namespace: 'multi_tool_use' },
    ]) {
      const item = functionItem(0, '', JSON.stringify({ tool_uses: uses }), names);
      expect(proposals(item)).toEqual([
        'function weather call_0 {"name":"weather"} | function remove call_0 {"name":"remove"}',
      ]);
      expect(
        gated(
          single(item),
          ruleBy((name) => name === 'remove'),
          STRIP,
        ).out,
      ).not.toContain('weather');
    }
    expect(proposals(functionItem(0, 'parallel', '{"jobs":2}'))).toEqual(['function parallel call_0 {"jobs":2}']);
  });

  test.each<[string, Item]>([
    ['web search', { id: 'ws', type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'q' } }],
    ['a search in files', { id: 'fs', type: 'file_search_call', status: 'completed', queries: ['q'] }],
    [
      'code',
      { id: 'ci', type: 'code_interpreter_call', status: 'completed', code: '1', container_id: 'c', outputs: [] },
    ],
    ['an image', { id: 'ig', type: 'image_generation_call', status: 'completed', result: 'AA', action: 'generate' }],
    ['a remote server', { id: 'mcp', type: 'mcp_call', name: 'f', server_label: 's', arguments: '{}' }],
    ['its list', { id: 'mcpl', type: 'mcp_list_tools', server_label: 's', tools: [] }],
    ['a search for tools', { id: 'ts', type: 'tool_search_call', execution: 'server', call_id: null, arguments: {} }],
    ['a program', { id: 'p', type: 'program', call_id: 'c', code: 'x', fingerprint: 'y' }],
  ])('ran at the provider: %s', (_, item) => {
    const text = single(item);
    expect(gated(text, denyAll)).toMatchObject({
      out: text,
      proposals: [],
      observed: {
        calls: 1,
        tools: [{ type: item.type, name: item.name ?? null, server: item.server_label ?? null }],
        abandoned: 0,
      },
    });
  });

  test.each<[string, Item]>([
    ['reasoning', { id: 'rs', type: 'reasoning', summary: [], encrypted_content: 'A==' }],
    ['compaction', { id: 'cmp', type: 'compaction', encrypted_content: 'A==' }],
    ['a result', { id: 'o', type: 'shell_call_output', call_id: 'c', output: [], max_output_length: 1 }],
    ['found tools', { id: 'o', type: 'tool_search_output', call_id: null, execution: 'server', tools: [] }],
    ['an item to come', { id: 'o', type: 'poem', verses: ['x'] }],
  ])('no call: %s', (_, item) => {
    const text = single(item);
    expect(gated(text, denyAll)).toMatchObject({ out: text, proposals: [], observed: { calls: 0, tools: [] } });
  });
});

describe('pieces', () => {
  const place = { output_index: 0 };
  const patch: Item = {
    ...{ id: 'apc', type: 'apply_patch_call', status: 'completed', call_id: 'c' },
    operation: { type: 'create_file', diff: '+kanarie', path: 'a' },
  };
  const shell: Item = {
    ...{ id: 'sh', type: 'shell_call', status: 'completed', call_id: 'c', environment: null },
    action: { commands: ['ls', 'rm kanarie'], timeout_ms: null, max_output_length: null },
  };
  const custom: Item = { id: 'ctc', type: 'custom_tool_call', call_id: 'c', name: 'f', input: 'kanarie' };
  const event = (type: string, rest: object): Event => ({ type: `response.${type}`, ...place, ...rest });
  const PIECES: [string, Item, Event[]][] = [
    [
      'a patch',
      patch,
      [
        added(0, { ...patch, status: 'in_progress', operation: { type: 'create_file', diff: '', path: 'a' } }),
        event('apply_patch_call_operation_diff.delta', { delta: '+kan' }),
        event('apply_patch_call_operation_diff.delta', { delta: 'arie' }),
        event('apply_patch_call_operation_diff.done', { diff: '+kanarie' }),
      ],
    ],
    [
      'a shell',
      shell,
      [
        added(0, {
          ...shell,
          status: 'in_progress',
          action: { commands: [], timeout_ms: null, max_output_length: null },
        }),
        event('shell_call_command.added', { command_index: 0, command: 'ls' }),
        event('shell_call_command.done', { command_index: 0, command: 'ls' }),
        event('shell_call_command.added', { command_index: 1, command: '' }),
        event('shell_call_command.delta', { command_index: 1, delta: 'rm ' }),
        event('shell_call_command.delta', { command_index: 1, delta: 'kanarie', obfuscation: 'x' }),
        event('shell_call_command.done', { command_index: 1, command: 'rm kanarie' }),
      ],
    ],
    [
      'a custom tool',
      custom,
      [
        added(0, { ...custom, input: '' }),
        event('custom_tool_call_input.delta', { delta: 'kan' }),
        event('custom_tool_call_input.delta', { delta: 'arie' }),
        event('custom_tool_call_input.done', { input: 'kanarie' }),
      ],
    ],
  ];

  test.each(PIECES)('of %s wait, and leave or stay with it', (_, item, before) => {
    const text = single(item, before);
    expect(gated(text)).toMatchObject({ out: text, fault: undefined, proposals: [expect.stringContaining('kanarie')] });
    for (const options of [OPTIONS, STRIP]) expect(gated(text, denyAll, options).out).not.toMatch(/kan|arie/);
  });

  test.each(PIECES)('of %s must give what its end says', (_, item, before) => {
    for (let at = 1; at < before.length; at++) {
      const changed = before.map((piece, i) => (i === at ? alter(piece) : piece));
      const { out, fault, proposals } = gated(single(item, changed));
      expect([fault, proposals]).toEqual(['RESPONSE_UNREADABLE', []]);
      expect(out).not.toMatch(/kan|arie/);
      expect(eventsOf(out).at(-1)).toMatchObject({ type: 'error', sequence_number: 2, code: 'RESPONSE_UNREADABLE' });
    }
  });

  /** Says something else in a text of an event. */
  function alter(piece: Event): Event {
    const field = ['delta', 'diff', 'command', 'input'].find((key) => typeof piece[key] === 'string') ?? '';
    return { ...piece, [field]: `${piece[field]}; evil` };
  }

  const whole = functionItem(0, 'f', '{"a":1}');
  const empty = { ...whole, arguments: '', status: 'in_progress' };
  test.each<[string, Event[]]>([
    ['the name', [added(0, { ...empty, name: 'g' }), done(0, whole)]],
    ['the type', [added(0, { ...empty, type: 'custom_tool_call', input: '' }), done(0, whole)]],
    ['the id of the call', [added(0, { ...empty, call_id: 'other' }), done(0, whole)]],
    ['the namespace', [added(0, { ...empty, namespace: 'crm' }), done(0, whole)]],
    ['arguments at the beginning', [added(0, { ...whole, arguments: '{"a":2}' }), done(0, whole)]],
    [
      'part of the arguments at the beginning',
      [added(0, { ...whole, arguments: '{"a"' }), argumentsDelta(0, ':1}'), done(0, whole)],
    ],
    ['arguments at the beginning, and again', [added(0, whole), argumentsDelta(0, '{"a":1}'), done(0, whole)]],
    ['the second end', [added(0, empty), done(0, whole), done(0, functionItem(0, 'f', '{"a":2}'))]],
    ['a piece after the end', [added(0, empty), done(0, whole), argumentsDelta(0, '{"a":1}')]],
    ['the whole response', [added(0, empty), done(0, whole), ended([functionItem(0, 'f', '{"a":2}')])]],
    ['the name in the whole response', [added(0, empty), done(0, whole), ended([{ ...whole, name: 'g' }])]],
    [
      'the whole response under way',
      [added(0, empty), done(0, whole), { ...ended([{ ...whole, name: 'g' }]), type: 'response.in_progress' }],
    ],
    ['an item of another kind', [added(0, empty), done(0, messageItem(0, 'x'))]],
    ['a second beginning', [added(0, empty), added(0, empty)]],
    ['a second beginning, of a message', [added(0, empty), done(0, whole), added(0, messageItem(0, ''))]],
    ['text at its place', [added(0, empty), textDelta(0, 'x')]],
    [
      'a piece of another type',
      [added(0, empty), { type: 'response.custom_tool_call_input.delta', output_index: 0, delta: 'x' }],
    ],
    ['a piece of nothing', [argumentsDelta(0, '{}')]],
    ['a piece of a message', [...opening, argumentsDelta(0, '{}')]],
    ['no index', [{ type: 'response.output_item.added', item: empty }]],
    ['an index that is no number', [{ type: 'response.output_item.added', output_index: '0', item: empty }]],
    ['a call in a response under way', [{ ...ended([whole]), type: 'response.in_progress' }]],
    [
      'a delta that is no text',
      [added(0, empty), { type: 'response.function_call_arguments.delta', output_index: 0, delta: { a: 1 } }],
    ],
    ['an end that is no item', [added(0, empty), { type: 'response.output_item.done', output_index: 0, item: null }]],
  ])('cannot be followed: %s', (_, events) => {
    for (const options of [OPTIONS, STRIP]) {
      const { fault, out } = gated(sse([...begun, ...events, ended([])]), allowAll, options);
      expect(fault).toBe('RESPONSE_UNREADABLE');
      expect(eventsOf(out).at(-1)).toMatchObject({
        type: 'error',
        error: { code: 'RESPONSE_UNREADABLE', decision_id: 'decision-0' },
      });
    }
  });

  test('cannot be followed: a command at the beginning, and again', () => {
    const piece = event('shell_call_command.delta', { command_index: 1, delta: 'rm kanarie' });
    expect(gated(single(shell, [added(0, shell), piece])).fault).toBe('RESPONSE_UNREADABLE');
    expect(gated(single(shell, [added(0, shell)])).fault).toBeUndefined();
  });

  test.each<[string, Event[]]>([
    ['only its end', [done(0, whole)]],
    ['its beginning and its end', [added(0, empty), done(0, whole)]],
    ['all of it at its beginning', [added(0, whole), done(0, whole)]],
    ['its end twice', [added(0, empty), done(0, whole), done(0, whole)]],
    ['an end that says no more than that', [...functionCall(0, 'f', '{"a":1}').slice(0, -1), done(0, whole)]],
    ['deltas that say nothing', [added(0, empty), argumentsDelta(0, ''), done(0, whole)]],
    [
      'an announcement of nothing',
      [{ type: 'response.output_item.added', output_index: 0, item: null }, done(0, whole)],
    ],
    [
      'the whole response under way',
      [added(0, empty), done(0, whole), { ...ended([whole]), type: 'response.in_progress' }],
    ],
  ])('followed: %s', (_, events) => {
    const text = sse([...begun, ...events, ended([whole])]);
    expect(gated(text)).toMatchObject({ out: text, fault: undefined, proposals: ['function f call_0 {"a":1}'] });
    expect(gated(text, denyAll, STRIP).out).not.toContain('function_call');
  });

  test('complete at the end of the response, if its item has none', () => {
    const text = sse([...begun, added(0, empty), argumentsDelta(0, '{"a":1}'), ended([whole])]);
    expect(gated(text)).toMatchObject({ out: text, proposals: ['function f call_0 {"a":1}'] });
    expect(gated(sse([...begun, added(0, empty), argumentsDelta(0, '{"b":1}'), ended([whole])])).fault).toBe(
      'RESPONSE_UNREADABLE',
    );
  });

  test('a call that only the whole response tells is judged', () => {
    const text = sse([...begun, ...TEXT, ended([textItem, whole])]);
    expect(gated(text)).toMatchObject({ out: text, proposals: ['function f call_0 {"a":1}'] });
    const { out } = gated(text, denyAll, STRIP);
    expect(outputOf(out)).toMatchObject([{ id: 'msg_0' }, { content: [{ text: NOTICE }] }]);
    expect(eventsOf(gated(text, denyAll).out).at(-1)).toMatchObject({ type: 'error', code: 'TOOL_DENIED' });
  });
});

describe('what never ends', () => {
  const partial = functionItem(0, 'f', '{"canary":1', { status: 'incomplete' });
  const begin = functionCall(0, 'f', '{"canary":1').slice(0, 2);

  test.each<[string, Event[]]>([
    ['the stream ends', []],
    ['the response is incomplete', [done(0, partial), ended([partial], 'incomplete')]],
    ['the response lists it as it is', [ended([{ ...partial, status: 'in_progress' }], 'incomplete')]],
    ['the response failed', [ended([partial], 'failed')]],
    ['the response leaves it out', [ended([])]],
    ['its arguments could be taken for none', [done(0, { ...partial, arguments: '' }), ended([], 'incomplete')]],
  ])('is refused: %s', (_, rest) => {
    for (const options of [OPTIONS, STRIP]) {
      const { out, proposals, fault } = gated(sse([...begun, ...begin, ...rest]), allowAll, options);
      expect([fault, proposals]).toEqual([undefined, ['function f call_0  | TOOL_CALL_INCOMPLETE']]);
      expect(out).not.toContain('canary');
      expect(out).toContain('TOOL_CALL_INCOMPLETE');
    }
  });

  test('what was complete before the response failed is judged as ever', () => {
    const text = sse([...begun, ...functionCall(0, 'f', '{}'), ended([functionItem(0, 'f', '{}')], 'failed')]);
    expect(gated(text)).toMatchObject({ out: text, proposals: ['function f call_0 {}'] });
  });

  test("the vendor's own error ends the stream, and what waits is dropped", () => {
    const error = { type: 'error', error: { type: 'server_error', code: 'x', message: 'm', param: null } };
    const text = sse([
      ...begun,
      ...functionCall(0, 'f', '{}'),
      ...functionCall(1, 'g', '{"canary":1}').slice(0, 2),
      error,
    ]);
    const { out, proposals, observed } = gated(text + sse([ended([])]));
    expect(proposals).toEqual(['function f call_0 {}']);
    expect(eventsOf(out).map(({ type }) => type)).toEqual([
      ...[...begun, ...functionCall(0, 'f', '{}')].map(({ type }) => type),
      'error',
    ]);
    expect(observed.abandoned).toBe(1);
    for (const body of ['{"error":{"message":"m"}}', '{"message":"m"}']) {
      const own = `event: error\ndata: ${body}\n\n`;
      expect(gated(own)).toMatchObject({ out: own, fault: undefined });
    }
  });
});

describe('what cannot be followed', () => {
  const start = sse(begun);
  test.each([
    ['broken JSON', 'data: {"type":"response.output_text.delta"'],
    ['an event to come', `data: {"type":"response.tool_call.begin","name":"canary"}`],
    ['a list', 'data: []'],
    ['no type', 'data: {"item":{"type":"function_call"}}'],
    ['two types', 'data: {"type":"response.output_text.delta","type":"response.output_item.done"}'],
    ['two types, one in escapes', 'data: {"type":"keepalive","\\u0074ype":"response.output_item.done"}'],
    ['a type in another case', 'data: {"type":"keepalive","Type":"response.output_item.done"}'],
    [
      'a name that differs',
      'event: response.output_text.delta\ndata: {"type":"response.output_item.done","output_index":0}',
    ],
    [
      'a text delta with a name that differs',
      'event: response.refusal.delta\ndata: {"type":"response.output_text.delta","output_index":0,"delta":"x"}',
    ],
    [
      'a text delta that is two',
      'data: {"type":"response.output_text.delta","output_index":0,"delta":"x","type":"response.refusal.delta"}',
    ],
    ['a response that is none', 'data: {"type":"response.completed","response":[]}'],
    ['no response', 'data: {"type":"response.completed"}'],
    ['an output that is no list', 'data: {"type":"response.completed","response":{"output":{"0":{}}}}'],
    ['an output in another case', 'data: {"type":"response.completed","response":{"Output":[]}}'],
    ['an item that is none', 'data: {"type":"response.completed","response":{"output":["x"]}}'],
    [
      'a number in arguments that no double holds',
      `data: {"type":"response.output_item.done","output_index":0,"item":{"type":"shell_call","action":{"a":[${'9'.repeat(20)}]}}}`,
    ],
    [
      'half a character in arguments',
      'data: {"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","name":"f","arguments":"\\ud83d"}}',
    ],
  ])('%s', (_, event) => {
    const { out, fault, proposals } = gated(`${start}${event}\n\n${sse([ended([])])}`);
    expect([fault, proposals]).toEqual(['RESPONSE_UNREADABLE', []]);
    expect(out.startsWith(start)).toBe(true);
    expect(eventsOf(out.slice(start.length))).toMatchObject([{ type: 'error', sequence_number: 2 }]);
  });

  test('what was complete before still leaves, and nothing of what was not', () => {
    const good = sse([...begun, ...functionCall(0, 'f', '{}')]);
    const open = sse(functionCall(1, 'g', '{"canary":1}').slice(0, 2), { numbers: false });
    const { out, proposals } = gated(`${good}${open}data: broken\n\n`);
    expect(proposals).toEqual(['function f call_0 {}']);
    expect(out.startsWith(good)).toBe(true);
    expect(out.slice(good.length)).toMatch(/^event: error\n[^\n]*\n\n$/);
  });

  test('text deltas are passed in any form, and read as text', () => {
    const deltas = [
      '{"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,"delta":"\\"type\\":\\"x\\" \\u00e4 \\ud83d","logprobs":[]}',
      '{"content_index": 0, "delta": "a", "item_id": "m", "logprobs": [], "output_index": 0, "sequence_number": 4, "type": "response.output_text.delta"}',
      '{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"x","logprobs":[{"token":"x","logprob":-1}]}',
      `{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"${'x'.repeat(40_000)}"}`,
      '{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"x"}',
    ];
    const text = deltas.map((delta) => `data: ${delta}\n\n`).join('');
    expect(gated(text)).toMatchObject({ out: text, fault: undefined });
  });
});

describe('what is refused', () => {
  test('error: the event of the dialect, then nothing', () => {
    const { out, proposals } = gated(
      sse(CALLS),
      ruleBy((name) => name === 'remove'),
    );
    expect(proposals).toHaveLength(2);
    const kept = CALLS.slice(0, -6);
    expect(out.startsWith(sse(kept))).toBe(true);
    expect(out.slice(sse(kept).length)).toMatch(/^event: error\ndata: [^\n]*\n\n$/);
    const error = {
      code: 'TOOL_DENIED',
      message: 'TOOL_DENIED: policy denies this call (decision decision-1)',
      param: null,
    };
    expect(eventsOf(out).at(-1)).toEqual({
      type: 'error',
      sequence_number: kept.length,
      ...error,
      error: { type: 'permission_error', ...error, decision_id: 'decision-1' },
    });
    expect(out).not.toContain('canary');
  });

  test('strip: a message in its place, numbers in order, the rest as it came', () => {
    const { out } = gated(
      sse(CALLS),
      ruleBy((name) => name === 'read'),
      STRIP,
    );
    const events = eventsOf(out);
    expect(events.map(({ type, output_index: index }) => [type, index])).toEqual([
      ...CALLS.slice(0, 9).map(({ type, output_index: index }) => [type, index]),
      ['response.output_item.added', 1],
      ['response.content_part.added', 1],
      ['response.output_text.delta', 1],
      ['response.output_text.done', 1],
      ['response.content_part.done', 1],
      ['response.output_item.done', 1],
      ...CALLS.slice(14).map(({ type, output_index: index }) => [type, index]),
    ]);
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, i) => i));
    expect(out).not.toContain('read');
    const output = outputOf(out);
    expect(output[1]).toEqual(
      events.find(({ type, output_index }) => type.endsWith('item.done') && output_index === 1)?.item,
    );
    expect(out).toContain(`"output":[${JSON.stringify(textItem)},`);
  });

  test('strip: as long as numbers are in order they stay as they came', () => {
    const many = functionCall(0, 'f', '{', '"a"', ':', '"canary"', '}');
    const events = [
      ...begun,
      ...many,
      ...message(1, 'x').flat(),
      ended([functionItem(0, 'f', '{"a":"canary"}'), messageItem(1, 'x')]),
    ];
    const { out } = gated(sse(events), denyAll, STRIP);
    const rest = sse(events).slice(sse(events.slice(0, 2 + many.length)).length, sse(events.slice(0, -1)).length);
    expect(out).toContain(rest);
    expectRising(out);
  });

  function expectRising(out: string): void {
    const numbers = eventsOf(out).map(({ sequence_number: number }) => number as number);
    expect(numbers.every((number, i) => i === 0 || number > (numbers[i - 1] as number))).toBe(true);
  }

  test('strip: several calls, taken in turn, without numbers', () => {
    const [f, g] = [functionCall(0, 'f', '{"canary":', '1}'), functionCall(1, 'g', '{}')];
    const turns = [...begun, ...f.slice(0, 2), ...g.slice(0, 2), ...f.slice(2), ...g.slice(2)];
    const last = ended([functionItem(0, 'f', '{"canary":1}'), functionItem(1, 'g', '{}')]);
    for (const numbers of [true, false]) {
      const { out } = gated(
        sse([...turns, last], { numbers }),
        ruleBy((name) => name === 'f'),
        STRIP,
      );
      expect(out).not.toContain('canary');
      if (numbers) expectRising(out);
      else expect(out).not.toContain('sequence_number');
    }
    const both = gated(sse([...turns, last]), denyAll, STRIP).out;
    expect(new Set(eventsOf(both).flatMap(({ item }) => (item as Item | undefined)?.id ?? []))).toEqual(
      new Set(['msg_decision-1_0', 'msg_decision-1_1']),
    );
  });

  test('rulings may come in any order, and make no difference', () => {
    for (const options of [OPTIONS, STRIP]) {
      for (const name of ['read', 'remove', 'none']) {
        const rule = ruleBy((other) => other === name);
        const early = run([Buffer.from(sse(CALLS))], rule, options);
        expect(run([Buffer.from(sse(CALLS))], rule, options, 'late')).toEqual(early);
      }
    }
  });

  test('tells what left', () => {
    const rules: [(name: string) => boolean, number[], number[]][] = [
      [() => false, [0, 1], [0, 1]],
      [(name) => name === 'read', [], [1]],
      [(name) => name === 'remove', [0], [0]],
    ];
    for (const [denied, error, strip] of rules) {
      expect(gated(sse(CALLS), ruleBy(denied)).released).toEqual(error);
      expect(gated(sse(CALLS), ruleBy(denied), STRIP).released).toEqual(strip);
    }
    const late = sse([...begun, ended([functionItem(0, 'f', '{}')])]);
    expect(gated(late).released).toEqual([0]);
    expect(gated(`${sse(CALLS.slice(0, 15))}data: broken\n\n`)).toMatchObject({
      released: [0],
      fault: 'RESPONSE_UNREADABLE',
    });
  });

  test('a gate takes each ruling once, and releases no call with a fault', () => {
    const gate = openResponsesStreamGate(OPTIONS);
    const { proposals } = gate.feed(Buffer.from(sse(functionCall(0, 'f', '{'))));
    const { key, fault } = proposals[0] as Proposal;
    expect(fault).toBe('TOOL_ARGUMENTS_INVALID');
    expect(() => gate.settle(key, { release: true })).toThrow('TOOL_ARGUMENTS_INVALID');
    expect(() => gate.settle(key + 1, deny())).toThrow('waits for its ruling');
    expect(gate.settle(key, deny()).done).toBe(true);
    expect(() => gate.settle(key, deny())).toThrow('waits for its ruling');
    expect(gate.feed(Buffer.from('data: x\n\n'))).toEqual({ out: [], proposals: [], done: true });
    expect(gate.end(true)).toEqual({ out: [], proposals: [], done: true });
  });
});

describe('bounds', () => {
  const small = { ...STRIP, maxArgumentBytes: 1000, maxHeldBytes: 64 * 1024, maxCalls: 10 };

  test('arguments over the limit are not kept, in however many pieces they come', () => {
    const gate = openResponsesStreamGate(small);
    gate.feed(Buffer.from(sse([...begun, functionCall(0, 'f', '{"canary":"')[0] as Event])));
    const piece = Buffer.from(sse([argumentsDelta(0, 'x'.repeat(50))], { numbers: false }));
    const proposals: Proposal[] = [];
    for (let i = 0; i < 20_000; i++) proposals.push(...gate.feed(piece).proposals);
    expect(proposals).toMatchObject([
      { fault: 'TOOL_ARGUMENTS_TOO_LARGE', calls: [{ name: 'f', arguments: undefined }] },
    ]);
    expect(gate.heldBytes).toBeLessThan(1000);
    const { out } = gate.settle(0, deny('TOOL_ARGUMENTS_TOO_LARGE'));
    expect(Buffer.concat(out).toString()).toContain('TOOL_ARGUMENTS_TOO_LARGE');
    const item = functionItem(0, 'f', 'x'.repeat(2000));
    const last = gate.feed(Buffer.from(sse([done(0, item), ended([item])])));
    expect(last.proposals).toEqual([]);
    expect(eventsOf(Buffer.concat(last.out).toString())).toMatchObject([
      { response: { output: [{ type: 'message' }] } },
    ]);
  });

  test('5 MB of arguments, in one event and in many', () => {
    const text = `{"a":"${'x'.repeat(5 * 1024 * 1024)}"}`;
    const pieces = text.match(/.{1,200}/g) as string[];
    const many = Buffer.from(sse([...begun, ...functionCall(0, 'f', ...pieces), ended([])]));
    const one = Buffer.from(sse([...begun, done(0, functionItem(0, 'f', text)), ended([])]));
    const large = { ...OPTIONS, maxHeldBytes: 128 * 1024 * 1024, maxArgumentBytes: 6 * 1024 * 1024 };
    for (const bytes of [many, one]) {
      const started = performance.now();
      expect(run([bytes], allowAll, large).out === bytes.toString()).toBe(true);
      expect(performance.now() - started).toBeLessThan(5000);
    }
    expect(run([many], allowAll, OPTIONS).proposals).toEqual(['function f call_0  | TOOL_ARGUMENTS_TOO_LARGE']);
    expect(run([one], allowAll, { ...large, maxArgumentBytes: 1000 }).proposals).toEqual([
      'function f call_0  | TOOL_ARGUMENTS_TOO_LARGE',
    ]);
    expect(run([one], allowAll, OPTIONS)).toMatchObject({ fault: 'RESPONSE_TOO_LARGE', proposals: [] });
  });

  test('what waits behind an open call is bounded', () => {
    const gate = openResponsesStreamGate(small);
    gate.feed(Buffer.from(sse([...begun, functionCall(0, 'f', '')[0] as Event, ...message(1, '')[0]])));
    let fault: string | undefined;
    for (let i = 0; i < 1000 && !fault; i++) {
      ({ fault } = gate.feed(Buffer.from(sse([textDelta(1, 'x'.repeat(100))]))));
      expect(gate.heldBytes).toBeLessThan(70 * 1024);
    }
    expect(fault).toBe('RESPONSE_TOO_LARGE');
    expect(gate.heldBytes).toBe(0);
  });

  test('calls beyond the limit are one proposal', () => {
    const calls = Array.from({ length: 5000 }, (_, i) => functionCall(i, `f${i}`, '{}'));
    const items = calls.map((_, i) => functionItem(i, `f${i}`, '{}'));
    const options = { ...small, maxHeldBytes: 4 * 1024 * 1024 };
    for (const list of [items, []]) {
      const { proposals, out } = gated(sse([...begun, ...calls.flat(), ended(list)]), allowAll, options);
      expect(proposals).toHaveLength(11);
      expect(proposals[10]).toBe('function f10 call_10  | TOOL_CALLS_TOO_MANY');
      expect(eventsOf(out).filter(({ item }) => (item as Item)?.type === 'function_call')).toHaveLength(20);
      expect(eventsOf(out).at(-1)).toMatchObject({
        response: { output: list.map((_, i) => ({ type: i < 10 ? 'function_call' : 'message' })) },
      });
    }
    const wrapped = {
      tool_uses: Array.from({ length: 11 }, () => ({ recipient_name: 'functions.f', parameters: {} })),
    };
    expect(gated(single(functionItem(0, 'parallel', JSON.stringify(wrapped))), allowAll, small).proposals).toEqual([
      'function parallel call_0  | TOOL_CALLS_TOO_MANY',
    ]);
  });

  test('thousands of open calls, of items, and of whole responses take linear time', () => {
    const started = performance.now();
    const open = Array.from({ length: 8000 }, (_, i) => functionCall(i, 'f', '{}')[0] as Event);
    const large = { ...OPTIONS, maxHeldBytes: 64 * 1024 * 1024, maxCalls: 10_000 };
    const { proposals } = gated(
      sse([...begun, ...open, ...open.map((_, i) => done(i, functionItem(i, 'f', '{}')))]),
      allowAll,
      large,
    );
    expect(proposals).toHaveLength(8000);
    const items = Array.from({ length: 20_000 }, (_, i) => added(i, { id: `rs_${i}`, type: 'reasoning', summary: [] }));
    expect(gated(sse(items)).out).toBe(sse(items));
    expect(gated(sse([...begun, ...Array.from({ length: 20_000 }, () => open[0] as Event)])).fault).toBe(
      'RESPONSE_UNREADABLE',
    );
    const item = functionItem(0, 'f', '{}');
    const repeats = Array.from({ length: 100 }, () => ended([item]));
    expect(gated(sse([...begun, ...functionCall(0, 'f', '{}'), ...repeats])).fault).toBe('RESPONSE_UNREADABLE');
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
