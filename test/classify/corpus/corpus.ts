import * as contact from './contact.ts';
import { trapItem, write } from './genres.ts';
import { ids } from './ids.ts';
import { intentSamples } from './intents.ts';
import { card, iban, securityCode, testCard } from './payment.ts';
import { type Item, LANGUAGES, type Language, type Sample } from './piece.ts';
import { Random } from './random.ts';
import { riskSamples } from './risks.ts';
import { secrets } from './secrets.ts';
import { wholeSamples } from './wholes.ts';

/** The corpus whose numbers are quoted; another seed makes another one of the same kind. */
export const SEED = 20_261_125;

type Make = (random: Random, language: Language) => Item;

/** How many of each are planted. */
const PLANTED: [make: Make, count: number][] = [
  [card, 120],
  [testCard, 20],
  [iban, 100],
  [securityCode, 60],
  [contact.email, 60],
  [contact.phone, 120],
  [contact.ip, 80],
  [contact.dateOfBirth, 80],
  [contact.medicalRecord, 60],
  ...ids.map((make): [Make, number] => [make, 50]),
  ...secrets.map((make): [Make, number] => [make, 16]),
];

/** Texts with one to three items each, and a trap in every other; as many texts again hold traps alone. */
function sensitiveSamples(random: Random): Sample[] {
  const makes = PLANTED.flatMap(([make, count]) => Array<Make>(count).fill(make));
  const samples: Sample[] = [];
  while (makes.length > 0) {
    const language = random.pick(LANGUAGES);
    const items: Item[] = [];
    for (let count = random.int(1, 3); count > 0 && makes.length > 0; count--) {
      const [make] = makes.splice(random.int(0, makes.length - 1), 1);
      if (make) items.push(make(random, language));
    }
    if (random.chance(0.5)) items.splice(random.int(0, items.length), 0, trapItem(random));
    samples.push(write(random, language, items));
    samples.push(write(random, random.pick(LANGUAGES), [trapItem(random), trapItem(random)]));
  }
  return samples;
}

/** The whole corpus. Nothing but the seed decides what is in it. */
export function corpus(seed: number = SEED): Sample[] {
  const random = new Random(seed);
  return [...sensitiveSamples(random), ...wholeSamples(random), ...riskSamples(random), ...intentSamples()];
}
