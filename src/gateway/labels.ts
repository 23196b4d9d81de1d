import type { Label } from '../input/index.ts';
import type { JsonDocument } from '../json/index.ts';
import type { CallFacts } from './call.ts';
import { parseBody } from './document.ts';
import type { Gateway } from './gateway.ts';
import { Refusal } from './refusal.ts';
import { nameOf } from './telemetry.ts';

/** A body, or a tool call's arguments, as policy and record get it. */
export interface Labelled {
  labels: readonly Label[];
  /** Texts that a placeholder stands for. */
  masked: number;
  /** With placeholders for what the route masks; the same document where there is none. */
  body: JsonDocument;
}

/**
 * Labels a text and masks in it what neither policy nor record may hold.
 * @throws Refusal CLASSIFICATION_FAILED: what a text holds is not known then
 */
export async function labelBody(gateway: Gateway, facts: CallFacts, body: JsonDocument): Promise<Labelled> {
  const { active, route, subject } = facts;
  if (!active || !route) throw new Error('expected a call with a bundle and a route');
  if (!route.classify) return { labels: [], masked: 0, body };
  const { id, jurisdiction = null, input } = route;
  const context = { route: id, tenant: subject?.tenant ?? null, jurisdiction };
  try {
    const { labels, masked } = await gateway.classifier.inspect(body, active.rules, context, input.mask);
    return masked
      ? { labels, masked: masked.count, body: parseBody(gateway, masked.bytes) }
      : { labels, masked: 0, body };
  } catch (error) {
    gateway.logger.error({ decision: facts.id, error: nameOf(error) }, 'a text could not be labelled');
    throw new Refusal('CLASSIFICATION_FAILED');
  }
}
