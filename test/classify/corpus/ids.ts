import * as national from './national.ts';
import { type Item, type Names, plant } from './piece.ts';
import type { Random } from './random.ts';

/** One national id: how it is made, how people write it, what they call it. */
interface Id {
  kind: string;
  make: (random: Random) => string;
  names: Names;
  keys: readonly string[];
  /** Share of them that stand without a name, where the form alone tells what it is. */
  bare: number;
}

const name = (...en: string[]): Names => ({ en });
const id = (country: string): string => `personal.national_id.${country}`;

const IDS: Id[] = [
  {
    kind: id('us_ssn'),
    make: national.ssn,
    names: name('SSN', 'social security number', 'Social Security No.'),
    keys: ['ssn', 'social_security_number'],
    bare: 0.3,
  },
  {
    kind: id('us_itin'),
    make: national.itin,
    names: name('ITIN', 'individual taxpayer ID', 'tax ID'),
    keys: ['itin', 'taxpayer_id'],
    bare: 0.2,
  },
  {
    kind: id('uk_nino'),
    make: national.nino,
    names: name('National Insurance number', 'NINO', 'NI number'),
    keys: ['nino', 'ni_number'],
    bare: 0.2,
  },
  {
    kind: id('uk_nhs'),
    make: national.nhs,
    names: name('NHS number', 'NHS no.'),
    keys: ['nhs_number', 'nhs_no'],
    bare: 0,
  },
  {
    kind: id('de_tax_id'),
    make: national.taxId,
    names: {
      en: ['German tax ID', 'Steuer-ID'],
      de: ['Steuer-ID', 'Steueridentifikationsnummer', 'IdNr.', 'steuerliche Identifikationsnummer'],
    },
    keys: ['steuer_id', 'tax_id'],
    bare: 0,
  },
  {
    kind: id('fr_nir'),
    make: national.nir,
    names: { en: ['French social security number', 'NIR'], fr: ['numéro de sécurité sociale', 'NIR', 'n° de sécu'] },
    keys: ['nir', 'numero_secu'],
    bare: 0.3,
  },
  {
    kind: id('it_codice_fiscale'),
    make: national.codiceFiscale,
    names: name('codice fiscale', 'Italian tax code', 'CF'),
    keys: ['codice_fiscale', 'cf'],
    bare: 0.3,
  },
  {
    kind: id('es_dni'),
    make: national.dni,
    names: { en: ['DNI', 'Spanish ID'], es: ['DNI', 'NIF', 'documento de identidad'] },
    keys: ['dni', 'nif'],
    bare: 0.2,
  },
  {
    kind: id('es_nie'),
    make: national.nie,
    names: { en: ['NIE', 'Spanish foreigner ID'], es: ['NIE', 'número de identidad de extranjero'] },
    keys: ['nie'],
    bare: 0.2,
  },
  {
    kind: id('nl_bsn'),
    make: national.bsn,
    names: name('BSN', 'burgerservicenummer', 'Dutch citizen service number'),
    keys: ['bsn'],
    bare: 0,
  },
  {
    kind: id('pl_pesel'),
    make: national.pesel,
    names: name('PESEL', 'numer PESEL', 'PESEL number'),
    keys: ['pesel'],
    bare: 0,
  },
  {
    kind: id('be_nrn'),
    make: national.nrn,
    names: {
      en: ['Belgian national number', 'rijksregisternummer'],
      fr: ['numéro de registre national', 'registre national'],
    },
    keys: ['nrn', 'rijksregisternummer'],
    bare: 0.2,
  },
  {
    kind: id('se_personnummer'),
    make: national.personnummer,
    names: name('personnummer', 'Swedish personal number', 'Swedish personal identity number'),
    keys: ['personnummer'],
    bare: 0.2,
  },
  {
    kind: id('pt_nif'),
    make: national.nif,
    names: { en: ['NIF', 'Portuguese tax number'], pt: ['NIF', 'número de contribuinte', 'contribuinte'] },
    keys: ['nif', 'contribuinte'],
    bare: 0,
  },
  {
    kind: id('in_aadhaar'),
    make: national.aadhaar,
    names: name('Aadhaar', 'Aadhaar number', 'UIDAI number'),
    keys: ['aadhaar', 'aadhaar_number'],
    bare: 0.2,
  },
  {
    kind: id('in_pan'),
    make: national.pan,
    names: name('PAN', 'PAN card', 'permanent account number'),
    keys: ['pan_no', 'pan_card'],
    bare: 0.2,
  },
  {
    kind: id('br_cpf'),
    make: national.cpf,
    names: { en: ['CPF', 'Brazilian tax ID'], pt: ['CPF', 'CPF do titular'] },
    keys: ['cpf'],
    bare: 0.3,
  },
  {
    kind: id('br_cnpj'),
    make: national.cnpj,
    names: { en: ['CNPJ', 'Brazilian company ID'], pt: ['CNPJ', 'CNPJ da empresa'] },
    keys: ['cnpj'],
    bare: 0.3,
  },
];

/** One maker of items per national id. */
export const ids: ((random: Random) => Item)[] = IDS.map(({ kind, make, names, keys, bare }) => (random) => {
  const pieces = [plant(kind, make(random))];
  return { ...(!random.chance(bare) && { names }), key: random.pick(keys), pieces };
});
