/** The yardstick: Express and http-proxy-middleware with a keep-alive agent, and nothing else. */
import { Agent } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';

const target = new URL(process.argv[2] ?? '');
const app = express();
app.disable('x-powered-by');
app.use(
  createProxyMiddleware({
    target,
    changeOrigin: true,
    agent: new Agent({ keepAlive: true, maxSockets: 256, maxFreeSockets: 256 }),
  }),
);
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
