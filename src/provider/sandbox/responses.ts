import { type Answer, type AnsweredCall, fragments, SANDBOX_EPOCH } from './answer.ts';

const CREATED = SANDBOX_EPOCH.getTime() / 1000;

type Event = { type: string } & Record<string, unknown>;

/** A response object. */
export function response(answer: Answer): object {
  const status = answer.cut ? 'incomplete' : 'completed';
  const call = answer.call ? [callItem(answer, answer.call, answer.call.arguments, 'completed')] : [];
  return {
    ...frame(answer, status),
    incomplete_details: answer.cut ? { reason: 'max_output_tokens' } : null,
    output: [messageItem(answer, [textPart(answer.words.join(''))], status), ...call],
    usage: usage(answer),
  };
}

/** The server-sent events of a streamed response. */
export function responseEvents(answer: Answer): string[] {
  const begun = { ...frame(answer, 'in_progress'), incomplete_details: null, output: [], usage: null };
  const events: Event[] = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...messageEvents(answer),
    ...(answer.call ? callEvents(answer, answer.call) : []),
    { type: answer.cut ? 'response.incomplete' : 'response.completed', response: response(answer) },
  ];
  return events.map(({ type, ...event }, sequence_number) => {
    return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number, ...event })}\n\n`;
  });
}

function messageEvents(answer: Answer): Event[] {
  const text = answer.words.join('');
  const part = textPart(text);
  const place = { item_id: `msg_${answer.id}`, output_index: 0, content_index: 0 };
  const done = messageItem(answer, [part], answer.cut ? 'incomplete' : 'completed');
  return [
    { type: 'response.output_item.added', output_index: 0, item: messageItem(answer, [], 'in_progress') },
    { type: 'response.content_part.added', ...place, part: textPart('') },
    ...answer.words.map((delta) => ({ type: 'response.output_text.delta', ...place, delta, logprobs: [] })),
    { type: 'response.output_text.done', ...place, text, logprobs: [] },
    { type: 'response.content_part.done', ...place, part },
    { type: 'response.output_item.done', output_index: 0, item: done },
  ];
}

function callEvents(answer: Answer, call: AnsweredCall): Event[] {
  const kind = call.custom ? 'custom_tool_call_input' : 'function_call_arguments';
  const field = call.custom ? 'input' : 'arguments';
  const begun = callItem(answer, call, '', 'in_progress');
  const place = { item_id: begun.id, output_index: 1 };
  return [
    { type: 'response.output_item.added', output_index: 1, item: begun },
    ...fragments(call.arguments).map((delta) => ({ type: `response.${kind}.delta`, ...place, delta })),
    { type: `response.${kind}.done`, ...place, [field]: call.arguments },
    {
      type: 'response.output_item.done',
      output_index: 1,
      item: callItem(answer, call, call.arguments, 'completed'),
    },
  ];
}

function callItem(answer: Answer, call: AnsweredCall, text: string, status: string) {
  const { name, custom } = call;
  const own = custom ? { type: 'custom_tool_call', input: text } : { type: 'function_call', arguments: text };
  return { id: `${custom ? 'ctc' : 'fc'}_${answer.id}`, ...own, call_id: `call_${answer.id}`, name, status };
}

function messageItem(answer: Answer, content: object[], status: string): object {
  return { id: `msg_${answer.id}`, type: 'message', status, role: 'assistant', content };
}

function textPart(text: string): object {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

/** What stays the same from the first event to the last; the sandbox stores nothing. */
function frame(answer: Answer, status: string): object {
  return {
    id: `resp_${answer.id}`,
    object: 'response',
    created_at: CREATED,
    status,
    background: false,
    error: null,
    instructions: null,
    model: answer.model,
    parallel_tool_calls: true,
    previous_response_id: null,
    store: false,
    temperature: null,
    tool_choice: 'auto',
    tools: [],
    top_p: null,
    metadata: {},
  };
}

function usage({ inputTokens, outputTokens }: Answer): object {
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  };
}
