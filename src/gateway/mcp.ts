import { randomUUIDv7 } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { CommittedAllow } from '../audit/index.ts';
import { parse } from '../json/index.ts';
import {
  checkOrigin,
  checkParamHeaders,
  isModern,
  judge,
  McpError,
  type Message,
  type ProtocolVersion,
  parseMessages,
  versionOfBodiless,
  versionOfPost,
} from '../mcp/index.ts';
import type { ToolCall } from '../tool/index.ts';
import { presentedApprovals } from './approval.ts';
import { announcesBody } from './body.ts';
import { enterBundle } from './bundles.ts';
import { type Call, endStep, type McpCall } from './call.ts';
import type { Gateway } from './gateway.ts';
import { visitServer } from './mcp-exchange.ts';
import type { McpVisit } from './mcp-visit.ts';
import { recordOutcome, unanswered } from './outcome.ts';
import { readDocument } from './read.ts';
import { Refusal } from './refusal.ts';
import { reasonOf, refuse } from './refuse.ts';
import type { McpServer } from './servers.ts';
import { decideTool, type ToolContext, type ToolDecision } from './tool.ts';

/** Pages that a browser may send from: this machine's own, and those that the route names. Others are refused, against DNS rebinding. */
const LOCAL_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

/**
 * A message to an MCP server, by Streamable HTTP: each request, notification and answer of the client is decided by
 * `verdict/tool` and recorded before it goes on, and so is what the server asks and lists in return.
 */
export async function governMcp(gateway: Gateway, call: Call): Promise<void> {
  const server = gateway.servers.get(call.route?.server ?? '');
  if (!server) throw new Refusal('UPSTREAM_CREDENTIAL_MISSING');
  if (call.upstreamPath !== '/' || call.query !== '') throw new Refusal('ENDPOINT_NOT_GOVERNED');
  const mcp: McpCall = { messages: undefined, version: undefined };
  call.mcp = mcp;
  checkOrigin(call.req.headers, [...LOCAL_HOSTS, ...(call.route?.origins ?? [])]);
  enterBundle(gateway, call);
  // A GET opens the server's own stream, a DELETE ends the session; only legacy revisions have either.
  const isPost = call.method === 'POST';
  if (!isPost && announcesBody(call.req)) throw new Refusal('BODY_UNEXPECTED');
  const version = isPost ? await readPost(gateway, call, mcp) : readBodiless(call);
  mcp.version = version;
  const messages: (Message | undefined)[] = mcp.messages?.messages ?? [undefined];
  const headers = isModern(version) ? call.req.headers : openSession(call, server);
  endStep(call, 'input');
  const items = messages.map((message, index) => itemOf(call, server, version, message, index));
  const decided = await Promise.all(items.map(({ tool, context }) => decideTool(gateway, call, tool, context)));
  const lasting = call.method === 'GET' || messages.some(isSubscription);
  const visit: McpVisit = { server, version, headers, messages, allows: [], lasting };
  for (const { committed } of decided) if (committed instanceof CommittedAllow) visit.allows.push(committed);
  if (visit.allows.length === items.length) await visitServer(gateway, call, visit);
  else await refuseAll(gateway, call, visit, decided);
}

/** Reads the messages and the version that they speak; what is known by the time of an error is how that is answered. */
async function readPost(gateway: Gateway, call: Call, mcp: McpCall): Promise<ProtocolVersion> {
  mcp.messages = parseMessages(await readDocument(gateway, call));
  mcp.version = versionOfPost(call.req.headers, mcp.messages);
  return mcp.version;
}

/** Modern revisions have neither GET nor DELETE. */
function readBodiless({ req }: Call): ProtocolVersion {
  try {
    return versionOfBodiless(req.headers);
  } catch (error) {
    const isModernCall = error instanceof McpError && error.code === 'METHOD_NOT_GOVERNED';
    throw isModernCall ? new Refusal('METHOD_NOT_ALLOWED', 'expected POST') : error;
  }
}

function openSession({ req, subject }: Call, server: McpServer): IncomingHttpHeaders {
  if (!subject) throw new Refusal('IDENTITY_MISSING');
  return server.sessions.open(req.headers, subject);
}

const isSubscription = (message: Message | undefined): boolean =>
  message?.kind === 'request' && message.method === 'subscriptions/listen';

interface Item {
  tool: ToolCall;
  context: ToolContext & { id: string };
}

/** A message as policy sees it: a call by what it calls, everything else as the protocol's own. */
function itemOf(
  call: Call,
  server: McpServer,
  version: ProtocolVersion,
  message: Message | undefined,
  index: number,
): Item {
  const context = {
    id: index === 0 ? call.id : randomUUIDv7(),
    parent: null,
    approvals: presentedApprovals(call.req),
    ...(call.body && { body: call.body }),
  };
  if (!message) return { tool: protocolCall(server, call.method, undefined), context };
  const judgement = judge(message, version, server.name);
  if (judgement.kind !== 'call') {
    const name = message.kind === 'response' ? 'response' : message.method;
    return { tool: protocolCall(server, name, message), context };
  }
  const { call: tool, retry } = judgement;
  const known = tool.type === 'function' ? server.tools.get(tool.name) : undefined;
  if (isModern(version) && tool.arguments) checkParamHeaders(call.req.headers, tool.arguments, known?.headers);
  return { tool, context: { ...context, description_sha256: known?.sha256 ?? null, retry } };
}

function protocolCall(server: McpServer, name: string, message: Message | undefined): ToolCall {
  const params = message && (message.kind === 'response' ? (message.result ?? message.error) : message.params);
  const id = message && message.kind !== 'notification' && message.id !== null ? String(message.id) : null;
  return {
    ...{ name, type: 'protocol', origin: 'mcp', server: server.name, id },
    arguments: params && parse(params.raw()),
  };
}

/** Nothing of a batch is forwarded if one message of it is refused: a part of it would be another message. */
async function refuseAll(gateway: Gateway, call: Call, { allows }: McpVisit, decided: ToolDecision[]): Promise<void> {
  const first = decided.find(({ committed }) => !(committed instanceof CommittedAllow)) as ToolDecision;
  const body = refuse(call, reasonOf(first.decision, first.approval), first.byPolicy, first.id);
  await recordOutcome(gateway, call, allows, unanswered(call, call.res.statusCode, body, 'not_forwarded'));
}
