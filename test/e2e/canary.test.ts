import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ANTHROPIC_KEY, OPENAI_KEY } from '../upstream/index.ts';
import { CHAT_BODY, MESSAGE_BODY, request, Stand, Wire } from './harness.ts';

// Secrets planted wherever a caller, a vendor or the environment can put them, and a look at all that comes out.

const CANARY = {
  prompt: 'canary-prompt-b41c',
  system: 'canary-system-77d0',
  tool: 'canary-tool-definition-90aa',
  image: 'canary-image-3fe2',
  answer: 'canary-answer-c3d1',
  header: 'canary-header-18be',
  path: 'canary-path-e6a4',
  query: 'canary-query-5b27',
  key: 'canary-json-key-fa91',
  credential: 'vdt_c0ffee123456_canarycredential0123456789012345678901234567',
  openaiKey: OPENAI_KEY,
  anthropicKey: ANTHROPIC_KEY,
  cookie: 'canary-cookie-06fb',
};

let stand: Stand;
const bodies: string[] = [];
beforeAll(async () => {
  stand = await Stand.open({
    log: { level: 'trace' },
    limits: { body_bytes: 64 * 1024, upstream_timeout_ms: 1000, headers_timeout_ms: 1000 },
  });
});
afterAll(() => stand.close());

const MESSAGES = [
  { role: 'system', content: CANARY.system },
  {
    role: 'user',
    content: [
      { type: 'text', text: CANARY.prompt },
      { type: 'image_url', image_url: { url: `https://x.invalid/${CANARY.image}` } },
    ],
  },
];
const TOOLS = ['lookup_order', 'shell'].map((name) => ({
  type: 'function',
  function: { name, description: CANARY.tool, parameters: { type: 'object', properties: { [CANARY.tool]: {} } } },
}));
const CHAT = { ...CHAT_BODY, messages: MESSAGES, tools: [TOOLS[0]], user: CANARY.prompt };

interface Planted {
  target?: string;
  token?: string;
  lines?: string[];
  body?: string | object;
}

/** Sends a call with canaries all over, and keeps what a refused caller is told. */
async function plant({
  target = '/support/v1/chat/completions',
  token = stand.site.token,
  lines = [],
  body = CHAT,
}: Planted): Promise<number> {
  const bytes = typeof body === 'string' ? body : JSON.stringify(body);
  const message = request(
    [
      `POST ${target} HTTP/1.1`,
      'Host: verdict',
      `Authorization: Bearer ${token}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(bytes)}`,
      `X-Canary: ${CANARY.header}`,
      `User-Agent: ${CANARY.header}`,
      `Cookie: session=${CANARY.cookie}`,
      ...lines,
    ],
    bytes,
  );
  const answer = await stand.ask(message);
  if (answer.headers.has('x-verdict-code') || answer.body.length === 0) bodies.push(answer.body.toString());
  bodies.push([...answer.headers].flat().join('\n'));
  return answer.status;
}

