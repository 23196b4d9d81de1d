import type { Finding } from '../finding.ts';
import { findingOf } from './numbers.ts';
import type { Scan } from './scan.ts';
import { NEAR } from './words.ts';

/** Somebody is spoken of as ill, or as treated. Stems: words in several languages have many endings. */
const PATIENT =
  /(?<!\p{L})(?:patient|diagnos|suffer|prescri|treated (?:for|with)|treatment (?:for|with)|admitted|medical history|history of|hospitali[sz]|symptom|biops|presented with|relapse|remission|stage (?:i|\d)|verschrieb|verordnet|leidet|leide |litt |erkrankt|festgestellt|befund|stationär|souffr|atteint|traitée? (?:pour|par)|hospitalisé|ordonnance|antécédents|padec|sufre|sufrió|tratad[oa] (?:por|de|con)|ingresad|recet|antecedentes|sofre|doente|internad|receitad)/iu;
/** How often, how much: of a medication. */
const TAKEN =
  /(?<!\p{L})(?:daily|twice a|once a|at bedtime|takes|taking|dose|täglich|nimmt|nehme|einnahme|par jour|fois par|prends?|cada (?:mañana|noche|día)|al día|toma|tomo|por dia|dosis|dosagem|posologie)(?!\p{L})/iu;
/** Somebody is spoken of. */
const PERSON =
  /(?<![\p{L}'’])(?:my|i|he|she|his|her|him|mr|mrs|ms|wife|husband|son|daughter|mother|father|brother|sister|employee|colleague|coworker|boss|neighbou?r|partner|child|ich|er|ihr|ihm|ihre|sein|seine|meine?|meiner|herr|frau|mutter|vater|sohn|tochter|mitarbeiter(?:in)?|kolleg(?:e|in)|elle|lui|mon|sa|m\.|mme|mère|père|fils|fille|ella|mi|su|señora?|madre|padre|hij[oa]|ele|ela|meu|minha|seu|sua|mãe|pai|filh[oa])(?![\p{L}])/iu;
/** `50 mg`, `20 units`: behind a medication it is somebody's dose. */
const DOSE =
  /^[^\n.;]{0,24}?\d\s?(?:mg|mcg|µg|ug|g|ml|iu|i\.e\.|ie|units?|einheiten|tablets?|tabletten|comprimés?|comprimidos?|unidades)(?![\p{L}\d])/iu;

/** A condition or a medication where somebody is spoken of: an article on asthma is no health data. */
export function findHealth({ seen, hits, text }: Scan): Finding[] {
  if ((seen & (NEAR.condition | NEAR.medication)) === 0) return [];
  const findings: Finding[] = [];
  for (const { start, end, mask } of hits) {
    if ((mask & (NEAR.condition | NEAR.medication)) === 0) continue;
    const confidence = confidenceOf(text, start, end, (mask & NEAR.medication) !== 0);
    if (confidence === 0) continue;
    if ((mask & NEAR.condition) !== 0) findings.push(findingOf('health.condition', start, end, confidence));
    if ((mask & NEAR.medication) !== 0) findings.push(findingOf('health.medication', start, end, confidence));
  }
  return findings;
}

function confidenceOf(text: string, start: number, end: number, isMedication: boolean): number {
  const around = `${text.slice(Math.max(0, start - 96), start)}\u0000${text.slice(end, end + 48)}`;
  if (PATIENT.test(around)) return 0.8;
  if (isMedication && (DOSE.test(text.slice(end, end + 40)) || TAKEN.test(around))) return 0.7;
  const near = `${text.slice(Math.max(0, start - 48), start)}\u0000${text.slice(end, end + 24)}`;
  return PERSON.test(near) ? 0.6 : 0;
}
