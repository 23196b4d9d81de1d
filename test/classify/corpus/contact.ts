import { birthday } from './national.ts';
import { type Item, type Language, plant } from './piece.ts';
import { HEX, type Random } from './random.ts';

const FIRST = ['anna', 'jose', 'marie', 'lukas', 'ines', 'tom', 'priya', 'olga', 'chen', 'fatima', 'joao', 'zoe'];
const LAST = ['keller', 'garcia', 'dubois', 'silva', 'novak', 'obrien', 'schmitt', 'rossi', 'iyer', 'larsen', 'costa'];
const DOMAINS = [
  'example.org',
  'mail.example.com',
  'acme-widgets.de',
  'contoso.co.uk',
  'empresa.com.br',
  'univ-lyon.fr',
  'gmail.com',
  'proton.me',
  'correo.es',
  'sapo.pt',
];

export function address(random: Random): string {
  const [first, last] = [random.pick(FIRST), random.pick(LAST)];
  const local = random.pick([
    `${first}.${last}`,
    `${first[0]}${last}`,
    `${first}_${last}${random.int(1, 99)}`,
    `${first}+news`,
  ]);
  return `${local}@${random.pick(DOMAINS)}`;
}

export function email(random: Random): Item {
  return {
    ...(random.chance(0.4) && {
      names: {
        en: ['e-mail', 'email address'],
        de: ['E-Mail-Adresse'],
        fr: ['adresse e-mail'],
        es: ['correo'],
        pt: ['e-mail'],
      },
    }),
    key: random.pick(['email', 'mail', 'contact']),
    pieces: [plant('personal.email', address(random))],
  };
}

/** Ways of writing a number of one numbering plan: at home, and from abroad. `#` a digit, `2` one from 2 to 9. */
const PLANS: { home: string[]; abroad: string[] }[] = [
  {
    home: ['(212) 2#2-####', '415-2#2-####', '312.2#2.####'],
    abroad: ['+1 617 2#2 ####', '+1-206-2#2-####', '+14152#2####'],
  },
  {
    home: ['020 7### ####', '07400 1#####', '0161 4## ####'],
    abroad: ['+44 20 7### ####', '+44 7400 1#####', '+44 (0)161 4## ####'],
  },
  {
    home: ['030 2#######', '0171 2######', '089/2#######', '0151 2#######'],
    abroad: ['+49 30 2#######', '+49 171 2######', '+49 (0)89 2#######'],
  },
  {
    home: ['06 2# ## ## ##', '01 4# ## ## ##', '06.2#.##.##.##'],
    abroad: ['+33 6 2# ## ## ##', '+33 1 4# ## ## ##', '0033 6 2#######'],
  },
  { home: ['612 ### ###', '91 2## ## ##', '654 ## ## ##'], abroad: ['+34 612 ### ###', '+34 91 2## ## ##'] },
  { home: ['912 ### ###', '21 3## ####', '961 ### ###'], abroad: ['+351 912 ### ###', '+351 21 3## ####'] },
  { home: ['(11) 9222#-####', '(21) 9882#-####'], abroad: ['+55 11 9222#-####', '+55 (21) 9882#-####'] },
  {
    home: [],
    abroad: [
      '+39 347 2######',
      '+31 6 12######',
      '+48 601 ### ###',
      '+91 98### #####',
      '+46 70 2## ## ##',
      '+41 44 2## ## ##',
    ],
  },
];

