import { describe, expect, test } from '@jest/globals';
import { isCallless, isErrorBody } from '../../src/provider/index.ts';

const CALL = { id: 'c', type: 'function', function: { name: 'delete_order', arguments: '{}' } };
const ANSWER = {
  choices: [{ index: 0, message: { role: 'assistant', tool_calls: [CALL] }, finish_reason: 'tool_calls' }],
};
const MESSAGE = { type: 'message', role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: {} }] };
const RESPONSE = { object: 'response', output: [{ type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }] };
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe('an error as a vendor writes it', () => {
  const error = { message: 'no', type: 'invalid_request_error', param: null, code: 'x' };
  const filtered = { hate: { filtered: true, severity: 'high' }, jailbreak: { detected: false } };
  test.each<[string, unknown]>([
    ['OpenAI', { error }],
    ['Azure', { error: { ...error, status: 400, innererror: { code: 'X', content_filter_result: filtered } } }],
    ["Azure's front", { statusCode: 401, message: 'Access denied due to invalid subscription key.' }],
    ['Anthropic', { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'req_1' }],
    ['vLLM', { object: 'error', message: 'too long', type: 'BadRequestError', param: null, code: 400 }],
    ['LiteLLM', { error: { ...error, provider_specific_fields: { a: [{ b: 1 }] } } }],
    [
      'OpenRouter',
      { error: { code: 429, message: 'no', metadata: { raw: '{"choices":[]}', provider_name: 'x' } }, user_id: 'u' },
    ],
    ['FastAPI', { detail: [{ type: 'missing', loc: ['body', 'model'], msg: 'Field required', input: null }] }],
    ['Ollama', { error: 'model "x" not found' }],
    ['problem details', { type: 'about:blank', title: 'Forbidden', status: 403, detail: 'no', instance: '/x' }],
    ['Verdict', { error: { ...error, decision_id: 'd' } }],
    ['text that looks like a call', { error: { ...error, message: JSON.stringify(ANSWER) } }],
    ['half an emoji', { error: { message: '\ud83d' } }],
    ['nothing', {}],
  ])('%s', (_, body) => {
    expect(isErrorBody(json(body))).toBe(true);
    expect(isErrorBody(Buffer.from(JSON.stringify(body, null, 2)))).toBe(true);
  });
});

describe('no error', () => {
  test.each<[string, unknown]>([
    ['an answer', ANSWER],
    ['with an error beside it', { ...ANSWER, error: { message: 'no' } }],
    ['in a list', [ANSWER]],
    ['in `error`', { error: ANSWER }],
    ['in a list in `error`', { error: [ANSWER] }],
    ['in `message`', { message: { role: 'assistant', tool_calls: [CALL] } }],
    ['in `response`', { response: RESPONSE }],
    ['in `detail`', { detail: [{ response: RESPONSE }] }],
    ['deep in `metadata`', { error: { message: 'no', metadata: { a: [[{ b: MESSAGE }]] } } }],
    ['a message', MESSAGE],
    ['a response', RESPONSE],
    ['a call alone', { error: { metadata: CALL } }],
    ['an item alone', { detail: RESPONSE.output[0] }],
    ['a block alone', { detail: { type: 'tool_use', id: 't', name: 'f' } }],
    ['in other letters', { error: { metadata: { Tool_Calls: [{ name: 'f' }] } } }],
    ['in letters that fold', { error: { metadata: { choiceſ: [{ name: 'f' }] } } }],
    ['in camels', { error: { metadata: { functionCall: { name: 'f' } } } }],
    ["Groq's failed call", { error: { message: 'no', code: 'tool_use_failed', failed_generation: '{"name":"f"}' } }],
    ['the same, deeper', { detail: { error: { failed_generation: '{"name":"f"}' } } }],
    ['arguments', { error: { metadata: { name: 'f', arguments: '{}' } } }],
    ['another key', { error: { message: 'no' }, answer: 'x' }],
    ['text', 'no'],
    ['null', null],
  ])('%s', (_, body) => expect(isErrorBody(json(body))).toBe(false));

  const error = '{"error":{"message":"no"}}';
  test.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['a page', '<html></html>'],
    ['an event', `data: ${error}\n\n`],
    ['JSON lines', `${error}\n${error}\n`],
    ['a byte order mark', `\ufeff${error}`],
    ['a prefix', `)]}'\n${error}`],
    ['UTF-16', Buffer.from(error, 'utf16le')],
    ['bytes that are no UTF-8', Buffer.from('{"error":"\xe9"}', 'latin1')],
    ['NaN', '{"error":NaN}'],
    ['a key twice', '{"error":"a","error":{"choices":[{}]}}'],
    ['a comment', `/* */${error}`],
    ['too deep', `{"error":${'['.repeat(100)}${']'.repeat(100)}}`],
  ])('%s', (_, body) => expect(isErrorBody(Buffer.from(body))).toBe(false));
});

describe('lists of models', () => {
  test.each<[string, unknown]>([
    ['OpenAI', { object: 'list', data: [{ id: 'm', object: 'model', created: 1, owned_by: 'x' }] }],
    [
      'Anthropic',
      {
        data: [{ type: 'model', id: 'm', capabilities: { batch: { supported: true }, thinking: null }, max_tokens: 9 }],
        ...{ has_more: false, first_id: 'm', last_id: 'm' },
      },
    ],
    [
      'others, with prices and modalities',
      [
        {
          ...{ id: 'm', pricing: { input: 0.1, output: '0.2' }, modalities: { input: ['text'], output: ['text'] } },
          ...{ supported_parameters: ['tools'], capabilities: { function_calling: true } },
        },
      ],
    ],
  ])('%s', (_, body) => expect(isCallless(json(body))).toBe(true));

  test.each<[string, unknown]>([
    ['an answer', ANSWER],
    ['a message', MESSAGE],
    ['a response', RESPONSE],
    ['a call in a list', { object: 'list', data: [{ id: 'm', object: 'model', extra: CALL }] }],
  ])('but not %s', (_, body) => expect(isCallless(json(body))).toBe(false));
});

test('takes time in proportion to the text', () => {
  const body = (size: number) =>
    json({ error: { metadata: Array.from({ length: size }, (_, i) => ({ [`k${i}`]: i })) } });
  const time = (bytes: Buffer): number => {
    const began = performance.now();
    expect(isErrorBody(bytes)).toBe(true);
    return performance.now() - began;
  };
  time(body(20_000));
  expect(time(body(200_000))).toBeLessThan(5000);
});
