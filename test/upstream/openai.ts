import { fragments, merge, received } from './fragments.ts';
import { type Body, CREATED, Fault, model, OPENAI_MODELS, readJson } from './openai-fault.ts';
import { checkResponses, respond } from './responses.ts';
import { type Behaviour, type Recorded, type Reply, type SimulatedCall, Upstream } from './server.ts';

export const OPENAI_KEY = 'sk-proj-simulated-0123456789';
export { OPENAI_MODELS };

const ROLES = ['system', 'developer', 'user', 'assistant', 'tool', 'function'];
const KNOWN = new Set(
  `messages model audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens
  metadata modalities moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key prompt_cache_options
  prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop store stream
  stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options`.split(/\s+/),
);

/** OpenAI: Chat Completions, Responses and models, as strict as the vendor about keys, shapes and models. */
export function startOpenAi(): Promise<Upstream> {
  return Upstream.start(answer, 'x-request-id');
}

function answer(request: Recorded, behaviour: Behaviour): Reply {
  try {
    authenticate(request);
    if (behaviour.status) throw new Fault(behaviour.status, `simulated ${behaviour.status}`, 'simulated');
    const { method } = request;
    const path = new URL(request.target, 'http://upstream.invalid').pathname;
    if (method === 'GET' && path === '/v1/models') return { status: 200, body: list() };
    if (method === 'GET' && path.startsWith('/v1/models/')) return { status: 200, body: model(path.slice(11)) };
    if (method === 'POST' && path === '/v1/chat/completions') return complete(checkChat(readJson(request)), behaviour);
    if (method === 'POST' && path === '/v1/responses') return respond(checkResponses(readJson(request)), behaviour);
    throw new Fault(404, `Invalid URL (${method} ${path})`);
  } catch (error) {
    if (error instanceof Fault) return error.reply;
    throw error;
  }
}

function authenticate({ headers }: Recorded): void {
  if (!headers.authorization) {
    throw new Fault(401, "You didn't provide an API key. You need to provide your API key in an Authorization header");
  }
  if (headers.authorization !== `Bearer ${OPENAI_KEY}`) {
    throw new Fault(401, 'Incorrect API key provided: sk-***.', 'invalid_api_key');
  }
}

function list(): object {
  return { object: 'list', data: OPENAI_MODELS.map(model) };
}

function checkChat(body: Body): Body {
  const unknown = Object.keys(body).find((key) => !KNOWN.has(key));
  if (unknown) throw new Fault(400, `Unrecognized request argument supplied: ${unknown}`, 'unknown_parameter', unknown);
  if (typeof body.model !== 'string') throw new Fault(400, 'you must provide a model parameter');
  model(body.model);
  if (body.messages === undefined) {
    throw new Fault(400, "Missing required parameter: 'messages'.", 'missing_required_parameter', 'messages');
  }
  if (!Array.isArray(body.messages)) throw new Fault(400, "Invalid type for 'messages'.", 'invalid_type', 'messages');
  if (body.messages.length === 0) throw new Fault(400, "Invalid 'messages': empty array.", 'empty_array', 'messages');
  body.messages.forEach((message: Body, i: number) => {
    const param = `messages[${i}].role`;
    if (!ROLES.includes(message?.role)) throw new Fault(400, `Invalid value: '${param}'.`, 'invalid_value', param);
  });
  for (const name of ['max_tokens', 'max_completion_tokens', 'n']) {
    const value = body[name] ?? 1;
    if (!Number.isInteger(value) || value < 1) throw new Fault(400, `Invalid '${name}'.`, 'invalid_value', name);
  }
  if (typeof (body.stream ?? false) !== 'boolean') throw new Fault(400, "Invalid 'stream'.", 'invalid_type', 'stream');
  if (body.stream_options && !body.stream) {
    throw new Fault(400, "The 'stream_options' parameter is only allowed when 'stream' is enabled.");
  }
  return body;
}

