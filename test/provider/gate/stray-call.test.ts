import { describe, expect, test } from '@jest/globals';
import { openJsonGate } from '../../../src/provider/gate/open.ts';
import { bytesOf, denyAll, type GateDialect, run, STRIP } from './run.ts';

// Calls where the vendor puts none: in fields and events that are not known, in any dialect's shape.

type Fields = { [key: string]: unknown };

const ARGUMENTS = '{"command":"canary"}';
const FUNCTION = { name: 'Bash', arguments: ARGUMENTS };
const PART = { index: 0, id: 'a', type: 'function', function: FUNCTION };
const USE = { type: 'tool_use', id: 't', name: 'Bash', input: { command: 'canary' } };
const ITEM = { type: 'function_call', call_id: 'c', ...FUNCTION };
const SHAPES: Fields[] = [
  { tool_calls: [PART] },
  { Tool_Calls: [PART] },
  { toolCalls: [PART] },
  { tool_call: PART },
  { function_call: FUNCTION },
  { function: FUNCTION },
  FUNCTION,
  { message: { tool_calls: [{ function: { name: 'Bash', arguments: { command: 'canary' } } }] } },
  { delta: { tool_calls: [PART] } },
  { choices: [{ index: 0, delta: { tool_calls: [PART] } }] },
  USE,
  { content: [USE] },
  { content_block: USE },
  { toolUse: { toolUseId: 't', name: 'Bash', input: { command: 'canary' } } },
  { error: { code: 'tool_use_failed', failed_generation: `<function=Bash>${ARGUMENTS}` } },
  { functionCall: { name: 'Bash', args: { command: 'canary' } } },
  ITEM,
  { item: ITEM },
  { output: [ITEM] },
  { response: { output: [ITEM] } },
  { type: 'response.function_call_arguments.done', item_id: 'f', arguments: ARGUMENTS },
  { type: 'content_block_delta', delta: { type: 'input_json_delta', partial_json: ARGUMENTS } },
];

const message = {
  role: 'assistant',
  content: [{ type: 'text', text: 'a' }],
  tool_calls: [{ id: 'x', type: 'function', function: { name: 'canary', arguments: '{}' } }],
};
const block = { type: 'tool_use', id: 'x', name: 'canary', input: null };
const call = { type: 'function_call', id: 'i', call_id: 'x', name: 'canary', arguments: '{}', status: 'completed' };
const words = {
  type: 'message',
  id: 'w',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: 'a', annotations: [] }],
};
const response = { id: 'r', object: 'response', status: 'completed', output: [words, call] };
const WHOLE: [GateDialect, Fields][] = [
  [
    'openai-chat',
    { id: 'c', object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'tool_calls' }] },
  ],
  ['openai-chat', { error: { message: 'm', type: 'server_error' } }],
  [
    'anthropic-messages',
    {
      type: 'message',
      role: 'assistant',
      content: [{ type: 'text', text: 'a' }, { type: 'server_tool_use', id: 's', name: 'web_search' }, block],
      stop_reason: 'tool_use',
    },
  ],
  ['anthropic-messages', { type: 'error', error: { type: 'api_error', message: 'm' } }],
  ['openai-responses', response],
  ['openai-responses', { error: { message: 'm', type: 'server_error' } }],
];
const STREAMS: [GateDialect, Fields[]][] = [
  [
    'openai-chat',
    [
      { id: 'c', choices: [{ index: 0, delta: { role: 'assistant', content: 'a' }, finish_reason: null }] },
      { choices: [{ index: 0, delta: { tool_calls: [{ ...message.tool_calls[0], index: 0 }] }, finish_reason: null }] },
      { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
      { choices: [] },
    ],
  ],
  [
    'anthropic-messages',
    [
      { type: 'message_start', message: { type: 'message', role: 'assistant', content: [] } },
      { type: 'ping' },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'a' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1, content_block: block },
      { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{}' } },
      { type: 'content_block_stop', index: 1 },
      { type: 'an_event_to_come', index: 1 },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
      { type: 'message_stop' },
    ],
  ],
  ['anthropic-messages', [{ type: 'error', error: { type: 'overloaded_error', message: 'm' } }]],
  [
    'openai-responses',
    [
      { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
      { type: 'keepalive' },
      { type: 'response.output_item.added', output_index: 0, item: { ...words, content: [] } },
      {
        type: 'response.content_part.added',
        output_index: 0,
        content_index: 0,
        part: { type: 'output_text', text: '' },
      },
      { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'a' },
      { type: 'response.output_item.done', output_index: 0, item: words },
      { type: 'response.output_item.added', output_index: 1, item: { ...call, arguments: '', status: 'in_progress' } },
      { type: 'response.function_call_arguments.delta', output_index: 1, delta: '{}' },
      { type: 'response.output_item.done', output_index: 1, item: call },
      { type: 'response.completed', response },
    ],
  ],
  ['openai-responses', [{ type: 'error', message: 'm', error: { message: 'm' } }]],
];

/** The value with the fields put into each of its objects in turn, in place of none that is there. */
function* placed(value: unknown, fields: Fields): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return;
  const isOther = 'type' in fields && 'type' in value; // what is of another type is no call
  if (!Array.isArray(value) && !isOther) yield { ...fields, ...value };
  for (const [key, inner] of Object.entries(value)) {
    for (const changed of placed(inner, fields)) {
      yield Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed };
    }
  }
}

