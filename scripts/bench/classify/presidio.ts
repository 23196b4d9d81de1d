import type { Contender, Found } from './contender.ts';
import { Python } from './python.ts';

/** 400 MB: it brings spaCy, though none of its models. */
const PACKAGES = ['presidio-analyzer==2.2.366'];

const KINDS: Record<string, string> = {
  CREDIT_CARD: 'payment.card',
  IBAN_CODE: 'payment.iban',
  EMAIL_ADDRESS: 'personal.email',
  PHONE_NUMBER: 'personal.phone',
  IP_ADDRESS: 'personal.ip_address',
  US_SSN: 'personal.national_id.us_ssn',
  US_ITIN: 'personal.national_id.us_itin',
  UK_NINO: 'personal.national_id.uk_nino',
  UK_NHS: 'personal.national_id.uk_nhs',
  DE_TAX_ID: 'personal.national_id.de_tax_id',
  IT_FISCAL_CODE: 'personal.national_id.it_codice_fiscale',
  ES_NIF: 'personal.national_id.es_dni',
  ES_NIE: 'personal.national_id.es_nie',
  PL_PESEL: 'personal.national_id.pl_pesel',
  SE_PERSONNUMMER: 'personal.national_id.se_personnummer',
  IN_AADHAAR: 'personal.national_id.in_aadhaar',
  IN_PAN: 'personal.national_id.in_pan',
};
/** What its own demonstration takes for a finding. */
const LOWEST_SCORE = 0.35;

/** Microsoft Presidio without a model. What it knows and Verdict doesn't is not held against it. */
export function presidio(): Contender {
  const python = Python.open('presidio', PACKAGES, false);
  const kinds = new Set(Object.values(KINDS));
  return {
    name: 'Presidio, patterns',
    knows: (kind) => kinds.has(kind),
    async find(texts) {
      const lines = python.lines('presidio.py', texts.map((text) => JSON.stringify(text)).join('\n'));
      return texts.map((text, i) => asFound(text, lines[i] as [string, number, number, number][]));
    },
  };
}

/** Python counts code points. */
function asFound(text: string, entities: [string, number, number, number][]): Found[] {
  const chars = Array.from(text);
  const utf16 = (offset: number): number => chars.slice(0, offset).join('').length;
  return entities.flatMap(([entity, start, end, score]) => {
    const kind = KINDS[entity];
    return kind && score >= LOWEST_SCORE ? [{ kind, start: utf16(start), end: utf16(end), confidence: 1 }] : [];
  });
}
