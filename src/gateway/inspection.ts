import type { Dialect } from '../input/index.ts';
import { errorBody, type GateOptions, openJsonGate, openStreamGate, type StreamGate } from '../provider/index.ts';
import type { Call } from './call.ts';
import type { Gateway } from './gateway.ts';
import type { Judge, Whole } from './inspect.ts';
import { REASONS } from './reasons.ts';
import type { Watcher } from './respond.ts';
import { type Shadow, shadowStream, shadowWhole } from './shadow.ts';

/** The gates that one response goes through, and what its outcome says of them. */
export class Inspection {
  private readonly call: Call;
  private readonly options: GateOptions;
  private gate: Pick<StreamGate, 'observed'> | undefined;
  private shadow: Shadow | undefined;

  constructor(gateway: Gateway, call: Call) {
    const { response_bytes, tool_argument_bytes, tool_calls } = gateway.config.limits;
    this.call = call;
    this.options = {
      onDenied: call.route?.on_denied_tool ?? 'error',
      maxArgumentBytes: tool_argument_bytes,
      maxHeldBytes: response_bytes,
      maxCalls: tool_calls,
      decisionId: call.id,
    };
  }

  stream(dialect: Dialect): StreamGate {
    const gate = openStreamGate(dialect, this.options);
    this.gate = gate;
    return gate;
  }

  whole(dialect: Dialect): Whole {
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

  /** For a route in shadow: the response passes as it comes, and what policy says of its tool calls is recorded. */
  beside(dialect: Dialect, isStream: boolean, observer: Watcher, judge: Judge): Watcher {
    const { open, limit } = this.whole(dialect);
    const shadow = isStream ? shadowStream(this.stream(dialect), judge) : shadowWhole(open, limit, judge);
    this.shadow = shadow;
    return {
      chunk(bytes) {
        observer.chunk(bytes);
        shadow.chunk(bytes);
      },
    };
  }

  /** No more bytes come. */
  end(): void {
    this.shadow?.end();
  }

  /** Types of the tools that ran at the provider. */
  get providerTools(): readonly string[] {
    return this.gate?.observed().types ?? [];
  }

  get notInspected(): readonly string[] {
    return this.shadow && !this.shadow.inspected ? ['response_text', 'tool_calls'] : ['response_text'];
  }

  private error(code: 'RESPONSE_TOO_LARGE' | 'RESPONSE_UNREADABLE'): { status: number; body: Uint8Array } {
    const { status, message } = REASONS[code];
    const provider = this.call.endpoint?.provider ?? 'openai';
    return { status, body: Buffer.from(errorBody(provider, { status, code, message, decisionId: this.call.id })) };
  }
}
