import type { OutcomeFault } from '../audit/index.ts';
import type { Dialect } from '../input/index.ts';
import {
  errorBody,
  type GateOptions,
  hidesEvent,
  isCallless,
  isErrorBody,
  type JsonGate,
  openJsonGate,
  openStreamGate,
  type RanTool,
  type StreamGate,
  seenCalls,
} from '../provider/index.ts';
import type { Call } from './call.ts';
import type { Gateway } from './gateway.ts';
import { Judge, passGated, passWhole, type Refused, refuseWhole, type Whole } from './inspect.ts';
import { REASONS, type ReasonCode, refusalFields } from './reasons.ts';
import { type Delivery, passOn, type Watcher } from './respond.ts';
import { BLIND, type Shadow, shadowStream, shadowWhole } from './shadow.ts';

/** Dialects whose responses may propose tool calls; others must hold none. */
const GATED: ReadonlySet<Dialect> = new Set<Dialect>(['openai-chat', 'openai-responses', 'anthropic-messages']);

/** How a response comes: as events, whole, or so that clients may read another thing in it than what is judged here. */
export type Form = 'stream' | 'whole' | 'unreadable';

/** From here on a status says that something went wrong. */
const FIRST_ERROR = 400;

/** What a response is. */
export interface Kind {
  form: Form;
  dialect: Dialect;
  status: number;
}

/** For a body in which there must be no call, and what was found. */
const callless = (body: Uint8Array, isCallless: boolean): JsonGate => ({
  proposals: [],
  ...(isCallless ? {} : { fault: 'RESPONSE_UNREADABLE' }),
  render: () => ({ body }),
  observed: () => ({ calls: 0, tools: [], abandoned: 0 }),
  undecided: () => (isCallless ? [] : seenCalls(body)),
});

/** The gates that one response goes through, and what its outcome says of them. */
export class Inspection {
  private readonly call: Call;
  private readonly judge: Judge;
  private readonly options: GateOptions;
  private gate: Pick<StreamGate, 'observed' | 'undecided'> | undefined;
  private shadow: Shadow | undefined;
  private close: (() => void) | undefined;

  constructor(gateway: Gateway, call: Call) {
    const { response_bytes, tool_argument_bytes, tool_calls } = gateway.config.limits;
    this.call = call;
    this.judge = new Judge(gateway, call);
    this.options = {
      onDenied: call.route?.on_denied_tool ?? 'error',
      maxArgumentBytes: tool_argument_bytes,
      maxHeldBytes: response_bytes,
      maxCalls: tool_calls,
      decisionId: call.id,
    };
  }

  /** Passes a response on, with no tool call in it that was not allowed. */
  pass(delivery: Delivery, kind: Kind, observer: Watcher): void {
    const { judge } = this;
    if (kind.form === 'unreadable') refuseWhole(delivery, this.whole(kind), judge, 'RESPONSE_UNREADABLE');
    else if (isStream(kind)) this.close = passGated(delivery, observer, this.stream(kind.dialect, this.options), judge);
    else passWhole(delivery, observer, this.whole(kind), judge);
  }

  /** For a route in shadow: the response passes as it comes, and what policy says of its tool calls is recorded. */
  passBeside(delivery: Delivery, kind: Kind, observer: Watcher): void {
    const shadow = this.openShadow(kind);
    this.shadow = shadow;
    this.close = () => shadow.end();
    passOn(delivery, {
      chunk(bytes) {
        observer.chunk(bytes);
        shadow.chunk(bytes);
      },
    });
  }

  /** The client's response is over. Resolves once every decision that was begun is recorded: only then may the outcome be. */
  async end(): Promise<void> {
    this.close?.();
    await this.judge.settled();
    // In shadow nothing was withheld: `not_inspected` says that there may be more.
    if (!this.shadow) this.judge.undecided(this.gate?.undecided() ?? [], this.options.maxCalls);
  }

  /** Why the client got an error of ours in place of the response, or of the rest of it. */
  get fault(): OutcomeFault | null {
    return this.shadow ? null : this.judge.fault;
  }

  /** The tools that ran at the provider. */
  get providerTools(): readonly RanTool[] {
    return this.gate?.observed().tools ?? [];
  }

  get notInspected(): readonly string[] {
    return this.shadow && !this.shadow.inspected ? ['response_text', 'tool_calls'] : ['response_text'];
  }

  private openShadow(kind: Kind): Shadow {
    if (kind.form === 'unreadable') return BLIND;
    // Nothing is taken out; but with `error`, what follows a refused call would not be looked at.
    if (isStream(kind))
      return shadowStream(this.stream(kind.dialect, { ...this.options, onDenied: 'strip' }), this.judge);
    const { open, limit } = this.whole(kind);
    return shadowWhole(open, limit, this.judge);
  }

  private stream(dialect: Dialect, options: GateOptions): StreamGate {
    const gate = openStreamGate(dialect, options);
    this.gate = gate;
    return gate;
  }

  /** Some clients take lines out of whatever answers a call for a stream: none may hide in a text, as none may in an event. */
  private whole(kind: Kind): Whole {
    const { open, ...whole } = this.wholeOf(kind);
    const openGate = (body: Uint8Array): JsonGate => {
      const gate = hidesEvent(body) ? callless(body, false) : open(body);
      this.gate = gate;
      return gate;
    };
    return { ...whole, open: openGate };
  }

  private wholeOf({ dialect, status }: Kind): Whole {
    const limit = this.options.maxHeldBytes;
    if (status >= FIRST_ERROR) {
      // SDKs read no tool call in an error, but other clients may not look at the status.
      const error = (): Refused => ({ ...this.refused('UPSTREAM_ERROR', status), status: undefined });
      return { limit, open: (body) => callless(body, isErrorBody(body)), error };
    }
    const error = (code: ReasonCode): Refused => this.refused(code);
    if (!GATED.has(dialect)) return { limit, open: (body) => callless(body, isCallless(body)), error };
    return { limit, open: (body) => openJsonGate(dialect, body, this.options), error };
  }

  private refused(code: ReasonCode, status: number = REASONS[code].status): Refused {
    const provider = this.call.endpoint?.provider ?? 'openai';
    const body = errorBody(provider, { ...refusalFields(code, this.call.id), status });
    return { status, code, body: Buffer.from(body) };
  }
}

const isStream = ({ form, dialect }: Kind): boolean => form === 'stream' && GATED.has(dialect);
