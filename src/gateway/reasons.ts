import type { IdentityErrorCode } from '../identity/index.ts';
import { type Decision, deny, type PolicyFaultCode } from '../policy/index.ts';
import type { RefusalFields } from '../provider/index.ts';

/** Every code with which the gateway itself, or the engine in policy's place, refuses or fails a call. The set is closed. */
export type ReasonCode =
  | IdentityErrorCode
  | PolicyFaultCode
  | 'PATH_INVALID'
  | 'ROUTE_UNKNOWN'
  | 'METHOD_NOT_ALLOWED'
  | 'ENDPOINT_NOT_GOVERNED'
  | 'HEADERS_INVALID'
  | 'HEADERS_TOO_LARGE'
  | 'HEADERS_TIMEOUT'
  | 'HOST_MISSING'
  | 'BODY_INVALID'
  | 'BODY_UNEXPECTED'
  | 'BODY_TOO_LARGE'
  | 'BODY_TIMEOUT'
  | 'BODY_INCOMPLETE'
  | 'BODY_ENCODING_UNSUPPORTED'
  | 'MEDIA_TYPE_UNSUPPORTED'
  | 'CALL_INVALID'
  | 'CLASSIFICATION_FAILED'
  | 'APPROVAL_REQUIRED'
  | 'CONFIRMATION_REQUIRED'
  | 'OBLIGATION_UNSUPPORTED'
  | 'APPROVAL_INVALID'
  | 'APPROVAL_FORBIDDEN'
  | 'APPROVAL_USED'
  | 'TOOL_ARGUMENTS_INVALID'
  | 'TOOL_ARGUMENTS_TOO_LARGE'
  | 'TOOL_CALL_INCOMPLETE'
  | 'TOOL_CALL_UNKNOWN'
  | 'TOOL_CALLS_TOO_MANY'
  | 'RESPONSE_UNREADABLE'
  | 'RESPONSE_TOO_LARGE'
  | 'BUNDLE_MISSING'
  | 'BUNDLE_EXPIRED'
  | 'AUDIT_UNAVAILABLE'
  | 'OVERLOADED'
  | 'STOPPING'
  | 'UPSTREAM_CREDENTIAL_MISSING'
  | 'UPSTREAM_UNAVAILABLE'
  | 'UPSTREAM_ABORTED'
  | 'UPSTREAM_ERROR'
  | 'UPSTREAM_TIMEOUT'
  | 'INTERNAL';

/** What a client is told. The message is a fixed text: no secret, no prompt, nothing of what the caller sent. */
export interface ReasonEntry {
  readonly status: 400 | 401 | 403 | 404 | 405 | 408 | 413 | 415 | 431 | 500 | 502 | 503 | 504;
  readonly message: string;
  /** Seconds for `Retry-After`, where trying again soon may help. */
  readonly retryAfter?: number;
}

/**
 * The one table from reason code to HTTP. A code of the union that is missing here does not compile.
 * 4xx: the same call will be refused again. 503: Verdict cannot decide now, so it refuses. 502 and 504: it allowed, the vendor failed.
 */
