import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bodilessCall, type Endpoint, matchEndpoint, ProviderError } from '../../src/provider/index.ts';
import { expectRefusal, readCall, sha256 } from './read-call.ts';

const CHAT = matchEndpoint('POST', '/v1/chat/completions', {}) as Endpoint;
const MESSAGES = matchEndpoint('POST', '/v1/messages', {}) as Endpoint;

const chat = (body: object | string, digests = false) => readCall(CHAT, body, digests);
const messages = (body: object | string, digests = false) => readCall(MESSAGES, body, digests);

const USER = { role: 'user', content: 'hi' };

describe('an OpenAI chat call', () => {
  test('in full', () => {
    const body = {
      model: 'gpt-5-mini',
      stream: true,
      messages: [
        { role: 'developer', content: 'be brief' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'what is this?' },
            { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
            { type: 'input_audio', input_audio: { data: '', format: 'wav' } },
            { type: 'file', file: { file_id: 'f' } },
          ],
        },
        { role: 'assistant', content: null, tool_calls: [{ id: 'c', type: 'function', function: { name: 'f' } }] },
        { role: 'tool', tool_call_id: 'c', content: 'done' },
        { role: 'function', name: 'old', content: 'done' },
        { role: 'assistant', content: null, refusal: 'no' },
      ],
      max_completion_tokens: 50,
      temperature: 0.5,
      top_p: null,
      n: 2,
      tools: [
        { type: 'function', function: { name: 'lookup_order', parameters: {} } },
        { type: 'custom', custom: { name: 'run' } },
      ],
      functions: [{ name: 'old' }],
      web_search_options: {},
    };
    const text = JSON.stringify(body);
    expect(chat(body)).toEqual({
      provider: 'openai',
      dialect: 'openai-chat',
      endpoint: 'chat.completions',
      model: 'gpt-5-mini',
      fallbacks: [],
      stream: true,
      parameters: { max_tokens: 50, temperature: 0.5, n: 2 },
      tools: [
        { name: 'lookup_order', type: 'function' },
        { name: 'run', type: 'custom' },
        { name: 'old', type: 'function' },
        { name: 'web_search', type: 'web_search' },
      ],
      messages: [
        ['developer', ['text']],
        ['user', ['text', 'image', 'audio', 'file']],
        ['assistant', ['tool_use']],
        ['tool', ['tool_result', 'text']],
        ['tool', ['tool_result', 'text']],
        ['assistant', ['refusal']],
      ].map(([role, kinds], i) => ({ role, kinds, bytes: JSON.stringify(body.messages[i]).length })),
      fields: Object.keys(body),
      betas: [],
      bytes: text.length,
    });
  });

  test('of two limits, the larger counts', () => {
    expect(chat({ model: 'm', messages: [], max_tokens: 1, max_completion_tokens: 9 }).parameters.max_tokens).toBe(9);
    expect(chat({ model: 'm', messages: [], max_tokens: 9, max_completion_tokens: 1 }).parameters.max_tokens).toBe(9);
  });

  test('with digests of the bytes as they were sent', () => {
    const call = chat('{ "model":"m", "messages":[{"role":"user",  "content":"é"}], "tools":[{"type":"x" }] }', true);
    expect(call.messages[0]?.sha256).toBe(sha256('{"role":"user",  "content":"é"}'));
    expect(call.messages[0]?.bytes).toBe(32);
    expect(call.tools).toEqual([{ name: 'x', type: 'x', sha256: sha256('{"type":"x" }') }]);
  });

  test.each([
    ['$', []],
    ['$.model', { messages: [] }],
    ['$.model', { model: '', messages: [] }],
    ['$.model', { model: 7, messages: [] }],
    ['$.model', { model: 'm'.repeat(257), messages: [] }],
    ['$.messages', { model: 'm' }],
    ['$.messages', { model: 'm', messages: 'canary' }],
    ['$.messages', { model: 'm', messages: null }],
    ['$.messages[1]', { model: 'm', messages: [USER, 'canary'] }],
    ['$.messages[0].role', { model: 'm', messages: [{ content: 'canary' }] }],
    ['$.messages[0].role', { model: 'm', messages: [{ role: 'canary' }] }],
    ['$.messages[0].role', { model: 'm', messages: [{ role: 'User' }] }],
    ['$.messages[0].content', { model: 'm', messages: [{ role: 'user', content: { canary: 1 } }] }],
    ['$.messages[0].content[0]', { model: 'm', messages: [{ role: 'user', content: ['canary'] }] }],
    ['$.messages[0].content[0].type', { model: 'm', messages: [{ role: 'user', content: [{ text: 'canary' }] }] }],
    ['$.stream', { model: 'm', messages: [], stream: 'true' }],
    ['$.max_tokens', { model: 'm', messages: [], max_tokens: '999999' }],
    ['$.max_completion_tokens', { model: 'm', messages: [], max_completion_tokens: [1] }],
    ['$.n', { model: 'm', messages: [], n: true }],
    ['$.tools', { model: 'm', messages: [], tools: {} }],
    ['$.tools[0]', { model: 'm', messages: [], tools: ['canary'] }],
    ['$.tools[0].type', { model: 'm', messages: [], tools: [{ function: { name: 'canary' } }] }],
    ['$.tools[0].function', { model: 'm', messages: [], tools: [{ type: 'function', name: 'canary' }] }],
    ['$.tools[0].function.name', { model: 'm', messages: [], tools: [{ type: 'function', function: {} }] }],
    ['$.tools[0].custom.name', { model: 'm', messages: [], tools: [{ type: 'custom', custom: { name: '' } }] }],
    ['$.functions[0].name', { model: 'm', messages: [], functions: [{ name: 1 }] }],
  ])('is refused at %s, without a word of it: %j', (path, body) => {
    expectRefusal(() => chat(body), path);
  });
});

