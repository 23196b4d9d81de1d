import { expect, test } from '@jest/globals';
import { Client, ProtocolError, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { JsonValue } from '../../src/json/index.ts';
import { parse } from '../../src/json/index.ts';
import {
  EventFraming,
  faultAnswer,
  isModern,
  judge,
  McpError,
  McpGate,
  type McpRequest,
  OpenRequests,
  openReply,
  parseMessages,
  refusalAnswer,
  versionOfPost,
} from '../../src/mcp/index.ts';
import { REFUSAL, REFUSE, RELEASE } from './support.ts';

const TOOLS = [
  { name: 'read', description: 'reads', inputSchema: { type: 'object' } },
  { name: 'wipe', description: 'wipes', inputSchema: { type: 'object' } },
];

/** What a server would answer, in the era that the client speaks. */
function resultOf({ method }: McpRequest, modern: boolean): object {
  const cache = modern ? { resultType: 'complete', ttlMs: 0, cacheScope: 'public' } : {};
  const server = { name: 's', version: '1' };
  if (method === 'server/discover') {
    const meta = { 'io.modelcontextprotocol/serverInfo': server };
    return { ...cache, supportedVersions: ['2026-07-28'], capabilities: { tools: {} }, _meta: meta };
  }
  if (method === 'initialize')
    return { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: server };
  if (method === 'tools/list') return { ...cache, tools: TOOLS };
  return modern ? { resultType: 'complete', content: [] } : { content: [] };
}

/** A gateway and its server in one: policy refuses the tool `wipe`. Nothing is sent anywhere. */
function answer(headers: Headers, body: Uint8Array, seen: Record<string, unknown>[], stream: boolean): Response {
  const sent = Object.fromEntries(headers);
  const parsed = parseMessages(parse(body));
  const message = parsed.messages[0];
  const version = versionOfPost(sent, parsed);
  if (message?.kind !== 'request') return new Response(null, { status: 202 });
  const id = message.id;
  const modern = isModern(version);
  const json = (text: string | Uint8Array, status: number) =>
    new Response(text as BodyInit, { status, headers: { 'content-type': 'application/json' } });
  try {
    const judgement = judge(message, version, 's');
    if (judgement.kind === 'call' && judgement.call.name === 'wipe') {
      const refused = refusalAnswer(parsed, REFUSAL);
      return json(refused.body, refused.status);
    }
    seen.push({ method: message.method, version, arguments: argumentsOf(message.params) });
  } catch (error) {
    if (!(error instanceof McpError)) throw error;
    const fault = faultAnswer(parsed, error, version);
    return json(fault.body, fault.status);
  }
  const text = JSON.stringify({ jsonrpc: '2.0', id, result: resultOf(message, modern) });
  const requests = new OpenRequests();
  requests.add(message);
  const context = { version, server: 's', carrier: stream ? 'event' : 'body', requests } as const;
  if (!stream) {
    const reply = openReply(Buffer.from(text), context);
    return json(reply.render(rulingsOf(reply.questions)).body ?? '', 200);
  }
  const gate = new McpGate(new EventFraming(10_000), { context, fault: REFUSAL, maxHeldBytes: 10_000 });
  const step = gate.feed(Buffer.from(`event: message\ndata: ${text}\n\n`));
  const out = [...step.out, ...step.held.flatMap(({ key, reply }) => gate.settle(key, rulingsOf(reply.questions)).out)];
  return new Response(Buffer.concat(out) as BodyInit, { headers: { 'content-type': 'text/event-stream' } });
}

function rulingsOf(questions: ReturnType<typeof openReply>['questions']) {
  return new Map(
    questions.map((question) => [
      question.key,
      question.kind === 'item' && question.item.name === 'wipe' ? REFUSE : RELEASE,
    ]),
  );
}

const argumentsOf = (params: JsonValue | undefined): unknown => params?.get('arguments')?.value();

async function connect(mode: 'legacy' | 'modern', stream: boolean) {
  const seen: Record<string, unknown>[] = [];
  const client = new Client(
    { name: 'c', version: '1' },
    mode === 'legacy' ? {} : { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  const fetch = async (_url: unknown, init?: RequestInit): Promise<Response> => {
    if (init?.method !== 'POST') return new Response(null, { status: 405 });
    return answer(new Headers(init.headers), Buffer.from(String(init.body)), seen, stream);
  };
  await client.connect(new StreamableHTTPClientTransport(new URL('http://server.invalid/mcp'), { fetch }));
  return { client, seen };
}

test.each([
  ['legacy', false, '2025-11-25'],
  ['legacy', true, '2025-11-25'],
  ['modern', false, '2026-07-28'],
  ['modern', true, '2026-07-28'],
] as const)(
  'the official client takes filtered lists and refusals: %s, as a stream %s',
  async (mode, stream, version) => {
    const { client, seen } = await connect(mode, stream);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['read']);
    await expect(client.callTool({ name: 'read', arguments: { path: 'ä' } })).resolves.toMatchObject({ content: [] });
    expect(seen.at(-1)).toEqual({ method: 'tools/call', version, arguments: { path: 'ä' } });
    const refused = await client.callTool({ name: 'wipe' }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ProtocolError);
    expect(refused).toMatchObject({ code: 403, data: { code: REFUSAL.code, decision_id: REFUSAL.decisionId } });
    await client.close();
  },
);
