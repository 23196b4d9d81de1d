import { createHash, randomUUID } from 'node:crypto';
import { type Agent, type IncomingHttpHeaders, request } from 'node:http';

/** One call to make, and the client's own name for it. */
export interface Call {
  id: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer | undefined;
  /** SHA-256 (hex) of the body; null without one. */
  sha256: string | null;
}

/** What the client saw: the response's head at least. */
export interface Answer {
  status: number;
  /** `x-verdict-decision`. */
  decision: string | undefined;
  /** `x-verdict-code`. */
  code: string | undefined;
  headers: IncomingHttpHeaders;
  /** Whether the body came to its end. */
  complete: boolean;
  body: string;
}

/** Carries a call's own name upstream: one of those that the SDKs send, which the gateway lets through. */
export const ID_HEADER = 'x-stainless-call';

const MODELS = { openai: 'gpt-5-mini', anthropic: 'claude-haiku-5-5' };

export interface CallOptions {
  dialect: 'openai' | 'anthropic';
  /** Route's path; default /support. */
  route?: string;
  token: string;
  stream?: boolean;
  model?: string;
  /** Length of the prompt in bytes. */
  bytes?: number;
}

/** A chat completion or message, like no other: its id stands in the body and in a header that goes upstream. */
export function chatCall({ dialect, route = '/support', token, stream, model, bytes = 200 }: CallOptions): Call {
  const id = randomUUID();
  const content = `${id} ${'where is order 1183? '.repeat(Math.ceil(bytes / 21))}`.slice(0, Math.max(bytes, id.length));
  const body = Buffer.from(
    JSON.stringify({
      model: model ?? MODELS[dialect],
      max_tokens: 8,
      messages: [{ role: 'user', content }],
      ...(stream && { stream }),
    }),
  );
  const openai = dialect === 'openai';
  return {
    id,
    method: 'POST',
    path: `${route}${openai ? '/v1/chat/completions' : '/v1/messages'}`,
    headers: {
      'content-type': 'application/json',
      'content-length': String(body.length),
      [ID_HEADER]: id,
      ...(openai ? { authorization: `Bearer ${token}` } : { 'x-api-key': token, 'anthropic-version': '2023-06-01' }),
    },
    body,
    sha256: createHash('sha256').update(body).digest('hex'),
  };
}

/** The vendor's list of models; the id stands in the query, which goes upstream and into the record. */
export function modelsCall(token: string): Call {
  const id = randomUUID();
  return {
    id,
    method: 'GET',
    path: `/support/v1/models?after_id=${id}`,
    headers: { authorization: `Bearer ${token}`, [ID_HEADER]: id },
    body: undefined,
    sha256: null,
  };
}

/** Makes a call; rejects if no head of a response comes. */
export function send(url: string, call: Call, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const { method, path, headers, body } = call;
    const req = request({ hostname, port, method, path, headers, agent }, (res) => {
      const { 'x-verdict-decision': decision, 'x-verdict-code': code } = res.headers;
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {});
      res.once('close', () => {
        resolve({
          status: res.statusCode ?? 0,
          decision: decision?.toString(),
          code: code?.toString(),
          headers: res.headers,
          complete: res.complete,
          body: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    req.once('error', reject);
    req.end(body);
  });
}
