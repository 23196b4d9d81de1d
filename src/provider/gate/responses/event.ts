import type { JsonValue } from '../../../json/index.ts';
import { hidesField, type SseEvent } from '../../../sse/index.ts';
import { ProviderError } from '../../error.ts';
import { readObject } from '../../read.ts';
import { count } from '../../usage.ts';
import { readResponse } from '../reading.ts';
import { isAsSent } from './item.ts';
import { checkEvent, type EventKind } from './shape.ts';

// Events of a Responses stream: https://developers.openai.com/api/reference/resources/responses/streaming-events

/** A piece of a call's arguments: of which type of item, in which of its fields, and where the event has it. */
export interface Piece {
  item: string;
  field: 'arguments' | 'input' | 'diff' | 'command';
  /** `delta` is appended; else the field holds the whole text. */
  from: 'delta' | 'arguments' | 'input' | 'diff' | 'command';
  /** Whether the text is what deltas are yet appended to. */
  begins?: true;
}

export const PIECES: ReadonlyMap<string, Piece> = new Map<string, Piece>([
  ['response.function_call_arguments.delta', { item: 'function_call', field: 'arguments', from: 'delta' }],
  ['response.function_call_arguments.done', { item: 'function_call', field: 'arguments', from: 'arguments' }],
  ['response.custom_tool_call_input.delta', { item: 'custom_tool_call', field: 'input', from: 'delta' }],
  ['response.custom_tool_call_input.done', { item: 'custom_tool_call', field: 'input', from: 'input' }],
  ['response.apply_patch_call_operation_diff.delta', { item: 'apply_patch_call', field: 'diff', from: 'delta' }],
  ['response.apply_patch_call_operation_diff.done', { item: 'apply_patch_call', field: 'diff', from: 'diff' }],
  ['response.shell_call_command.added', { item: 'shell_call', field: 'command', from: 'command', begins: true }],
  ['response.shell_call_command.delta', { item: 'shell_call', field: 'command', from: 'delta' }],
  ['response.shell_call_command.done', { item: 'shell_call', field: 'command', from: 'command' }],
]);

/** Text, reasoning, and what tools do at the provider; some by names that older servers use. */
const HARMLESS = [
  ...['content_part.added', 'content_part.done', 'output_text.delta', 'output_text.done'],
  ...['output_text.annotation.added', 'refusal.delta', 'refusal.done', 'compaction.compacting'],
  ...['reasoning_text.delta', 'reasoning_text.done', 'reasoning_part.added', 'reasoning_part.done'],
  ...['reasoning.delta', 'reasoning.done', 'reasoning_summary.delta', 'reasoning_summary.done'],
  ...['reasoning_summary_part.added', 'reasoning_summary_part.done'],
  ...['reasoning_summary_text.delta', 'reasoning_summary_text.done'],
  ...['audio.delta', 'audio.done', 'audio.transcript.delta', 'audio.transcript.done'],
  ...['web_search_call', 'file_search_call'].flatMap((type) => states(type, 'in_progress', 'searching', 'completed')),
  ...states('code_interpreter_call', 'in_progress', 'interpreting', 'completed'),
  ...['code_interpreter_call_code.delta', 'code_interpreter_call_code.done'],
  ...['code_interpreter_call.code.delta', 'code_interpreter_call.code.done'],
  ...states('image_generation_call', 'in_progress', 'generating', 'partial_image', 'completed'),
  ...['mcp_call', 'mcp_list_tools'].flatMap((type) => states(type, 'in_progress', 'completed', 'failed')),
  ...['mcp_call_arguments.delta', 'mcp_call_arguments.done', 'mcp_call.arguments.delta', 'mcp_call.arguments.done'],
  ...['shell_call_output_content.delta', 'shell_call_output_content.done'],
];

function states(type: string, ...names: string[]): string[] {
  return names.map((name) => `${type}.${name}`);
}

const KINDS = new Map<string, EventKind>([
  ['response.output_item.added', 'added'],
  ['response.output_item.done', 'done'],
  ...['created', 'queued', 'in_progress'].map((name): [string, EventKind] => [`response.${name}`, 'interim']),
  ...['completed', 'incomplete', 'failed', 'cancelled'].map((name): [string, EventKind] => [
    `response.${name}`,
    'final',
  ]),
  ['error', 'error'],
  ['keepalive', 'idle'],
  ...[...PIECES.keys()].map((name): [string, EventKind] => [name, 'piece']),
  ...HARMLESS.map((name): [string, EventKind] => [`response.${name}`, 'harmless']),
]);