const statuses: number[] = [];
beforeAll(async () => {
  const text = JSON.stringify(CHAT);
  const calls: Planted[] = [
    {},
    { body: { ...CHAT, stream: true } },
    { target: '/shadow/v1/chat/completions', body: { ...CHAT, tools: TOOLS } },
    { target: '/blind/v1/chat/completions' },
    { target: '/discreet/v1/chat/completions' },
    {
      target: `/support/v1/messages?x=${CANARY.query}`,
      lines: ['anthropic-version: 2023-06-01'],
      body: { ...MESSAGE_BODY, system: CANARY.system },
    },
    // denied by policy
    { body: { ...CHAT, model: 'gpt-5-pro' } },
    { body: { ...CHAT, tools: TOOLS } },
    { target: '/discreet/v1/chat/completions', body: { ...CHAT, max_tokens: 5000 } },
    // refused by the gateway
    { token: CANARY.credential },
    { token: `${CANARY.credential}.x.y` },
    { lines: [`x-api-key: ${CANARY.credential}`] },
    { target: `/${CANARY.path}/v1/chat/completions` },
    { target: `/support/${CANARY.path}` },
    { target: `/support//${CANARY.path}` },
    { target: `/support/v1/chat/completions?${CANARY.query}="` },
    { lines: [`Content-Encoding: ${CANARY.header}`] },
    { lines: [`Content-Type: ${CANARY.header}`], body: text },
    { body: text.slice(0, -10) },
    { body: text.replace('{', `{"${CANARY.key}":1,"${CANARY.key}":2,`) },
    { body: text.replace('{', `{"${CANARY.key}":1,"${CANARY.key.toUpperCase()}":2,`) },
    { body: text.replace('{', `{"${CANARY.key}":"\\ud800 ${CANARY.prompt}",`) },
    { body: `${CANARY.prompt}${text}` },
    { body: { ...CHAT, messages: [{ role: CANARY.prompt, content: CANARY.prompt }] } },
    { body: { ...CHAT, messages: [{ role: 'user', content: [{ type: 7, [CANARY.key]: CANARY.prompt }] }] } },
    { body: { ...CHAT, tools: [{ type: 'function', function: { [CANARY.key]: CANARY.tool } }] } },
    { body: { ...CHAT, messages: [{ role: 'user', content: CANARY.prompt.repeat(5000) }] } },
    { lines: [`X-Large: ${CANARY.header.repeat(2000)}`] },
    { lines: [`Bad Header: ${CANARY.header}`] },
  ];
  stand.openai.always({ text: [CANARY.answer] });
  stand.anthropic.always({ text: [CANARY.answer] });
  for (const call of calls) statuses.push(await plant(call));
  // the vendor fails in every way
  for (const fault of [{ status: 500 }, { abortAfterEvents: 0 }, { hang: true }, { abortAfterEvents: 1 }]) {
    stand.openai.next({ ...fault, text: [CANARY.answer] });
    await plant({ body: { ...CHAT, stream: 'abortAfterEvents' in fault } }).catch(() => {});
  }
  // what never becomes a request
  const wire = await Wire.open(stand.url);
  await wire.send(
    `GET /support/${CANARY.path} HTTP/1.1\r\nAuthorization: Bearer ${CANARY.credential}\r\nX: ${CANARY.header}`,
  );
  bodies.push((await wire.rest()).toString());
  await stand.during(async () => {});
}, 60_000);

test('every way was taken', () => {
  expect(new Set(statuses)).toEqual(new Set([200, 400, 401, 403, 404, 413, 415, 431]));
  expect(stand.openai.requests.some(({ body }) => body.includes(CANARY.prompt))).toBe(true);
});

test.each(Object.entries(CANARY))('%s is in no operational log, error body or metric', async (_what, canary) => {
  expect(stand.program.stdout.length).toBeGreaterThan(1000);
  expect(stand.program.stdout).not.toContain(canary);
  expect(stand.program.stderr).not.toContain(canary);
  for (const body of bodies) expect(body).not.toContain(canary);
  for (const path of ['/metrics', '/readyz', '/healthz']) {
    expect(await (await fetch(`${stand.url}${path}`)).text()).not.toContain(canary);
  }
});

test("a token that was sent is nowhere, nor is a vendor's key", async () => {
  const all = [stand.program.stdout, stand.program.stderr, stand.logText(), ...bodies].join('\n');
  for (const secret of [
    stand.site.token,
    stand.site.token.slice(17),
    CANARY.credential,
    CANARY.credential.slice(17),
    OPENAI_KEY,
    ANTHROPIC_KEY,
  ]) {
    expect(all).not.toContain(secret);
  }
});

test('the audit log holds what a caller said in `input` alone, and nothing of headers or answers', () => {
  const log = stand.logText();
  for (const absent of [CANARY.header, CANARY.cookie, CANARY.answer]) expect(log).not.toContain(absent);
  for (const entry of stand.journal()) {
    const { input, ...rest } = entry;
    const outside = JSON.stringify(rest);
    for (const canary of Object.values(CANARY)) expect(outside).not.toContain(canary);
    if (entry.type === 'decision' && ['blind', 'discreet'].includes(entry.route)) {
      for (const canary of [CANARY.prompt, CANARY.system, CANARY.tool, CANARY.image])
        expect(JSON.stringify(input)).not.toContain(canary);
    }
  }
  expect(log).toContain(CANARY.prompt); // or this would prove nothing
  expect(log).toContain(CANARY.query);
});
