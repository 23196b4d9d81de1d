import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Subject } from '../input/index.ts';
import type { ToolCall } from '../tool/index.ts';
import type { Call } from './call.ts';

/** A request to a model, as far as an approval is of it. */
export interface ClaimedRequest {
  method: string;
  path: string;
  query: string;
  betas: readonly string[];
  body: Uint8Array | undefined;
}

/** What a call must agree with for an approval to hold. */
export type Claimed = {
  subject: Subject;
  route: string;
  /** When the call came, RFC 3339. */
  time: string;
} & ({ tool: ToolCall } | { request: ClaimedRequest });

/** Where callers present the tokens that they were granted, separated by commas. */
const APPROVAL_HEADER = 'x-verdict-approval';

/** Whether there are any, before the call is forwarded: mostly not, and to read them apart costs more. */
export const presentsApprovals = ({ headers }: IncomingMessage): boolean => headers[APPROVAL_HEADER] !== undefined;

/** Tokens, separated by commas. From the headers as they came: once a call is forwarded, `req.headers` are those that went upstream. */
export function presentedApprovals({ headersDistinct }: IncomingMessage): string | undefined {
  return headersDistinct[APPROVAL_HEADER]?.join();
}

export function claimedRequest({ subject, route, time, method, path, query, view, body }: Call): Claimed {
  if (!subject || !route) throw new Error('expected a call with a subject and a route');
  return { subject, route: route.id, time, request: { method, path, query, betas: view?.betas ?? [], body } };
}

/** SHA-256 (base64url) of the arguments' bytes, or of the body's. */
export function contentDigest(claimed: Claimed): string {
  const content = 'tool' in claimed ? claimed.tool.arguments?.raw() : claimed.request.body;
  return hash('sha256', content ?? '', 'base64url');
}

/** All that makes a call this very call, in one digest. JSON keeps the parts apart. */
export function digestOf(claimed: Claimed): string {
  const { subject, route } = claimed;
  const { id, issuer, application } = subject;
  const caller = [id, issuer, application, actorsOf(subject), route];
  return hash('sha256', JSON.stringify([...caller, ...partsOf(claimed), contentDigest(claimed)]), 'base64url');
}

function partsOf(claimed: Claimed): (string | null)[] {
  if ('tool' in claimed) {
    const { name, type, origin, server, workspace = null } = claimed.tool;
    return ['tool', name, type, origin, server, workspace];
  }
  const { method, path, query, betas } = claimed.request;
  return ['request', method, path, query, JSON.stringify(betas)];
}

/** The agent that acts for the subject, and whoever it acts for in turn. One that begins a new session is still the same. */
const actorsOf = ({ act }: Subject): string | null =>
  act === undefined ? null : JSON.stringify(act, (key, value) => (key === 'session' ? undefined : value));
