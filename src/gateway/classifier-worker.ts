import { type Inspected, inspect, parseRuleset, type RegimeContext, type Ruleset } from '../classify/index.ts';
import { DEFAULT_LIMITS, parse } from '../json/index.ts';

/** One body to look through on a thread of its own. */
export interface Inspection {
  bytes: Uint8Array;
  /** `data.classify` of the policy bundle, as JSON, and its digest. */
  rules: { json: string; digest: string };
  context: RegimeContext;
  mask: readonly string[];
}

/** The rules last used; bundles change rarely. */
let last: Ruleset | undefined;

export default function run({ bytes, rules: { json, digest }, context, mask }: Inspection): Inspected {
  if (last?.digest !== digest) last = parseRuleset(JSON.parse(json));
  const body = parse(bytes, { ...DEFAULT_LIMITS, maxBytes: bytes.length });
  return inspect(body, { rules: last, context, mask });
}
