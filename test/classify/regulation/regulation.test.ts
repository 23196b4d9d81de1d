import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { findRegimes, type RegimeContext } from '../../../src/classify/regulation.ts';
import { parseRuleset } from '../../../src/classify/ruleset.ts';
import { SENSITIVITY_KINDS } from '../../../src/classify/sensitivity/kinds.ts';

const read = (file: string): Record<string, unknown> => parse(readFileSync(file, 'utf8'));
/** As the bundle's build puts them together: a file's folder is its path. */
const data = { ...read('policies/classify/data.yaml'), regimes: read('policies/classify/regimes/data.yaml') };
const { regimes } = parseRuleset(data);

const nowhere: RegimeContext = { route: null, tenant: null, jurisdiction: null };
const bringsIn = (kinds: string[], context: Partial<RegimeContext> = {}): string[] =>
  findRegimes(new Set(kinds), { ...nowhere, ...context }, regimes).map(({ kind }) => kind);

test.each<[string[], Partial<RegimeContext>, string[]]>([
  [[], {}, []],
  [['public'], { jurisdiction: 'DE' }, []],
  [['personal.email'], {}, []],
  [['personal.email'], { jurisdiction: 'DE' }, ['gdpr']],
  [['personal.email'], { jurisdiction: 'NO' }, ['gdpr']],
  [['personal.email'], { jurisdiction: 'GB' }, ['uk_gdpr']],
  [['personal.email'], { jurisdiction: 'US' }, []],
  [['personal.email'], { jurisdiction: 'US-CA' }, ['ccpa']],
  [['personal.email'], { jurisdiction: 'US', route: 'banking-chat' }, ['glba']],
  [['personal.phone'], { jurisdiction: 'BR' }, ['lgpd']],
  [['personal.national_id.br_cpf'], {}, ['lgpd']],
  [['personal.national_id.br_cnpj'], {}, []],
  [['personal.national_id.de_tax_id'], { jurisdiction: 'US' }, ['gdpr']],
  [['personal.national_id.in_aadhaar'], {}, ['dpdp']],
  [['health.condition'], { jurisdiction: 'US-NY' }, ['hipaa']],
  [['payment.card'], {}, ['pci_dss']],
  [['payment.iban'], {}, []],
  [[], { jurisdiction: 'FR', route: 'hr-screening' }, ['eu_ai_act']],
  [[], { jurisdiction: 'FR', route: 'credit-scoring' }, ['dora', 'eu_ai_act']],
  [[], { route: 'hr-screening' }, []],
  [['payment.card', 'personal.email'], { jurisdiction: 'IE' }, ['gdpr', 'pci_dss']],
])('%j in %j: %j', (kinds, context, expected) => {
  expect(bringsIn(kinds, context)).toEqual(expected);
});

test('kinds in the built-in regimes are kinds that there are', () => {
  const prefixes = regimes.flatMap(({ when }) => when.flatMap(({ kinds }) => kinds ?? []));
  const known = Object.keys(SENSITIVITY_KINDS);
  expect(prefixes.filter((prefix) => !known.some((kind) => kind === prefix || kind.startsWith(`${prefix}.`)))).toEqual(
    [],
  );
});

test('a kind or code is whole: personal is no beginning of personality, U none of US', () => {
  const rule = { id: 'x', title: 'X', citation: 'X', when: [{ kinds: ['personal'], jurisdictions: ['US'] }] };
  const applies = (kind: string, jurisdiction: string): number =>
    findRegimes(new Set([kind]), { ...nowhere, jurisdiction }, [rule]).length;
  expect([applies('personal', 'US'), applies('personality', 'US'), applies('personal', 'USA')]).toEqual([1, 0, 0]);
});

test('routes and tenants by name or beginning', () => {
  const when = [{ routes: ['hr-*', 'chat'], tenants: ['acme'] }];
  const applies = (route: string, tenant: string): boolean =>
    findRegimes(new Set(), { ...nowhere, route, tenant }, [{ id: 'x', title: 'X', citation: 'X', when }]).length > 0;
  expect(applies('hr-', 'acme')).toBe(true);
  expect(applies('chat', 'acme')).toBe(true);
  expect(applies('chats', 'acme')).toBe(false);
  expect(applies('chat', 'acme2')).toBe(false);
});
