import type { Provider } from '../../input/index.ts';
import { ProviderError } from '../error.ts';
import { errorBody, type RefusalFields } from '../refusal.ts';
import type { JudgedCall } from './call.ts';
import { type Edit, edited } from './edit.ts';
import { faultRefusal } from './error.ts';
import type { GateOptions, JsonGate, Proposal, ResponseFault, Ruling, SeenCall, ToolObservation } from './gate.ts';
import { glimpse } from './glimpse.ts';
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
  const reading = readResponse(bytes);
  const found = reading && tryRead(reading, bytes, read);
  if (!found) return faultyJson(provider, 'RESPONSE_UNREADABLE', options, reading && glimpse(reading.body));
  const proposals = found.calls.map(
    ({ calls, fault, more }, key): Proposal => ({ key, calls, ...(fault && { fault }), ...(more && { more }) }),
  );
  return {
    proposals,
    observed: () => found.observed,
    undecided: () => [],
    render(rulings) {
      const refusals = proposals.map((proposal) => refusalOf(proposal, rulings.get(proposal.key)));
      const first = refusals.find((refusal) => refusal !== undefined);
      if (!first) return { body };
      if (options.onDenied === 'error') return { body: Buffer.from(errorBody(provider, first)), status: first.status };
      return { body: edited(bytes, found.strip(refusals)) };
    },
  };
}

/** Undefined if it cannot be followed. */
function tryRead(
  reading: Reading,
  bytes: Buffer,
  read: (reading: Reading, bytes: Buffer) => JsonReading,
): JsonReading | undefined {
  try {
    const found = read(reading, bytes);
    return found.calls.length > 0 && !found.exact ? undefined : found;
  } catch (error) {
    if (error instanceof ProviderError) return undefined;
    throw error;
  }
}

/** A gate for a whole response that cannot be followed. @param seen the calls that can be seen in it */
export function faultyJson(
  provider: Provider,
  fault: ResponseFault,
  { decisionId }: GateOptions,
  seen: SeenCall[] = [],
): JsonGate {
  const refusal = faultRefusal(fault, decisionId);
  return {
    proposals: [],
    fault,
    render: () => ({ body: Buffer.from(errorBody(provider, refusal)), status: refusal.status }),
    observed: () => ({ calls: 0, tools: [], abandoned: 0 }),
    undecided: () => seen,
  };
}

function refusalOf({ key, fault }: Proposal, ruling: Ruling | undefined): RefusalFields | undefined {
  if (!ruling) throw new Error(`expected a ruling on each proposal, got none on ${key}`);
  if (!ruling.release) return ruling.refusal;
  if (fault) throw new Error(`expected a refusal of a call with ${fault}`);
  return undefined;
}
