import { randomUUIDv7 } from 'node:crypto';
import { CommittedAllow } from '../audit/index.ts';
import { type JsonDocument, type JsonValue, parse } from '../json/index.ts';
import type { ToolCall } from '../tool/index.ts';
import type { Call } from './call.ts';
import { presentedApprovals } from './claim.ts';
import type { Gateway } from './gateway.ts';
import { inSlices } from './mcp-slices.ts';
import { recordOutcome, unanswered } from './outcome.ts';
import { Refusal } from './refusal.ts';
import { reasonOf, statusOf } from './refuse.ts';
import { answerJson } from './respond.ts';
import { decideTool, type ToolContext, type ToolDecision } from './tool.ts';

const MOST_CALLS = 1000;
const LONGEST_NAME = 4096;
const SHA256 = /^[0-9a-f]{64}$/;

/**
 * What `verdict mcp` asks before it lets messages pass between a desktop agent and an MCP server on stdio:
 * `{"server": NAME, "calls": [{"name", "type", "id", "arguments", "description_sha256", "retry"}]}`. Answers
 * `{"rulings": [{"effect", "status", "code", "message", "decision_id"}]}`, one for each, in their order.
 */
export async function governStdio(gateway: Gateway, call: Call, document: JsonDocument): Promise<void> {
  const server = text(document.get('server'), '$.server');
  const calls = document.get('calls');
  const items = calls?.items() ?? [];
  if (calls?.kind !== 'array' || items.length === 0 || items.length > MOST_CALLS) {
    throw new Refusal('CALL_INVALID', `expected 1 to ${MOST_CALLS} calls at $.calls`);
  }
  const asked = items.map((item, index) => readCall(item, server, `$.calls[${index}]`));
  const approvals = presentedApprovals(call.req);
  const decide = ({ tool, context }: Asked, index: number): Promise<ToolDecision> => {
    const own = { id: index === 0 ? call.id : randomUUIDv7(), approvals, ...(call.body && { body: call.body }) };
    return decideTool(gateway, call, tool, { ...context, ...own });
  };
  const decided = (await inSlices(asked, () => false, decide)) ?? [];
  const body = JSON.stringify({ rulings: decided.map(rulingOf) });
  answerJson(call.res, body, { 'x-verdict-decision': call.id });
  // What is allowed goes to the server from there; nothing more is heard of it here.
  const allows = decided.map(({ committed }) => committed).filter((each) => each instanceof CommittedAllow);
  await recordOutcome(gateway, call, allows, unanswered(call, 200, body, 'handed_over'));
}

interface Asked {
  tool: ToolCall;
  context: ToolContext;
}

function readCall(item: JsonValue, server: string, at: string): Asked {
  const args = item.get('arguments');
  const id = item.get('id');
  const digest = item.get('description_sha256');
  const description = digest?.string();
  if (digest && digest.kind !== 'null' && !SHA256.test(description ?? '')) {
    throw new Refusal('CALL_INVALID', `expected a SHA-256 in hexadecimal at ${at}.description_sha256`);
  }
  const tool: ToolCall = {
    name: text(item.get('name'), `${at}.name`),
    type: text(item.get('type'), `${at}.type`),
    ...{ origin: 'mcp', server, id: id?.string() ?? null },
    arguments: args && args.kind !== 'null' ? parse(args.raw()) : undefined,
  };
  const retry = item.get('retry')?.boolean() ?? false;
  return { tool, context: { parent: null, description_sha256: description ?? null, retry } };
}

function text(value: JsonValue | undefined, at: string): string {
  const found = value?.string();
  if (!found || found.length > LONGEST_NAME) {
    throw new Refusal('CALL_INVALID', `expected a text of 1 to ${LONGEST_NAME} characters at ${at}`);
  }
  return found;
}

function rulingOf({ id, committed, decision, byPolicy, approval }: ToolDecision): object {
  if (committed instanceof CommittedAllow) return { effect: 'allow', decision_id: id };
  const { code, message } = reasonOf(decision, approval);
  return { effect: 'deny', status: statusOf(code, byPolicy), code, message, decision_id: id };
}
