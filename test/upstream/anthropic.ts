import { fragments, merge, received } from './fragments.ts';
import { type Behaviour, type Recorded, type Reply, type SimulatedCall, Upstream } from './server.ts';

export const ANTHROPIC_KEY = 'sk-ant-simulated-0123456789';
export const ANTHROPIC_MODELS = ['claude-haiku-4-5', 'claude-haiku-5-5', 'claude-sonnet-5', 'claude-opus-5-5'];

const VERSIONS = ['2023-06-01', '2026-10-21'];
const KNOWN = new Set(
  `model messages max_tokens cache_control container diagnostics inference_geo metadata output_config service_tier speed
  stop_sequences stream system temperature thinking tool_choice tools top_k top_p user_profile_id`.split(/\s+/),
);
/** https://platform.claude.com/docs/en/api/versioning: gone with version 2026-10-21. */
const REMOVED_2026 = ['temperature', 'top_p', 'top_k'];

const TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

/** Anthropic: Messages and models, as strict as the vendor about keys, versions, shapes and models. */
export function startAnthropic(): Promise<Upstream> {
  return Upstream.start(answer, 'request-id');
}

class Fault extends Error {
  readonly reply: Reply;

  constructor(status: number, message: string) {
    super(message);
    const type = TYPES[status] ?? 'api_error';
    this.reply = { status, body: { type: 'error', error: { type, message }, request_id: 'req_simulated' } };
  }
}

function answer(request: Recorded, behaviour: Behaviour): Reply {
  try {
    const version = authenticate(request);
    if (behaviour.status) throw new Fault(behaviour.status, `simulated ${behaviour.status}`);
    const { method } = request;
    const url = new URL(request.target, 'http://upstream.invalid');
    const path = url.pathname;
    if (method === 'GET' && path === '/v1/models') return { status: 200, body: list(url.searchParams) };
    if (method === 'GET' && path.startsWith('/v1/models/')) return { status: 200, body: model(path.slice(11)) };
    if (method === 'POST' && path === '/v1/messages') return speak(readBody(request, version), behaviour);
    throw new Fault(404, 'Not found');
  } catch (error) {
    if (error instanceof Fault) return error.reply;
    throw error;
  }
}

/** Takes the key in either header (SDKs before 1.0 send `x-api-key`, later ones a bearer), never in both. */
function authenticate({ headers }: Recorded): string {
  const { authorization, 'x-api-key': key } = headers;
  if (authorization && key) throw new Fault(401, 'expected one credential');
  if (authorization && authorization !== `Bearer ${ANTHROPIC_KEY}`) throw new Fault(401, 'Invalid bearer token');
  if (!authorization && !key) throw new Fault(401, 'x-api-key header is required');
  if (key && key !== ANTHROPIC_KEY) throw new Fault(401, 'invalid x-api-key');
  const version = headers['anthropic-version'];
  if (typeof version !== 'string') throw new Fault(400, 'anthropic-version: header is required');
  if (!VERSIONS.includes(version)) throw new Fault(400, `anthropic-version: "${version}" is not a valid version`);
  return version;
}

function list(query: URLSearchParams): object {
  const from = ANTHROPIC_MODELS.indexOf(query.get('after_id') ?? '') + 1;
  const to = from + Number(query.get('limit') ?? 20);
  const data = ANTHROPIC_MODELS.slice(from, to).map(model);
  const ids = ANTHROPIC_MODELS.slice(from, to);
  return { data, has_more: to < ANTHROPIC_MODELS.length, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null };
}

function model(id: string): object {
  if (!ANTHROPIC_MODELS.includes(id)) throw new Fault(404, `model: ${id}`);
  return { type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z' };
}

// biome-ignore lint/suspicious/noExplicitAny: a body is anything until it was looked at
type Body = any;

function readBody({ headers, body }: Recorded, version: string): Body {
  if (!headers['content-type']?.startsWith('application/json')) throw new Fault(400, 'content-type: unsupported');
  let parsed: Body;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new Fault(400, 'The request body is not valid JSON');
  }
  checkBody(parsed, version);
  return parsed;
}

