import { randomUUIDv7 } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ToolCallOutcome } from '../audit/index.ts';
import type { Approval, Call as CallView, Label, Subject } from '../input/index.ts';
import type { McpError, McpRefusal, Messages, ProtocolVersion } from '../mcp/index.ts';
import type { Endpoint } from '../provider/index.ts';
import type { ActiveBundle } from './active.ts';
import type { Route, RouteMatch } from './routes.ts';
import type { Vendor } from './vendors.ts';

/** The steps of a call up to its committed decision. */
export type Step = 'identity' | 'body' | 'input' | 'policy' | 'commit';

/** What an answer to MCP messages must go by, as far as it is known. */
export interface McpCall {
  messages: Messages | undefined;
  version: ProtocolVersion | undefined;
  /** What of the protocol did not hold. */
  error?: McpError;
  /** What each message of a batch is answered, where all of it is refused. */
  refusals?: McpRefusal[];
}

/** What is known of one call; the journey fills it in as it goes, and every record and log line is written from it. */
export interface CallFacts {
  /** The decision's id (UUIDv7): in the record, in the response header, in the operational log. */
  readonly id: string;
  /** When the call arrived, RFC 3339 in UTC with milliseconds: the only clock that policy sees. */
  readonly time: string;
  /** For durations, in milliseconds. */
  readonly startedAt: number;
  /** Microseconds that each step took, for the operational log. */
  readonly steps: Partial<Record<Step, number>>;
  /** When the step now under way began. */
  stepAt: number;
  readonly method: string;
  /** Canonical path once it is known, else the empty string: what was sent may hold anything. */
  path: string;
  query: string;
  match: RouteMatch | undefined;
  route: Route | undefined;
  endpoint: Endpoint | undefined;
  /** The path after the route's prefix: what goes upstream. */
  upstreamPath: string;
  /** Who will be asked, with the key for it. */
  vendor: Vendor | undefined;
  subject: Subject | undefined;
  /** The bundle that decides on the call and all that comes of it. */
  active: ActiveBundle | undefined;
  /** The dialect-neutral view, once the body is read. */
  view: CallView | undefined;
  /** What its texts hold. */
  labels: readonly Label[];
  /** Texts that a placeholder stands for in what policy sees. */
  masked: number;
  /** The approval presented for it, until it goes ahead with that; a tool call's is its own. */
  approval: Approval | undefined;
  /** The tool calls that came of it and were decided. */
  readonly toolCalls: ToolCallOutcome[];
  /** On a route of kind mcp: what is known of its messages. */
  mcp: McpCall | undefined;
  body: Uint8Array | undefined;
  /** Bytes that the call holds of the admission's room. */
  heldBytes: number;
}

/** A call with the connection that it came on. */
export interface Call extends CallFacts {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

export function begin(req: IncomingMessage, res: ServerResponse): Call {
  return { ...noFacts(req.method ?? ''), req, res };
}

/** A call of which no more is known than that it came, and perhaps its method. */
export function noFacts(method: string): CallFacts {
  const startedAt = performance.now();
  return {
    id: randomUUIDv7(),
    time: new Date().toISOString(),
    startedAt,
    steps: {},
    stepAt: startedAt,
    method,
    path: '',
    query: '',
    match: undefined,
    route: undefined,
    endpoint: undefined,
    upstreamPath: '',
    vendor: undefined,
    subject: undefined,
    active: undefined,
    view: undefined,
    labels: [],
    masked: 0,
    approval: undefined,
    mcp: undefined,
    toolCalls: [],
    body: undefined,
    heldBytes: 0,
  };
}

/** Notes that a step is over and the next begins. */
export function endStep(call: CallFacts, step: Step): void {
  const now = performance.now();
  call.steps[step] = Math.round((now - call.stepAt) * 1000);
  call.stepAt = now;
}

/** Microseconds since the call arrived. */
export function elapsedMicros(call: CallFacts): number {
  return Math.round((performance.now() - call.startedAt) * 1000);
}
