import type { JsonGate, Proposal, StreamGate } from '../provider/index.ts';
import type { Judge } from './inspect.ts';

/** Records what policy says of a response's tool calls, beside the response, which goes its way untouched. */
export interface Shadow {
  chunk(bytes: Uint8Array): void;
  end(): void;
  /** Whether every tool call in it could be judged. */
  readonly inspected: boolean;
}

/** Never given to a client. */
const UNUSED = { status: 403, code: 'SHADOW', message: '', decisionId: '' };

export function shadowStream(gate: StreamGate, judge: Judge): Shadow {
  let inspected = true;
  let over = false;
  const follow = (work: () => ReturnType<StreamGate['feed']>): void => {
    if (over) return;
    try {
      const step = work();
      if (step.fault) inspected = false;
      over ||= step.done;
      for (const proposal of step.proposals) {
        follow(() => gate.settle(proposal.key, propose(proposal, judge) ? { release: true } : skip()));
      }
    } catch {
      inspected = false;
      over = true;
    }
  };
  const skip = () => {
    inspected = false;
    return { release: false as const, refusal: UNUSED };
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
  let inspected = false;
  return {
    chunk(bytes) {
      length += bytes.length;
      if (length <= limit) chunks.push(bytes);
      else chunks.length = 0;
    },
    end() {
      if (length > limit) return;
      const gate = open(Buffer.concat(chunks));
      inspected = gate.fault === undefined && gate.proposals.every((proposal) => propose(proposal, judge));
    },
    get inspected() {
      return inspected;
    },
  };
}

/** Has a proposal decided and recorded; false if it cannot be judged. */
function propose(proposal: Proposal, judge: Judge): boolean {
  if (proposal.fault) return false;
  void judge.rule(proposal).then((ruling) => ruling.release && judge.released([proposal.key]));
  return true;
}
