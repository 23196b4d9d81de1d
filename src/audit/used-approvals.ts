/** The approvals that a log's end tells of: each let a call go ahead, and must not do so again. */
export interface UsedApprovals {
  ids: string[];
  /** Every use since then is among them, RFC 3339; null: every use that there was. */
  since: string | null;
}

/** As decisions hold an approval: `input.tool.approval`, of a request `input.approval`. */
const APPROVAL = '"approval":{"id":"';

/** The approval that let the call of this decision go ahead. @param line its JSON */
export function usedApproval(line: Buffer): string | undefined {
  if (!line.includes(APPROVAL)) return undefined;
  // Parsed, because a caller's body may hold what looks like one.
  const { effect_enforced, input } = JSON.parse(line.toString('utf8'));
  return effect_enforced === 'forward' ? (input.tool ?? input).approval?.id : undefined;
}
