import { announcesBody, awaitsContinue, readBody } from './body.ts';
import type { Call } from './call.ts';
import type { Gateway } from './gateway.ts';
import { Refusal } from './refusal.ts';
import { answerJson } from './respond.ts';

const PREFIX = '/v1/approvals/';

/** Some clients cannot send a POST without one. */
const NO_BODY = /^\s*(?:\{\s*\})?\s*$/;
const LONGEST_BODY = 1024;

export const isApprovalPath = (path: string): boolean => path.startsWith(PREFIX);

/**
 * Somebody approves of a call that policy escalated: `POST /v1/approvals/{id}`, without a body or with an empty object. Another subject than the caller,
 * with the role that policy asks for; recorded before the token is handed out. Answers `{approval, expires, request}`.
 */
export async function approve(gateway: Gateway, call: Call): Promise<void> {
  const { subject, res } = call;
  if (call.method !== 'POST') {
    res.setHeader('allow', 'POST');
    throw new Refusal('METHOD_NOT_ALLOWED', 'expected POST');
  }
  if (!subject) throw new Refusal('IDENTITY_MISSING');
  await refuseBody(gateway, call);
  const id = call.path.slice(PREFIX.length);
  const request = await gateway.approvals.open(id);
  if (!request) throw invalid();
  if (request.subject.id === subject.id && request.subject.issuer === subject.issuer) {
    throw new Refusal('APPROVAL_FORBIDDEN', 'expected another subject than the one whose call it is');
  }
  const { role, decision, tool, arguments_sha256 } = request;
  if (!subject.roles.includes(role)) throw new Refusal('APPROVAL_FORBIDDEN', `expected the role ${role}`);
  if (gateway.approvals.wasUsed(request.id)) throw new Refusal('APPROVAL_USED');
  const granted = await gateway.approvals.grant(id, { id: subject.id, issuer: subject.issuer, role });
  if (!granted) throw invalid();
  const { token, expires } = granted;
  await gateway.log.event({
    ...{ type: 'approval', approval: request.id, decision, tool, arguments_sha256, role, expires },
    requester: request.subject,
    approver: subject,
  });
  gateway.logger.info({ approval: request.id, decision }, 'a call was approved of');
  answerJson(res, JSON.stringify({ approval: token, expires, request }));
}

async function refuseBody({ config }: Gateway, { req, res }: Call): Promise<void> {
  if (!announcesBody(req)) return;
  if (awaitsContinue(req)) res.writeContinue();
  const { body } = await readBody(req, LONGEST_BODY, config.limits.body_timeout_ms, () => true);
  if (!NO_BODY.test(Buffer.from(body).toString())) throw new Refusal('BODY_UNEXPECTED', 'expected none, or {}');
}

const invalid = (): Refusal =>
  new Refusal('APPROVAL_INVALID', 'expected the id of an approval that is asked for and has not expired');
