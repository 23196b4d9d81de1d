import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../../input/index.ts';
import { type JsonDocument, parse } from '../../json/index.ts';
import { bodilessCall, parseCall } from '../call.ts';
import { type Endpoint, matchEndpoint } from '../endpoint.ts';
import { type Answer, type AnsweredCall, SANDBOX_MODELS } from './answer.ts';
import { readAskedCall } from './call.ts';
import { chatCompletion, chatEvents, chatModels } from './chat.ts';
import { anthropicModels, message, messageEvents } from './messages.ts';
import { response, responseEvents } from './responses.ts';

export interface SandboxOptions {
  /** Pause between two events of a stream, so that one sees it stream. */
  eventDelayMs?: number;
}

const MOST_BYTES = 32 * 1024 * 1024;
const BYTES_PER_TOKEN = 4;

/**
 * A provider for trying things out, without a vendor's key: it speaks every dialect, streaming too, and answers every
 * request with the same words, which say that no model was asked; or with a tool call, if the user's last text asks for
 * one by `call NAME {json}` and the request offers that tool (call.ts). Give the listener to an HTTP server.
 */
export function createSandbox({ eventDelayMs = 5 }: SandboxOptions = {}): RequestListener {
  let answered = 0;
  return (req, res) => {
    answered++;
    respond(req, res, `sandbox-${answered}`, eventDelayMs).catch(() => {
      if (res.headersSent) res.destroy();
      else refuse(req, res, 400, 'the sandbox could not read this request');
    });
  };
}

async function respond(req: IncomingMessage, res: ServerResponse, id: string, delayMs: number): Promise<void> {
  const path = new URL(req.url ?? '/', 'http://sandbox.invalid').pathname;
  const endpoint = matchEndpoint(req.method ?? '', path, req.headers);
  if (!endpoint) return refuse(req, res, 404, 'the sandbox has no such endpoint');
  if (!endpoint.hasBody) return listModels(req, res, endpoint);
  const body = parse(await readBody(req));
  const call = parseCall(endpoint, body, false);
  const answer = compose(id, call, readAskedCall(call, body));
  if (call.stream) await stream(res, eventsOf(endpoint, answer, body), delayMs, id);
  else json(res, 200, wholeOf(endpoint, answer), id);
}

function wholeOf({ dialect }: Endpoint, answer: Answer): object {
  if (dialect === 'openai-responses') return response(answer);
  return dialect === 'openai-chat' ? chatCompletion(answer) : message(answer);
}

function eventsOf({ dialect }: Endpoint, answer: Answer, body: JsonDocument): string[] {
  if (dialect === 'openai-responses') return responseEvents(answer);
  return dialect === 'openai-chat' ? chatEvents(answer, wantsUsage(body)) : messageEvents(answer);
}

function compose(id: string, call: Call, asked: AnsweredCall | undefined): Answer {
  const { messages, bytes } = call;
  const model = call.model ?? 'sandbox';
  const inputTokens = Math.ceil(bytes / BYTES_PER_TOKEN);
  if (asked) {
    const words = `Verdict's sandbox calls ${asked.name}, as you asked.`.split(/(?= )/);
    return { id, model, words, call: asked, cut: false, inputTokens, outputTokens: words.length };
  }
  const text =
    `This is Verdict's sandbox: your request was allowed and forwarded, but no model was asked. ` +
    `It held ${messages.length} message${messages.length === 1 ? '' : 's'} in ${bytes} bytes.`;
  const all = text.split(/(?= )/);
  const words = all.slice(0, call.parameters.max_tokens ?? all.length);
  return { id, model, words, call: undefined, cut: words.length < all.length, inputTokens, outputTokens: words.length };
}

function wantsUsage(body: JsonDocument): boolean {
  return body.get('stream_options')?.get('include_usage')?.boolean() ?? false;
}

function listModels(req: IncomingMessage, res: ServerResponse, endpoint: Endpoint): void {
  const { model } = bodilessCall(endpoint);
  const ids = SANDBOX_MODELS[endpoint.provider];
  const list = endpoint.provider === 'openai' ? chatModels(ids) : anthropicModels(ids);
  const found = model === null ? list : list.data.find(({ id }) => id === model);
  if (found) json(res, 200, found, 'sandbox-models');
  else refuse(req, res, 404, 'the sandbox has no such model');
}

async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new Error(`expected at most ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function stream(res: ServerResponse, events: string[], delayMs: number, id: string): Promise<void> {
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', ...requestId(id) });
  for (const event of events) {
    if (res.destroyed) return; // the client has gone
    res.write(event);
    await sleep(delayMs);
  }
  res.end();
}

function refuse(req: IncomingMessage, res: ServerResponse, status: number, text: string): void {
  const type = status === 404 ? 'not_found_error' : 'invalid_request_error';
  const error = { type, message: text };
  const anthropic = req.headers['anthropic-version'] !== undefined;
  const body = anthropic ? { type: 'error', error } : { error: { ...error, param: null, code: null } };
  json(res, status, body, 'sandbox-error');
}

function json(res: ServerResponse, status: number, value: unknown, id: string): void {
  const body = JSON.stringify(value);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  res.writeHead(status, { ...headers, ...requestId(id) });
  res.end(body);
}

/** Each vendor's name for it. */
function requestId(id: string): Record<string, string> {
  return { 'x-request-id': id, 'request-id': id };
}
