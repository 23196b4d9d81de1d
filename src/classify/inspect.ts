import type { Label } from '../input/index.ts';
import type { JsonDocument } from '../json/index.ts';
import { classify } from './classify.ts';
import { isOfKind, type Masked, maskBody } from './mask.ts';
import type { RegimeContext } from './regulation.ts';
import type { Ruleset } from './ruleset.ts';

/** What policy and record get of a body. */
export interface Inspected {
  labels: Label[];
  /** The body with placeholders; undefined where there was nothing to hide. */
  masked: Masked | undefined;
}

export interface InspectOptions {
  rules: Ruleset;
  context: RegimeContext;
  /** Kinds that neither policy nor record may hold; each stands for all kinds below it. */
  mask: readonly string[];
}

/** Labels a body, and hides in it what is not to be held. */
export function inspect(body: JsonDocument, { rules, context, mask }: InspectOptions): Inspected {
  const { labels, marks } = classify(body, rules, context, (kind) => isOfKind(kind, mask));
  return { labels, masked: maskBody(body.text, marks, mask) };
}
