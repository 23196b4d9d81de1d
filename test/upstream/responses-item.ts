import { fragments } from './fragments.ts';
import type { SimulatedCall } from './server.ts';

export type Event = { type: string } & Record<string, unknown>;

/** One item of a response's output: how it begins, what is said of it on the way (the output index comes later), how it ends. */
export interface ItemShape {
  begun: object;
  deltas: Event[];
  done: Event[];
  item: object;
  /** Whether all of it came. */
  whole: boolean;
}

/**
 * A tool call as the vendor shapes it. The arguments of `function`, `custom`, `mcp_call`, `mcp_approval_request` and
 * `code_interpreter_call` are their text; those of `shell_call`, `local_shell_call`, `computer_call` and
 * `web_search_call` are the item's `action` as JSON, those of `apply_patch_call` its `operation`.
 *
 * @param text the arguments as far as they came
 */
export function shapeOf(call: SimulatedCall, index: number, text: string, partial: boolean): ItemShape {
  const { type = 'function' } = call;
  const spoken = SPOKEN[type];
  const shape = spoken ? spokenShape(spoken(call, index), text, partial) : actingShape(type, index, text, partial);
  return { ...shape, whole: !partial };
}

/** An item whose arguments are one text, streamed in pieces under some name. */
interface Spoken {
  item: { id: string } & Record<string, unknown>;
  field: string;
  /** Undefined: it comes at once. */
  event?: string;
  before?: string[];
  after?: string[];
}

const SPOKEN: Record<string, (call: SimulatedCall, index: number) => Spoken> = {
  function: ({ name }, i) => ({
    item: { id: `fc_${i}`, type: 'function_call', call_id: `call_${i}`, name },
    field: 'arguments',
    event: 'response.function_call_arguments',
  }),
  custom: ({ name }, i) => ({
    item: { id: `ctc_${i}`, type: 'custom_tool_call', call_id: `call_${i}`, name },
    field: 'input',
    event: 'response.custom_tool_call_input',
  }),
  mcp_call: ({ name, server }, i) => ({
    item: { id: `mcp_${i}`, type: 'mcp_call', name, server_label: server, error: null, output: null },
    field: 'arguments',
    event: 'response.mcp_call_arguments',
    before: ['response.mcp_call.in_progress'],
    after: ['response.mcp_call.completed'],
  }),
  mcp_approval_request: ({ name, server }, i) => ({
    item: { id: `mcpr_${i}`, type: 'mcp_approval_request', name, server_label: server },
    field: 'arguments',
  }),
  code_interpreter_call: (_, i) => ({
    item: { id: `ci_${i}`, type: 'code_interpreter_call', container_id: 'cntr_simulated', outputs: null },
    field: 'code',
    event: 'response.code_interpreter_call_code',
    before: ['response.code_interpreter_call.in_progress'],
    after: ['response.code_interpreter_call.interpreting', 'response.code_interpreter_call.completed'],
  }),
};

function spokenShape(spoken: Spoken, text: string, partial: boolean): Omit<ItemShape, 'whole'> {
  const { item, field, event, before = [], after = [] } = spoken;
  const place = { item_id: item.id };
  const ended = { ...item, status: partial ? 'incomplete' : 'completed', [field]: text };
  if (!event) {
    const { status: _, ...whole } = ended;
    return { begun: whole, deltas: [], done: [], item: whole };
  }
  return {
    begun: { ...item, status: 'in_progress', [field]: '' },
    deltas: [
      ...before.map((type) => ({ type, ...place })),
      ...fragments(text).map((delta) => ({ type: `${event}.delta`, ...place, delta })),
    ],
    done: [{ type: `${event}.done`, ...place, [field]: text }, ...after.map((type) => ({ type, ...place }))],
    item: ended,
  };
}

/** What it holds that comes in pieces, or before the rest. */
interface Action {
  [field: string]: unknown;
  path?: string;
  commands?: string[];
  diff?: string;
}

/** What an action is before anything of it came. */
const EMPTY: Record<string, Action> = {
  shell_call: { commands: [], max_output_length: null, timeout_ms: null },
  local_shell_call: { type: 'exec', command: [], env: {} },
  apply_patch_call: { type: 'create_file', path: '', diff: '' },
  computer_call: { type: 'screenshot' },
  web_search_call: { type: 'search', query: '' },
};
const PREFIX: Record<string, string> = {
  shell_call: 'sh',
  local_shell_call: 'lsh',
  apply_patch_call: 'apc',
  computer_call: 'cu',
  web_search_call: 'ws',
};

function actingShape(type: string, index: number, text: string, partial: boolean): Omit<ItemShape, 'whole'> {
  const empty = EMPTY[type];
  if (!empty) throw new Error(`expected a type that this file knows, not ${type}`);
  const action = partial ? empty : { ...empty, ...JSON.parse(text) };
  const id = `${PREFIX[type]}_${index}`;
  const item = (status: string, done: Action): object => ({
    id,
    type,
    status,
    ...(type === 'web_search_call' ? {} : { call_id: `call_${index}` }),
    ...(type === 'computer_call' ? { pending_safety_checks: [] } : {}),
    ...(type === 'shell_call' ? { environment: null } : {}),
    [type === 'apply_patch_call' ? 'operation' : 'action']: done,
  });
  const path = type === 'apply_patch_call' ? { type: action.type, path: action.path, diff: '' } : empty;
  return {
    begun: item('in_progress', path),
    deltas: partial ? [] : actingDeltas(type, id, action),
    done: type === 'apply_patch_call' ? [{ type: PATCH_DONE, item_id: id, diff: action.diff }] : [],
    item: item(partial ? 'incomplete' : 'completed', action),
  };
}

const PATCH_DONE = 'response.apply_patch_call_operation_diff.done';

/** Shell commands and patches are streamed; actions of a computer or a local shell come at once. */
function actingDeltas(type: string, item_id: string, action: Action): Event[] {
  if (type === 'shell_call') {
    return (action.commands ?? []).flatMap((command, command_index) => [
      { type: 'response.shell_call_command.added', command_index, command: '' },
      ...fragments(command).map((delta) => ({ type: 'response.shell_call_command.delta', command_index, delta })),
      { type: 'response.shell_call_command.done', command_index, command },
    ]);
  }
  if (type === 'apply_patch_call') {
    const delta = 'response.apply_patch_call_operation_diff.delta';
    return fragments(action.diff ?? '').map((piece) => ({ type: delta, item_id, delta: piece }));
  }
  if (type !== 'web_search_call') return [];
  return ['in_progress', 'searching', 'completed'].map((state) => ({
    type: `response.web_search_call.${state}`,
    item_id,
  }));
}
