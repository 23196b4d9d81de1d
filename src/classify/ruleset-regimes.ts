import type { Regime, When } from './regulation.ts';
import type { Reader } from './ruleset-read.ts';

const MOST_REGIMES = 100;
const KIND = /^[a-z][a-z0-9_]*(?:\.[a-z0-9][a-z0-9_]*)*$/;
const JURISDICTION = /^[A-Z]{2}(?:-[A-Z0-9]{1,3})?$/;
const NAME = /^[A-Za-z0-9_.-]{0,100}\*?$/;

export function readRegimes(reader: Reader): Regime[] {
  return reader.entries(MOST_REGIMES).map(([id, entry]) => {
    const { title, citation, when } = entry.members('title', 'citation', 'when');
    return { id, title: title.text(200), citation: citation.text(500), when: when.list(1, 20).map(readWhen) };
  });
}

function readWhen(reader: Reader): When {
  const { kinds, jurisdictions, routes, tenants } = reader.members('kinds', 'jurisdictions', 'routes', 'tenants');
  const read = (field: Reader, form: RegExp, like: string): string[] | undefined =>
    field.optional((given) => given.texts(1, 200, 200, form, like));
  const conditions = {
    kinds: read(kinds, KIND, 'a kind or its beginning, such as personal or payment.card'),
    jurisdictions: read(jurisdictions, JURISDICTION, 'an ISO 3166 code such as DE or US-CA'),
    routes: read(routes, NAME, 'the name of a route, or its beginning and *'),
    tenants: read(tenants, NAME, 'the name of a tenant, or its beginning and *'),
  };
  const when = Object.fromEntries(Object.entries(conditions).filter(([, values]) => values !== undefined));
  // Without a condition a regime would apply to everything, and nothing could be told by it.
  return Object.keys(when).length > 0 ? when : reader.fail('at least one of kinds, jurisdictions, routes, tenants');
}
