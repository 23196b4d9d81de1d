/** Why a line, or what lies between lines, was refused. The set is closed and part of `verdict verify --json`. */
export type FindingCode =
  | 'LINE_GRAMMAR' // not JSON, TAB, canonical base64, LF
  | 'LINE_SIZE'
  | 'RECORD_JSON' // not exact JSON (duplicate key, BOM, lone surrogate, …)
  | 'RECORD_FIELDS' // fields missing, unknown, in another order or of another shape
  | 'RECORD_RESULT' // a decision's result is not a decision, or what was enforced does not follow from it
  | 'RECORD_INPUT' // the stored input is not what its digests say, or the record around it speaks of another call
  | 'SIGNATURE'
  | 'SIGNER_CERTIFICATE' // the certificates in log_opened or key_rotated cannot be read or are not the signer's
  | 'SIGNER_UNTRUSTED' // no path to a trust anchor, for audit signing, at the record's time
  | 'SIGNER_WINDOW' // the record's time lies outside the time in which its signer's path holds
  | 'TIME_FUTURE'
  | 'LOG_ID'
  | 'LOG_STATE' // a record where its type cannot stand: first but not log_opened, after log_closed, …
  | 'SEQUENCE'
  | 'CHAIN'
  | 'LINK' // an outcome without its decision
  | 'BUNDLE' // a decision by a bundle that no earlier bundle_activated announced
  | 'SEGMENT_NAME'
  | 'TAIL' // bytes after the last line that no interrupted write leaves
  | 'HEAD_MISSING'
  | 'HEAD_DIFFERS'
  | 'FORK';

/** The first thing that is wrong in a log, and where. */
export interface Finding {
  code: FindingCode;
  /** What was expected and what came; never text of a prompt. */
  why: string;
  /** File name of the segment; null if the finding is about no one segment. */
  segment: string | null;
  /** Line in the segment, from 1; null if the finding is about no one line. */
  line: number | null;
  /** Sequence number that the line has, or should have. */
  seq: number;
}

/** Carries a refusal of one line up to where its place in the log is known. Never leaves the room. */
export class BadLine extends Error {
  override readonly name = 'BadLine';
  readonly code: FindingCode;

  constructor(code: FindingCode, why: string) {
    super(why);
    this.code = code;
  }
}
