import type { Dialect } from '../input/index.ts';
import {
  errorBody,
  type GateOptions,
  type JsonGate,
  openJsonGate,
  openStreamGate,
  type StreamGate,
} from '../provider/index.ts';
import type { Call } from './call.ts';
import type { Gateway } from './gateway.ts';
import { Judge, passGated, passWhole, type ResponseFault, refuseWhole, type Whole } from './inspect.ts';
import { refusalFields } from './reasons.ts';
import { type Delivery, passOn, type Watcher } from './respond.ts';
import { BLIND, type Shadow, shadowStream, shadowWhole } from './shadow.ts';

/** How a response comes: as events, whole, or in an encoding that hides which. */
export type Form = 'stream' | 'whole' | 'encoded';

/** What a response is. */
export interface Kind {
  form: Form;
  dialect: Dialect;
  /** Whether its status says that it is no answer. */
  isError: boolean;
}

/** Keys under which an answer of one of the dialects holds what the model said. */
const ANSWERS = ['choices', 'content', 'output', 'tool_calls', 'function_call'];

/** Whether the body of an error may hold an answer all the same. What no client can parse, such as a proxy's page, does not. */
function mayAnswer(body: Uint8Array): boolean {
  try {
    const value: unknown = JSON.parse(
      Buffer.from(body)
        .toString('utf8')
        .replace(/^\uFEFF/, ''),
    );
    return typeof value === 'object' && value !== null && ANSWERS.some((key) => Object.hasOwn(value, key));
  } catch {
    return false;
  }
}

const passing = (body: Uint8Array): JsonGate => ({
  proposals: [],
  render: () => ({ body }),
  observed: () => ({ calls: 0, types: [], abandoned: 0 }),
});

/** The gates that one response goes through, and what its outcome says of them. */
export class Inspection {
  private readonly call: Call;
  private readonly judge: Judge;
  private readonly options: GateOptions;
  private gate: Pick<StreamGate, 'observed'> | undefined;
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
  pass(delivery: Delivery, { form, dialect, isError }: Kind, observer: Watcher): void {
    const { judge } = this;
    const whole = this.whole(dialect);
    if (form === 'stream') this.close = passGated(delivery, observer, this.stream(dialect, this.options), judge);
    else if (form === 'encoded') refuseWhole(delivery, whole, judge, 'RESPONSE_UNREADABLE');
    else if (!isError) passWhole(delivery, observer, whole, judge);
    else {
      // SDKs read no tool call in an error; other clients may not look at the status.
      const open = (body: Uint8Array): JsonGate => (mayAnswer(body) ? whole.open(body) : passing(body));
      passWhole(delivery, observer, { ...whole, open }, judge);
    }
  }

  /** For a route in shadow: the response passes as it comes, and what policy says of its tool calls is recorded. */
  passBeside(delivery: Delivery, form: Form, dialect: Dialect, observer: Watcher): void {
    const shadow = this.openShadow(form, dialect);
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
  end(): Promise<void> {
    this.close?.();
    return this.judge.settled();
  }

  /** Types of the tools that ran at the provider. */
  get providerTools(): readonly string[] {
    return this.gate?.observed().types ?? [];
  }

  get notInspected(): readonly string[] {
    return this.shadow && !this.shadow.inspected ? ['response_text', 'tool_calls'] : ['response_text'];
  }

  private openShadow(form: Form, dialect: Dialect): Shadow {
    const { open, limit } = this.whole(dialect);
    if (form === 'whole') return shadowWhole(open, limit, this.judge);
    // Nothing is taken out; but with `error`, what follows a refused call would not be looked at.
    return form === 'stream'
      ? shadowStream(this.stream(dialect, { ...this.options, onDenied: 'strip' }), this.judge)
      : BLIND;
  }

  private stream(dialect: Dialect, options: GateOptions): StreamGate {
    const gate = openStreamGate(dialect, options);
    this.gate = gate;
    return gate;
  }

  private whole(dialect: Dialect): Whole {
    return {
      limit: this.options.maxHeldBytes,
      open: (body) => {
        const gate = openJsonGate(dialect, body, this.options);
        this.gate = gate;
        return gate;
      },
      error: (code) => this.error(code),
    };
  }

  private error(code: ResponseFault): { status: number; body: Uint8Array } {
    const refusal = refusalFields(code, this.call.id);
    const provider = this.call.endpoint?.provider ?? 'openai';
    return { status: refusal.status, body: Buffer.from(errorBody(provider, refusal)) };
  }
}
