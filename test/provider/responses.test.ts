import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type OpenAI from 'openai';
import { type Endpoint, matchEndpoint, ProviderError } from '../../src/provider/index.ts';
import { expectRefusal, readCall, sha256 } from './read-call.ts';

const RESPONSES = matchEndpoint('POST', '/v1/responses', {}) as Endpoint;

const read = (body: object | string, digests = false) => readCall(RESPONSES, body, digests);
const withInput = (input: unknown) => ({ model: 'm', input });
const withTools = (...tools: unknown[]) => ({ model: 'm', input: 'hi', tools });
const toolsOf = (body: object) => read(body).tools;

type Create = OpenAI.Responses.ResponseCreateParams;

describe('an OpenAI responses call', () => {
  test('in full', () => {
    const body: Create = {
      model: 'gpt-5-mini',
      stream: true,
      instructions: 'be brief',
      input: [
        { role: 'developer', content: 'answer in German' },
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'what is this?' },
            { type: 'input_image', image_url: 'https://example.com/a.png', detail: 'auto' },
            { type: 'input_file', file_id: 'f' },
          ],
        },
        { type: 'reasoning', id: 'rs', summary: [] },
        { type: 'function_call', call_id: 'c', name: 'lookup_order', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c', output: 'done' },
        { type: 'custom_tool_call', call_id: 'd', name: 'sql', input: 'SELECT 1' },
        { type: 'custom_tool_call_output', call_id: 'd', output: [{ type: 'input_text', text: '1' }] },
        { type: 'shell_call', call_id: 'e', action: { commands: ['ls'] } },
        {
          type: 'shell_call_output',
          call_id: 'e',
          output: [{ stdout: 'a', stderr: '', outcome: { type: 'exit', exit_code: 0 } }],
        },
        {
          type: 'computer_call_output',
          call_id: 'f',
          output: { type: 'computer_screenshot', image_url: 'data:image/png;base64,' },
        },
        { type: 'web_search_call', id: 'ws', status: 'completed', action: { type: 'search', query: 'q' } },
        { type: 'mcp_approval_response', approval_request_id: 'r', approve: true },
        { type: 'item_reference', id: 'msg_1' },
        { id: 'msg_2' },
        { role: 'assistant', content: 'gern' },
      ],
      max_output_tokens: 50,
      temperature: 0.5,
      top_p: null,
      previous_response_id: null,
      store: false,
    };
    expect(read(body)).toEqual({
      provider: 'openai',
      dialect: 'openai-responses',
      endpoint: 'responses',
      model: 'gpt-5-mini',
      fallbacks: [],
      stream: true,
      parameters: { max_tokens: 50, temperature: 0.5 },
      tools: [],
      messages: [
        { role: 'system', kinds: ['text'], bytes: JSON.stringify(body.instructions).length },
        ...[
          ['developer', ['text']],
          ['user', ['text', 'image', 'file']],
          ['assistant', ['reasoning']],
          ['assistant', ['tool_use']],
          ['tool', ['tool_result', 'text']],
          ['assistant', ['tool_use']],
          ['tool', ['tool_result', 'text']],
          ['assistant', ['tool_use']],
          ['tool', ['tool_result', 'text']],
          ['tool', ['tool_result', 'image']],
          ['assistant', ['web_search_call']],
          ['user', ['mcp_approval_response']],
          ['user', ['item_reference']],
          ['user', ['item_reference']],
          ['assistant', ['text']],
        ].map(([role, kinds], i) => ({ role, kinds, bytes: JSON.stringify(body.input?.[i]).length })),
      ],
      fields: Object.keys(body),
      betas: [],
      bytes: JSON.stringify(body).length,
    });
  });

  test('with text for its input, and digests of the bytes as they were sent', () => {
    const call = read('{ "model":"m", "input":"é", "tools":[{"type":"shell" }], "instructions": "a\\u0062" }', true);
    expect(call.messages).toEqual([
      { role: 'system', kinds: ['text'], bytes: 9, sha256: sha256('"a\\u0062"') },
      { role: 'user', kinds: ['text'], bytes: 4, sha256: sha256('"é"') },
    ]);
    expect(call.tools).toEqual([{ name: 'shell', type: 'shell', sha256: sha256('{"type":"shell" }') }]);
  });

  test('that continues what the vendor keeps shows it in its fields', () => {
    const state = { previous_response_id: 'resp_1', conversation: { id: 'conv_1' }, background: true, store: true };
    const call = read({ model: 'm', ...state });
    expect(call.fields).toEqual(['model', ...Object.keys(state)]);
    expect(call.messages).toEqual([]);
  });

  test('with a stored prompt: it may name the model, and its variables are seen', () => {
    const variables = { a: 'x', b: { type: 'input_image', file_id: 'f', detail: 'auto' } };
    const call = read({ prompt: { id: 'pmpt_1', version: '2', variables } });
    expect(call).toMatchObject({ model: null, messages: [{ role: 'developer', kinds: ['prompt', 'text', 'image'] }] });
    expect(call.fields).toEqual(['prompt']);
    expect(read({ model: 'm', prompt: { id: 'pmpt_1', variables: null } }).model).toBe('m');
  });

  test.each([
    ['$', []],
    ['$.model', { input: 'canary' }],
    ['$.model', { input: 'canary', prompt: null }],
    ['$.model', { input: 'canary', prompt: { id: 'p' }, model: 7 }],
    ['$.prompt', { model: 'm', prompt: 'canary' }],
    ['$.prompt.id', { model: 'm', prompt: { variables: {} } }],
    ['$.prompt.variables', { model: 'm', prompt: { id: 'p', variables: ['canary'] } }],
    ['$.prompt.variables', { model: 'm', prompt: { id: 'p', variables: { a: 1 } } }],
    ['$.prompt.variables.type', { model: 'm', prompt: { id: 'p', variables: { a: { text: 'canary' } } } }],
    ['$.instructions', { model: 'm', instructions: ['canary'] }],
    ['$.stream', { model: 'm', stream: 'true' }],
    ['$.background', { model: 'm', background: 1 }],
    ['$.store', { model: 'm', store: 'canary' }],
    ['$.max_output_tokens', { model: 'm', max_output_tokens: '999' }],
    ['$.input', withInput({ role: 'user', content: 'canary' })],
    ['$.input', withInput(7)],
    ['$.input[0]', withInput(['canary'])],
    ['$.input[1].type', withInput([{ role: 'user', content: 'hi' }, { type: 'canary' }])],
    ['$.input[0].type', withInput([{ type: 7, role: 'user', content: 'canary' }])],
    // Without a type a lax reader could take this for a call.
    ['$.input[0].type', withInput([{ id: 'x', call_id: 'c', name: 'canary', arguments: '{}' }])],
    ['$.input[0].role', withInput([{ type: 'message', content: 'canary' }])],
    ['$.input[0].role', withInput([{ role: 'tool', content: 'canary' }])],
    ['$.input[0].role', withInput([{ role: 'User', content: 'canary' }])],
    ['$.input[0].content', withInput([{ role: 'user' }])],
    ['$.input[0].content', withInput([{ role: 'user', content: { canary: 1 } }])],
    ['$.input[0].content[0]', withInput([{ role: 'user', content: ['canary'] }])],
    ['$.input[0].content[0].type', withInput([{ role: 'user', content: [{ text: 'canary' }] }])],
    ['$.input[0].output', withInput([{ type: 'function_call_output', call_id: 'c', output: 7 }])],
    ['$.input[0].output[0].type', withInput([{ type: 'function_call_output', output: [{ text: 'canary' }] }])],
    ['$.input[0].tools', withInput([{ type: 'additional_tools', role: 'developer', tools: 'canary' }])],
    ['$.input[0].tools[0].name', withInput([{ type: 'tool_search_output', tools: [{ type: 'function' }] }])],
    ['$.input[0].server_label', withInput([{ type: 'mcp_list_tools', tools: [] }])],
    ['$.input[0].tools', withInput([{ type: 'mcp_list_tools', server_label: 'canary' }])],
    ['$.tools', { model: 'm', tools: {} }],
    ['$.tools[0]', withTools('canary')],
    ['$.tools[0].type', withTools({ name: 'canary' })],
    ['$.tools[0].name', withTools({ type: 'function' })],
    ['$.tools[0].name', withTools({ type: 'custom', name: '' })],
    // The shape of Chat Completions: two readers could take two names from this.
    ['$.tools[0].function', withTools({ type: 'function', name: 'harmless', function: { name: 'canary' } })],
    ['$.tools[0].custom', withTools({ type: 'custom', name: 'harmless', custom: { name: 'canary' } })],
    ['$.tools[0].server_label', withTools({ type: 'mcp', name: 'canary', server_url: 'https://example.com' })],
    ['$.tools[0].tools', withTools({ type: 'namespace', name: 'canary', tools: 'canary' })],
    ['$.tools[0].tools[0].name', withTools({ type: 'namespace', name: 'canary', tools: [{ type: 'function' }] })],
    ['$.tools[0].environment.skills', withTools({ type: 'shell', environment: { skills: 'canary' } })],
    [
      '$.tools[0].environment.skills[0].name',
      withTools({ type: 'shell', environment: { skills: [{ type: 'inline' }] } }),
    ],
    ['$.tool_choice', { model: 'm', tool_choice: 'canary' }],
    ['$.tool_choice', { model: 'm', tool_choice: ['auto'] }],
    ['$.tool_choice.type', { model: 'm', tool_choice: { name: 'canary' } }],
    ['$.tool_choice.name', { model: 'm', tool_choice: { type: 'function' } }],
    ['$.tool_choice.tools', { model: 'm', tool_choice: { type: 'allowed_tools', mode: 'auto' } }],
    [
      '$.tool_choice.tools[0].type',
      { model: 'm', tool_choice: { type: 'allowed_tools', tools: [{ name: 'canary' }] } },
    ],
  ])('is refused at %s, without a word of it: %j', (path, body) => {
    expectRefusal(() => read(body), path);
  });

  test.each([
    'messages',
    'functions',
    'function_call',
    'web_search_options',
    'max_tokens',
    'max_completion_tokens',
    'n',
  ])('is refused with %s, which Chat Completions would read', (key) => {
    expectRefusal(() => read({ model: 'm', input: 'hi', [key]: null }), `$.${key}`);
  });

  test.each(['Input', 'Instructions', 'PROMPT', 'In\u017ftructions', 'Tool_Choice', 'Max_Output_Tokens', 'Store'])(
    'the key %s is no other spelling of a judged one',
    (key) => {
      expect(() => read({ model: 'm', [key]: null })).toThrow(ProviderError);
    },
  );
});