export const REASONS: { readonly [code in ReasonCode]: ReasonEntry } = {
  PATH_INVALID: { status: 400, message: 'the request path is not canonical' },
  ROUTE_UNKNOWN: { status: 404, message: 'no route matches this call' },
  METHOD_NOT_ALLOWED: { status: 405, message: 'the route does not take this method' },
  // 404, as the vendor answers for an endpoint that it does not have: to the SDK, that is what an ungoverned endpoint is.
  ENDPOINT_NOT_GOVERNED: { status: 404, message: 'this endpoint is not governed, so it is not forwarded' },
  HEADERS_INVALID: { status: 400, message: 'the request headers are malformed' },
  HOST_MISSING: { status: 400, message: 'the request has no Host header' },
  HEADERS_TOO_LARGE: { status: 431, message: 'the request headers are too large' },
  HEADERS_TIMEOUT: { status: 408, message: 'the request headers did not arrive in time' },

  IDENTITY_MISSING: { status: 401, message: 'no credential: send a gateway token or an OIDC token as API key' },
  IDENTITY_INVALID: { status: 401, message: 'the credential is not valid here' },
  IDENTITY_EXPIRED: { status: 401, message: 'the credential has expired' },
  IDENTITY_UNAVAILABLE: { status: 503, message: 'the credential cannot be checked now', retryAfter: 5 },

  BODY_INVALID: { status: 400, message: 'the body is not exact JSON' },
  BODY_UNEXPECTED: { status: 400, message: 'this endpoint takes no body' },
  BODY_TOO_LARGE: { status: 413, message: 'the body is too large' },
  BODY_TIMEOUT: { status: 408, message: 'the body did not arrive in time' },
  BODY_INCOMPLETE: { status: 400, message: 'the body ended before it was complete' },
  BODY_ENCODING_UNSUPPORTED: { status: 415, message: 'the body must not have a content-encoding' },
  MEDIA_TYPE_UNSUPPORTED: { status: 415, message: 'the body must be application/json' },
  CALL_INVALID: { status: 400, message: 'the body is not a call that this endpoint understands' },

  // An undefined, invalid or failing policy is a denial for this very call, and retrying makes no difference: 403.
  POLICY_UNDEFINED: { status: 403, message: 'no policy decides this call' },
  POLICY_RESULT_INVALID: { status: 403, message: 'the policy gave no valid decision' },
  POLICY_ERROR: { status: 403, message: 'the policy could not be evaluated' },
  // A deadline may depend on load: 503.
  POLICY_DEADLINE: { status: 503, message: 'the policy took too long', retryAfter: 1 },
  APPROVAL_REQUIRED: { status: 403, message: 'this call needs an approval' },
  CONFIRMATION_REQUIRED: {
    status: 403,
    message: 'this call needs a yes of the person before the agent, and cannot be asked about here',
  },
  OBLIGATION_UNSUPPORTED: {
    status: 403,
    message: 'policy allows this call only with an obligation that is not supported',
  },
  APPROVAL_INVALID: { status: 404, message: 'no such approval is asked for' },
  APPROVAL_FORBIDDEN: { status: 403, message: 'this approval is for somebody else to give' },
  APPROVAL_USED: { status: 403, message: 'the approval that was presented has been used; this call needs another' },
  TOOL_ARGUMENTS_INVALID: { status: 403, message: 'the arguments of a tool call are not exact JSON' },
  TOOL_ARGUMENTS_TOO_LARGE: { status: 403, message: 'the arguments of a tool call are too large' },
  TOOL_CALL_INCOMPLETE: { status: 403, message: 'a tool call ended before it was complete' },
  TOOL_CALL_UNKNOWN: { status: 403, message: 'a tool call is of a type or in a form that is not known here' },
  TOOL_CALLS_TOO_MANY: { status: 403, message: 'the response proposes too many tool calls' },
  RESPONSE_UNREADABLE: {
    status: 502,
    message: 'the response cannot be read, so the tool calls in it cannot be judged',
  },
  RESPONSE_TOO_LARGE: { status: 502, message: 'the response is too large for the tool calls in it to be judged' },
  CLASSIFICATION_FAILED: { status: 503, message: 'the texts of the call could not be labelled' },
  BUNDLE_MISSING: { status: 503, message: 'no policy bundle is active', retryAfter: 5 },
  BUNDLE_EXPIRED: {
    status: 503,
    message: 'the policy bundle or its certificate is outside its validity',
    retryAfter: 60,
  },

  AUDIT_UNAVAILABLE: { status: 503, message: 'the decision cannot be recorded now', retryAfter: 5 },
  OVERLOADED: { status: 503, message: 'too many calls at once', retryAfter: 1 },
  STOPPING: { status: 503, message: 'the gateway is stopping', retryAfter: 1 },

  UPSTREAM_CREDENTIAL_MISSING: { status: 503, message: "the provider's key is not configured" },
  UPSTREAM_UNAVAILABLE: { status: 502, message: 'the provider cannot be reached' },
  UPSTREAM_ABORTED: { status: 502, message: 'the provider broke off its answer' },
  // With the provider's own status, where that is an error: retries go by it.
  UPSTREAM_ERROR: { status: 502, message: 'the provider answered with an error that is in no form to be passed on' },
  UPSTREAM_TIMEOUT: { status: 504, message: 'the provider did not answer in time' },
  INTERNAL: { status: 500, message: 'an error inside the gateway; the call was not forwarded' },
};

/** A refusal with the table's own words. */
export function refusalFields(code: ReasonCode, decisionId: string): RefusalFields {
  const { status, message } = REASONS[code];
  return { status, code, message, decisionId };
}

/** The gateway's own denial, in policy's place. @param message the table's words, or those and more */
export const denial = (code: ReasonCode, message: string = REASONS[code].message): Decision =>
  deny(code, message, 'verdict/gateway');
