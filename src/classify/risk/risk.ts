import type { Finding } from '../finding.ts';
import { findBidi } from './bidi.ts';
import type { Decoded } from './decoded.ts';
import { findEgress } from './egress.ts';
import { decodePayloads } from './encoded.ts';
import { findSelectors, findTags } from './hidden-data.ts';
import { findMarkers } from './markers.ts';
import { findPhrases, strongest } from './phrase.ts';
import { scan } from './pivots.ts';
import { findZeroWidth } from './zero-width.ts';

/** How often what was decoded is decoded again. Each time there is less of it: no encoding shortens a text. */
const DEEPEST = 3;
/** Needless escapes from which on somebody hides letters rather than names a file with a space in it. */
const MANY_NEEDLESS = 8;

/**
 * What in a text may be meant to turn a model, to be read by it and not by people, or to carry data out.
 * @param decoded what base64 and escapes in the text spell, if the caller has decoded them already
 */
export function findRisks(text: string, decoded: readonly Decoded[] = decodePayloads(text)): Finding[] {
  return risksAt(text, decoded, 0);
}

function risksAt(text: string, decoded: readonly Decoded[], depth: number): Finding[] {
  const seen = scan(text);
  const turned = strongest([...findPhrases(text, seen), ...findMarkers(text)]);
  const hidden = seen.hidden ? findHidden(text, depth) : [];
  const encoded = decoded.flatMap((payload) => findEncoded(payload, depth));
  return [...turned, ...hidden, ...encoded, ...findEgress(text)].sort((a, b) => a.start - b.start || a.end - b.end);
}

function findHidden(text: string, depth: number): Finding[] {
  const data = [...findTags(text), ...findSelectors(text)];
  const inside = data.flatMap(({ finding, text: spelled }) => turnsIn(spelled, finding, 'hidden', depth));
  return [...data.map(({ finding }) => finding), ...inside, ...findZeroWidth(text), ...findBidi(text)];
}

function findEncoded(payload: Decoded, depth: number): Finding[] {
  const { start, end, encoding } = payload;
  const inside = turnsIn(payload.text, payload, 'encoded', depth);
  const rule = `risk/encoded/${encoding}`;
  if (inside.length > 0) return [{ kind: 'encoded_payload', start, end, confidence: 0.95, rule }, ...inside];
  const confidence = plainConfidence(payload);
  return confidence === 0 ? [] : [{ kind: 'encoded_payload', start, end, confidence, rule }];
}

/** A payload that holds nothing suspicious: base64 of a text is usual (tokens, data URLs), escaped letters are not. */
function plainConfidence({ encoding, needless, text }: Decoded): number {
  if (encoding === 'base64') return /^\{"/.test(text) ? 0.2 : 0.4;
  if (encoding === 'hex') return 0.5;
  return needless >= MANY_NEEDLESS ? 0.6 : 0;
}

/** Injections in what a stretch of the text spells; where they are is the whole stretch. */
function turnsIn(spelled: string, where: { start: number; end: number }, how: string, depth: number): Finding[] {
  if (depth >= DEEPEST || spelled === '') return [];
  const best = new Map<string, Finding>();
  for (const { kind, confidence, rule } of risksAt(spelled, decodePayloads(spelled), depth + 1)) {
    if (kind !== 'prompt_injection' && kind !== 'system_prompt_extraction') continue;
    const known = best.get(kind);
    if (known && known.confidence >= confidence) continue;
    best.set(kind, {
      kind,
      start: where.start,
      end: where.end,
      confidence,
      rule: `${rule.replace(/\/(?:hidden|encoded)$/, '')}/${how}`,
    });
  }
  return [...best.values()];
}
