import type { Recorded, Reply } from './server.ts';

export const CREATED = 1_780_000_000;
export const OPENAI_MODELS = ['gpt-4o-mini', 'gpt-4.1-mini', 'gpt-5-mini', 'gpt-5.2'];

export class Fault extends Error {
  readonly reply: Reply;

  constructor(status: number, message: string, code: string | null = null, param: string | null = null) {
    super(message);
    const type = status >= 500 ? 'server_error' : status === 429 ? 'requests' : 'invalid_request_error';
    this.reply = { status, body: { error: { message, type, param, code } } };
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a body is anything until it was looked at
export type Body = any;

export function readJson({ headers, body }: Recorded): Body {
  const unreadable = 'We could not parse the JSON body of your request.';
  if (!headers['content-type']?.startsWith('application/json')) throw new Fault(400, unreadable);
  let parsed: Body;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new Fault(400, unreadable);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new Fault(400, 'expected an object');
  }
  return parsed;
}

export function model(id: string): object {
  if (!OPENAI_MODELS.includes(id)) {
    throw new Fault(404, `The model '${id}' does not exist`, 'model_not_found', 'model');
  }
  return { id, object: 'model', created: CREATED, owned_by: 'openai' };
}
