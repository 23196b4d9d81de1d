import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { OidcIssuer } from '../identity/index.ts';
import { checkMeaning } from './config-check.ts';
import { ConfigError } from './config-error.ts';
import { checkSchema } from './config-schema.ts';

export type { AuditKey, Config, Limits, ProviderConfig, SecretSource } from './config-shape.ts';

import type {
  AuditKey,
  Config,
  ConfigFile,
  IssuerFile,
  ProviderConfig,
  ProviderFile,
  SecretSource,
} from './config-shape.ts';
import { parseConfigText } from './config-text.ts';
import type { Route } from './routes.ts';

/** What a route takes that does not say so. */
const METHODS: Record<Route['kind'], string[]> = {
  model: ['GET', 'POST'],
  mcp: ['GET', 'POST', 'DELETE'],
  hook: ['POST'],
};

/** Reads `verdict.yaml`. Throws ConfigError for what is in it; a file that cannot be read rejects as node says it. */
export async function readConfig(file: string): Promise<Config> {
  return parseConfig(await readFile(file), file);
}

/** Parses the bytes of a configuration that stands at `file`: relative paths are taken from its folder. Throws ConfigError. */
export function parseConfig(bytes: Uint8Array, file: string): Config {
  const text = parseConfigText(bytes, file);
  checkSchema(text);
  const config = text.value as ConfigFile;
  for (const { kind, match } of config.routes) match.methods ??= METHODS[kind];
  const problems = checkMeaning(config, text);
  if (problems.length > 0) throw new ConfigError(problems);
  return freeze(complete(config, bytes, file));
}

function complete(config: ConfigFile, bytes: Uint8Array, file: string): Config {
  const at = (path: string): string => resolve(dirname(file), path);
  const { bundle, audit, identity, providers } = config;
  return {
    ...config,
    file: resolve(file),
    config_sha256: hash('sha256', bytes),
    bundle: { ...bundle, path: at(bundle.path), ca: at(bundle.ca) },
    audit: {
      folder: at(audit.folder),
      segment_bytes: audit.segment_bytes,
      ca: at(audit.ca),
      signer: signer(audit, at),
    },
    identity: {
      tokens: identity.tokens && at(identity.tokens),
      oidc: identity.oidc.map((issuer) => completeIssuer(issuer, at)),
    },
    mcp_servers: Object.fromEntries(
      Object.entries(config.mcp_servers).map(([name, server]) => [name, completeProvider(server, at)]),
    ),
    approvals: {
      key: config.approvals.key && completeSource(config.approvals.key, at),
      minutes: config.approvals.minutes,
    },
    routes: config.routes as Route[],
    providers: {
      ...(providers.openai && { openai: completeProvider(providers.openai, at) }),
      ...(providers.anthropic && { anthropic: completeProvider(providers.anthropic, at) }),
    },
  };
}

function signer(
  { certificate = '', key = '', pkcs12, passphrase_env }: ConfigFile['audit'],
  at: (path: string) => string,
): AuditKey {
  if (pkcs12 !== undefined) return { pkcs12: at(pkcs12), passphrase_env: passphrase_env ?? '' };
  return { certificate: at(certificate), key: at(key), ...(passphrase_env !== undefined && { passphrase_env }) };
}

function completeIssuer(issuer: IssuerFile, at: (path: string) => string): OidcIssuer {
  return {
    issuer: issuer.issuer,
    audience: [issuer.audience].flat(),
    algorithms: issuer.algorithms,
    clockSkewSeconds: issuer.clock_skew_seconds,
    keys: issuer.jwks_url === undefined ? { file: at(issuer.jwks_file ?? '') } : { url: issuer.jwks_url },
    claims: issuer.claims,
  };
}

function completeProvider({ url, key }: ProviderFile, at: (path: string) => string): ProviderConfig {
  return { url: new URL(url), key: completeSource(key, at) };
}

function completeSource(source: SecretSource, at: (path: string) => string): SecretSource {
  return typeof source === 'object' && 'file' in source ? { file: at(source.file) } : source;
}

/** Nothing changes a configuration in use; URLs are left as they are. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !(value instanceof URL)) {
    for (const member of Object.values(Object.freeze(value))) freeze(member);
  }
  return value;
}
