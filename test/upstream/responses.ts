import { fragments, merge, received } from './fragments.ts';
import { type Body, CREATED, Fault, model } from './openai-fault.ts';
import { type Event, type ItemShape, shapeOf } from './responses-item.ts';
import type { Behaviour, Reply } from './server.ts';

const KNOWN = new Set(
  `access_programs background context_management conversation image include input instructions max_output_tokens
  max_tool_calls metadata model moderation parallel_tool_calls previous_response_id prompt prompt_cache_key
  prompt_cache_options prompt_cache_retention reasoning safety_identifier service_tier store stream stream_options
  temperature text tool_choice tools top_logprobs top_p truncation user`.split(/\s+/),
);
const TOOLS = new Set(
  `function custom namespace mcp file_search computer computer_use_preview web_search web_search_2025_08_26
  web_search_preview web_search_preview_2025_03_11 code_interpreter image_generation local_shell shell apply_patch
  tool_search programmatic_tool_calling`.split(/\s+/),
);
/** What the vendor is said to hold. */
const HELD = { response: 'resp_simulated', conversation: 'conv_simulated', prompt: 'pmpt_simulated' };
const STATUS = { incomplete: 'incomplete', failed: 'failed' } as const;

export function checkResponses(body: Body): Body {
  const unknown = Object.keys(body).find((key) => !KNOWN.has(key));
  if (unknown) throw new Fault(400, `Unknown parameter: '${unknown}'.`, 'unknown_parameter', unknown);
  checkState(body);
  if (body.model !== undefined || !body.prompt) checkModel(body.model);
  const { input } = body;
  if (input !== undefined && typeof input !== 'string' && !Array.isArray(input)) throw invalid('input');
  if (input === undefined && !body.prompt && !body.previous_response_id && !body.conversation) {
    throw new Fault(400, "Missing required parameter: 'input'.", 'missing_required_parameter', 'input');
  }
  if (Array.isArray(input)) input.forEach(checkItem);
  if ((body.max_output_tokens ?? 16) < 16) {
    throw new Fault(400, "Invalid 'max_output_tokens'.", 'integer_below_min_value', 'max_output_tokens');
  }
  for (const flag of ['background', 'parallel_tool_calls', 'store', 'stream']) {
    if (typeof (body[flag] ?? false) !== 'boolean') throw invalid(flag);
  }
  (body.tools ?? []).forEach((tool: Body, i: number) => {
    if (!TOOLS.has(tool?.type)) throw invalid(`tools[${i}].type`);
    const name = tool.type === 'mcp' ? 'server_label' : 'name';
    const needs = ['function', 'custom', 'namespace', 'mcp'].includes(tool.type);
    if (needs && typeof tool[name] !== 'string') {
      const param = `tools[${i}].${name}`;
      throw new Fault(400, `Missing required parameter: '${param}'.`, 'missing_required_parameter', param);
    }
  });
  return body;
}

const invalid = (param: string): Fault => new Fault(400, `Invalid value: '${param}'.`, 'invalid_value', param);

function checkModel(id: unknown): void {
  if (typeof id !== 'string') throw new Fault(400, 'you must provide a model parameter');
  model(id);
}

function checkState({ previous_response_id: previous, conversation, prompt }: Body): void {
  if (previous && conversation) throw new Fault(400, 'Mutually exclusive parameters', 'mutually_exclusive_parameters');
  if (previous && previous !== HELD.response) {
    throw new Fault(400, `Previous response with id '${previous}' not found.`, 'previous_response_not_found');
  }
  const id = conversation?.id ?? conversation;
  if (id && id !== HELD.conversation) throw new Fault(404, `Conversation with id '${id}' not found.`);
  if (prompt && prompt.id !== HELD.prompt) throw new Fault(404, `Prompt with id '${prompt.id}' not found.`);
}

function checkItem(item: Body, i: number): void {
  const { type = item?.role ? 'message' : 'item_reference' } = item ?? {};
  if (typeof type !== 'string') throw invalid(`input[${i}].type`);
  if (type === 'message' && !['user', 'assistant', 'system', 'developer'].includes(item.role)) {
    throw invalid(`input[${i}].role`);
  }
}

