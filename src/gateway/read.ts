import { hash } from 'node:crypto';
import type { BodyDraft } from '../audit/index.ts';
import { type Envelope, type InputBytes, marshalInput, withoutText } from '../input/index.ts';
import type { JsonDocument } from '../json/index.ts';
import { bodilessCall, type Endpoint, parseCall, readBetas } from '../provider/index.ts';
import { announcedBytes, announcesBody, awaitsContinue, readBody, requireJson } from './body.ts';
import { type Call, endStep } from './call.ts';
import { claimedRequest, presentedApprovals, presentsApprovals } from './claim.ts';
import { parseBody } from './document.ts';
import type { Gateway } from './gateway.ts';
import { labelBody } from './labels.ts';
import { type CallDocument, fieldsOf } from './record.ts';
import { Refusal } from './refusal.ts';
import type { Route } from './routes.ts';

/** Reads the body within its bounds, checks it strictly, sees whether somebody approved of it, and writes the input document. */
export async function readInput(gateway: Gateway, call: Call): Promise<CallDocument> {
  const { req, endpoint, route } = call;
  if (!endpoint || !route) throw new Refusal('ENDPOINT_NOT_GOVERNED');
  if (!endpoint.hasBody) {
    if (announcesBody(req)) throw new Refusal('BODY_UNEXPECTED');
    call.view = bodilessCall(endpoint, betasOf(call, endpoint));
    await claimApproval(gateway, call);
    const input = marshalInput({ ...fieldsOf(call), call: call.view });
    return { input, recorded: undefined, body: { body_sha256: null, body_bytes: 0 } };
  }
  const envelope = await readEnvelope(gateway, call);
  return describe(gateway, call, route, endpoint, envelope);
}

/** Reads a body that is a message by itself, within its bounds, and checks it strictly. */
export async function readDocument(gateway: Gateway, call: Call): Promise<JsonDocument> {
  const { body } = await readEnvelope(gateway, call);
  return parseBody(gateway, body);
}

async function readEnvelope(gateway: Gateway, call: Call): Promise<Envelope> {
  const { req } = call;
  requireJson(req);
  const limit = gateway.config.limits.body_bytes;
  announcedBytes(req, limit); // refuses what is too large before it is asked for
  if (awaitsContinue(req)) call.res.writeContinue(); // only now is it known that the body is wanted
  const envelope = await readBody(req, limit, gateway.config.limits.body_timeout_ms, (bytes) => {
    if (!gateway.admission.hold(bytes)) return false;
    call.heldBytes += bytes;
    return true;
  });
  call.body = envelope.body;
  endStep(call, 'body');
  return envelope;
}

/**
 * Looks among what the caller presents for an approval of this very request, once all that policy will see of it is known.
 * It is then the call's, and used up unless the call does not go ahead.
 */
async function claimApproval({ approvals }: Gateway, call: Call): Promise<void> {
  if (!presentsApprovals(call.req)) return;
  const claimed = claimedRequest(call);
  const found = await approvals.claim(presentedApprovals(call.req) ?? '', claimed);
  if (!found) return;
  if ('id' in found) call.approval = found;
  else throw new Refusal('APPROVAL_USED', undefined, await approvals.ask(call.id, found.used, claimed));
}

function betasOf({ req }: Call, { provider }: Endpoint): string[] {
  const betas = readBetas(provider, req.headers);
  if (!betas) throw new Refusal('HEADERS_INVALID', 'expected fewer beta features');
  return betas;
}

async function describe(
  gateway: Gateway,
  call: Call,
  route: Route,
  endpoint: Endpoint,
  envelope: Envelope,
): Promise<CallDocument> {
  const { body } = envelope;
  const document = parseBody(gateway, body);
  const betas = betasOf(call, endpoint);
  const { labels, masked, body: shown } = await labelBody(gateway, call, document);
  Object.assign(call, { labels, masked });
  call.view = parseCall(endpoint, route.text === 'digest' ? document : shown, route.text === 'digest', betas);
  await claimApproval(gateway, call);
  const fields = fieldsOf(call);
  if (route.text === 'digest') {
    const sha256 = hash('sha256', body);
    const input = marshalInput(withoutText(fields, call.view, sha256));
    return { input, recorded: undefined, body: { body_sha256: sha256, body_bytes: body.byteLength } };
  }
  const isMasked = masked > 0;
  const input = marshalInput({ ...fields, call: call.view, body: shown }, isMasked ? undefined : envelope);
  if (route.audit.input === 'full') {
    return { input, recorded: undefined, body: isMasked ? { body } : bodyWithin(input, document, body) };
  }
  const sha256 = hash('sha256', body);
  const recorded = marshalInput(withoutText(fields, parseCall(endpoint, document, true, betas), sha256));
  return { input, recorded, body: { body_sha256: sha256, body_bytes: body.byteLength } };
}

/** Where the body lies unchanged in the input, the log hashes it from there; else it gets the bytes themselves. */
function bodyWithin(input: InputBytes, document: JsonDocument, body: Uint8Array): BodyDraft {
  const end = input.byteLength - 1; // the document's closing brace follows
  const unchanged = !document.hasLineBreaks && document.end - document.start === body.byteLength;
  return unchanged ? { body_in_input: { start: end - body.byteLength, end } } : { body };
}
