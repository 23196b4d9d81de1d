import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Gateway } from './gateway.ts';

/**
 * Answers `/healthz` (the process runs), `/readyz` (calls can be decided and recorded; else 503 with what is missing) and
 * `/metrics` (Prometheus text format). False for any other path.
 */
export function answerHealth(gateway: Gateway, req: IncomingMessage, res: ServerResponse): boolean {
  if (req.method !== 'GET' && req.method !== 'HEAD') return false;
  switch (req.url) {
    case '/healthz':
      send(res, 200, 'text/plain; charset=utf-8', 'ok\n');
      return true;
    case '/readyz':
      sendReadiness(gateway, res);
      return true;
    case '/metrics':
      void gateway.metrics.registry
        .metrics()
        .then((text) => send(res, 200, gateway.metrics.registry.contentType, text))
        .catch(() => send(res, 500, 'text/plain; charset=utf-8', 'metrics could not be collected\n'));
      return true;
    default:
      return false;
  }
}

function sendReadiness(gateway: Gateway, res: ServerResponse): void {
  const now = new Date();
  const active = gateway.bundles.current;
  const { notBefore, notAfter } = gateway.signer.certificate;
  const checks = {
    bundle: active !== undefined && !active.outsideWindow(now),
    log: gateway.log.writable,
    certificate: notBefore <= now && now <= notAfter,
    running: !gateway.stopping,
  };
  const ready = Object.values(checks).every(Boolean);
  send(res, ready ? 200 : 503, 'application/json', `${JSON.stringify({ ready, checks })}\n`);
}

function send(res: ServerResponse, status: number, type: string, body: string): void {
  res.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  res.end(body);
}
