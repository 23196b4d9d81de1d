import type { Provider } from '../../input/index.ts';
import { ProviderError } from '../error.ts';
import { errorBody, type RefusalFields } from '../refusal.ts';
import type { JudgedCall } from './call.ts';
import { type Edit, edited } from './edit.ts';
import { faultRefusal } from './error.ts';
import type { GateOptions, JsonGate, Proposal, ResponseFault, Ruling, ToolObservation } from './gate.ts';
import { type Reading, readResponse } from './reading.ts';

/** What a dialect finds in a whole response. */
export interface JsonReading {
  /** In the order of the response. */
  calls: JudgedCall[];
  /** Whether they are as they were sent. If not, none may be released. */
  exact: boolean;
  observed: ToolObservation;
  /** The changes that take calls out: for each call, why it was refused, or undefined. */
  strip(refusals: (RefusalFields | undefined)[]): Edit[];
}

/** A gate for a whole response; `read` throws ProviderError if it cannot be followed. */
export function openJson(
  provider: Provider,
  body: Uint8Array,
  options: GateOptions,
  read: (reading: Reading, bytes: Buffer) => JsonReading,
): JsonGate {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  const found = tryRead(bytes, read);
  if (typeof found === 'string') return faultyJson(provider, found, options);
  const proposals = found.calls.map(
    ({ calls, fault }, key): Proposal => (fault ? { key, calls, fault } : { key, calls }),
  );
  return {
    proposals,
    observed: () => found.observed,
    render(rulings) {
      const refusals = proposals.map((proposal) => refusalOf(proposal, rulings.get(proposal.key)));
      const first = refusals.find((refusal) => refusal !== undefined);
      if (!first) return { body };
      if (options.onDenied === 'error') return { body: Buffer.from(errorBody(provider, first)), status: first.status };
      return { body: edited(bytes, found.strip(refusals)) };
    },
  };
}

function tryRead(bytes: Buffer, read: (reading: Reading, bytes: Buffer) => JsonReading): JsonReading | ResponseFault {
  const reading = readResponse(bytes);
  if (!reading) return 'RESPONSE_UNREADABLE';
  try {
    const found = read(reading, bytes);
    return found.calls.length > 0 && !found.exact ? 'RESPONSE_UNREADABLE' : found;
  } catch (error) {
    if (error instanceof ProviderError) return 'RESPONSE_UNREADABLE';
    throw error;
  }
}

/** A gate for a whole response that cannot be followed. */
export function faultyJson(provider: Provider, fault: ResponseFault, { decisionId }: GateOptions): JsonGate {
  const refusal = faultRefusal(fault, decisionId);
  return {
    proposals: [],
    fault,
    render: () => ({ body: Buffer.from(errorBody(provider, refusal)), status: refusal.status }),
    observed: () => ({ calls: 0, types: [], abandoned: 0 }),
  };
}

function refusalOf({ key, fault }: Proposal, ruling: Ruling | undefined): RefusalFields | undefined {
  if (!ruling) throw new Error(`expected a ruling on each proposal, got none on ${key}`);
  if (!ruling.release) return ruling.refusal;
  if (fault) throw new Error(`expected a refusal of a call with ${fault}`);
  return undefined;
}
