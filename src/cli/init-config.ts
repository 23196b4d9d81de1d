import type { Config } from '../gateway/index.ts';

type SecretSource = NonNullable<Config['providers']['openai']>['key'];

/** What the first `verdict.yaml` says; the rest of it is fixed. */
export interface Starter {
  readonly host: string;
  readonly port: number;
  readonly providers: Readonly<Record<'openai' | 'anthropic', Upstream>>;
  /** MCP servers by name: each gets a route of that name, and the policy of that name. */
  readonly mcp_servers: Readonly<Record<string, Upstream>>;
}

interface Upstream {
  readonly url: string;
  readonly key: SecretSource;
}

export const STARTER: Starter = {
  host: '127.0.0.1',
  port: 8080,
  providers: {
    openai: { url: 'https://api.openai.com', key: { env: 'OPENAI_API_KEY' } },
    anthropic: { url: 'https://api.anthropic.com', key: { env: 'ANTHROPIC_API_KEY' } },
  },
  mcp_servers: {},
};

/** The text of the first `verdict.yaml`, with comments for whoever edits it. JSON is YAML, so values are written as JSON. */
export function marshalStarter({ host, port, providers, mcp_servers }: Starter): string {
  return `# yaml-language-server: $schema=./verdict.schema.json
# Configuration of a Verdict gateway. Relative paths are taken from this file's folder.
# THE KEYS IN pki/ ARE FOR DEVELOPMENT. For production, put your own CA's certificates and keys in their place.

listen: { host: ${JSON.stringify(host)}, port: ${port} }

# The policies that decide: built by \`verdict build bundles/default.yaml\`, and trusted if signed under ca.
bundle:
  path: bundles/dist/default.tar.gz
  ca: pki/root.pem

# The signed log of every decision. For a key in PKCS#12: pkcs12 and passphrase_env in place of certificate and key.
audit:
  folder: audit
  certificate: pki/audit.pem
  key: pki/audit.key
  ca: pki/root.pem

# Who may call: gateway tokens (\`verdict token create\`), and JWTs of the issuers you name.
identity:
  tokens: tokens.json
  # oidc:
  #   - issuer: https://idp.example.com/
  #     audience: verdict
  #     jwks_url: https://idp.example.com/.well-known/jwks.json
  #     algorithms: [ES256, RS256]
  #     claims: { roles: roles, tenant: tenant, application: azp }

# The vendors. Their keys come from the environment or a file (key: { file: path }), never from callers.
providers:
${marshalUpstreams(providers)}

# MCP servers by name, each with its whole endpoint and the token that it asks for (key: none if it asks for none).
${
  Object.keys(mcp_servers).length === 0
    ? `# mcp_servers:
#   tickets: { url: https://mcp.example.com/mcp, key: { env: TICKETS_TOKEN } }`
    : `mcp_servers:\n${marshalUpstreams(mcp_servers)}`
}

# Escalated calls: \`verdict approve\` lets one pass. Replicas share the key; without one, approvals end with the process.
# approvals: { key: { env: VERDICT_APPROVAL_KEY }, minutes: 15 }

# Which calls are governed, by which policy. What follows a route's path is the vendor's own:
# POST /support/v1/chat/completions and /support/v1/responses (OpenAI), POST /support/v1/messages (Anthropic), GET /support/v1/models.
routes:
  - id: support
    match: { path: /support }
    policy: support
  - id: coding
    match: { path: /coding }
    policy: coding
    # mode: shadow              # forward whatever policy says, and record what would have happened
    # text: digest              # policy sees SHA-256s in place of the messages' text
    # audit: { input: digest }  # the record does
    # on_denied_tool: strip     # take a denied tool call out of the response, rather than answer with an error
  # The hooks of coding agents, as \`verdict hook install\` sets them up: POST /v1/hooks/claude-code, …
  - id: hooks
    kind: hook
    match: { path: /v1/hooks }
    policy: coding
  # Messages to an MCP server, by Streamable HTTP: an agent's client is pointed at http://…/mcp/tickets.
${
  Object.keys(mcp_servers).length === 0
    ? marshalMcpRoute('tickets').replace(/^ {2}/gm, '  # ')
    : Object.keys(mcp_servers).map(marshalMcpRoute).join('\n')
}

# Bounds; see verdict.schema.json for all of them.
limits:
  body_bytes: 10485760
  concurrent_calls: 256

log: { level: info }
`;
}

function marshalUpstreams(upstreams: Readonly<Record<string, Upstream>>): string {
  return Object.entries(upstreams)
    .map(([name, { url, key }]) => `  ${name}: { url: ${JSON.stringify(url)}, key: ${marshalSource(key)} }`)
    .join('\n');
}

function marshalMcpRoute(name: string): string {
  return `  - id: ${name}
    kind: mcp
    server: ${name}
    match: { path: /mcp/${name} }
    policy: ${name}`;
}

function marshalSource(source: SecretSource): string {
  if (source === 'none') return source;
  const [kind, value] = Object.entries(source)[0] as [string, string];
  return `{ ${kind}: ${JSON.stringify(value)} }`;
}
