export { Committed, CommittedAllow, CommittedRefusal, isCommittedAllow } from './committed.ts';
export { AuditError, type AuditErrorCode } from './error.ts';
export { Log, type LogOptions } from './log.ts';
export type {
  BodyDraft,
  BundleRef,
  DecisionDraft,
  EventDraft,
  OutcomeDraft,
  OutcomeFault,
  ToolCallOutcome,
} from './record.ts';
export type { UsedApprovals } from './used-approvals.ts';
export { type VerifiedRecord, type VerifyOptions, verify } from './verify.ts';
export { type Comparison, compareLogs } from './verify-compare.ts';
export type { RecordType } from './verify-fields.ts';
export type { Finding, FindingCode } from './verify-finding.ts';
export { type ReadLine, readLog } from './verify-read.ts';
export type { LogRecord } from './verify-record.ts';
export type { Head, LogOutcome, Report, SignerSummary } from './verify-report.ts';
export { Signers } from './verify-signers.ts';
export type { LogSource, Segment } from './verify-source.ts';
