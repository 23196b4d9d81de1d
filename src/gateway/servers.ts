import type { ListItem } from '../mcp/index.ts';
import type { Config } from './config.ts';
import { readSecret } from './files.ts';
import { openUpstream, type Upstream } from './forward.ts';
import { Sessions } from './mcp-session.ts';
import { deriveKey } from './seal.ts';

/** Of one server; a list longer than this is cut by the reader already. */
const MOST_TOOLS = 10_000;

/** An MCP server that messages can be forwarded to. */
export class McpServer {
  readonly name: string;
  readonly upstream: Upstream;
  /** Path of its endpoint. */
  readonly path: string;
  /** Its bearer token; empty for a server that asks for none. */
  readonly credential: string;
  readonly sessions: Sessions;
  /** How it listed its tools last: what it says of them is part of what policy judges. */
  readonly tools = new Map<string, Pick<ListItem, 'sha256' | 'headers'>>();

  constructor(name: string, sessions: Sessions, upstream: Upstream, path: string, credential: string) {
    this.name = name;
    this.sessions = sessions;
    this.upstream = upstream;
    this.path = path;
    this.credential = credential;
  }

  remember({ name, sha256, headers }: ListItem): void {
    if (this.tools.size < MOST_TOOLS || this.tools.has(name)) this.tools.set(name, { sha256, headers });
  }
}

/**
 * The servers whose token is there; messages to the others are refused as UPSTREAM_CREDENTIAL_MISSING.
 * @param secret what replicas share; undefined: sessions end with this process
 */
export async function openServers(
  config: Config,
  env: NodeJS.ProcessEnv,
  secret: string | undefined,
): Promise<Map<string, McpServer>> {
  const sealingKey = deriveKey(secret, 'verdict mcp sessions 1');
  const servers = new Map<string, McpServer>();
  for (const [name, { url, key }] of Object.entries(config.mcp_servers)) {
    const credential = await readSecret(key, env);
    if (credential === undefined) continue;
    const upstream = openUpstream(new URL(url.origin), config.limits);
    servers.set(name, new McpServer(name, new Sessions(sealingKey, name), upstream, url.pathname, credential));
  }
  return servers;
}
