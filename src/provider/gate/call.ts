import { DEFAULT_LIMITS, type JsonDocument, type JsonValue, parse } from '../../json/index.ts';
import type { ToolCall } from '../../tool/index.ts';
import type { CallFault } from './gate.ts';

/** Values in the arguments of one call: a few megabytes of tiny ones take seconds to judge. */
const MOST_VALUES = 250_000;
const LONGEST_NAME = 256;
const EMPTY_OBJECT = Buffer.from('{}');

/** OpenAI's wrapper around several calls, which the model sometimes writes out as if it were a function. */
const WRAPPER = 'multi_tool_use.parallel';
const WRAPPER_SHORT = 'parallel';
const NAMESPACE = 'functions.';

/** A call as the dialect sent it. */
export interface SentCall {
  name: string | undefined;
  type: 'function' | 'custom';
  id: string | null;
  /** JSON for a function (none: no arguments), text for a custom tool; undefined if it is not at hand. */
  text: Buffer | undefined;
  fault?: CallFault | undefined;
}

/** What is to be judged of it. */
export interface JudgedCall {
  calls: ToolCall[];
  fault: CallFault | undefined;
  /** How many further calls it stands for, if not 0. */
  more?: number | undefined;
}

/**
 * The calls that a sent one makes, their arguments strictly checked: a name or an argument that a client could read in
 * another way than policy did is a fault.
 *
 * @param mostCalls how many a wrapper may hold
 */
export function readCall(sent: SentCall, mostCalls: number): JudgedCall {
  const name = sent.name ?? '';
  const call: ToolCall = {
    name: name.slice(0, LONGEST_NAME),
    type: sent.type,
    origin: 'model',
    server: null,
    id: sent.id !== null && sent.id.length <= LONGEST_NAME ? sent.id : null,
    arguments: undefined,
  };
  if (sent.fault) return { calls: [call], fault: sent.fault };
  call.arguments = readArguments(sent);
  if (!call.arguments || name === '' || name.length > LONGEST_NAME) {
    return { calls: [call], fault: 'TOOL_ARGUMENTS_INVALID' };
  }
  if (sent.type === 'custom' || !isWrapper(name, call.arguments)) return { calls: [call], fault: undefined };
  const calls = unwrap(call);
  if (!calls) return { calls: [call], fault: 'TOOL_ARGUMENTS_INVALID' };
  if (calls.length > mostCalls) return { calls: [call], fault: 'TOOL_CALLS_TOO_MANY', more: calls.length - 1 };
  return { calls, fault: undefined };
}

function readArguments({ type, text }: SentCall): JsonDocument | undefined {
  if (!text) return undefined;
  if (type === 'custom') return parseArguments(Buffer.from(JSON.stringify(text.toString('utf8'))));
  return parseArguments(text.length === 0 ? EMPTY_OBJECT : text);
}

/** A copy of its own would cost as much again: the bytes must not change. */
function parseArguments(bytes: Uint8Array): JsonDocument | undefined {
  try {
    return parse(bytes, { ...DEFAULT_LIMITS, maxBytes: bytes.length, maxValues: MOST_VALUES });
  } catch {
    return undefined;
  }
}

/** A function of the caller's own may be called `parallel`: there, only the wrapper's shape tells. */
function isWrapper(name: string, value: JsonDocument): boolean {
  return name === WRAPPER || (name === WRAPPER_SHORT && value.get('tool_uses') !== undefined);
}

function unwrap(wrapper: ToolCall): ToolCall[] | undefined {
  const uses = wrapper.arguments?.get('tool_uses');
  const calls = uses?.items().map((use) => unwrapOne(use, wrapper.id));
  // None at all would be a call that nobody judges.
  return calls?.length && calls.every((call) => call !== undefined) ? calls : undefined;
}

function unwrapOne(use: JsonValue, id: string | null): ToolCall | undefined {
  const recipient = use.get('recipient_name')?.string() ?? '';
  const name = recipient.startsWith(NAMESPACE) ? recipient.slice(NAMESPACE.length) : recipient;
  const parameters = use.get('parameters');
  if (name === '' || name.length > LONGEST_NAME || parameters?.kind !== 'object') return undefined;
  if (name === WRAPPER || name === WRAPPER_SHORT) return undefined;
  const value = parseArguments(parameters.raw());
  return value && { name, type: 'function', origin: 'model', server: null, id, arguments: value };
}
