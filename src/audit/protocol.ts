import type { KeyObject } from 'node:crypto';
import type { AuditErrorCode } from './error.ts';
import type { BundleRef, Draft } from './record.ts';
import type { UsedApprovals } from './used-approvals.ts';

/** A signer as it crosses to the writer's thread. */
export interface SignerMaterial {
  key: KeyObject;
  /** DER: the signer's certificate, then its intermediates. */
  certificates: Uint8Array[];
}

export interface Software {
  name: string;
  version: string;
}

/** What the writer is started with. It reads no clock: times of its own records come with each message, RFC 3339. */
export interface WriterOptions {
  folder: string;
  segmentBytes: number;
  signer: SignerMaterial;
  software: Software;
  time: string;
  /** Since when uses of approvals matter, RFC 3339; null: never. */
  approvalsSince: string | null;
  /** Module URL whose `disk` stands in for the real one; tests make it fail. */
  disk: string | null;
}

/** To the writer, in order. */
export type Request =
  | { kind: 'append'; drafts: Draft[] }
  | { kind: 'rotate'; signer: SignerMaterial; time: string }
  | { kind: 'recover'; time: string }
  | { kind: 'close'; reason: string; time: string | null };

/** From the writer. Appended drafts are answered in their order, each exactly once, by `done` or `failed`. */
export type Report =
  | {
      kind: 'opened';
      log: string;
      recovered: boolean;
      lastBundle: BundleRef | null;
      usedApprovals: UsedApprovals;
    }
  | { kind: 'refused'; code: AuditErrorCode; message: string }
  /** `count` drafts are dealt with: durable from `seq` on, but for those rejected (index, why), which have no number. */
  | { kind: 'done'; count: number; seq: number; rejected: [index: number, message: string][] }
  /** `count` drafts are not known to be durable. */
  | { kind: 'failed'; count: number; message: string }
  | { kind: 'recovered' }
  | { kind: 'unrecovered'; message: string }
  | { kind: 'closed'; message: string | null };
