/**
 * The upstream of the benchmark: answers every chat completion at once, with about 1 KB of JSON or a stream of 50 events, or
 * of as many as the body's last field (`seed`) says.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const EVENTS = 50;
const ANSWER = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 1_790_000_000,
  model: 'gpt-5-mini',
  choices: [{ index: 0, message: { role: 'assistant', content: 'word '.repeat(180) }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 900, completion_tokens: 180, total_tokens: 1080 },
});
const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;
const chunk = event({
  id: 'chatcmpl-bench',
  object: 'chat.completion.chunk',
  created: 1_790_000_000,
  model: 'gpt-5-mini',
  choices: [{ index: 0, delta: { content: 'a few words ' }, finish_reason: null }],
});

const server = createServer((req, res) => {
  let tail = '';
  req.on('data', (data: Buffer) => {
    tail = data.toString('latin1', Math.max(0, data.length - 32));
  });
  req.on('end', () => {
    const [, asked] = /"stream":true(?:,"seed":(\d+))?}$/.exec(tail) ?? [];
    if (!tail.includes('"stream":true')) {
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(ANSWER) });
      return void res.end(ANSWER);
    }
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    const events = Number(asked ?? EVENTS);
    let sent = 0;
    const next = (): void => {
      if (sent++ < events) {
        res.write(chunk);
        return void setImmediate(next);
      }
      res.end('data: [DONE]\n\n');
    };
    next();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