describe('the tools of an OpenAI responses call', () => {
  test('of every type, named only where the caller names them', () => {
    const tools: OpenAI.Responses.Tool[] = [
      { type: 'function', name: 'lookup_order', parameters: {}, strict: true },
      { type: 'custom', name: 'sql' },
      { type: 'mcp', server_label: 'tickets', server_url: 'https://mcp.example.com' },
      { type: 'web_search' },
      { type: 'web_search_preview_2025_03_11' },
      { type: 'file_search', vector_store_ids: ['vs'] },
      { type: 'computer' },
      { type: 'computer_use_preview', display_height: 1, display_width: 1, environment: 'linux' },
      { type: 'code_interpreter', container: 'cntr' },
      { type: 'image_generation' },
      { type: 'local_shell' },
      { type: 'shell' },
      { type: 'apply_patch' },
      { type: 'tool_search' },
      { type: 'programmatic_tool_calling' },
    ];
    expect(toolsOf(withTools(...tools))).toEqual([
      { name: 'lookup_order', type: 'function' },
      { name: 'sql', type: 'custom' },
      { name: 'tickets', type: 'mcp' },
      ...tools.slice(3).map(({ type }) => ({ name: type, type })),
    ]);
  });

  test('a hosted tool cannot pass under the name of one of the caller', () => {
    expect(toolsOf(withTools({ type: 'code_interpreter', name: 'lookup_order', container: { type: 'auto' } }))).toEqual(
      [{ name: 'code_interpreter', type: 'code_interpreter' }],
    );
  });

  test('in a namespace, and the skills of a container', () => {
    const inner = { type: 'function', name: 'delete_customer' };
    const skills = [
      { type: 'skill_reference', skill_id: 'sk_1' },
      { type: 'inline', name: 'own', description: '', source: {} },
    ];
    expect(
      toolsOf(
        withTools(
          { type: 'namespace', name: 'crm', description: '', tools: [inner, { type: 'custom', name: 'note' }] },
          { type: 'shell', environment: { type: 'container_auto', skills } },
        ),
      ),
    ).toEqual([
      { name: 'crm', type: 'namespace' },
      { name: 'delete_customer', type: 'function' },
      { name: 'note', type: 'custom' },
      { name: 'shell', type: 'shell' },
      { name: 'sk_1', type: 'skill' },
      { name: 'own', type: 'skill' },
    ]);
  });

  test('that come in the middle of a conversation', () => {
    const shell = { type: 'shell' };
    const listed = {
      type: 'mcp_list_tools',
      id: 'l',
      server_label: 'tickets',
      tools: [{ name: 'x', input_schema: {} }],
    };
    const call = read(
      withInput([
        { type: 'additional_tools', role: 'developer', tools: [shell] },
        {
          type: 'tool_search_output',
          tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'function', name: 'f' }] }],
        },
        listed,
        { role: 'user', content: 'hi', tools: [{ type: 'function', name: 'smuggled' }] },
      ]),
      true,
    );
    expect(call.tools).toMatchObject([
      { name: 'shell', type: 'shell', sha256: sha256(JSON.stringify(shell)) },
      { name: 'n', type: 'namespace' },
      { name: 'f', type: 'function' },
      { name: 'tickets', type: 'mcp_list_tools', sha256: sha256(JSON.stringify(listed)) },
      { name: 'smuggled', type: 'function' },
    ]);
    expect(call.messages.map(({ role, kinds }) => [role, kinds])).toEqual([
      ['developer', ['additional_tools']],
      ['tool', ['tool_result']],
      ['assistant', ['mcp_list_tools']],
      ['user', ['text']],
    ]);
  });

  test('that only tool_choice names', () => {
    const offered = { type: 'function', name: 'f' };
    const chosen = (tool_choice: unknown) => toolsOf({ ...withTools(offered), tool_choice }).slice(1);
    for (const choice of [null, 'auto', 'none', 'required', offered]) expect(chosen(choice)).toEqual([]);
    expect(chosen({ type: 'code_interpreter' })).toEqual([{ name: 'code_interpreter', type: 'code_interpreter' }]);
    expect(chosen({ type: 'function', name: 'of_the_stored_prompt' })).toHaveLength(1);
    const tools = [offered, { type: 'mcp', server_label: 's' }, { type: 'image_generation' }];
    expect(chosen({ type: 'allowed_tools', mode: 'auto', tools })).toEqual([
      { name: 's', type: 'mcp' },
      { name: 'image_generation', type: 'image_generation' },
    ]);
  });
});

