import type { Finding } from './verify-finding.ts';

/**
 * What can be said of a log. There is no "valid because nothing was wrong": `signed` says that every record is signed
 * by a trusted signer and chained to the first one, and not that no record was cut off the end (see `closed`, heads).
 * - anchored: signed, and a checkpoint outside vouches for the head (not given yet)
 * - torn_tail: signed up to an incomplete last line, as a crash leaves; opening the log cuts it and records that
 * - untrusted: signed by somebody for whom no trust anchor speaks, or from the first line not signed at all
 * - tampered: `finding` is the first bad place
 * - rolled_back: a record that was seen before is missing at the end
 * - forked: two records with one sequence number, both signed
 * - empty: no record
 */
export type LogOutcome =
  | 'anchored'
  | 'signed'
  | 'torn_tail'
  | 'untrusted'
  | 'tampered'
  | 'rolled_back'
  | 'forked'
  | 'empty';

/** A place in a chain: the digest (SHA-256, hex) of the line with that sequence number fixes all lines up to it. */
export interface Head {
  seq: number;
  digest: string;
}

/** A certificate that signed records, as `signers` lists it. */
export interface SignerSummary {
  sha256: string;
  subject: string;
  issuer: string;
  notBefore: string;
  notAfter: string;
  records: number;
}

/** What `verify` returns. All counts and the head are of the records that were found good, up to the finding. */
export interface Report {
  outcome: LogOutcome;
  log: string | null;
  records: number;
  /** Decisions by what the gateway did, and by what policy said. */
  decisions: { total: number; forwarded: number; refused: number; allow: number; deny: number; escalate: number };
  outcomes: number;
  /** The approvals that let a call go ahead, each with the sequence number of its decision. */
  approvals: { id: string; seq: number }[];
  /** Approvals that were used more than once: each holds for one call. `path` where the other use is in another log. */
  reused: { id: string; seq: number; other: number; path?: string }[];
  /** Forwarded calls without an outcome: in flight, or lost in a crash. */
  unfinished: number;
  /** Times of the first and last record. */
  first: string | null;
  last: string | null;
  /** Largest step back of the clock between two records, in milliseconds; 0 if it never went back. */
  clockBackMs: number;
  segments: number;
  bytes: number;
  signers: SignerSummary[];
  head: Head | null;
  /** True if the last record is log_closed: nothing can be missing after it but what follows a later opening. */
  closed: boolean;
  finding: Finding | null;
  /** The incomplete last line of a torn tail: segment, byte length. */
  tail: { segment: string; length: number } | null;
}
