import type { GateOptions, Proposal, Ruling, Step, ToolObservation } from '../../src/provider/gate.ts';
import { openResponsesStreamGate } from '../../src/provider/responses-gate.ts';

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

export const deny = (code = 'TOOL_DENIED', decisionId = 'decision-1'): Ruling => ({
  release: false,
  refusal: { status: 403, code, message: 'policy denies this call', decisionId },
});
export const NOTICE = '[A tool call was withheld. TOOL_DENIED: policy denies this call (decision decision-1)]';

type Rule = (proposal: Proposal) => Ruling;

/** As a gateway rules: what has a fault is refused. */
export const ruleBy =
  (denied: (name: string) => boolean): Rule =>
  ({ fault, calls }) => {
    if (fault) return deny(fault);
    return calls.some(({ name }) => denied(name)) ? deny() : { release: true };
  };
export const allowAll = ruleBy(() => false);
export const denyAll = ruleBy(() => true);

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

/** Feeds chunks; rulings come at once, or ('late') after the end, the last first. */
export function run(
  chunks: Uint8Array[],
  rule: Rule = allowAll,
  options: GateOptions = OPTIONS,
  when: 'at once' | 'late' = 'at once',
): Run {
  const gate = openResponsesStreamGate(options);
  const out: Buffer[] = [];
  const proposals: string[] = [];
  const released: number[] = [];
  const late: Proposal[] = [];
  let over = false;
  let fault: string | undefined;
  const take = (step: Step): void => {
    if (over && step.out.length > 0) throw new Error('expected nothing after the end');
    out.push(...step.out.map((bytes) => Buffer.from(bytes)));
    proposals.push(...step.proposals.map(describeProposal));
    released.push(...(step.released ?? []));
    over = step.done;
    fault ??= step.fault;
    for (const proposal of step.proposals) {
      if (when === 'late') late.push(proposal);
      else take(gate.settle(proposal.key, rule(proposal)));
    }
  };
  for (const chunk of chunks) {
    const own = Buffer.from(chunk);
    take(gate.feed(own));
    own.fill(0x20); // what is held must not lie in the caller's memory
  }
  take(gate.end(true));
  for (const proposal of late.reverse()) take(gate.settle(proposal.key, rule(proposal)));
  if (!over || gate.heldBytes > 0) throw new Error('expected the end, and nothing held');
  return { out: Buffer.concat(out).toString(), proposals, released, fault, observed: gate.observed() };
}

/** As `run`, of one chunk. */
export const gated = (text: string, rule?: Rule, options?: GateOptions): Run => run([Buffer.from(text)], rule, options);

/** The events of a stream. */
export const eventsOf = (text: string): Event[] =>
  text
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:') && !line.includes('[DONE]'))
    .map((line) => JSON.parse(line.slice('data:'.length)) as Event);

/** The text in chunks of the given sizes, in turn. */
export function rechunk(bytes: Buffer, sizes: number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length] ?? 1);
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}
