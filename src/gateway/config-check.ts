import type { Problem } from './config-error.ts';
import { jsonPath } from './config-schema.ts';
import type { ConfigFile, IssuerFile, ProviderFile } from './config-shape.ts';
import type { ConfigText, Steps } from './config-text.ts';
import { canonicalPath, PathError } from './path.ts';
import { findConflicts, isReserved } from './routes.ts';

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

function checkProvider({ url: text }: ProviderFile, steps: Steps, report: Report): void {
  const url = URL.parse(text);
  if (!url || !['https:', 'http:'].includes(url.protocol) || url.username || url.password || url.search || url.hash) {
    report(steps, 'expected an https or http URL without user name, query or fragment');
  } else if (!isPrefix(url.pathname)) {
    report(steps, 'expected a canonical path in the URL, without a slash at its end');
  } else if (url.pathname.endsWith('/v1')) {
    report(steps, 'expected the URL without /v1, which callers send');
  }
}

function checkRoutes({ routes, providers }: ConfigFile, report: Report, lineOf: (index: number) => number): void {
  const ids = new Map<string, number>();
  routes.forEach(({ id, match }, index) => {
    const before = ids.get(id);
    if (before !== undefined)
      report(['routes', index, 'id'], `expected each id once, but the route in line ${lineOf(before)} has it too`);
    else ids.set(id, index);
    checkPrefix(match.path, ['routes', index, 'match', 'path'], report);
    if (match.provider && !providers[match.provider]) {
      report(['routes', index, 'match', 'provider'], `expected a provider that is configured, got "${match.provider}"`);
    }
  });
  for (const { first, second } of findConflicts(routes)) {
    const lines = `the routes in lines ${lineOf(first)} and ${lineOf(second)}`;
    report(
      ['routes', second, 'match'],
      `${lines} match the same calls; expected them to differ in path, methods, provider or application`,
    );
  }
}

function checkPrefix(path: string, steps: Steps, report: Report): void {
  if (isReserved(path))
    report(steps, 'expected a path that the gateway does not answer itself (/healthz, /readyz, /metrics)');
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
