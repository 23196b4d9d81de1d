import type { GateOptions, Proposal, Ruling, ToolObservation } from '../../../../src/provider/gate/gate.ts';
import { openResponsesStreamGate } from '../../../../src/provider/gate/responses/stream.ts';
import { allowAll, drive, type When } from '../run.ts';

// Events as the vendor documents them, and what a gate makes of them.

export type Event = { type: string } & Record<string, unknown>;
export type Item = { type: string } & Record<string, unknown>;

export const OPTIONS: GateOptions = {
  onDenied: 'error',
  maxArgumentBytes: 64 * 1024,
  maxHeldBytes: 1024 * 1024,
  maxCalls: 32,
  decisionId: 'decision-0',
};
export const STRIP: GateOptions = { ...OPTIONS, onDenied: 'strip' };

type Rule = (proposal: Proposal) => Ruling;

/** The events, numbered, as server-sent events. */
export function sse(events: Event[], { names = true, numbers = true, end = '\n' } = {}): string {
  return events
    .map(({ type, ...rest }, sequence_number) => {
      const data = JSON.stringify({ type, ...(numbers && { sequence_number }), ...rest });
      return `${names ? `event: ${type}${end}` : ''}data: ${data}${end}${end}`;
    })
    .join('');
}

export function response(status: string, output: Item[]): object {
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1_700_000_000,
    status,
    error: null,
    incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    instructions: null,
    metadata: {},
    model: 'gpt-x',
    output,
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    usage: null,
  };
}

export const begun: Event[] = [
  { type: 'response.created', response: response('in_progress', []) },
  { type: 'response.in_progress', response: response('in_progress', []) },
];
export const ended = (output: Item[], status = 'completed'): Event => ({
  type: `response.${status}`,
  response: response(status, output),
});

export const added = (output_index: number, item: Item): Event => ({
  type: 'response.output_item.added',
  output_index,
  item,
});
export const done = (output_index: number, item: Item): Event => ({
  type: 'response.output_item.done',
  output_index,
  item,
});

export function messageItem(index: number, text: string): Item {
  const content = [{ type: 'output_text', text, annotations: [], logprobs: [] }];
  return { id: `msg_${index}`, type: 'message', status: 'completed', role: 'assistant', content };
}

export const textDelta = (output_index: number, delta: string): Event => ({
  type: 'response.output_text.delta',
  item_id: `msg_${output_index}`,
  output_index,
  content_index: 0,
  delta,
  logprobs: [],
});

/** The events of a message: its beginning, its deltas, its end. */
export function message(index: number, ...deltas: string[]): [Event[], Event[], Event[]] {
  const text = deltas.join('');
  const item = messageItem(index, text);
  const place = { item_id: item.id, output_index: index, content_index: 0 };
  const part = (value: string): object => ({ type: 'output_text', text: value, annotations: [], logprobs: [] });
  return [
    [
      added(index, { ...item, status: 'in_progress', content: [] }),
      { type: 'response.content_part.added', ...place, part: part('') },
    ],
    deltas.map((delta) => textDelta(index, delta)),
    [
      { type: 'response.output_text.done', ...place, text, logprobs: [] },
      { type: 'response.content_part.done', ...place, part: part(text) },
      done(index, item),
    ],
  ];
}

export function functionItem(index: number, name: string, text: string, rest: object = {}): Item {
  return {
    id: `fc_${index}`,
    type: 'function_call',
    status: 'completed',
    arguments: text,
    call_id: `call_${index}`,
    name,
    ...rest,
  };
}

export const argumentsDelta = (output_index: number, delta: string): Event => ({
  type: 'response.function_call_arguments.delta',
  item_id: `fc_${output_index}`,
  output_index,
  delta,
  obfuscation: 'x7',
});

/** The events of a call of a function, its arguments in pieces. */
export function functionCall(index: number, name: string, ...deltas: string[]): Event[] {
  const item = functionItem(index, name, deltas.join(''));
  return [
    added(index, { ...item, status: 'in_progress', arguments: '' }),
    ...deltas.map((delta) => argumentsDelta(index, delta)),
    {
      type: 'response.function_call_arguments.done',
      item_id: item.id,
      output_index: index,
      arguments: deltas.join(''),
    },
    done(index, item),
  ];
}

export interface Run {
  out: string;
  /** What was proposed: types, names, ids, arguments as sent, faults. */
  proposals: string[];
  /** Of those, which left, in their order. */
  released: number[];
  fault: string | undefined;
  observed: ToolObservation;
}

export function describeProposal({ calls, fault }: Proposal): string {
  const told = calls.map(({ type, name, server, id, arguments: value }) => {
    return [type, server ? `${server}/${name}` : name, id, value && Buffer.from(value.text)].join(' ');
  });
  return [...told, ...(fault ? [fault] : [])].join(' | ');
}

export function run(
  chunks: Uint8Array[],
  rule: Rule = allowAll,
  options: GateOptions = OPTIONS,
  when: When = 'at once',
): Run {
  const gate = openResponsesStreamGate(options);
  const { bytes, proposals, released, fault } = drive(gate, chunks, rule, when);
  const told = proposals.map(describeProposal);
  return { out: bytes.toString(), proposals: told, released, fault, observed: gate.observed() };
}

/** As `run`, of one chunk. */
export const gated = (text: string, rule?: Rule, options?: GateOptions): Run => run([Buffer.from(text)], rule, options);

/** The events of a stream. */
export const eventsOf = (text: string): Event[] =>
  text
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:') && !line.includes('[DONE]'))
    .map((line) => JSON.parse(line.slice('data:'.length)) as Event);
