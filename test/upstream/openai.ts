import { type Behaviour, type Recorded, type Reply, Upstream } from './server.ts';

export const OPENAI_KEY = 'sk-proj-simulated-0123456789';
export const OPENAI_MODELS = ['gpt-4o-mini', 'gpt-4.1-mini', 'gpt-5-mini', 'gpt-5.2'];

const CREATED = 1_780_000_000;
const ROLES = ['system', 'developer', 'user', 'assistant', 'tool', 'function'];
const KNOWN = new Set(
  `messages model audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens
  metadata modalities moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key prompt_cache_options
  prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop store stream
  stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options`.split(/\s+/),
);

/** OpenAI: Chat Completions and models, as strict as the vendor about keys, shapes and models. */
export function startOpenAi(): Promise<Upstream> {
  return Upstream.start(answer, 'x-request-id');
}

class Fault extends Error {
  readonly reply: Reply;

  constructor(status: number, message: string, code: string | null = null, param: string | null = null) {
    super(message);
    const type = status >= 500 ? 'server_error' : status === 429 ? 'requests' : 'invalid_request_error';
    this.reply = { status, body: { error: { message, type, param, code } } };
  }
}

function answer(request: Recorded, behaviour: Behaviour): Reply {
  try {
    authenticate(request);
    if (behaviour.status) throw new Fault(behaviour.status, `simulated ${behaviour.status}`, 'simulated');
    const { method } = request;
    const path = new URL(request.target, 'http://upstream.invalid').pathname;
    if (method === 'GET' && path === '/v1/models') return { status: 200, body: list() };
    if (method === 'GET' && path.startsWith('/v1/models/')) return { status: 200, body: model(path.slice(11)) };
    if (method === 'POST' && path === '/v1/chat/completions') return complete(readBody(request), behaviour);
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

function model(id: string): object {
  if (!OPENAI_MODELS.includes(id)) {
    throw new Fault(404, `The model '${id}' does not exist`, 'model_not_found', 'model');
  }
  return { id, object: 'model', created: CREATED, owned_by: 'openai' };
}

// biome-ignore lint/suspicious/noExplicitAny: a body is anything until it was looked at
type Body = any;

function readBody({ headers, body }: Recorded): Body {
  const unreadable = 'We could not parse the JSON body of your request.';
  if (!headers['content-type']?.startsWith('application/json')) throw new Fault(400, unreadable);
  let parsed: Body;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new Fault(400, unreadable);
  }
  checkBody(parsed);
  return parsed;
}

function checkBody(body: Body): void {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new Fault(400, 'expected an object');
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
}

function complete(body: Body, { text = ['Hello', ' from', ' the simulator'], toolCalls = [] }: Behaviour): Reply {
  const id = 'chatcmpl-simulated';
  const finish = toolCalls.length > 0 ? 'tool_calls' : 'stop';
  const calls = toolCalls.map((call, i) => ({ id: `call_${i}`, type: 'function', function: call }));
  const usage = { prompt_tokens: 19, completion_tokens: text.length, total_tokens: 19 + text.length };
  const message = {
    role: 'assistant',
    content: calls.length > 0 ? null : text.join(''),
    refusal: null,
    annotations: [],
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  const head = { id, created: CREATED, model: `${body.model}-2026-01-01` };
  if (!body.stream) {
    const choices = Array.from({ length: body.n ?? 1 }, (_, index) => {
      return { index, message, logprobs: null, finish_reason: finish };
    });
    return { status: 200, body: { ...head, object: 'chat.completion', choices, usage, service_tier: 'default' } };
  }
  const withUsage = body.stream_options?.include_usage === true;
  const chunk = (delta: object, reason: string | null = null): object => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }],
    ...(withUsage ? { usage: null } : {}),
  });
  const said = calls.length > 0 ? calls.flatMap(callDeltas) : text.map((content) => ({ content }));
  const chunks = [
    chunk({ role: 'assistant', content: calls.length > 0 ? null : '', refusal: null }),
    ...said.map((delta) => chunk(delta)),
    chunk({}, finish),
    ...(withUsage ? [{ ...head, object: 'chat.completion.chunk', choices: [], usage }] : []),
  ];
  return { events: [...chunks.map((value) => `data: ${JSON.stringify(value)}\n\n`), 'data: [DONE]\n\n'] };
}

/** A tool call comes as its name, then its arguments in pieces. */
function callDeltas(call: { id: string; type: string; function: { name: string; arguments: string } }, index: number) {
  const { name, arguments: json } = call.function;
  const first = { index, id: call.id, type: call.type, function: { name, arguments: '' } };
  const rest = json.match(/[\s\S]{1,5}/g) ?? [];
  return [first, ...rest.map((piece) => ({ index, function: { arguments: piece } }))].map((delta) => ({
    tool_calls: [delta],
  }));
}
