import type { JsonValue } from '../json/index.ts';
import { addReason, count, type Observed, type Usage } from './usage.ts';

const MOST_TOOL_CALLS = 4096;
/** An event is read only if it says one of these; most say no more than a piece of text. */
const TELLING = /"(?:tool_calls|function_call)"|"usage":\s*\{|"finish_reason":\s*"/;

/** Gathers from Chat Completions responses what an outcome record says. */
export class OpenAiResponse {
  private usage: Usage | null = null;
  private readonly finish: string[] = [];
  /** Streams send a tool call in pieces: a choice and an index tell which. */
  private readonly toolCalls = new Set<string>();

  isTelling(event: string): boolean {
    return TELLING.test(event);
  }

  /** A whole response, or one chunk of a stream. */
  read(body: JsonValue): void {
    this.usage = readUsage(body.get('usage')) ?? this.usage;
    for (const choice of body.get('choices')?.items() ?? []) {
      addReason(this.finish, choice.get('finish_reason'));
      const index = count(choice.get('index')) ?? 0;
      const message = choice.get('message') ?? choice.get('delta');
      message
        ?.get('tool_calls')
        ?.items()
        .forEach((call, i) => {
          this.sawToolCall(`${index}.${count(call.get('index')) ?? i}`);
        });
      if (message?.get('function_call')?.kind === 'object') this.sawToolCall(`${index}.function`);
    }
  }

  result(): Observed {
    return { usage: this.usage, finish: this.finish, tool_calls: this.toolCalls.size };
  }

  private sawToolCall(key: string): void {
    if (this.toolCalls.size < MOST_TOOL_CALLS) this.toolCalls.add(key);
  }
}

function readUsage(usage: JsonValue | undefined): Usage | null {
  const input = count(usage?.get('prompt_tokens'));
  const output = count(usage?.get('completion_tokens'));
  return input === undefined || output === undefined ? null : { input_tokens: input, output_tokens: output };
}