describe('an Anthropic messages call', () => {
  test('in full', () => {
    const body = {
      model: 'claude-haiku-4-5',
      max_tokens: 100,
      system: [{ type: 'text', text: 'be brief' }],
      messages: [
        USER,
        { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: { content: [1] } }] },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 't',
              content: [{ type: 'image', source: { type: 'url', url: 'https://example.com' } }],
            },
            { type: 'tool_result', tool_use_id: 'u', content: 'text' },
            { type: 'document', source: { type: 'content', content: [{ type: 'search_result', content: [] }] } },
          ],
        },
        { role: 'system', content: 'a later instruction' },
      ],
      tools: [
        { name: 'lookup_order', input_schema: { type: 'object' } },
        { type: 'custom', name: 'create_ticket', input_schema: { type: 'object' } },
        { type: 'web_search_20260318', name: 'web_search' },
        { type: 'browser_toolset_20260801' },
        { type: 'mcp_toolset', mcp_server_name: 'github' },
      ],
      mcp_servers: [{ type: 'url', name: 'github', url: 'https://example.com' }],
      container: { skills: [{ type: 'anthropic', skill_id: 'xlsx' }] },
      top_k: 5,
      stream: false,
    };
    const call = messages(body);
    expect(call).toMatchObject({ model: 'claude-haiku-4-5', stream: false, parameters: { max_tokens: 100, top_k: 5 } });
    expect(call.messages.map(({ role, kinds }) => [role, kinds])).toEqual([
      ['system', ['text']],
      ['user', ['text']],
      ['assistant', ['tool_use']],
      ['user', ['tool_result', 'image', 'text', 'file', 'search_result']],
      ['system', ['text']],
    ]);
    expect(call.messages[0]?.bytes).toBe(JSON.stringify(body.system).length);
    expect(call.tools).toEqual([
      { name: 'lookup_order', type: 'function' },
      { name: 'create_ticket', type: 'function' },
      { name: 'web_search', type: 'web_search_20260318' },
      { name: 'browser_toolset_20260801', type: 'browser_toolset_20260801' },
      { name: 'github', type: 'mcp_toolset' },
      { name: 'github', type: 'mcp_server' },
      { name: 'xlsx', type: 'skill' },
    ]);
  });

  test('tools defined in the middle of a conversation are tools', () => {
    const definition = { name: 'shell', input_schema: { type: 'object' } };
    const addition = { type: 'tool_addition', tool: { type: 'tool_definition', definition } };
    const call = messages({ model: 'm', messages: [{ role: 'system', content: [addition] }] }, true);
    expect(call.tools).toEqual([{ name: 'shell', type: 'function', sha256: sha256(JSON.stringify(definition)) }]);
  });

  test('models that may answer instead are named, and their limit counts', () => {
    const fallbacks = [{ model: 'claude-opus-5-5', max_tokens: 9000 }, { model: 'claude-sonnet-5' }];
    const call = messages({ model: 'm', max_tokens: 10, messages: [], fallbacks });
    expect(call.fallbacks).toEqual(['claude-opus-5-5', 'claude-sonnet-5']);
    expect(call.parameters.max_tokens).toBe(9000);
    expect(messages({ model: 'm', messages: [], fallbacks: 'default' }).fallbacks).toEqual(['default']);
  });

  test.each([
    ['$.model', { messages: [] }],
    ['$.messages', { model: 'm', messages: {} }],
    ['$.messages[0].role', { model: 'm', messages: [{ role: 'tool', content: 'canary' }] }],
    ['$.messages[0].content', { model: 'm', messages: [{ role: 'user' }] }],
    ['$.messages[0].content[0].type', { model: 'm', messages: [{ role: 'user', content: [{ type: null }] }] }],
    ['$.system', { model: 'm', messages: [], system: { canary: 1 } }],
    ['$.max_tokens', { model: 'm', messages: [], max_tokens: '1' }],
    ['$.tools[0].name', { model: 'm', messages: [], tools: [{ input_schema: {} }] }],
    ['$.tools[0].type', { model: 'm', messages: [], tools: [{ type: 5, name: 'canary' }] }],
    ['$.mcp_servers[0].name', { model: 'm', messages: [], mcp_servers: [{ url: 'canary' }] }],
    ['$.container.skills', { model: 'm', messages: [], container: { skills: 'canary' } }],
    ['$.fallbacks', { model: 'm', messages: [], fallbacks: { model: 'canary' } }],
    ['$.fallbacks[0].model', { model: 'm', messages: [], fallbacks: [{}] }],
    ['$.fallbacks[0].max_tokens', { model: 'm', messages: [], fallbacks: [{ model: 'm', max_tokens: 'canary' }] }],
  ])('is refused at %s, without a word of it: %j', (path, body) => {
    expectRefusal(() => messages(body), path);
  });
});