function checkBody(body: Body, version: string): void {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Fault(400, 'Input should be an object');
  for (const key of Object.keys(body)) {
    const removed = version === '2026-10-21' && REMOVED_2026.includes(key);
    if (!KNOWN.has(key) || removed) throw new Fault(400, `${key}: Extra inputs are not permitted`);
  }
  for (const key of ['model', 'messages', 'max_tokens']) {
    if (body[key] === undefined) throw new Fault(400, `${key}: Field required`);
  }
  if (!Number.isInteger(body.max_tokens) || body.max_tokens < 1) {
    throw new Fault(400, 'max_tokens: Input should be greater than or equal to 1');
  }
  if (!Array.isArray(body.messages)) throw new Fault(400, 'messages: Input should be a valid array');
  if (body.messages.length === 0) throw new Fault(400, 'messages: at least one message is required');
  body.messages.forEach((message: Body, i: number) => {
    if (!['user', 'assistant', 'system'].includes(message?.role)) throw new Fault(400, `messages.${i}.role: invalid`);
    const { content } = message;
    if (typeof content !== 'string' && !Array.isArray(content)) throw new Fault(400, `messages.${i}.content: invalid`);
  });
  model(body.model);
}

function speak(body: Body, behaviour: Behaviour): Reply {
  const { text = ['Hello', ' from', ' the simulator'], toolCalls = [], ending } = behaviour;
  const stop_reason = ending ? 'max_tokens' : toolCalls.some(isClients) ? 'tool_use' : 'end_turn';
  const usage = (output_tokens: number): object => ({
    input_tokens: 12,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 7,
    output_tokens,
    service_tier: 'standard',
  });
  const start = {
    id: 'msg_simulated',
    type: 'message',
    role: 'assistant',
    model: body.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: usage(1),
  };
  const texts = text.length > 0 ? [{ type: 'text', text: text.join('') }] : [];
  if (!body.stream) {
    const tools = toolCalls.map((call, i) => toolUse(call, i, JSON.parse(call.arguments || '{}')));
    return { status: 200, body: { ...start, content: [...texts, ...tools], stop_reason, usage: usage(text.length) } };
  }
  const said = text.map((piece) => ({ type: 'text_delta', text: piece }));
  const spoken = texts.flatMap(() => [blockStart(0, { type: 'text', text: '' }), { type: 'ping' }, ...deltas(0, said)]);
  const calls = toolCalls.map((call, i) => callBlock(call, i, texts.length + i, behaviour));
  const events: Event[] = [
    { type: 'message_start', message: start },
    ...spoken,
    ...texts.map(() => blockStop(0)),
    ...merge(calls, behaviour),
    ...(ending === 'failed'
      ? [{ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }]
      : [
          { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: text.length } },
          { type: 'message_stop' },
        ]),
  ];
  return { events: events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`) };
}

/** The vendor runs the others itself. */
const isClients = ({ type = 'function' }: SimulatedCall): boolean => type === 'function';

function toolUse({ name, type = 'function', server }: SimulatedCall, index: number, input: unknown): object {
  if (type === 'server_tool_use') return { type, id: `srvtoolu_${index}`, name, input };
  if (type === 'mcp_tool_use') return { type, id: `mcptoolu_${index}`, name, server_name: server, input };
  return { type: 'tool_use', id: `toolu_${index}`, name, input };
}

/** The block of a call that broke off by a fault is never closed. */
function callBlock(call: SimulatedCall, i: number, index: number, behaviour: Behaviour): Event[] {
  const json = received(call.arguments, i, behaviour);
  const pieces = ['', ...fragments(json)].map((partial_json) => ({ type: 'input_json_delta', partial_json }));
  const open = behaviour.ending === 'failed' && i === (behaviour.toolCalls?.length ?? 0) - 1;
  return [blockStart(index, toolUse(call, i, {})), ...deltas(index, pieces), ...(open ? [] : [blockStop(index)])];
}

type Event = { type: string } & Record<string, unknown>;

const blockStart = (index: number, content_block: object): Event => ({
  type: 'content_block_start',
  index,
  content_block,
});
const deltas = (index: number, list: object[]): Event[] =>
  list.map((delta) => ({ type: 'content_block_delta', index, delta }));
const blockStop = (index: number): Event => ({ type: 'content_block_stop', index });
