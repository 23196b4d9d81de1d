import type { Call } from '../../input/index.ts';
import type { JsonDocument, JsonValue } from '../../json/index.ts';
import type { AnsweredCall } from './answer.ts';

/** `call NAME {json}`, anywhere in a text; the JSON goes on to the text's last brace. */
const ASKED = /\bcall ([A-Za-z0-9_.-]{1,64}) (?=\{)/;

/**
 * The tool call that the sandbox is asked for: where the last thing said is the user's, its text holds
 * `call lookup_order {"id":"42"}`, and the request offers a tool of that name that the caller runs. Undefined otherwise,
 * so that the turn after the tool's result is answered in words, and an agent's loop ends.
 */
export function readAskedCall(call: Call, body: JsonDocument): AnsweredCall | undefined {
  const text = lastText(body.get('messages') ?? body.get('input'));
  const asked = ASKED.exec(text);
  if (!asked) return undefined;
  const json = text.slice(asked.index + asked[0].length, text.lastIndexOf('}') + 1);
  const offered = call.tools.find(({ name, type }) => name === asked[1] && (type === 'function' || type === 'custom'));
  if (!offered || !isJson(json)) return undefined;
  return { name: offered.name, custom: offered.type === 'custom', arguments: json };
}

function lastText(said: JsonValue | undefined): string {
  if (said?.kind === 'string') return said.string() ?? '';
  const last = said?.items().at(-1);
  if (last?.get('role')?.string() !== 'user') return '';
  const content = last.get('content');
  if (content?.kind === 'string') return content.string() ?? '';
  return (content?.items() ?? []).map((part) => part.get('text')?.string() ?? '').join('\n');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