test('a call without a body', () => {
  const endpoint = matchEndpoint('GET', '/v1/models/gpt-5-mini', {}) as Endpoint;
  expect(bodilessCall(endpoint)).toMatchObject({ dialect: 'openai-models', endpoint: 'models', model: 'gpt-5-mini' });
  expect(bodilessCall(matchEndpoint('GET', '/v1/models', {}) as Endpoint).model).toBeNull();
});

// A server whose decoder folds case would take these for what policy judges, and policy would not have seen them.
test.each([
  'Tools',
  'TOOLS',
  'Max_Completion_Tokens',
  'N',
  'Model',
  'Stream',
  'tool\u017f',
  'web_\u017fearch_options',
  'MCP_servers',
])('the key %s is no other spelling of a judged one', (key) => {
  for (const [call, required] of [
    [chat, { model: 'm', messages: [USER] }],
    [messages, { model: 'm', messages: [USER], max_tokens: 1 }],
  ] as const) {
    const { model: _, ...rest } = required;
    const body = key === 'Model' ? rest : required;
    expect(() => call({ ...body, [key]: [] })).toThrow(ProviderError);
    expect(call({ ...required, Unknown: 1, metadata: {} }).fields).toContain('Unknown');
  }
});

test('a very long list is read, not a crash', () => {
  const many = Array.from({ length: 200_000 }, () => ({ model: 'm' }));
  const call = messages({ model: 'm', messages: [], fallbacks: many });
  expect(call.fallbacks.length).toBe(200_000);
});

test('whatever the JSON, a call comes out or a ProviderError', () => {
  const key = fc.constantFrom(
    ...'model messages role content type text tools function name system stream max_tokens fallbacks tool definition'.split(
      ' ',
    ),
  );
  const leaf = fc.constantFrom<unknown>(null, true, 1, '', 'user', 'text', 'function', 'tool_addition');
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof({ maxDepth: 5 }, leaf, fc.array(tie('tree'), { maxLength: 3 }), fc.dictionary(key, tie('tree'))),
  }));
  const body = fc.record({
    model: fc.constant('m'),
    messages: fc.array(tree),
    tools: tree,
    system: tree,
    fallbacks: tree,
  });
  fc.assert(
    fc.property(body, fc.boolean(), (value, digests) => {
      for (const endpoint of [CHAT, MESSAGES]) {
        try {
          const call = readCall(endpoint, value, digests);
          expect(call.messages.every(({ sha256: digest }) => (digest !== undefined) === digests)).toBe(true);
        } catch (error) {
          if (!(error instanceof ProviderError)) throw error;
        }
      }
    }),
    { numRuns: 500 },
  );
});
