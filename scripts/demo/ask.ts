import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

/** What became of a call, as the caller sees it. */
export interface Answer {
  /** HTTP status, code of a JSON-RPC error, or a program's exit code. */
  status: number;
  /** Id of the decision on the call, where the caller is told. */
  decision?: string;
  /** Text of the answer, or of the error. */
  text: string;
  /** The tool calls that it holds: name and arguments, as they came. */
  calls: string;
  /** Pieces of a stream. */
  pieces: number;
  /** Class of the error that the SDK raised. */
  raised?: string;
}

/** What has come of an answer so far: a stream may end in an error. */
export type Heard = Pick<Answer, 'text' | 'calls' | 'pieces'> & { response?: Response };

const QUESTION = 'Where is my order 4711?';

/** A call is made once, so that there is one decision for each. */
const SAFE = { maxRetries: 0, timeout: 20_000 };

export const openai = (url: string, token: string, path = '/support'): OpenAI =>
  new OpenAI({ ...SAFE, baseURL: `${url}${path}/v1`, apiKey: token });

export const anthropic = (url: string, token: string, path = '/support'): Anthropic =>
  new Anthropic({ ...SAFE, baseURL: `${url}${path}`, apiKey: token });

/** A client that sends no credential at all. */
export const stranger = (url: string): Anthropic =>
  new Anthropic({
    ...SAFE,
    baseURL: `${url}/support`,
    apiKey: null,
    defaultHeaders: { 'x-api-key': null, authorization: null },
  });

export function chat(client: OpenAI, model: string, content = QUESTION): Promise<Answer> {
  return complete(client, { model, max_tokens: 100, messages: [{ role: 'user', content }] });
}

/** Gives back what a tool found, in a conversation where the model may call it. */
export function giveBack(client: OpenAI, name: string, found: string): Promise<Answer> {
  const call = { id: 'call_1', type: 'function' as const, function: { name, arguments: '{"order":"A-17"}' } };
  return complete(client, {
    model: 'gpt-5-mini',
    max_tokens: 100,
    tools: [{ type: 'function', function: { name } }],
    messages: [
      { role: 'user', content: QUESTION },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: found },
    ],
  });
}

function complete(client: OpenAI, asked: OpenAI.ChatCompletionCreateParamsNonStreaming): Promise<Answer> {
  return answerOf(async (heard) => {
    const { data, response } = await client.chat.completions.create(asked).withResponse();
    heard.response = response;
    heard.text = data.choices[0]?.message.content ?? '';
  });
}

/** Streamed; the tools are offered to the model. */
export function chatStream(client: OpenAI, content = QUESTION, tools: string[] = []): Promise<Answer> {
  const asked = {
    model: 'gpt-5-mini',
    max_tokens: 100,
    messages: [{ role: 'user' as const, content }],
    ...(tools.length > 0 && { tools: tools.map((name) => ({ type: 'function' as const, function: { name } })) }),
  };
  return answerOf(async (heard) => {
    const { data, response } = await client.chat.completions.create({ ...asked, stream: true }).withResponse();
    heard.response = response;
    for await (const { choices } of data) {
      heard.pieces++;
      heard.text += choices[0]?.delta.content ?? '';
      for (const { function: called } of choices[0]?.delta.tool_calls ?? [])
        heard.calls += called?.name === undefined ? (called?.arguments ?? '') : `${called.name} ${called.arguments}`;
    }
  });
}

export function respond(client: OpenAI, input: string, tools: string[]): Promise<Answer> {
  const offered = tools.map((name) => ({ type: 'function' as const, name, parameters: {}, strict: false }));
  const asked = { model: 'gpt-5-mini', max_output_tokens: 100, input, tools: offered };
  return answerOf(async (heard) => {
    const { data, response } = await client.responses.create(asked).withResponse();
    heard.response = response;
    heard.text = data.output_text;
    for (const item of data.output) if (item.type === 'function_call') heard.calls += `${item.name} ${item.arguments}`;
  });
}

export function embeddings(client: OpenAI): Promise<Answer> {
  return answerOf(async () => {
    await client.embeddings.create({ model: 'text-embedding-3-small', input: QUESTION });
  });
}

export function message(client: Anthropic, tools: string[] = []): Promise<Answer> {
  return answerOf(async (heard) => {
    const asked = messageOf('claude-haiku-4-5', QUESTION, tools);
    const { data, response } = await client.messages.create(asked).withResponse();
    heard.response = response;
    heard.text = data.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  });
}

export function messageStream(
  client: Anthropic,
  model = 'claude-haiku-4-5',
  content = QUESTION,
  tools: string[] = [],
): Promise<Answer> {
  return answerOf(async (heard) => {
    const asked = { ...messageOf(model, content, tools), stream: true as const };
    const { data, response } = await client.messages.create(asked).withResponse();
    heard.response = response;
    for await (const event of data) {
      heard.pieces++;
      if (event.type === 'content_block_start' && event.content_block.type === 'tool_use')
        heard.calls += `${event.content_block.name} `;
      if (event.type !== 'content_block_delta') continue;
      if (event.delta.type === 'text_delta') heard.text += event.delta.text;
      if (event.delta.type === 'input_json_delta') heard.calls += event.delta.partial_json;
    }
  });
}

function messageOf(model: string, content: string, tools: string[]) {
  const offered = tools.map((name) => ({ name, input_schema: { type: 'object' as const } }));
  return { model, max_tokens: 100, messages: [{ role: 'user' as const, content }], tools: offered };
}

/** The answer, or the SDK's own exception for it. */
async function answerOf(ask: (heard: Heard) => Promise<void>): Promise<Answer> {
  const heard: Heard = { text: '', calls: '', pieces: 0 };
  try {
    await ask(heard);
    return answered(heard, heard.response?.status, heard.response?.headers);
  } catch (error) {
    if (!(error instanceof OpenAI.APIError) && !(error instanceof Anthropic.APIError)) throw error;
    // An error within a stream has no status: that of the response was sent before.
    const { status = heard.response?.status, headers, message: text } = error;
    return { ...answered({ ...heard, text }, status, headers), raised: error.constructor.name };
  }
}

function answered({ text, calls, pieces }: Heard, status = 0, headers?: Headers): Answer {
  return { status, decision: headers?.get('x-verdict-decision') ?? '', text, calls, pieces };
}
