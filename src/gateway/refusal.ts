import type { ReasonCode } from './reasons.ts';

/** Ends a call's journey before policy was asked, or instead of it. The code says why; the text never holds what the caller sent. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: ReasonCode;
  /** Beyond the table's own words: what was expected, for instance the JSON path of what is missing. */
  readonly detail: string | undefined;
  /** The id under which the call can be approved. */
  readonly approval: string | undefined;

  constructor(code: ReasonCode, detail?: string, approval?: string) {
    super(detail ? `${code}: ${detail}` : code);
    this.code = code;
    this.detail = detail;
    this.approval = approval;
  }
}
