import type { Problem } from './config-error.ts';
import { jsonPath } from './config-schema.ts';
import type { ConfigFile, IssuerFile, ProviderFile } from './config-shape.ts';
import type { ConfigText, Steps } from './config-text.ts';
import { canonicalPath, PathError } from './path.ts';
import { findConflicts, isReserved, type Route } from './routes.ts';

/** What is wrong with a configuration whose shape is right: choices that exclude each other, and routes that do. */
export function checkMeaning(config: ConfigFile, text: ConfigText): Problem[] {
  const problems: Problem[] = [];
  const report: Report = (steps, message) =>
    problems.push({ place: text.place(steps, 'value'), path: jsonPath(steps), message });
  checkAudit(config, report);
  checkIdentity(config, report);
  for (const name of ['openai', 'anthropic'] as const) {
    const provider = config.providers[name];
    if (provider) checkProvider(provider, ['providers', name, 'url'], report);
  }
  for (const [name, server] of Object.entries(config.mcp_servers))
    checkUrl(server, ['mcp_servers', name, 'url'], report);
  checkRoutes(config, report, (index) => text.place(['routes', index], 'value').line);
  if (config.limits.in_flight_bytes < config.limits.body_bytes) {
    report(
      ['limits', 'in_flight_bytes'],
      `expected at least body_bytes (${config.limits.body_bytes}), got ${config.limits.in_flight_bytes}`,
    );
  }
  return problems;
}

type Report = (steps: Steps, message: string) => void;

function checkAudit({ audit }: ConfigFile, report: Report): void {
  const { certificate, key, pkcs12, passphrase_env } = audit;
  if (pkcs12 === undefined) {
    if (certificate === undefined || key === undefined) report(['audit'], 'expected certificate and key, or pkcs12');
  } else {
    if (certificate !== undefined || key !== undefined)
      report(['audit', 'pkcs12'], 'expected either pkcs12, or certificate and key');
    if (passphrase_env === undefined) report(['audit', 'pkcs12'], 'expected passphrase_env beside it');
  }
}

function checkIdentity({ identity }: ConfigFile, report: Report): void {
  if (identity.tokens === undefined && identity.oidc.length === 0)
    report(['identity'], 'expected tokens, or an issuer in oidc');
  const seen = new Set<string>();
  identity.oidc.forEach((issuer, index) => {
    if (seen.has(issuer.issuer)) report(['identity', 'oidc', index, 'issuer'], 'expected each issuer once');
    seen.add(issuer.issuer);
    checkKeySource(issuer, ['identity', 'oidc', index], report);
  });
}

function checkKeySource({ jwks_url, jwks_file }: IssuerFile, steps: Steps, report: Report): void {
  if ((jwks_url === undefined) === (jwks_file === undefined)) report(steps, 'expected either jwks_url or jwks_file');
  if (jwks_url === undefined) return;
  const url = URL.parse(jwks_url);
  // Whoever can change these keys on the way can be anybody.
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (!url || !safe || url.username || url.password) {
    report([...steps, 'jwks_url'], 'expected an https URL without user name (http only to this machine)');
  }
}

function checkProvider(provider: ProviderFile, steps: Steps, report: Report): void {
  const url = checkUrl(provider, steps, report);
  if (url?.pathname.endsWith('/v1')) report(steps, 'expected the URL without /v1, which callers send');
}

function checkUrl({ url: text }: ProviderFile, steps: Steps, report: Report): URL | undefined {
  const url = URL.parse(text);
  if (!url || !['https:', 'http:'].includes(url.protocol) || url.username || url.password || url.search || url.hash) {
    report(steps, 'expected an https or http URL without user name, query or fragment');
  } else if (!isPrefix(url.pathname)) {
    report(steps, 'expected a canonical path in the URL, without a slash at its end');
  } else return url;
  return undefined;
}

function checkRoutes(
  { routes, providers, mcp_servers }: ConfigFile,
  report: Report,
  lineOf: (index: number) => number,
): void {
  const ids = new Map<string, number>();
  routes.forEach(({ id, match, kind, server, origins }, index) => {
    const before = ids.get(id);
    if (before !== undefined)
      report(['routes', index, 'id'], `expected each id once, but the route in line ${lineOf(before)} has it too`);
    else ids.set(id, index);
    checkKind({ kind, server, isThere: Object.hasOwn(mcp_servers, server ?? '') }, ['routes', index], report);
    if (kind !== 'model' && match.provider) {
      report(['routes', index, 'match', 'provider'], `expected no provider for a route of kind ${kind}`);
    }
    if (kind !== 'mcp' && origins) {
      report(['routes', index, 'origins'], `expected no origins for a route of kind ${kind}`);
    }
    checkPrefix(match.path, ['routes', index, 'match', 'path'], report);
    if (match.provider && !providers[match.provider]) {
      report(['routes', index, 'match', 'provider'], `expected a provider that is configured, got "${match.provider}"`);
    }
  });
  routes.forEach((route, index) => {
    const other = routes.find(({ match }) => match.path === route.match.path);
    if (other && other.kind !== route.kind)
      report(['routes', index, 'kind'], `expected ${other.kind}, as of the other routes at this path`);
  });
  for (const { first, second } of findConflicts(routes as Route[])) {
    const lines = `the routes in lines ${lineOf(first)} and ${lineOf(second)}`;
    report(
      ['routes', second, 'match'],
      `${lines} match the same calls; expected them to differ in path, methods, provider or application`,
    );
  }
}

function checkKind(
  { kind, server, isThere }: { kind: string; server: string | undefined; isThere: boolean },
  steps: Steps,
  report: Report,
): void {
  if (kind === 'mcp') {
    if (server === undefined) report(steps, 'expected the key "server": one of mcp_servers');
    else if (!isThere) report([...steps, 'server'], `expected one of mcp_servers, got "${server}"`);
  } else if (server !== undefined) {
    report([...steps, 'server'], `expected no server for a route of kind ${kind}`);
  }
}

function checkPrefix(path: string, steps: Steps, report: Report): void {
  if (isReserved(path))
    report(
      steps,
      'expected a path that the gateway does not answer itself (/healthz, /readyz, /metrics, /v1/approvals)',
    );
  if (!isPrefix(path)) report(steps, 'expected a canonical path that begins with a slash and does not end with one');
}

function isPrefix(path: string): boolean {
  if (path === '/') return true;
  try {
    return canonicalPath(path).path === path && !path.endsWith('/');
  } catch (error) {
    if (error instanceof PathError) return false;
    throw error;
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