/** The value with each of its keys in turn in other letters. */
function* renamed(value: unknown, rename: (key: string) => string): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) {
      yield Object.fromEntries(Object.entries(value).map(([name, one]) => [name === key ? rename(key) : name, one]));
    }
    for (const changed of renamed(inner, rename)) {
      yield Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed };
    }
  }
}

function rendered(dialect: GateDialect, body: unknown): string {
  const gate = openJsonGate(dialect, bytesOf(JSON.stringify(body)), STRIP);
  return Buffer.from(gate.render(new Map(gate.proposals.map((one) => [one.key, denyAll(one)]))).body).toString();
}

function streamed(dialect: GateDialect, events: unknown[]): string {
  return run(dialect, [bytesOf(events.map((one) => `data: ${JSON.stringify(one)}\n\n`).join(''))], denyAll, STRIP).out;
}

describe.each(SHAPES.flatMap((fields) => [fields, { unknown: fields }, { unknown: [{ deep: fields }] }]))(
  '%j',
  (fields) => {
    test('in a whole response', () => {
      for (const [dialect, body] of WHOLE) {
        for (const changed of placed(body, fields)) {
          if (rendered(dialect, changed).includes('canary')) throw new Error(`let out: ${JSON.stringify(changed)}`);
        }
      }
    });

    test('in an event', () => {
      for (const [dialect, events] of STREAMS) {
        events.forEach((event, i) => {
          for (const changed of placed(event, fields)) {
            const out = streamed(dialect, events.with(i, changed as Fields));
            if (out.includes('canary')) throw new Error(`let out: ${JSON.stringify(changed)}`);
          }
        });
      }
    });
  },
);

test.each<[string, (key: string) => string]>([
  ['that begins like it', (key) => `${key}message`],
  ['that ends like it', (key) => `x_${key}`],
  ['of large letters', (key) => key.toUpperCase()],
])('a call under a key %s', (_, rename) => {
  for (const [dialect, body] of WHOLE) {
    for (const changed of renamed(body, rename)) {
      if (rendered(dialect, changed).includes('canary')) throw new Error(`let out: ${JSON.stringify(changed)}`);
    }
  }
  for (const [dialect, events] of STREAMS) {
    events.forEach((event, i) => {
      for (const changed of renamed(event, rename)) {
        const out = streamed(dialect, events.with(i, changed as Fields));
        if (out.includes('canary')) throw new Error(`let out: ${JSON.stringify(changed)}`);
      }
    });
  }
});

describe('a call that was found there once', () => {
  const { tool_calls } = message;
  const stray = { tool_callsmessage: { content: 'a', tool_calls } };

  test.each<[GateDialect, Fields]>([
    ['openai-chat', { choices: [{ ...stray, finish_reason: 'tool_calls' }] }],
    ['openai-chat', { message: { role: 'assistant', content: '', tool_calls }, choices: [] }],
    ['anthropic-messages', { type: 'message', content: [], ...stray }],
    ['anthropic-messages', { type: 'message', content: [{ type: 'text', text: 'a', ...stray }] }],
    ['openai-responses', { ...response, output: [{ ...words, ...stray }] }],
    ['openai-responses', { ...response, output: [], ...stray }],
  ])('%s, whole: %j', (dialect, body) => {
    expect(openJsonGate(dialect, bytesOf(JSON.stringify(body)), STRIP).fault).toBe('RESPONSE_UNREADABLE');
  });

  test.each<[GateDialect, Fields]>([
    ['openai-chat', { choices: [{ index: 0, ...stray, finish_reason: 'tool_calls' }] }],
    ['openai-chat', { message: { role: 'assistant', content: '', tool_calls }, done: false }],
    ['openai-chat', { type: 'content_block_start', index: 1, content_block: USE }],
    ['openai-chat', { type: 'response.output_item.done', output_index: 0, item: ITEM }],
    ['openai-chat', { type: 'response.function_call_arguments.delta', output_index: 0, delta: '{}' }],
    ['anthropic-messages', { type: 'an_event_to_come', ...FUNCTION }],
    ['anthropic-messages', { type: 'response.function_call_arguments.done', item_id: 'f', arguments: '{}' }],
    ['anthropic-messages', { type: 'message_stop', choices: [{ index: 0, delta: { tool_calls } }] }],
    ['openai-responses', { type: 'response.an_event.to_come', ...stray }],
    ['openai-responses', { type: 'response.output_text.delta', output_index: 0, delta: 'a', ...stray }],
    ['openai-responses', { type: 'response.output_text.delta', output_index: 0, delta: 'a', choices: [{ message }] }],
  ])('%s, streamed: %j', (dialect, event) => {
    expect(run(dialect, [bytesOf(`data: ${JSON.stringify(event)}\n\n`)], denyAll, STRIP).fault).toBe(
      'RESPONSE_UNREADABLE',
    );
  });
});

