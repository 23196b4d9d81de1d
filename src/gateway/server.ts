import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import express, { type Express } from 'express';
import type { Gateway } from './gateway.ts';
import { answerHealth } from './health.ts';
import { govern, turnAwayUnparsed } from './journey.ts';
import { closeWithConnection } from './queued.ts';
import { REASONS, type ReasonCode } from './reasons.ts';

const LINGER_MS = 500;

/** The HTTP server: what arrives on the port either asks for the gateway's health or makes the journey. */
export function createGatewayServer(gateway: Gateway): Server {
  const { limits } = gateway.config;
  const app = createApp(gateway);
  const server = createServer({
    maxHeaderSize: limits.header_bytes,
    headersTimeout: limits.headers_timeout_ms,
    // The journey limits the time for a body; this ends what dodges it, such as a refused body that trickles in.
    requestTimeout: limits.headers_timeout_ms + limits.body_timeout_ms,
    connectionsCheckingInterval: 1000,
    requireHostHeader: false, // refused by the journey, which records it
    insecureHTTPParser: false,
    noDelay: true,
  });
  const latest = new WeakMap<Duplex, ServerResponse>();
  const serve = (req: IncomingMessage, res: ServerResponse): void => {
    // What follows an answer that ends the connection is not taken (RFC 9112, section 9.6).
    if (latest.get(req.socket)?.shouldKeepAlive === false) return;
    latest.set(req.socket, res);
    closeWithConnection(req, res);
    // Express answers a target that it cannot parse (`http://[`) by itself, with a page and without a record.
    if (req.url?.startsWith('/')) app(req, res);
    else void govern(gateway, req, res);
  };
  server.on('request', serve);
  // Left to node, these would be answered before anybody is identified, and without a record.
  server.on('checkContinue', serve);
  server.on('checkExpectation', serve);
  server.on('connect', (_req: IncomingMessage, socket: Duplex) =>
    turnAwaySocket(gateway, socket, 'METHOD_NOT_ALLOWED', latest.get(socket)),
  );
  const broken = new WeakSet<Duplex>();
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (broken.has(socket)) return; // the parser complains again with every further byte
    broken.add(socket);
    breakOff(gateway, socket, error, latest.get(socket));
  });
  return server;
}

function createApp(gateway: Gateway): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.set('query parser', false);
  app.use((req, res, next) => {
    if (!answerHealth(gateway, req, res)) void govern(gateway, req, res).catch(next);
  });
  return app;
}

/** Which refusal a failure below HTTP is; none for a connection that simply went away. */
function codeOf(error: NodeJS.ErrnoException): ReasonCode | undefined {
  if (error.code === 'HPE_HEADER_OVERFLOW') return 'HEADERS_TOO_LARGE';
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'HEADERS_TIMEOUT';
  return error.code?.startsWith('HPE_') && error.code !== 'HPE_INVALID_EOF_STATE' ? 'HEADERS_INVALID' : undefined;
}

/** Ends a connection on which HTTP itself failed. `latest` answers the last request that came on it. */
function breakOff(
  gateway: Gateway,
  socket: Duplex,
  error: NodeJS.ErrnoException,
  latest: ServerResponse | undefined,
): void {
  const code = codeOf(error);
  if (!code) socket.destroy();
  else if (latest && !latest.req.complete) breakBody(socket, error, latest);
  else if (latest?.shouldKeepAlive === false)
    return; // ends with that answer anyway
  else turnAwaySocket(gateway, socket, code, latest);
}

/** It failed within a request's body. Its own journey records that and answers, if it has not answered before. */
function breakBody(socket: Duplex, error: Error, { req, headersSent }: ServerResponse): void {
  if (headersSent) return void socket.destroy();
  setImmediate(() => {
    // A journey that does not read the body yet learns it from the closed connection.
    if (req.listenerCount('error') > 0) req.emit('error', error);
  });
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** There is no request to answer in a dialect: the status alone, once the refusal is recorded. */
function turnAwaySocket(gateway: Gateway, socket: Duplex, code: ReasonCode, latest: ServerResponse | undefined): void {
  socket.on('error', () => socket.destroy());
  void turnAwayUnparsed(gateway, code).then(() => {
    // What is written now would become part of the answer that is under way.
    if (latest && !latest.writableFinished) socket.destroy();
    else endSocket(socket, code);
  });
}

/** Answers, and gives the client a moment to read it: what it still sends would have the kernel reset the connection. */
function endSocket(socket: Duplex, code: ReasonCode): void {
  if (!socket.writable) return void socket.destroy();
  const { status } = REASONS[code];
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