test('a very long call is read in time', () => {
  const tools = Array.from({ length: 50_000 }, (_, i) => ({ type: 'function', name: `f${i}` }));
  const input = Array.from({ length: 50_000 }, () => ({ role: 'user', content: '' }));
  const call = read({ model: 'm', input, tools, tool_choice: { type: 'allowed_tools', tools } });
  expect([call.messages.length, call.tools.length]).toEqual([50_000, 50_000]);
});

test('whatever the JSON, a call comes out or a ProviderError', () => {
  const words = 'type role id name content output tools tool_choice server_label environment skills variables';
  const key = fc.constantFrom(...words.split(' '));
  const types = 'message function function_call_output shell_call_output mcp namespace additional_tools allowed_tools';
  const leaf = fc.constantFrom<unknown>(null, true, 1, '', 'user', ...types.split(' '));
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof({ maxDepth: 5 }, leaf, fc.array(tie('tree'), { maxLength: 3 }), fc.dictionary(key, tie('tree'))),
  }));
  const body = fc.record({
    model: fc.constant('m'),
    input: fc.oneof(tree, fc.array(tree)),
    tools: fc.array(tree),
    tool_choice: tree,
    prompt: tree,
  });
  fc.assert(
    fc.property(body, fc.boolean(), (value, digests) => {
      try {
        const { messages, tools } = read(value, digests);
        const parts = [...messages, ...tools];
        expect(parts.every(({ sha256: digest }) => (digest !== undefined) === digests)).toBe(true);
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
      }
    }),
    { numRuns: 1000 },
  );
});
