import { expect } from '@jest/globals';
import type { GateOptions, Proposal, Ruling, Step, StreamGate } from '../../../src/provider/gate/gate.ts';
import { openStreamGate } from '../../../src/provider/gate/open.ts';

export type GateDialect = Parameters<typeof openStreamGate>[0];

export const OPTIONS: GateOptions = {
  onDenied: 'error',
  maxArgumentBytes: 1024 * 1024,
  maxHeldBytes: 8 * 1024 * 1024,
  maxCalls: 64,
  decisionId: 'decision-0',
};
export const STRIP: GateOptions = { ...OPTIONS, onDenied: 'strip' };

export const allow = (): Ruling => ({ release: true });
export const deny = (code = 'TOOL_DENIED', decisionId = 'decision-1'): Ruling => ({
  release: false,
  refusal: { status: 403, code, message: 'policy denies this call', decisionId },
});
/** What stands in the place of a call that `deny` refused. */
export const NOTICE = '[A tool call was withheld. TOOL_DENIED: policy denies this call (decision decision-1)]';

/** As a gateway rules: what has a fault is refused. */
export const ruleBy =
  (denied: (name: string) => boolean) =>
  (proposal: Proposal): Ruling => {
    if (proposal.fault) return deny(proposal.fault);
    return proposal.calls.some(({ name }) => denied(name)) ? deny() : allow();
  };
export const allowAll = ruleBy(() => false);
export const denyAll = ruleBy(() => true);

export interface Run {
  out: string;
  /** What was proposed: names, arguments as sent, faults. */
  proposals: string[];
  fault: string | undefined;
}

export function describeProposal({ calls, fault }: Proposal): string {
  const told = calls.map(
    ({ name, type, id, arguments: value }) => `${type} ${name} ${id} ${value && Buffer.from(value.text)}`,
  );
  return [...told, ...(fault ? [fault] : [])].join(' | ');
}

/** What came of a stream. */
export interface Driven {
  bytes: Buffer;
  proposals: Proposal[];
  /** Of those, which left, in their order. */
  released: number[];
  fault: string | undefined;
}

export type When = 'at once' | 'late';

/** Feeds chunks; rulings come at once, or ('late') after the end, the last first. */
export function drive(
  gate: StreamGate,
  chunks: Uint8Array[],
  rule: (proposal: Proposal) => Ruling,
  when: When,
): Driven {
  const out: Buffer[] = [];
  const proposals: Proposal[] = [];
  const released: number[] = [];
  const late: Proposal[] = [];
  let done = false;
  let fault: string | undefined;
  const take = (step: Step): void => {
    if (done) expect(step.out).toEqual([]);
    out.push(...step.out.map((bytes) => Buffer.from(bytes)));
    proposals.push(...step.proposals);
    released.push(...(step.released ?? []));
    done = step.done;
    fault ??= step.fault;
    for (const proposal of step.proposals) {
      if (when === 'late') late.push(proposal);
      else take(gate.settle(proposal.key, rule(proposal)));
    }
  };
  for (const chunk of chunks) {
    const own = Buffer.from(chunk);
    take(gate.feed(own));
    own.fill(0x20); // what is held must not lie in the caller's memory
  }
  take(gate.end(true));
  for (const proposal of late.reverse()) take(gate.settle(proposal.key, rule(proposal)));
  expect(done).toBe(true);
  expect(gate.heldBytes).toBe(0);
  return { bytes: Buffer.concat(out), proposals, released, fault };
}

export function run(
  dialect: GateDialect,
  chunks: Uint8Array[],
  rule: (proposal: Proposal) => Ruling = allowAll,
  options: GateOptions = OPTIONS,
  when: When = 'at once',
): Run {
  const { bytes, proposals, fault } = drive(openStreamGate(dialect, options), chunks, rule, when);
  return { out: bytes.toString('latin1'), proposals: proposals.map(describeProposal), fault };
}

export const bytesOf = (text: string): Buffer => Buffer.from(text, 'utf8');
/** As `run` gives what came out. */
export const wire = (text: string): string => bytesOf(text).toString('latin1');

/** The text in chunks of the given sizes, in turn. */
export function rechunk(bytes: Buffer, sizes: number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length] ?? 1);
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}
