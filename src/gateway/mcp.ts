import { randomUUIDv7 } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { CommittedAllow } from '../audit/index.ts';
import {
  checkOrigin,
  endToEnd,
  isModern,
  LISTEN,
  McpError,
  type McpRefusal,
  type Message,
  type ProtocolVersion,
  parseMessages,
  TASK_LIST,
  unsentRefusal,
  versionOfBodiless,
  versionOfPost,
} from '../mcp/index.ts';
import { announcesBody } from './body.ts';
import { enterBundle } from './bundles.ts';
import { type Call, endStep, type McpCall } from './call.ts';
import { presentedApprovals } from './claim.ts';
import type { Gateway } from './gateway.ts';
import { type Asked, askedOf } from './mcp-asked.ts';
import { visitServer } from './mcp-exchange.ts';
import { inSlices } from './mcp-slices.ts';
import type { McpVisit } from './mcp-visit.ts';
import { recordOutcome, unanswered } from './outcome.ts';
import { readDocument } from './read.ts';
import { Refusal } from './refusal.ts';
import { reasonOf, refuse, statusOf } from './refuse.ts';
import type { McpServer } from './servers.ts';
import { decideTool, type ToolDecision } from './tool.ts';

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
  const own = endToEnd(call.req.headers);
  const version = isPost ? await readPost(gateway, call, mcp, own) : readBodiless(own);
  mcp.version = version;
  const messages: (Message | undefined)[] = mcp.messages?.messages ?? [undefined];
  const headers = isModern(version) ? own : openSession(own, call, server, messages);
  endStep(call, 'input');
  const each = messages.map((message) => askedOf(message, { server, version, headers, method: call.method }));
  const asked = each.flat();
  const decided = await decideAll(gateway, call, asked);
  const lasting = call.method === 'GET' || messages.some(isRequestOf(LISTEN));
  const visit: McpVisit = { server, version, headers, messages, allows: [], lasting };
  for (const { committed } of decided) if (committed instanceof CommittedAllow) visit.allows.push(committed);
  if (visit.allows.length === asked.length) await visitServer(gateway, call, visit);
  else await refuseAll(gateway, call, mcp, visit, decided, each);
}

/** Reads the messages and the version that they speak; what is known by the time of an error is how that is answered. */
async function readPost(
  gateway: Gateway,
  call: Call,
  mcp: McpCall,
  headers: IncomingHttpHeaders,
): Promise<ProtocolVersion> {
  mcp.messages = parseMessages(await readDocument(gateway, call));
  mcp.version = versionOfPost(headers, mcp.messages);
  return mcp.version;
}

/** Modern revisions have neither GET nor DELETE. */
function readBodiless(headers: IncomingHttpHeaders): ProtocolVersion {
  try {
    return versionOfBodiless(headers);
  } catch (error) {
    const isModernCall = error instanceof McpError && error.code === 'METHOD_NOT_GOVERNED';
    throw isModernCall ? new Refusal('METHOD_NOT_ALLOWED', 'expected POST') : error;
  }
}

/**
 * What belongs to a session needs one: without it a server would know the gateway's account only, and replay anybody's
 * stream, or list everybody's tasks.
 */
function openSession(
  own: IncomingHttpHeaders,
  { subject }: Call,
  server: McpServer,
  messages: readonly (Message | undefined)[],
): IncomingHttpHeaders {
  if (!subject) throw new Refusal('IDENTITY_MISSING');
  const headers = server.sessions.open(own, subject);
  const needsSession = headers['last-event-id'] !== undefined || messages.some(isRequestOf(TASK_LIST));
  if (needsSession && headers['mcp-session-id'] === undefined) {
    throw new McpError('SESSION_UNKNOWN', `a session that Last-Event-ID or ${TASK_LIST} is about`);
  }
  return headers;
}

const isRequestOf = (method: string) => (message: Message | undefined) =>
  message?.kind === 'request' && message.method === method;

async function decideAll(gateway: Gateway, call: Call, asked: readonly Asked[]): Promise<ToolDecision[]> {
  const approvals = presentedApprovals(call.req);
  const decide = ({ tool, ...context }: Asked, index: number): Promise<ToolDecision> => {
    const id = index === 0 ? call.id : randomUUIDv7();
    const body = call.body && { body: call.body };
    return decideTool(gateway, call, tool, { ...context, id, parent: null, approvals, ...body });
  };
  return (await inSlices(asked, () => false, decide)) ?? [];
}

/** Nothing of a batch is forwarded if one message of it is refused: a part of it would be another message. */
async function refuseAll(
  gateway: Gateway,
  call: Call,
  mcp: McpCall,
  { allows }: McpVisit,
  decided: ToolDecision[],
  each: readonly Asked[][],
): Promise<void> {
  const isRefused = ({ committed }: ToolDecision): boolean => !(committed instanceof CommittedAllow);
  const first = decided.find(isRefused) as ToolDecision;
  let from = 0;
  mcp.refusals = each.map(({ length }) => {
    const own = decided.slice(from, from + length);
    from += length;
    const refused = own.find(isRefused);
    return refused === undefined ? unsentRefusal(own[0]?.id ?? first.id) : refusalOf(refused);
  });
  const body = refuse(call, reasonOf(first.decision, first.approval), first.byPolicy, first.id);
  await recordOutcome(gateway, call, allows, unanswered(call, call.res.statusCode, body, 'not_forwarded'));
}

function refusalOf({ decision, approval, byPolicy, id }: ToolDecision): McpRefusal {
  const { code, message } = reasonOf(decision, approval);
  return { status: statusOf(code, byPolicy), code, message, decisionId: id };
}
