import type { JsonValue } from '../../json/index.ts';
import { ProviderError } from '../error.ts';

// A call in a place where the vendor puts none, such as a field that is not known, is judged by nobody. Some client may
// look there all the same, so what looks like a call in such a place is not let through.

/** As `lettersOf` gives them. Groq's `failed_generation` is a call that did not fit its schema. */
const CALL_KEY = /^(?:tool|function)(?:call|use|invocation)(?:s|chunks?|deltas?)?$|^partialjson$|^failedgeneration$/;
const ARGUMENTS_KEY = /^arg(?:ument)?s$/;
/** Types of items and blocks that are calls, and of events that bring pieces of one. */
const CALL_TYPE =
  /(?:tooluse|call|approvalrequest)s?(?:start|delta|chunk|added|done)?$|call(?:arguments|input|command|operationdiff)(?:added|delta|done)$|^inputjsondelta$/;

/** Keys of texts, numbers and names in all dialects: most of what there is, and as such no call. */
const PLAIN = new Set([
  ...['id', 'object', 'created', 'created_at', 'model', 'system_fingerprint', 'service_tier', 'obfuscation', 'status'],
  ...['index', 'sequence_number', 'output_index', 'content_index', 'summary_index', 'item_id', 'call_id'],
  ...['role', 'content', 'delta', 'text', 'thinking', 'signature', 'data', 'finish_reason', 'stop_reason'],
]);

/** Whether anything in a value, however deep, looks like a tool call of any dialect. */
export function mayHoldCall(value: JsonValue): boolean {
  if (value.kind === 'array') return value.items().some(mayHoldCall);
  return value.kind === 'object' && areCall(value.entries());
}

/** Of one object: under which keys it is read where it stands, or known to hold no call; and all that a reader goes by. */
export interface Shape {
  known: ReadonlySet<string>;
  telling: ReadonlySet<string>;
}

/**
 * The members of an object, all of which are known or cannot be a call.
 *
 * @throws ProviderError if a client might find a call that this reader does not
 */
export function readMembers(object: JsonValue, { known, telling }: Shape, path: string): [string, JsonValue][] {
  const members = object.entries();
  const unknown = members.filter(([key, value]) => !known.has(key) && !isPlain(key, value));
  if (unknown.some(([key]) => isMisspelt(key, telling))) {
    throw new ProviderError(path, 'keys in the case in which the vendor writes them');
  }
  if (areCall(unknown, known.has('name'))) throw new ProviderError(path, 'no call where the vendor puts none');
  return members;
}

/** Whether one of the keys is a telling one in other letters. */
export function misspells(object: JsonValue, telling: ReadonlySet<string>): boolean {
  return object.entries().some(([key]) => isMisspelt(key, telling));
}

/**
 * A client that folds case, as Go's decoder does, reads `Tool_Calls` as `tool_calls`, and would find a call where there is
 * none. Upper then lower also joins what simple folding leaves apart, such as 'ſ' and 's'.
 */
function isMisspelt(key: string, telling: ReadonlySet<string>): boolean {
  return !telling.has(key) && telling.has(fold(key));
}

/** @param isNamed whether a name goes with them */
function areCall(members: [string, JsonValue][], isNamed = false): boolean {
  let hasName = isNamed;
  let hasArguments = false;
  for (const [key, value] of members) {
    if (isPlain(key, value)) continue;
    if (mayHoldCall(value)) return true;
    const letters = lettersOf(key);
    if (letters === 'type' && CALL_TYPE.test(lettersOf(value.string() ?? ''))) return true;
    if (CALL_KEY.test(letters) && holdsSomething(value)) return true;
    if (letters === 'name') hasName ||= value.kind === 'string';
    if (ARGUMENTS_KEY.test(letters)) hasArguments ||= value.kind === 'string' || value.kind === 'object';
    if (letters === 'input') hasArguments ||= value.kind === 'object';
  }
  return hasName && hasArguments;
}

function isPlain(key: string, { kind }: JsonValue): boolean {
  return kind !== 'object' && kind !== 'array' && PLAIN.has(key);
}

/** A number or a flag under such a key counts calls, or asks for them. */
function holdsSomething(value: JsonValue): boolean {
  return value.string() ? true : value.items().length > 0 || value.entries().length > 0;
}

/** `toolUse`, `tool_use` and `tool-use` alike. */
function lettersOf(key: string): string {
  return fold(key).replace(/[^\p{L}\p{N}]/gu, '');
}

function fold(key: string): string {
  return key.toUpperCase().toLowerCase();
}
