import { type Answer, SANDBOX_EPOCH } from './sandbox-answer.ts';

const CREATED = SANDBOX_EPOCH.getTime() / 1000;

/** A chat.completion object. */
export function chatCompletion(answer: Answer): object {
  const message = { role: 'assistant', content: answer.words.join(''), refusal: null, annotations: [] };
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
    chunk({}, finishReason(answer)),
    ...(withUsage ? [{ ...frame(answer), choices: [], usage: usage(answer) }] : []),
  ];
  return [...chunks.map((value) => `data: ${JSON.stringify(value)}\n\n`), 'data: [DONE]\n\n'];
}

export function chatModels(ids: string[]): { object: 'list'; data: { id: string }[] } {
  const data = ids.map((id) => ({ id, object: 'model', created: CREATED, owned_by: 'verdict-sandbox' }));
  return { object: 'list', data };
}

function frame(answer: Answer): object {
  return { id: `chatcmpl-${answer.id}`, object: 'chat.completion.chunk', created: CREATED, model: answer.model };
}

function finishReason(answer: Answer): string {
  return answer.cut ? 'length' : 'stop';
}

function usage({ inputTokens, outputTokens }: Answer): object {
  return { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens };
}