describe('what vendors put beside an answer passes', () => {
  const schema = { type: 'object', properties: { tool_calls: { type: 'array', items: { type: 'tool_use' } } } };
  const filtered = { hate: { filtered: false, severity: 'safe' } };
  const chat = {
    prompt_filter_results: [{ prompt_index: 0, content_filter_results: filtered }],
    x_groq: { id: 'q', usage: { queue_time: 1 } },
    search_results: [{ title: 't', url: 'u' }],
    moderation: { input: { results: [] }, output: { results: [] } },
    usage: { prompt_tokens: 1, prompt_tokens_details: { cached_tokens: 0 }, tool_calls: { web: 1 } },
  };
  const choice = { index: 0, finish_reason: null, content_filter_results: filtered, logprobs: { content: [] } };
  const managed = { applied_edits: [{ type: 'clear_tool_uses_20250919', cleared_tool_uses: 8 }] };
  const anthropic = {
    usage: { input_tokens: 1, server_tool_use: { web_search_requests: 1 } },
    container: { id: 'c', skills: [{ type: 'custom', skill_id: 's', version: '1' }] },
    context_management: managed,
  };
  const openai = {
    ...response,
    tools: [{ type: 'function', name: 'f', parameters: schema }],
    tool_choice: { type: 'function', name: 'f' },
    text: { format: { type: 'json_schema', name: 'n', schema } },
    instructions: [ITEM],
    metadata: { tool_call: 'mine' },
    max_tool_calls: 3,
    output: [
      { type: 'mcp_list_tools', id: 'l', server_label: 's', tools: [{ name: 'f', input_schema: schema }] },
      { type: 'mcp_call', id: 'm', server_label: 's', name: 'f', arguments: '{}', output: 'o' },
      { type: 'function_call_output', call_id: 'x', output: [{ type: 'input_text', text: 't' }] },
      words,
    ],
  };

  test.each<[GateDialect, Fields]>([
    ['openai-chat', { ...chat, choices: [{ ...choice, message: { role: 'assistant', content: 'a' } }] }],
    [
      'anthropic-messages',
      {
        ...anthropic,
        type: 'message',
        content: [
          {
            type: 'server_tool_use',
            id: 's',
            name: 'web_search',
            input: { tool_calls: ['q'] },
            caller: { type: 'direct' },
          },
          { type: 'web_search_tool_result', tool_use_id: 's', content: [{ type: 'web_search_result', url: 'u' }] },
        ],
      },
    ],
    ['openai-responses', openai],
  ])('%s, whole', (dialect, body) => {
    expect(rendered(dialect, body)).toBe(JSON.stringify(body));
  });

  test.each<[GateDialect, Fields[]]>([
    ['openai-chat', [{ ...chat, choices: [{ ...choice, delta: { content: 'a' } }] }]],
    [
      'anthropic-messages',
      [
        { type: 'message_start', message: { ...anthropic, content: [] } },
        { type: 'message_delta', delta: { stop_reason: 'end_turn', container: anthropic.container }, ...anthropic },
        { type: 'message_stop', 'amazon-bedrock-invocationMetrics': { inputTokenCount: 1 } },
      ],
    ],
    [
      'openai-responses',
      [
        { type: 'response.mcp_call_arguments.done', output_index: 1, item_id: 'm', arguments: '{}' },
        { type: 'response.completed', response: openai },
      ],
    ],
  ])('%s, streamed', (dialect, events) => {
    const sent = events.map((one) => `data: ${JSON.stringify(one)}\n\n`).join('');
    expect(streamed(dialect, events)).toBe(sent);
  });
});
