import type { JsonValue } from '../json/index.ts';
import { ProviderError } from './error.ts';
import type { CallFault, GateOptions, JsonGate, Proposal, ResponseFault, Ruling, ToolObservation } from './gate.ts';
import { asciiJson, edited } from './gate-edit.ts';
import { faultRefusal } from './gate-error.ts';
import { readResponse } from './gate-reading.ts';
import { isAbsent, readObject } from './read.ts';
import { errorBody, type RefusalFields } from './refusal.ts';
import { announce, isAsSent, RanTools, readCallItem } from './responses-gate-item.ts';
import { messageItem } from './responses-gate-message.ts';
import { type Listed, listCalls, readOutput } from './responses-gate-output.ts';

/** Withholds a whole Responses API response until its tool calls are ruled on. The body must not change. */
export function openResponsesJsonGate(body: Uint8Array, options: GateOptions): JsonGate {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  if (bytes.length > options.maxHeldBytes) return closedGate('RESPONSE_TOO_LARGE', options);
  try {
    return new ResponsesJsonGate(bytes, options);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return closedGate('RESPONSE_UNREADABLE', options);
  }
}

function closedGate(fault: ResponseFault, { decisionId }: GateOptions): JsonGate {
  const observed = { calls: 0, types: [], abandoned: 0 };
  return { proposals: [], fault, render: () => asError(faultRefusal(fault, decisionId)), observed: () => observed };
}

function asError(refusal: RefusalFields): { body: Uint8Array; status: number } {
  return { body: Buffer.from(errorBody('openai', refusal)), status: refusal.status };
}

/** A call, and the proposal that it is ruled by. */
interface Judged {
  item: JsonValue;
  number: number;
  proposal: Proposal;
}

class ResponsesJsonGate implements JsonGate {
  readonly proposals: Proposal[] = [];

  private readonly bytes: Buffer;
  private readonly options: GateOptions;
  private readonly ran = new RanTools();
  private readonly calls: Judged[];
  private judged = 0;
  /** Stands for all calls beyond the limit. */
  private excess: Proposal | undefined;

  constructor(bytes: Buffer, options: GateOptions) {
    this.bytes = bytes;
    this.options = options;
    const response = readWhole(readResponse(bytes)?.body);
    const listed = listCalls(
      readOutput(response),
      (item) => readCallItem(item, options.maxArgumentBytes, options.maxCalls),
      this.ran,
    );
    const isExact = listed.every(({ item }) => isAsSent(item, bytes));
    if (!isExact) throw new ProviderError('$.output', 'exact JSON where there are calls');
    const isWhole = isCompleted(response);
    this.calls = listed.map((one, number) => ({ item: one.item, number, proposal: this.propose(one, isWhole) }));
  }

  render(rulings: ReadonlyMap<number, Ruling>): { body: Uint8Array; status?: number } {
    const refused = this.calls.flatMap((call) => {
      const refusal = refusalOf(call.proposal, rulings);
      return refusal ? [{ ...call, refusal }] : [];
    });
    const [first] = refused;
    if (first && this.options.onDenied === 'error') return asError(first.refusal);
    const edits = refused.map(({ item, number, refusal }) => {
      return { start: item.start, end: item.end, text: asciiJson(messageItem(number, refusal)) };
    });
    return { body: edits.length > 0 ? edited(this.bytes, edits) : this.bytes };
  }

  observed(): ToolObservation {
    return this.ran.observed(0);
  }

  private propose({ item, read }: Listed, isWhole: boolean): Proposal {
    if (this.excess) return this.excess;
    const status = item.get('status')?.string();
    const isIncomplete = status === 'incomplete' || (!isWhole && status !== 'completed');
    const fault: CallFault | undefined = isIncomplete ? 'TOOL_CALL_INCOMPLETE' : read.fault;
    const calls = isIncomplete ? [announce(item)] : read.calls;
    const key = this.proposals.length;
    let proposal: Proposal = fault ? { key, calls, fault } : { key, calls };
    this.judged += calls.length;
    if (this.judged > this.options.maxCalls) {
      proposal = { key, calls: [announce(item)], fault: 'TOOL_CALLS_TOO_MANY' };
      this.excess = proposal;
    }
    this.proposals.push(proposal);
    return proposal;
  }
}

/** What has neither an output nor says that it is a response or an error may have its calls anywhere. */
function readWhole(body: JsonValue | undefined): JsonValue {
  const response = readObject(body, '$');
  const isResponse = !isAbsent(response.get('output')) || response.get('object')?.string() === 'response';
  if (!isResponse && response.get('error')?.kind !== 'object') throw new ProviderError('$', 'a response');
  return response;
}

function isCompleted(response: JsonValue): boolean {
  const status = response.get('status');
  return isAbsent(status) || status?.string() === 'completed';
}

function refusalOf({ key, fault }: Proposal, rulings: ReadonlyMap<number, Ruling>): RefusalFields | undefined {
  const ruling = rulings.get(key);
  if (!ruling) throw new Error(`expected a ruling on each proposal, got none on ${key}`);
  if (!ruling.release) return ruling.refusal;
  if (fault) throw new Error(`expected a refusal of a call with ${fault}`);
  return undefined;
}
