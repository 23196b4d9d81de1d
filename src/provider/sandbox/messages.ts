import { type Answer, type AnsweredCall, fragments, SANDBOX_EPOCH } from './answer.ts';

/** A message object. */
export function message(answer: Answer): object {
  const { call } = answer;
  const text = { type: 'text', text: answer.words.join(''), citations: null };
  return {
    ...start(answer),
    content: call ? [text, toolUse(answer, call, JSON.parse(call.arguments))] : [text],
    stop_reason: stopReason(answer),
    usage: usage(answer, answer.outputTokens),
  };
}

/** The server-sent events of a streamed message. */
export function messageEvents(answer: Answer): string[] {
  const index = 0;
  const events = [
    { type: 'message_start', message: start(answer) },
    { type: 'content_block_start', index, content_block: { type: 'text', text: '' } },
    { type: 'ping' },
    ...answer.words.map((text) => ({ type: 'content_block_delta', index, delta: { type: 'text_delta', text } })),
    { type: 'content_block_stop', index },
    ...(answer.call ? callEvents(answer, answer.call) : []),
    {
      type: 'message_delta',
      delta: { stop_reason: stopReason(answer), stop_sequence: null },
      usage: usage(answer, answer.outputTokens),
    },
    { type: 'message_stop' },
  ];
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

function callEvents(answer: Answer, call: AnsweredCall) {
  const index = 1;
  const deltas = ['', ...fragments(call.arguments)].map((partial_json) => ({ type: 'input_json_delta', partial_json }));
  return [
    { type: 'content_block_start', index, content_block: toolUse(answer, call, {}) },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

function toolUse(answer: Answer, { name }: AnsweredCall, input: unknown): object {
  return { type: 'tool_use', id: `toolu_${answer.id}`, name, input };
}

export function anthropicModels(ids: string[]): { data: { id: string }[] } & Record<string, unknown> {
  const created = SANDBOX_EPOCH.toISOString();
  const data = ids.map((id) => ({ type: 'model', id, display_name: `${id} (sandbox)`, created_at: created }));
  return { data, has_more: false, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null };
}

/** The message before anything was said. */
function start(answer: Answer): object {
  return {
    id: `msg_${answer.id}`,
    type: 'message',
    role: 'assistant',
    model: answer.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: usage(answer, 1),
  };
}

function stopReason(answer: Answer): string {
  if (answer.call) return 'tool_use';
  return answer.cut ? 'max_tokens' : 'end_turn';
}

function usage({ inputTokens }: Answer, outputTokens: number): object {
  return {
    input_tokens: inputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: outputTokens,
  };
}
