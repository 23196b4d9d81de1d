import type { ToolCall } from '../../tool/index.ts';
import type { RefusalFields } from '../refusal.ts';

/** Why a call cannot be judged. */
export type CallFault =
  | 'TOOL_ARGUMENTS_INVALID'
  | 'TOOL_ARGUMENTS_TOO_LARGE'
  | 'TOOL_CALL_INCOMPLETE'
  | 'TOOL_CALL_UNKNOWN'
  | 'TOOL_CALLS_TOO_MANY';

/** Why a response cannot be followed: no exact JSON where it may matter or an unknown shape; more than may be held. */
export type ResponseFault = 'RESPONSE_UNREADABLE' | 'RESPONSE_TOO_LARGE';

/** A tool call that a response holds, to be ruled on. */
export interface Proposal {
  /** Names it towards its gate. */
  key: number;
  /** What it calls; more than one where a wrapper holds several (OpenAI's multi_tool_use.parallel): all must be allowed. */
  calls: ToolCall[];
  /** Why it cannot be judged: such a call is refused, and a gate throws rather than release it. */
  fault?: CallFault;
  /** How many further calls it stands for: those beyond the limit are one proposal. Grows as they come. */
  more?: number;
}

/** A call that came and will never be proposed: the response was broken off before. */
export interface SeenCall {
  /** Null if it was not told, or not yet. */
  name: string | null;
  id: string | null;
  /** How many further ones it stands for. */
  more: number;
}

export type Ruling = { release: true } | { release: false; refusal: RefusalFields };

export interface Step {
  /** May go to the client now, in this order. Parts of the chunks that were fed: to be sent before those change. */
  out: Uint8Array[];
  /** Complete now; wait for their rulings. */
  proposals: Proposal[];
  /** The response is over for the client: after `out`, nothing more (an error was written, or the end was reached). */
  done: boolean;
  /** Proposals whose bytes are in `out`, or the first of them. */
  released?: number[];
  /** Set if it is over because the gate itself could not follow. */
  fault?: ResponseFault;
}

/** A tool that ran at the provider. */
export interface RanTool {
  /** In the vendor's words, such as `server_tool_use`. */
  type: string;
  /** Null where the dialect does not tell. */
  name: string | null;
  /** The remote MCP server that it is a tool of. */
  server: string | null;
}

/** What ran at the provider, where no gate can stop it: for the record. */
export interface ToolObservation {
  /** How many calls of such tools began. */
  calls: number;
  /** Which tools, each once. */
  tools: RanTool[];
  /** Calls for the client that the vendor itself abandoned before they were complete; they were not released. */
  abandoned: number;
}

/** Withholds the tool calls of a streamed response until they are ruled on. */
export interface StreamGate {
  /** Any cut of the bytes gives the same proposals and, all rulings equal, the same bytes out. */
  feed(chunk: Uint8Array): Step;
  /** In any order; each key once. Throws for a key that waits for no ruling, and if a call with a fault would be released. */
  settle(key: number, ruling: Ruling): Step;
  /** The upstream's stream ended. What is still open becomes a proposal with the fault TOOL_CALL_INCOMPLETE. */
  end(complete: boolean): Step;
  /** Bytes that wait here, for back-pressure. */
  readonly heldBytes: number;
  observed(): ToolObservation;
  /** The calls that came so far and are in no step's proposals. */
  undecided(): SeenCall[];
}

/** Withholds a whole response until its tool calls are ruled on. */
export interface JsonGate {
  proposals: Proposal[];
  /** Set if the body cannot be followed: there are no proposals then, and `render` gives an error. */
  fault?: ResponseFault;
  /** A proposal without a ruling is not released: one missing throws. */
  render(rulings: ReadonlyMap<number, Ruling>): {
    body: Uint8Array;
    /** Set when the whole response becomes an error. */
    status?: number;
  };
  observed(): ToolObservation;
  /** If the body cannot be followed, the calls that can be seen in it all the same. */
  undecided(): SeenCall[];
}

export interface GateOptions {
  onDenied: 'error' | 'strip';
  /** Largest arguments of one call, in bytes. */
  maxArgumentBytes: number;
  /** Most that a gate holds back, and the largest event. */
  maxHeldBytes: number;
  /** Most calls in one response. */
  maxCalls: number;
  /** The decision on the request, which an error of the gate's own names. */
  decisionId?: string;
}
