import type { Label } from '../input/index.ts';
import type { JsonValue } from '../json/index.ts';
import type { Finding } from './finding.ts';
import { findIntent } from './intent/intent.ts';
import { Labels, type Mark } from './label.ts';
import { findRegimes, type RegimeContext } from './regulation.ts';
import type { Decoded } from './risk/decoded.ts';
import { decodePayloads } from './risk/encoded.ts';
import { findRisks } from './risk/risk.ts';
import { findOwn, type Ruleset, withoutExamples } from './ruleset.ts';
import { findSensitivity } from './sensitivity/sensitivity.ts';
import { type Text, textsOf } from './text.ts';

const NAME = /^[a-z][a-z_.-]*(?:\d{1,4}[a-z_.-]*)?$/;
const OPAQUE = { kind: 'opaque', confidence: 1, rule: 'sensitivity/opaque' };
const PUBLIC = { kind: 'public', confidence: 0.5, rule: 'sensitivity/public' };

/** What a body holds. */
export interface Classified {
  labels: Label[];
  /** Where in the body each finding stands that is listed or to be marked; overlapping ones as they come. */
  marks: Mark[];
}

/**
 * The four stages over all texts of a body, or of a tool call's arguments. The same body, rules and context give the same
 * labels, on any machine with this version of Node.
 * @param isMarked kinds of which each finding gets a mark, however many there are; all, if it is left out
 */
export function classify(
  body: JsonValue,
  rules: Ruleset,
  context: RegimeContext,
  isMarked?: (kind: string) => boolean,
): Classified {
  const { texts, opaque } = textsOf(body);
  const labels = new Labels(rules.digest, isMarked);
  const risks: [Text, Finding[]][] = [];
  for (const text of texts) {
    if (isName(text.text)) {
      labels.add('sensitivity', text, findOwn(text.text, rules));
      continue;
    }
    const decoded = decodePayloads(text.text);
    labels.add('sensitivity', text, findSensitiveParts(text.text, decoded, rules));
    risks.push([text, findRisks(text.text, decoded)]);
  }
  for (const pointer of opaque) labels.addPart('sensitivity', OPAQUE, pointer);
  if (labels.all.length === 0) labels.addWhole('sensitivity', PUBLIC);
  labelIntent(labels, texts);
  for (const [text, found] of risks) labels.add('risk', text, found);
  for (const regime of findRegimes(labels.kinds, context, rules.regimes)) labels.addWhole('regulation', regime);
  return { labels: labels.all, marks: labels.marks };
}

/**
 * Most strings of a body only name something: a model, a role, a type. Of what is built in, nothing is found in a short word in
 * lower case with a few digits.
 */
const isName = (text: string): boolean => text.length <= 20 && NAME.test(text);

/** What is in what a text spells in base64 or escapes stands for all of that. */
function findSensitiveParts(text: string, decoded: readonly Decoded[], rules: Ruleset): Finding[] {
  const found = [...findSensitivity(text), ...findOwn(text, rules)];
  for (const { start, end, text: inner } of decoded) {
    const known = withoutExamples(inner, findSensitivity(inner), rules);
    const kinds = new Map(known.map((finding) => [finding.kind, finding]));
    for (const finding of kinds.values()) found.push({ ...finding, start, end });
  }
  return withoutExamples(text, found, rules);
}

/** What the user wants is in the last thing said; the rest of a conversation was decided before. */
function labelIntent(labels: Labels, texts: readonly Text[]): void {
  const last = texts.findLast(({ role }) => role === 'user');
  if (last) labels.add('intent', last, findIntent(last.text));
}