/** With tool calls there is no text, unless the test gives some; with several choices, each says the same. */
function complete(body: Body, behaviour: Behaviour): Reply {
  const { toolCalls = [], ending } = behaviour;
  const text = behaviour.text ?? (toolCalls.length > 0 ? [] : ['Hello', ' from', ' the simulator']);
  const usage = { prompt_tokens: 19, completion_tokens: text.length, total_tokens: 19 + text.length };
  const head = { id: 'chatcmpl-simulated', created: CREATED, model: `${body.model}-2026-01-01` };
  const indexes = Array.from({ length: body.n ?? 1 }, (_, index) => index);
  const finish = finishReason(behaviour);
  if (!body.stream) {
    const content = text.length > 0 ? text.join('') : null;
    const calls = wholeCalls(behaviour);
    const choices = indexes.map((index) => {
      const message = { role: 'assistant', content, refusal: null, annotations: [], ...calls };
      return { index, message, logprobs: null, finish_reason: finish };
    });
    return { status: 200, body: { ...head, object: 'chat.completion', choices, usage, service_tier: 'default' } };
  }
  const withUsage = body.stream_options?.include_usage === true;
  const chunk = (index: number, delta: object, reason: string | null = null): object => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index, delta, logprobs: null, finish_reason: reason }],
    ...(withUsage ? { usage: null } : {}),
  });
  const said = [...text.map((content) => ({ content })), ...callDeltas(behaviour)];
  const begin = { role: 'assistant', content: text.length > 0 ? '' : null, refusal: null };
  const chunks = merge(
    indexes.map((index) => [begin, ...said].map((delta) => chunk(index, delta))),
    { interleaved: true },
  );
  const end =
    ending === 'failed'
      ? [{ error: { message: 'The server had an error', type: 'server_error', param: null, code: null } }]
      : [
          ...indexes.map((index) => chunk(index, {}, finish)),
          ...(withUsage ? [{ ...head, object: 'chat.completion.chunk', choices: [], usage }] : []),
          '[DONE]',
        ];
  const data = [...chunks, ...end].map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  return { events: data.map((value) => `data: ${value}\n\n`) };
}

function finishReason({ toolCalls = [], ending }: Behaviour): string {
  if (ending) return 'length';
  if (toolCalls[0]?.type === 'function_call') return 'function_call';
  return toolCalls.length > 0 ? 'tool_calls' : 'stop';
}

function wholeCalls(behaviour: Behaviour): object {
  const { toolCalls = [] } = behaviour;
  const [first] = toolCalls;
  if (!first) return {};
  const argumentsOf = (call: SimulatedCall, i: number): string => received(call.arguments, i, behaviour);
  if (first.type === 'function_call') {
    return { function_call: { name: first.name, arguments: argumentsOf(first, 0) } };
  }
  return { tool_calls: toolCalls.map((call, i) => toolCall(call, i, argumentsOf(call, i))) };
}

function toolCall({ name, type = 'function' }: SimulatedCall, index: number, text: string): object {
  const own = type === 'custom' ? { custom: { name, input: text } } : { function: { name, arguments: text } };
  return { id: `call_${index}`, type, ...own };
}

/** A tool call comes as its name, then its arguments in pieces. */
function callDeltas(behaviour: Behaviour): object[] {
  const { toolCalls = [] } = behaviour;
  const lists = toolCalls.map((call, index) => {
    const pieces = fragments(received(call.arguments, index, behaviour));
    if (call.type === 'function_call') {
      return ['', ...pieces].map((text, i) => ({
        function_call: i === 0 ? { name: call.name, arguments: text } : { arguments: text },
      }));
    }
    const rest = pieces.map((text) =>
      call.type === 'custom' ? { custom: { input: text } } : { function: { arguments: text } },
    );
    return [toolCall(call, index, ''), ...rest].map((delta) => ({ tool_calls: [{ index, ...delta }] }));
  });
  return merge<object>(lists, behaviour);
}
