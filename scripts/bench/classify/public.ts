import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import examples from 'libphonenumber-js/examples.mobile.json';
import { type CountryCode, getCountries, getExampleNumber } from 'libphonenumber-js/max';
import { parseAllDocuments } from 'yaml';
import { write } from '../../../test/classify/corpus/genres.ts';
import { heldOut } from '../../../test/classify/corpus/heldout.ts';
import { type Item, LANGUAGES, plant, type Sample, sample } from '../../../test/classify/corpus/piece.ts';
import { Random } from '../../../test/classify/corpus/random.ts';
import type { Found } from './contender.ts';
import { Python } from './python.ts';

/** Under MIT all of them (tzdata under Apache 2.0); read where they lie, never copied here. */
const PACKAGES = ['bastioncorpus==0.6.0', 'agentdojo==0.1.35', 'Faker==40.63.0', 'tzdata==2025.2'];

const LONGEST_PAGE = 200_000;

/** Texts that others made and labelled. */
export interface TestSet {
  name: string;
  samples: Sample[];
  /** What this set is about. */
  knows: (kind: string) => boolean;
  /** What a finding counts as there. */
  read: (found: Found) => string;
}

const itself = ({ kind }: Found): string => kind;

/** An example of a mobile number for each country, in the library's own international form. */
function phones(): TestSet {
  const random = new Random(1);
  const samples = getCountries().flatMap((country: CountryCode) => {
    const number = getExampleNumber(country, examples)?.formatInternational();
    if (!number) return [];
    const item: Item = { key: 'contact', pieces: [plant('personal.phone', number)] };
    return [write(random, random.pick(LANGUAGES), [item])];
  });
  return { name: 'libphonenumber', samples, knows: (kind) => kind === 'personal.phone', read: itself };
}

const ROOT = resolve(import.meta.dirname, '../../..');
/** About numbers of people, with examples of them. */
const ABOUT_NUMBERS = /libphonenumber/;
/** What next to no page about a library holds. */
const SELDOM =
  /^(?:secret|payment|health|hidden_text|egress\.link|personal\.(?:phone|national_id|date_of_birth)|prompt_injection|system_prompt)/;

/** What the packages that we use say about themselves, 3 MB: each finding is a false alarm, or an example of theirs. */
function pages(): TestSet {
  const names = ['README.md', 'readme.md', 'CHANGELOG.md', 'HISTORY.md'].map((name) => `node_modules/{*,@*/*}/${name}`);
  const files = globSync(names, { cwd: ROOT }).filter((file) => !ABOUT_NUMBERS.test(file));
  const samples = files
    .sort()
    .map((file) => sample('page', [readFileSync(join(ROOT, file), 'utf8').slice(0, LONGEST_PAGE)]));
  return { name: 'pages of packages', samples, knows: (kind) => SELDOM.test(kind), read: itself };
}

/** Values that Faker makes, in our frames, without a name where there is none in the data. */
function made(python: Python): TestSet {
  const random = new Random(2);
  const values = python.lines('made.py') as [kind: string, value: string][];
  const samples = values.map(([kind, value]) => {
    const name = kind
      .slice(kind.lastIndexOf('.') + 1)
      .replace(/^[a-z]{2}_/, '')
      .replaceAll('_', ' ');
    return write(random, random.pick(LANGUAGES), [
      { names: { en: [name] }, key: name.replaceAll(' ', '_'), pieces: [plant(kind, value)] },
    ]);
  });
  const kinds = new Set(values.map(([kind]) => kind));
  return { name: 'Faker', samples, knows: (kind) => kinds.has(kind), read: itself };
}

/** Any of these says that somebody is telling the model what to do. */
const ATTACK = /^(?:prompt_injection|system_prompt_extraction|hidden_text\..*)$/;
const asAttack = ({ kind }: Found): string => (ATTACK.test(kind) ? 'attack' : kind);

/** Attacks, obfuscated ones among them, and texts that only look like some. */
function bastion(python: Python): TestSet {
  const lines = readFileSync(python.path('bastioncorpus/corpus/injections.jsonl'), 'utf8').trimEnd().split('\n');
  const samples = lines.map((line) => {
    const { label, text, category } = JSON.parse(line) as Record<'label' | 'text' | 'category', string>;
    return sample(category, [text], label === 'malicious' ? ['attack'] : []);
  });
  return { name: 'bastioncorpus', samples, knows: (kind) => kind === 'attack', read: asAttack };
}

/** The mails, files, pages and appointments of AgentDojo's users, before anything is injected into them. */
function dojo(python: Python): TestSet {
  const folder = python.path('agentdojo/data/suites');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .sort();
  const texts = new Set<string>();
  for (const file of files) {
    // Includes of other files stand there as tags that nobody knows.
    for (const document of parseAllDocuments(readFileSync(join(folder, file), 'utf8'), { logLevel: 'silent' })) {
      collect(document.toJS(), texts);
    }
  }
  const samples = [...texts].map((text) => sample('agentdojo', [text], []));
  return {
    name: 'AgentDojo',
    samples,
    knows: (kind) => kind === 'attack' || kind.startsWith('secret.'),
    read: asAttack,
  };
}

function collect(value: unknown, texts: Set<string>): void {
  if (typeof value === 'string' && value.length > 20) texts.add(value);
  else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) collect(part, texts);
}

/** What nobody tuned for, though we wrote it. */
function unseen(): TestSet {
  const samples = heldOut();
  const kinds = new Set(samples.flatMap(({ whole }) => whole));
  return { name: 'held out', samples, knows: (kind) => kinds.has(kind), read: itself };
}

/** What is at hand without a download; the rest on request. */
export function testSets(isDownloaded: boolean): TestSet[] {
  const atHand = [unseen(), phones(), pages()];
  if (!isDownloaded) return atHand;
  const python = Python.open('public', PACKAGES, true);
  return [...atHand, made(python), bastion(python), dojo(python)];
}