/** With tool calls there is no message, unless the test gives text. */
export function respond(body: Body, behaviour: Behaviour): Reply {
  const shapes = shapesOf(behaviour);
  const ended = end(body, behaviour, shapes);
  if (body.background && !body.stream) return { status: 200, body: frame(body, 'queued') };
  if (!body.stream) return { status: 200, body: ended };
  const begun = frame(body, 'in_progress');
  const events: Event[] = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...streamed(shapes, behaviour),
    { type: `response.${ended.status}`, response: ended },
  ];
  const obfuscated = body.stream_options?.include_obfuscation !== false;
  return {
    events: events.map(({ type, ...event }, sequence_number) => {
      const padding = obfuscated && 'delta' in event ? { obfuscation: 'k3Xq9v' } : {};
      return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number, ...event, ...padding })}\n\n`;
    }),
  };
}

function shapesOf(behaviour: Behaviour): ItemShape[] {
  const { toolCalls = [] } = behaviour;
  const text = behaviour.text ?? (toolCalls.length > 0 ? [] : ['Hello', ' from', ' the simulator']);
  const message = text.length > 0 ? [messageShape(text)] : [];
  const calls = toolCalls.map((call, i) => {
    const whole = received(call.arguments, i, behaviour) === call.arguments;
    return shapeOf(call, i, received(call.arguments, i, behaviour), !whole);
  });
  return [...message, ...calls];
}

/** A message first; calls then come one after the other, or in turn. One that broke off by a fault is not done. */
function streamed(shapes: ItemShape[], behaviour: Behaviour): Event[] {
  const lists = shapes.map(({ begun, deltas, done, item, whole }, output_index) => [
    { type: 'response.output_item.added', output_index, item: begun },
    ...deltas.map((event) => ({ ...event, output_index })),
    ...(whole ? done.map((event) => ({ ...event, output_index })) : []),
    ...(whole || behaviour.ending !== 'failed' ? [{ type: 'response.output_item.done', output_index, item }] : []),
  ]);
  return merge<Event>(lists, behaviour);
}

function messageShape(pieces: string[]): ItemShape {
  const text = pieces.join('');
  const id = 'msg_simulated';
  const part = (said: string) => ({ type: 'output_text', text: said, annotations: [], logprobs: [] });
  const item = (status: string, content: object[]) => ({ id, type: 'message', status, content, role: 'assistant' });
  const place = { item_id: id, content_index: 0 };
  return {
    begun: item('in_progress', []),
    deltas: [
      { type: 'response.content_part.added', ...place, part: part('') },
      ...pieces.map((delta) => ({ type: 'response.output_text.delta', ...place, delta, logprobs: [] })),
    ],
    done: [
      { type: 'response.output_text.done', ...place, text, logprobs: [] },
      { type: 'response.content_part.done', ...place, part: part(text) },
    ],
    item: item('completed', [part(text)]),
    whole: true,
  };
}

function end(body: Body, { ending }: Behaviour, shapes: ItemShape[]) {
  const output = shapes.map(({ item }) => item);
  const output_tokens = fragments(JSON.stringify(output)).length;
  return {
    ...frame(body, ending ? STATUS[ending] : 'completed'),
    error: ending === 'failed' ? { code: 'server_error', message: 'The model had an error' } : null,
    incomplete_details: ending === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    output,
    usage: {
      input_tokens: 19,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 19 + output_tokens,
    },
  };
}

/** The vendor repeats the request's settings, tools included, in each of its three tellings of a response. */
function frame(body: Body, status: string) {
  return {
    id: 'resp_simulated',
    object: 'response',
    created_at: CREATED,
    status,
    background: body.background ?? false,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: body.max_tool_calls ?? null,
    model: `${body.model ?? 'gpt-5-mini'}-2026-01-01`,
    output: [],
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    reasoning: { effort: null, summary: null },
    service_tier: 'default',
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: { format: { type: 'text' }, verbosity: 'medium' },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_logprobs: 0,
    top_p: body.top_p ?? 1,
    truncation: 'disabled',
    usage: null,
    user: null,
    metadata: body.metadata ?? {},
  };
}
