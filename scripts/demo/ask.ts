import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

/** What became of a call, as the vendor's SDK tells it. */
export interface Answer {
  status: number;
  decision: string;
  /** Text of the answer, or of the error. */
  text: string;
  /** Class of the error that the SDK raised. */
  raised?: string;
  /** Pieces of a stream. */
  pieces?: number;
}

interface Reply {
  response: Response;
  text: string;
  pieces?: number;
}

const QUESTION = 'Where is my order 4711?';

/** A call is made once, so that there is one decision for each. */
const SAFE = { maxRetries: 0, timeout: 20_000 };

export const openai = (url: string, token: string, path = '/support'): OpenAI =>
  new OpenAI({ ...SAFE, baseURL: `${url}${path}/v1`, apiKey: token });

export const anthropic = (url: string, token: string): Anthropic =>
  new Anthropic({ ...SAFE, baseURL: `${url}/support`, apiKey: token });

/** A client that sends no credential at all. */
export const stranger = (url: string): Anthropic =>
  new Anthropic({
    ...SAFE,
    baseURL: `${url}/support`,
    apiKey: null,
    defaultHeaders: { 'x-api-key': null, authorization: null },
  });

export function chat(client: OpenAI, model: string): Promise<Answer> {
  const asked = { model, max_tokens: 100, messages: [{ role: 'user' as const, content: QUESTION }] };
  return answerOf(async () => {
    const { data, response } = await client.chat.completions.create(asked).withResponse();
    return { response, text: data.choices[0]?.message.content ?? '' };
  });
}

export function chatStream(client: OpenAI): Promise<Answer> {
  const messages = [{ role: 'user' as const, content: QUESTION }];
  return answerOf(async () => {
    const { data, response } = await client.chat.completions
      .create({ model: 'gpt-5-mini', max_tokens: 100, messages, stream: true })
      .withResponse();
    const pieces: string[] = [];
    for await (const chunk of data) pieces.push(chunk.choices[0]?.delta.content ?? '');
    return { response, text: pieces.join(''), pieces: pieces.length };
  });
}

export function embeddings(client: OpenAI): Promise<Answer> {
  return answerOf(async () => {
    const { response } = await client.embeddings
      .create({ model: 'text-embedding-3-small', input: QUESTION })
      .withResponse();
    return { response, text: '' };
  });
}

export function message(client: Anthropic, tools: string[] = []): Promise<Answer> {
  return answerOf(async () => {
    const { data, response } = await client.messages
      .create({
        model: 'claude-haiku-4-5',
        max_tokens: 100,
        messages: [{ role: 'user', content: QUESTION }],
        tools: tools.map((name) => ({ name, input_schema: { type: 'object' as const } })),
      })
      .withResponse();
    return { response, text: data.content.map((block) => (block.type === 'text' ? block.text : '')).join('') };
  });
}

export function messageStream(client: Anthropic): Promise<Answer> {
  return answerOf(async () => {
    const { data, response } = await client.messages
      .create({
        model: 'claude-haiku-4-5',
        max_tokens: 100,
        messages: [{ role: 'user', content: QUESTION }],
        stream: true,
      })
      .withResponse();
    const pieces: string[] = [];
    for await (const event of data) {
      if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') pieces.push(event.delta.text);
    }
    return { response, text: pieces.join(''), pieces: pieces.length };
  });
}

/** The answer, or the SDK's own exception for it. */
async function answerOf(ask: () => Promise<Reply>): Promise<Answer> {
  try {
    const { response, ...rest } = await ask();
    return { status: response.status, decision: response.headers.get('x-verdict-decision') ?? '', ...rest };
  } catch (error) {
    if (!(error instanceof OpenAI.APIError) && !(error instanceof Anthropic.APIError)) throw error;
    const { status = 0, headers, message: text } = error;
    return { status, decision: headers?.get('x-verdict-decision') ?? '', text, raised: error.constructor.name };
  }
}
