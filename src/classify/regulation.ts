import type { Finding } from './finding.ts';

/** When a regime applies: every condition that is given, each by any one of its values. */
export interface When {
  /** Kinds or what they begin with: `personal` stands for `personal.email` too. */
  kinds?: readonly string[];
  /** ISO 3166 codes: `US` stands for `US-CA` too. */
  jurisdictions?: readonly string[];
  /** Names of routes, `hr-*` for all that begin so. */
  routes?: readonly string[];
  /** The same for tenants. */
  tenants?: readonly string[];
}

/** A law or standard, with what brings it in. */
export interface Regime {
  id: string;
  title: string;
  citation: string;
  when: readonly When[];
}

/** Of a call, as far as known. */
export interface RegimeContext {
  route: string | null;
  tenant: string | null;
  jurisdiction: string | null;
}

/**
 * Which regimes the kinds that were found, and the call itself, bring in. A hint that a policy can act on and a person can
 * trace to its rule, no legal advice. What is unknown (null) fulfils no condition.
 */
export function findRegimes(
  kinds: ReadonlySet<string>,
  context: RegimeContext,
  rules: readonly Regime[],
): Pick<Finding, 'kind' | 'confidence' | 'rule'>[] {
  return rules
    .filter(({ when }) => when.some((conditions) => applies(conditions, kinds, context)))
    .map(({ id }) => ({ kind: id, confidence: 1, rule: `regulation/${id}` }));
}

function applies(when: When, kinds: ReadonlySet<string>, { route, tenant, jurisdiction }: RegimeContext): boolean {
  const { kinds: prefixes } = when;
  return (
    (prefixes === undefined || [...kinds].some((kind) => prefixes.some((prefix) => isWithin(kind, prefix, '.')))) &&
    (when.jurisdictions === undefined ||
      (jurisdiction !== null && when.jurisdictions.some((code) => isWithin(jurisdiction, code, '-')))) &&
    (when.routes === undefined || (route !== null && when.routes.some((name) => isNamed(route, name)))) &&
    (when.tenants === undefined || (tenant !== null && when.tenants.some((name) => isNamed(tenant, name))))
  );
}

const isWithin = (value: string, prefix: string, sign: string): boolean =>
  value === prefix || value.startsWith(`${prefix}${sign}`);

const isNamed = (value: string, name: string): boolean =>
  name.endsWith('*') ? value.startsWith(name.slice(0, -1)) : value === name;
