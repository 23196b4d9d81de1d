import type { JsonValue } from '../json/index.ts';
import { addReason, count, type Observed, type Usage } from './usage.ts';

const MOST_TOOL_CALLS = 4096;
/** An event is read only if it says one of these; most are a piece of an item. */
const TELLING = /"response\.(?:completed|incomplete|failed|cancelled|output_item\.added|output_item\.done)"/;
const CALL = /_call$|^mcp_approval_request$/;

/** Gathers from Responses what an outcome record says. */
export class ResponsesResponse {
  private usage: Usage | null = null;
  private readonly finish: string[] = [];
  /** By output index: hosts change the ids of items from event to event. */
  private readonly streamed = new Set<number>();
  /** Of a whole response, which repeats what was streamed. */
  private listed = 0;

  isTelling(event: string): boolean {
    return TELLING.test(event);
  }

  /** A whole response, or one event of a stream. */
  read(body: JsonValue): void {
    const item = body.get('item');
    if (item) this.readItem(body.get('output_index'), item);
    else this.readResponse(body.get('response') ?? body);
  }

  result(): Observed {
    return { usage: this.usage, finish: this.finish, tool_calls: Math.max(this.streamed.size, this.listed) };
  }

  /** Why it is incomplete says more than that it is. */
  private readResponse(response: JsonValue): void {
    const why = response.get('incomplete_details')?.get('reason');
    addReason(this.finish, why?.kind === 'string' ? why : response.get('status'));
    this.usage = readUsage(response.get('usage')) ?? this.usage;
    const calls = response.get('output')?.items().filter(isCall).length ?? 0;
    this.listed = Math.max(this.listed, Math.min(calls, MOST_TOOL_CALLS));
  }

  private readItem(index: JsonValue | undefined, item: JsonValue): void {
    const position = count(index);
    if (position !== undefined && isCall(item) && this.streamed.size < MOST_TOOL_CALLS) this.streamed.add(position);
  }
}

function isCall(item: JsonValue): boolean {
  return CALL.test(item.get('type')?.string() ?? '');
}

function readUsage(usage: JsonValue | undefined): Usage | null {
  const input = count(usage?.get('input_tokens'));
  const output = count(usage?.get('output_tokens'));
  return input === undefined || output === undefined ? null : { input_tokens: input, output_tokens: output };
}
