import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import express, { type Express } from 'express';
import type { Gateway } from './gateway.ts';
import { answerHealth } from './health.ts';
import { govern, turnAwayUnparsed } from './journey.ts';
import { REASONS, type ReasonCode } from './reasons.ts';

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
  server.on('request', app);
  // Left to node, these would be answered before anybody is identified, and without a record.
  server.on('checkContinue', app);
  server.on('checkExpectation', app);
  server.on('connect', (_req: IncomingMessage, socket: Duplex) => turnAwaySocket(gateway, socket, 'METHOD_NOT_ALLOWED'));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const code = codeOf(error);
    if (code) turnAwaySocket(gateway, socket, code);
    else socket.destroy();
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

/** There is no request to answer in a dialect: the status alone, once the refusal is recorded. */
function turnAwaySocket(gateway: Gateway, socket: Duplex, code: ReasonCode): void {
  const { status } = REASONS[code];
  socket.on('error', () => socket.destroy());
  void turnAwayUnparsed(gateway, code).then(() => {
    if (socket.writable) socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    else socket.destroy();
  });
}
