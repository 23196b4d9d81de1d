import http from 'node:http';
import https from 'node:https';
import { createProxyMiddleware, type Plugin, type RequestHandler } from 'http-proxy-middleware';
import type { CommittedAllow } from '../audit/index.ts';
import type { Limits } from './config.ts';

/** What goes upstream: the call as it was decided. */
export interface Outbound {
  /** The decision's id. */
  readonly id: string;
  readonly req: http.IncomingMessage;
  readonly res: http.ServerResponse;
  readonly upstreamPath: string;
  readonly query: string;
  readonly body: Uint8Array | undefined;
}

/** What comes back from upstream: the response's head and stream, or how the exchange failed before it. */
export interface Exchange {
  respond(response: http.IncomingMessage): void;
  fail(how: 'upstream_unavailable' | 'upstream_timeout'): void;
}

export interface UpstreamOptions {
  url: URL;
  /** Longest wait for the response's first byte, in milliseconds. */
  timeoutMs: number;
  /** Longest silence within a response, in milliseconds. */
  idleTimeoutMs: number;
  maxSockets: number;
}

/**
 * Stands in for the client's response at the proxy, which would end that when upstream breaks off: whoever passes the response
 * on does that, in a way that the client understands.
 */
const untouchable = (res: http.ServerResponse): http.ServerResponse =>
  Object.create(res, { on: { value: res.on.bind(res) }, destroy: { value: () => res } });

/** An upstream within the configured limits. */
export function openUpstream(url: URL, limits: Limits): Upstream {
  return new Upstream({
    url,
    timeoutMs: limits.upstream_timeout_ms,
    idleTimeoutMs: limits.upstream_idle_timeout_ms,
    maxSockets: limits.concurrent_calls,
  });
}

/**
 * Where a request carries its exchange. A WeakMap would serve, but the young generation's collector holds a WeakMap's values
 * alive: every call with its body would then live until the next full collection.
 */
const PENDING = Symbol('pending exchange');

interface Pending extends Exchange {
  timedOut: boolean;
  responded: boolean;
}

/** Where it carries the bytes that were decided on. */
const BODY = Symbol('body');

type Carrier = http.IncomingMessage & { [PENDING]?: Pending; [BODY]?: Uint8Array | undefined };

/**
 * Stands in for `req.pipe`, with which the proxy sends a request's body: it was read already, so upstream's request ends with
 * those very bytes. One function for all calls: V8 kept a function of each call's own, and with it the whole call, alive until
 * the next full collection.
 */
function endWithBody<T extends NodeJS.WritableStream>(this: Carrier, upstream: T): T {
  const body = this[BODY];
  if (body) upstream.end(body);
  else upstream.end();
  return upstream;
}

/** One upstream behind http-proxy-middleware, which moves the bytes; nothing is decided in its events. */
export class Upstream {
  private readonly url: URL;
  private readonly agent: http.Agent;
  private readonly proxy: RequestHandler;
  private readonly timeoutMs: number;
  private readonly idleTimeoutMs: number;

  constructor(options: UpstreamOptions) {
    const Agent = options.url.protocol === 'https:' ? https.Agent : http.Agent;
    this.agent = new Agent({ keepAlive: true, maxSockets: options.maxSockets, maxFreeSockets: options.maxSockets });
    this.url = options.url;
    this.timeoutMs = options.timeoutMs;
    this.idleTimeoutMs = options.idleTimeoutMs;
    this.proxy = createProxyMiddleware({
      target: options.url,
      agent: this.agent,
      changeOrigin: true,
      selfHandleResponse: true,
      proxyTimeout: options.timeoutMs,
      ejectPlugins: true,
      plugins: [this.events],
    });
  }

  /**
   * Sends the call upstream: exactly the bytes that were decided on, with exactly these headers.
   * Takes nothing but the log's own proof that the decision to forward is on disk.
   */
  forward(allow: CommittedAllow, call: Outbound, headers: http.IncomingHttpHeaders, exchange: Exchange): void {
    const { req, body } = call;
    if (allow.id !== call.id) throw new Error('expected the committed decision of this call');
    const pending: Pending = { respond: exchange.respond, fail: exchange.fail, timedOut: false, responded: false };
    (req as Carrier)[PENDING] = pending;
    req.url = call.query ? `${call.upstreamPath}?${call.query}` : call.upstreamPath;
    req.headers = body ? { ...headers, 'content-length': String(body.byteLength) } : headers;
    (req as Carrier)[BODY] = body;
    req.pipe = endWithBody;
    void this.proxy(req, untouchable(call.res), () => this.failed(req));
  }

  /** Sends a message of the gateway's own, such as the refusal of what a server asked; nobody waits for the answer. */
  send(path: string, headers: Record<string, string>, body: string): void {
    const { url, agent, timeoutMs } = this;
    const request = (url.protocol === 'https:' ? https : http).request(new URL(path, url), {
      ...{ method: 'POST', agent, timeout: timeoutMs },
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    });
    request.on('response', (response) => response.resume());
    request.on('timeout', () => request.destroy()).on('error', () => {});
    request.end(body);
  }

  close(): void {
    this.agent.destroy();
  }

  private readonly events: Plugin = (proxy) => {
    proxy.on('proxyReq', (upstream, req) => {
      upstream.once('timeout', () => {
        const pending = (req as Carrier)[PENDING];
        if (pending) pending.timedOut = true;
      });
      upstream.once('close', () => this.failed(req)); // an answer that is none, such as 101, ends without an error
      // The proxy's timer starts with the connection; a connection that is not made must end too.
      if (upstream.socket?.connecting) upstream.socket.setTimeout(this.timeoutMs);
    });
    proxy.on('proxyRes', (response, req) => {
      const pending = (req as Carrier)[PENDING];
      if (!pending) return void response.destroy();
      // Node's client hands on a status such as 099, which its server throws on.
      if ((response.statusCode ?? 0) < 200) {
        this.failed(req);
        return void response.destroy();
      }
      pending.responded = true;
      response.socket.setTimeout(this.idleTimeoutMs);
      pending.respond(response);
    });
    proxy.on('error', (_error, req) => req && this.failed(req));
    proxy.on('econnreset', (_error, req) => req && this.failed(req));
  };

  private failed(req: http.IncomingMessage): void {
    const pending = (req as Carrier)[PENDING];
    if (!pending || pending.responded) return; // once a response has begun its own stream tells of its end
    delete (req as Carrier)[PENDING];
    pending.fail(pending.timedOut ? 'upstream_timeout' : 'upstream_unavailable');
  }
}
