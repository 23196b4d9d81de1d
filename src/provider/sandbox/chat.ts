import { type Answer, type AnsweredCall, fragments, SANDBOX_EPOCH } from './answer.ts';

const CREATED = SANDBOX_EPOCH.getTime() / 1000;

/** A chat.completion object. */
export function chatCompletion(answer: Answer): object {
  const said = { role: 'assistant', content: answer.words.join(''), refusal: null, annotations: [] };
  const { call } = answer;
  const message = call ? { ...said, tool_calls: [toolCall(answer, call, call.arguments)] } : said;
  return {
    id: `chatcmpl-${answer.id}`,
    object: 'chat.completion',
    created: CREATED,
    model: answer.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(answer) }],
    usage: usage(answer),
  };
}

/** The server-sent events of a streamed completion; usage comes in a last chunk of its own, if it was asked for. */
export function chatEvents(answer: Answer, withUsage: boolean): string[] {
  const chunk = (delta: object, finish: string | null): object => ({
    ...frame(answer),
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...(withUsage ? { usage: null } : {}),
  });
  const chunks = [
    chunk({ role: 'assistant', content: '', refusal: null }, null),
    ...answer.words.map((content) => chunk({ content }, null)),
    ...(answer.call ? callDeltas(answer, answer.call) : []).map((delta) => chunk({ tool_calls: [delta] }, null)),
    chunk({}, finishReason(answer)),
    ...(withUsage ? [{ ...frame(answer), choices: [], usage: usage(answer) }] : []),
  ];
  return [...chunks.map((value) => `data: ${JSON.stringify(value)}\n\n`), 'data: [DONE]\n\n'];
}

export function chatModels(ids: string[]): { object: 'list'; data: { id: string }[] } {
  const data = ids.map((id) => ({ id, object: 'model', created: CREATED, owned_by: 'verdict-sandbox' }));
  return { object: 'list', data };
}

function toolCall(answer: Answer, { name, custom }: AnsweredCall, text: string): object {
  const id = `call_${answer.id}`;
  if (custom) return { id, type: 'custom', custom: { name, input: text } };
  return { id, type: 'function', function: { name, arguments: text } };
}

/** The name comes first, then the arguments in pieces. */
function callDeltas(answer: Answer, call: AnsweredCall): object[] {
  const rest = fragments(call.arguments).map((piece) =>
    call.custom ? { custom: { input: piece } } : { function: { arguments: piece } },
  );
  return [toolCall(answer, call, ''), ...rest].map((delta) => ({ index: 0, ...delta }));
}

function frame(answer: Answer): object {
  return { id: `chatcmpl-${answer.id}`, object: 'chat.completion.chunk', created: CREATED, model: answer.model };
}

function finishReason(answer: Answer): string {
  if (answer.call) return 'tool_calls';
  return answer.cut ? 'length' : 'stop';
}

function usage({ inputTokens, outputTokens }: Answer): object {
  return { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens };
}
