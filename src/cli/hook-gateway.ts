import {
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
  request as requestHttp,
} from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { JsonError, parse } from '../json/index.ts';
import { printable } from './print.ts';

/** An answer is a reason and little else. */
const LONGEST_REPLY = 256 * 1024;
const LONGEST_MESSAGE = 500;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

const EXIT_CODES = new Map<string, 0 | 2>([
  ['allow', 0],
  ['ask', 0],
  ['deny', 2],
]);

/** Why the gateway gave no answer to go by, in a line for a person; it holds neither token nor payload. */
export class NoAnswer extends Error {}

/** The gateway's own word on a hook: what to print, and how to exit. */
export interface Reply {
  body: Buffer;
  exitCode: 0 | 2;
}

export interface Question {
  url: URL;
  token: string;
  /** Certificates in PEM that to trust instead of the system's. */
  ca: Buffer | undefined;
  /** JSON; undefined: no body. */
  payload?: Buffer;
  /** What the caller was granted, as tokens separated by commas. */
  approvals?: string | undefined;
  /** Ends the wait. */
  signal?: AbortSignal;
}

/** Where an agent's hooks are asked about. */
export const hookPath = (agent: string): string => `/v1/hooks/${agent}`;

/** A place at the gateway. Plain HTTP would show payload and token to the network, so it stays on this machine. */
export function gatewayUrl(base: string, path: string, insecureHttp: boolean): URL {
  const url = URL.canParse(base) ? new URL(base) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new NoAnswer('expected --url to be http(s)://HOST[:PORT], without credentials');
  if (url.protocol === 'http:' && !insecureHttp && !LOOPBACK.test(url.hostname))
    throw new NoAnswer('expected https in --url, or a loopback address (or --insecure-http)');
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`;
  url.search = '';
  url.hash = '';
  return url;
}

/**
 * Asks about a tool call.
 *
 * @throws NoAnswer
 */
export async function askGateway(question: Question): Promise<Reply> {
  const { headers, body } = await post(question);
  const exitCode = EXIT_CODES.get(String(headers['x-verdict-effect']));
  if (exitCode === undefined || headers['x-verdict-exit-code'] !== String(exitCode))
    throw new NoAnswer('what answered is no Verdict gateway');
  return { body, exitCode };
}

/**
 * Asks once, for an answer of 200 that holds a JSON object. Neither redirects nor proxies are followed, whatever the environment
 * says: what answers must be the gateway.
 *
 * @throws NoAnswer
 */
export async function post(question: Question): Promise<{ headers: IncomingHttpHeaders; body: Buffer }> {
  const res = await send(question);
  const body = await read(res);
  if (res.statusCode !== 200) throw new NoAnswer(refusal(res.statusCode ?? 0, body));
  if (kindOf(body) !== 'object') throw new NoAnswer('the gateway answered something else than a JSON object');
  return { headers: res.headers, body };
}

function send({ url, token, ca, payload, approvals, signal }: Question): Promise<IncomingMessage> {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(payload && { 'content-type': 'application/json' }),
    'content-length': payload?.length ?? 0,
    accept: 'application/json',
    ...(approvals && { 'x-verdict-approval': approvals }),
  };
  // Agents of our own: the global ones may use the environment's proxy. Said outright: NODE_TLS_REJECT_UNAUTHORIZED is not heard.
  const secure = url.protocol === 'https:';
  const agent = secure ? new HttpsAgent({ ...(ca ? { ca } : {}), rejectUnauthorized: true }) : new HttpAgent();
  const options: RequestOptions = { agent, ...(signal && { signal }) };
  return new Promise((done, fail) => {
    const req = (secure ? requestHttps : requestHttp)(url, { ...options, method: 'POST', headers }, done);
    req.on('error', (error) => fail(unreachable(error)));
    req.end(payload);
  });
}

async function read(res: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of res as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > LONGEST_REPLY) throw new NoAnswer(`the gateway answered more than ${LONGEST_REPLY} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof NoAnswer ? error : unreachable(error);
  }
  if (!res.complete) throw new NoAnswer('the gateway broke off its answer');
  return Buffer.concat(chunks);
}

function unreachable(error: unknown): NoAnswer {
  const { code } = error as NodeJS.ErrnoException;
  return new NoAnswer(`the gateway cannot be reached (${printable(String(code ?? (error as Error).name))})`);
}

function kindOf(body: Buffer): string | undefined {
  try {
    return parse(body).kind;
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

/** The gateway's error body is `{error: {code, message, decision_id}}`. */
function refusal(status: number, body: Buffer): string {
  const error = kindOf(body) === 'object' ? parse(body).get('error') : undefined;
  const said = (key: string) => printable(error?.get(key)?.string()?.slice(0, LONGEST_MESSAGE) ?? '');
  const decision = said('decision_id');
  const words = [said('code'), said('message')].filter((word) => word !== '').join(': ');
  return `the gateway refused with ${status}${words ? ` ${words}` : ''}${decision ? ` (decision ${decision})` : ''}`;
}
