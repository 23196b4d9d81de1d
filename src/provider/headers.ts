import type { IncomingHttpHeaders } from 'node:http';
import type { Provider } from '../input/index.ts';

/** What a client may say to both vendors. No `idempotency-key`: on an account that many share, one's key could meet another's. */
const COMMON = ['accept', 'user-agent'];

/**
 * What it may say to one. `openai-organization` and `openai-project` are not among them: they choose whose account
 * pays, and the account is the gateway's.
 */
const OWN: Record<Provider, readonly string[]> = {
  openai: ['openai-beta'],
  anthropic: ['anthropic-version', 'anthropic-beta'],
};

const SDK_PREFIX = 'x-stainless-';

/**
 * The headers of a request to the vendor. Nothing of the client's passes unless it is on the list, so that no
 * credential of the gateway's, no hop-by-hop and no forwarding header, and no `Expect` can; and nothing that the
 * client's Connection header names (RFC 9110, section 7.6.1).
 *
 * A body always goes as plain `application/json`: it was judged as UTF-8, and a charset or an encoding of the client's
 * could have the vendor read it in another way. The response is asked for as it is, since it is observed.
 *
 * @param credential the vendor's key; empty for an upstream that asks for none
 */
export function upstreamHeaders(
  provider: Provider,
  client: IncomingHttpHeaders,
  credential: string,
): Record<string, string> {
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  const connection = new Set((client.connection ?? '').toLowerCase().split(/[\s,]+/));
  for (const [name, value] of Object.entries(client)) {
    const listed = COMMON.includes(name) || OWN[provider].includes(name) || name.startsWith(SDK_PREFIX);
    if (listed && typeof value === 'string' && !connection.has(name)) headers[name] = value;
  }
  if (client['content-type'] !== undefined) headers['content-type'] = 'application/json';
  if (credential === '') return headers; // an upstream of one's own that asks for no key
  if (provider === 'openai') headers.authorization = `Bearer ${credential}`;
  else headers['x-api-key'] = credential;
  return headers;
}

/** What a vendor may say to the client, in lower case. */
const TO_CLIENT = new Set([
  // how the body is to be read: a body that is judged has no encoding
  ...['content-type', 'content-length', 'content-encoding'],
  // that nobody on the way keeps an answer or holds back a stream
  ...['cache-control', 'x-accel-buffering'],
  // whether and when SDKs try again
  ...['date', 'retry-after', 'retry-after-ms', 'x-should-retry'],
  // the call's name, for the vendor's support: OpenAI, Anthropic, Azure, Cloudflare before them
  ...['x-request-id', 'request-id', 'apim-request-id', 'cf-ray'],
  // what answered, and how fast
  ...['openai-version', 'openai-model', 'openai-processing-ms', 'server-timing'],
]);

/** How much of the account's rate is left (OpenAI and those like it, Anthropic's tiers), and Azure's own. */
const TO_CLIENT_BEGINNINGS = /^(?:(?:x-)?ratelimit-|anthropic-(?:ratelimit|priority|fast)-|x-ms-)/;

/**
 * Whether a header of the vendor's passes to the client. Others may lead it elsewhere (`location`, `link`, `refresh`,
 * `alt-svc`), have it keep or drop something (`set-cookie`, `clear-site-data`), ask it for credentials, or tell of the account
 * (`openai-organization`), which is the gateway's.
 *
 * @param name in lower case
 */
export const passesToClient = (name: string): boolean => TO_CLIENT.has(name) || TO_CLIENT_BEGINNINGS.test(name);