/** What an event says beside its kind. */
export interface Told {
  body: JsonValue;
  type: string;
  /** Undefined if it is not known: one to come may bring calls under a name that nobody looks for here. */
  kind: EventKind | undefined;
  index: number | undefined;
  sequence: number | undefined;
  /** Whether a value is as it was sent, and a call may be read from it. */
  isExact(value: JsonValue): boolean;
}

/** @throws ProviderError if not every client would take it for the same */
export function tell({ type: name, data }: SseEvent): Told {
  const reading = readResponse(data);
  const body = readObject(reading?.body, '$');
  // Some servers send an error as it is in a body.
  const untyped = name === 'error' || body.get('error')?.kind === 'object' ? 'error' : undefined;
  const type = body.get('type') ? body.get('type')?.string() : untyped;
  if (type === undefined) throw new ProviderError('$.type', 'the type of the event');
  if (name !== '' && name !== 'message' && name !== type) throw new ProviderError('$.type', "the event's name");
  const kind = KINDS.get(type);
  if (kind) checkEvent(body, kind);
  const index = count(body.get('output_index'));
  const isExact = (value: JsonValue): boolean => isAsSent(value, data);
  return { body, type, kind, index, sequence: count(body.get('sequence_number')), isExact };
}

/** What is to be known of an event of text. */
export interface TextDelta {
  index: number;
  sequence: number | undefined;
}

const TEXT = '(response\\.(?:output_text|refusal|reasoning_text|reasoning_summary_text)\\.delta)';
const TYPE = `"type": ?"${TEXT}"`;
const INTEGER = '"(?:sequence_number|output_index|content_index|summary_index)": ?[0-9]{1,15}';
const STRING = '"(?:item_id|delta|obfuscation)": ?"(?:[^"\\\\\\x00-\\x1f]|\\\\(?:["\\\\/bfnrt]|u[0-9A-Fa-f]{4}))*"';
const MEMBER = `(?:${TYPE}|${INTEGER}|${STRING}|"logprobs": ?\\[\\])`;
const TEXT_DELTA = new RegExp(
  `^(?:event: ?${TEXT}\\r?\\n)?data: ?\\{${MEMBER}(?:, ?${MEMBER})*\\}(?:\\n\\n|\\r\\n\\r\\n)$`,
);
const TYPE_KEY = '"type":';
const INDEX_KEY = '"output_index":';
const SEQUENCE_KEY = '"sequence_number":';

/** Of the largest number, and the space before it. */
const DIGITS = 16;

/** The expression keeps a place to go back to for each character. */
const LONGEST = 16 * 1024;

/**
 * Most events are a few characters of text, and need not be parsed: an object with no members but these, whose keys have
 * no escapes and whose values nest nothing, is text to every reader of JSON. In a string every quote has a backslash
 * before it, so what looks like a member is one. Not for the first event, which may have a byte order mark.
 */
export function readTextDelta(frame: Buffer): TextDelta | undefined {
  if (frame.length > LONGEST) return undefined;
  const text = frame.toString('latin1');
  const match = TEXT_DELTA.exec(text);
  if (!match || hidesField(text)) return undefined;
  const type = once(text, TYPE_KEY);
  const index = once(text, INDEX_KEY);
  if (type < 0 || index < 0) return undefined;
  const name = match[1] ?? '';
  if (name !== '' && !text.startsWith(`${name}"`, text.indexOf('"', type) + 1)) return undefined;
  const sequence = text.indexOf(SEQUENCE_KEY) + SEQUENCE_KEY.length;
  return {
    index: Number.parseInt(text.slice(index, index + DIGITS), 10),
    sequence: sequence < SEQUENCE_KEY.length ? undefined : Number.parseInt(text.slice(sequence, sequence + DIGITS), 10),
  };
}

/** Where a member's value begins; -1 if it is not there just once. */
function once(text: string, key: string): number {
  const at = text.indexOf(key);
  return at < 0 || text.indexOf(key, at + 1) >= 0 ? -1 : at + key.length;
}
