import type { JsonGate, Proposal, Ruling, StreamGate } from '../provider/index.ts';
import type { Judge } from './inspect.ts';

/** Records what policy says of a response's tool calls, beside the response, which goes its way untouched. */
export interface Shadow {
  chunk(bytes: Uint8Array): void;
  end(): void;
  /** Whether every tool call in it was judged; known once all rulings are there. */
  readonly inspected: boolean;
}

/** Beside a response that cannot be read. */
export const BLIND: Shadow = { chunk() {}, end() {}, inspected: false };

/** Never given to a client. */
const REFUSED: Ruling = { release: false, refusal: { status: 403, code: 'SHADOW', message: '', decisionId: '' } };

export function shadowStream(gate: StreamGate, judge: Judge): Shadow {
  let inspected = true;
  let over = false;
  const miss = (): void => {
    inspected = false;
  };
  const follow = (work: () => ReturnType<StreamGate['feed']>): void => {
    if (over) return;
    try {
      const step = work();
      if (step.fault) miss();
      over ||= step.done;
      for (const proposal of step.proposals) {
        propose(proposal, judge, miss);
        follow(() => gate.settle(proposal.key, proposal.fault ? REFUSED : { release: true }));
      }
    } catch {
      miss();
      over = true;
    }
  };
  return {
    chunk: (bytes) => follow(() => gate.feed(bytes)),
    end: () => follow(() => gate.end(true)),
    get inspected() {
      return inspected;
    },
  };
}

export function shadowWhole(open: (body: Uint8Array) => JsonGate, limit: number, judge: Judge): Shadow {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let inspected = true;
  const miss = (): void => {
    inspected = false;
  };
  const look = (): void => {
    const gate = open(Buffer.concat(chunks));
    if (gate.fault) miss();
    for (const proposal of gate.proposals) propose(proposal, judge, miss);
  };
  return {
    chunk(bytes) {
      length += bytes.length;
      if (length <= limit) chunks.push(bytes);
      else chunks.length = 0;
    },
    end() {
      if (length > limit) return miss();
      try {
        if (length > 0) look();
      } catch {
        miss();
      }
    },
    get inspected() {
      return inspected;
    },
  };
}

/** Has a proposal decided and recorded. It has passed already: a ruling that it should not have is one that was missed. */
function propose(proposal: Proposal, judge: Judge, miss: () => void): void {
  if (proposal.fault) miss();
  else void judge.rule(proposal).then(({ release }) => (release ? judge.released([proposal.key]) : miss()));
}
