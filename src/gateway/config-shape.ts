import type { ClaimName, OidcIssuer } from '../identity/index.ts';
import type { Route } from './routes.ts';

/** Where a secret comes from; it never stands in the configuration itself. */
export type SecretSource = 'none' | { readonly env: string } | { readonly file: string };

export type AuditKey =
  | { readonly certificate: string; readonly key: string; readonly passphrase_env?: string }
  | { readonly pkcs12: string; readonly passphrase_env: string };

export interface ProviderConfig {
  readonly url: URL;
  readonly key: SecretSource;
}

/** An MCP server; its whole endpoint, and what it takes as bearer token. */
export interface McpServerConfig {
  readonly url: URL;
  readonly key: SecretSource;
}

export interface Limits {
  readonly body_bytes: number;
  readonly header_bytes: number;
  readonly headers_timeout_ms: number;
  readonly body_timeout_ms: number;
  readonly upstream_timeout_ms: number;
  readonly upstream_idle_timeout_ms: number;
  readonly concurrent_calls: number;
  readonly in_flight_bytes: number;
  readonly response_bytes: number;
  readonly tool_argument_bytes: number;
  readonly tool_calls: number;
  readonly classify_timeout_ms: number;
  readonly policy_deadline_ms: number;
  readonly policy_memory_bytes: number;
  readonly stop_timeout_ms: number;
}

/** A whole, checked configuration: defaults filled in, paths absolute. Names and units as in the file. */
export interface Config {
  readonly file: string;
  /** Hex SHA-256 of the file's bytes, as `sha256sum` prints it. */
  readonly config_sha256: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly bundle: {
    readonly path: string;
    readonly ca: string;
    readonly allow_rollback: boolean;
    readonly revoked: readonly string[];
  };
  readonly audit: {
    readonly folder: string;
    readonly segment_bytes: number;
    readonly ca: string;
    readonly signer: AuditKey;
  };
  readonly identity: { readonly tokens: string | undefined; readonly oidc: readonly OidcIssuer[] };
  readonly providers: { readonly openai?: ProviderConfig; readonly anthropic?: ProviderConfig };
  readonly mcp_servers: Readonly<Record<string, McpServerConfig>>;
  readonly approvals: { readonly key: SecretSource | undefined; readonly minutes: number };
  readonly routes: readonly Route[];
  readonly limits: Limits;
  readonly log: { readonly level: 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' };
}

/** The file's own shape, once the schema has let it through. */
export interface ConfigFile {
  listen: Config['listen'];
  bundle: Config['bundle'];
  audit: {
    folder: string;
    segment_bytes: number;
    ca: string;
    certificate?: string;
    key?: string;
    pkcs12?: string;
    passphrase_env?: string;
  };
  identity: { tokens?: string; oidc: IssuerFile[] };
  providers: { openai?: ProviderFile; anthropic?: ProviderFile };
  mcp_servers: Record<string, ProviderFile>;
  approvals: { key?: SecretSource; minutes: number };
  routes: RouteFile[];
  limits: Limits;
  log: Config['log'];
}

/** A route whose methods may be left to its kind. */
export type RouteFile = Omit<Route, 'match'> & { match: Omit<Route['match'], 'methods'> & { methods?: string[] } };

export interface ProviderFile {
  url: string;
  key: SecretSource;
}

export interface IssuerFile {
  issuer: string;
  audience: string | string[];
  jwks_url?: string;
  jwks_file?: string;
  algorithms: string[];
  clock_skew_seconds: number;
  claims: { roles: ClaimName; tenant: ClaimName; application: ClaimName };
}
