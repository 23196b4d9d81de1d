import type { JsonValue } from '../json/index.ts';
import { addReason, count, type Observed, type Usage } from './usage.ts';

/** An event is read only if it says one of these; most are a piece of a block. */
const TELLING = /"(?:message_start|message_delta|content_block_start)"/;

/** Gathers from Messages responses what an outcome record says. */
export class AnthropicResponse {
  /** Of messages before the current one: a stream may begin again with a second `message_start`. */
  private earlier: Usage | null = null;
  /** Counts within a message are cumulative, and each event has only some of them: the last of each holds. */
  private counts = new Map<string, number>();
  private readonly finish: string[] = [];
  private toolCalls = 0;

  isTelling(event: string): boolean {
    return TELLING.test(event);
  }

  /** A whole response, or one event of a stream. */
  read(body: JsonValue): void {
    switch (body.get('type')?.string()) {
      case 'message':
        this.readMessage(body);
        break;
      case 'message_start':
        this.earlier = this.total();
        this.counts = new Map();
        this.readMessage(body.get('message'));
        break;
      case 'content_block_start':
        this.readBlock(body.get('content_block'));
        break;
      case 'message_delta':
        addReason(this.finish, body.get('delta')?.get('stop_reason'));
        this.readUsage(body.get('usage'));
        break;
      default:
    }
  }

  result(): Observed {
    return { usage: this.total(), finish: this.finish, tool_calls: this.toolCalls };
  }

  private readMessage(message: JsonValue | undefined): void {
    addReason(this.finish, message?.get('stop_reason'));
    this.readUsage(message?.get('usage'));
    for (const block of message?.get('content')?.items() ?? []) this.readBlock(block);
  }

  /** `tool_use`, and what the vendor runs: `server_tool_use`, `mcp_tool_use`. */
  private readBlock(block: JsonValue | undefined): void {
    if (block?.get('type')?.string()?.endsWith('tool_use')) this.toolCalls++;
  }

  private readUsage(usage: JsonValue | undefined): void {
    for (const name of ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens', 'output_tokens']) {
      const tokens = count(usage?.get(name));
      if (tokens !== undefined) this.counts.set(name, tokens);
    }
  }

  private total(): Usage | null {
    const { counts, earlier } = this;
    if (!counts.has('input_tokens') || !counts.has('output_tokens')) return earlier;
    const of = (name: string): number => counts.get(name) ?? 0;
    const input = of('input_tokens') + of('cache_creation_input_tokens') + of('cache_read_input_tokens');
    return {
      input_tokens: input + (earlier?.input_tokens ?? 0),
      output_tokens: of('output_tokens') + (earlier?.output_tokens ?? 0),
    };
  }
}