const fill = (random: Random, shape: string): string =>
  shape.replace(/[#]/g, () => random.digits(1)).replace(/2(?=#)/g, () => String(random.int(2, 9)));

export function phone(random: Random): Item {
  const plan = random.pick(PLANS);
  const isAbroad = plan.home.length === 0 || random.chance(0.6);
  const value = fill(random, random.pick(isAbroad ? plan.abroad : plan.home));
  return {
    ...((!isAbroad || random.chance(0.5)) && {
      names: {
        en: ['phone number', 'mobile', 'phone', 'tel.'],
        de: ['Telefonnummer', 'Handynummer', 'Tel.'],
        fr: ['numéro de téléphone', 'portable', 'tél.'],
        es: ['teléfono', 'móvil'],
        pt: ['telefone', 'telemóvel', 'celular'],
      },
    }),
    key: random.pick(['phone', 'mobile', 'tel', 'phone_number']),
    pieces: [plant('personal.phone', value)],
  };
}

/** Addresses that anybody may have: none that is private, for loops, for documentation or for many. */
function ipv4(random: Random): string {
  return [
    random.pick([23, 34, 52, 62, 78, 81, 91, 104, 151, 185, 193, 212]),
    random.int(1, 250),
    random.int(0, 255),
    random.int(1, 254),
  ].join('.');
}

function ipv6(random: Random): string {
  const group = (): string => random.chars(random.int(2, 4), HEX.slice(1));
  const network = `${random.pick(['2001', '2a02', '2600', '2a01'])}:${group()}:${group()}`;
  return random.chance(0.5)
    ? `${network}::${group()}`
    : `${network}:${group()}:${group()}:${group()}:${group()}:${group()}`;
}

export function ip(random: Random): Item {
  return {
    ...(random.chance(0.5) && {
      names: {
        en: ['IP address', 'client IP'],
        de: ['IP-Adresse'],
        fr: ['adresse IP'],
        es: ['dirección IP'],
        pt: ['endereço IP'],
      },
    }),
    key: random.pick(['ip', 'client_ip', 'remote_addr']),
    pieces: [plant('personal.ip_address', random.chance(0.7) ? ipv4(random) : ipv6(random))],
  };
}

const MONTHS: Record<Language, string> = {
  en: 'January February March April May June July August September October November December',
  de: 'Januar Februar März April Mai Juni Juli August September Oktober November Dezember',
  fr: 'janvier février mars avril mai juin juillet août septembre octobre novembre décembre',
  es: 'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre',
  pt: 'janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro',
};

function dateIn(random: Random, language: Language): string {
  const { year, month, day } = birthday(random);
  const [mm, dd] = [String(month).padStart(2, '0'), String(day).padStart(2, '0')];
  const word = MONTHS[language].split(' ')[month - 1];
  const long: Record<Language, string> = {
    en: random.pick([`${word} ${day}, ${year}`, `${day} ${word} ${year}`]),
    de: `${day}. ${word} ${year}`,
    fr: `${day} ${word} ${year}`,
    es: `${day} de ${word} de ${year}`,
    pt: `${day} de ${word} de ${year}`,
  };
  return random.pick([
    `${year}-${mm}-${dd}`,
    language === 'de' ? `${dd}.${mm}.${year}` : `${dd}/${mm}/${year}`,
    long[language],
  ]);
}

export function dateOfBirth(random: Random, language: Language): Item {
  return {
    names: {
      en: ['date of birth', 'DOB', 'birth date', 'birthday'],
      de: ['Geburtsdatum', 'Geburtstag'],
      fr: ['date de naissance'],
      es: ['fecha de nacimiento'],
      pt: ['data de nascimento'],
    },
    key: random.pick(['dob', 'birth_date', 'date_of_birth']),
    pieces: [plant('personal.date_of_birth', dateIn(random, language))],
  };
}

export function medicalRecord(random: Random): Item {
  const value = random.pick([
    random.digits(7),
    random.digits(8),
    `${random.chars(1, 'ABCMP')}${random.digits(7)}`,
    `${random.digits(3)}-${random.digits(4)}`,
  ]);
  return {
    names: {
      en: ['MRN', 'medical record number', 'medical record no.', 'hospital chart number'],
      de: ['Patientennummer', 'Krankenaktennummer', 'Patienten-ID'],
      fr: ['numéro de dossier médical', 'numéro de dossier patient'],
      es: ['número de historia clínica', 'historia clínica'],
      pt: ['número do prontuário', 'prontuário médico'],
    },
    key: random.pick(['mrn', 'medical_record_number', 'patient_mrn']),
    pieces: [plant('health.medical_record_number', value)],
  };
}
