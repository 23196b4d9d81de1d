import { applyEdits, type FormattingOptions, format, type JSONPath, modify, stripComments } from 'jsonc-parser';
import type { Agent, HookPlace, Scope } from '../hook/index.ts';
import { DEFAULT_LIMITS, JsonError, type JsonValue, parse } from '../json/index.ts';
import { CliError, EXIT } from './exit.ts';

const LIMITS = { ...DEFAULT_LIMITS, refuseCaseCollisions: false };
const DEFAULT_INDENT = 2;

/**
 * The text of an agent's settings with the hook in its places: a hook of ours that is there already is replaced, and taken
 * away where it has no place any more; everything else stays as it is, to the byte.
 *
 * @throws CliError if the text is not what the agent itself could read
 */
export function editSettings(text: string, { name, settings }: Agent, scope: Scope, command: string): string {
  const isHere = (place: HookPlace): boolean => (place.scope ?? scope) === scope;
  const places = settings.places.filter(isHere);
  const hookAt = ({ matcher }: HookPlace) => ({ ...settings.hook(command), ...(matcher !== undefined && { matcher }) });
  const entryAt = (place: HookPlace) => (settings.grouped ? { matcher: '*', hooks: [hookAt(place)] } : hookAt(place));
  if (text.trim() === '') {
    const hooks = Object.fromEntries(places.map((place) => [place.event, [entryAt(place)]]));
    return `${JSON.stringify({ ...settings.base, hooks }, null, DEFAULT_INDENT)}\n`;
  }
  const root = read(text, settings.comments);
  const ours = (event: string): [JSONPath, JsonValue][] => find(root, event, settings.grouped, name);
  const changes: [JSONPath, unknown][] = missing(root, settings.base);
  for (const place of places) {
    const { event } = place;
    const hook = hookAt(place);
    const there = ours(event);
    for (const [path, now] of there) if (!isSame(now, hook)) changes.push([path, hook]);
    if (there.length > 0) continue;
    const others = root.get('hooks')?.get(event);
    changes.push(
      others ? [['hooks', event, others.items().length], entryAt(place)] : [['hooks', event], [entryAt(place)]],
    );
  }
  changes.push(...retired(settings.places, isHere, ours, root));
  return changes.reduce((edited, [path, value]) => change(edited, path, value), text);
}

/** Takes hooks of ours away from events that have a place in settings of the other scope only. No agent with such places has groups. */
function retired(
  places: readonly HookPlace[],
  isHere: (place: HookPlace) => boolean,
  ours: (event: string) => [JSONPath, JsonValue][],
  root: JsonValue,
): [JSONPath, unknown][] {
  const here = new Set(places.filter(isHere).map(({ event }) => event));
  return places.flatMap(({ event }): [JSONPath, unknown][] => {
    const gone = here.has(event) ? [] : ours(event).map(([path]) => path[2]);
    if (gone.length === 0) return [];
    // The whole array: the editor takes away a brace too many with the last of its items.
    const others = (root.get('hooks')?.get(event)?.items() ?? []).filter((_, index) => !gone.includes(index));
    return [[['hooks', event], others.length === 0 ? undefined : others.map((entry) => entry.value())]];
  });
}

/** The check that the agent's parser makes, and each key once: which of two would count is the parser's choice. */
function read(text: string, comments: boolean): JsonValue {
  let root: JsonValue;
  try {
    root = parse(Buffer.from(comments ? stripComments(text, ' ') : text), LIMITS);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new CliError(EXIT.usage, `expected JSON${comments ? ', with comments or without' : ''}: ${error.message}`);
  }
  if (root.kind !== 'object') throw new CliError(EXIT.usage, 'expected an object');
  return root;
}

function missing(root: JsonValue, base: Readonly<Record<string, unknown>>): [JSONPath, unknown][] {
  return Object.entries(base).flatMap(([key, value]): [JSONPath, unknown][] => {
    const there = root.get(key);
    if (!there) return [[[key], value]];
    if (there.value() !== value) throw new CliError(EXIT.usage, `expected ${JSON.stringify(value)} at $.${key}`);
    return [];
  });
}

/** Where hooks of ours stand under an event, and what they are. */
function find(root: JsonValue, event: string, grouped: boolean, agent: string): [JSONPath, JsonValue][] {
  const hooks = expectKind(root.get('hooks'), 'object', '$.hooks');
  const entries = expectKind(hooks?.get(event), 'array', `$.hooks.${event}`)?.items() ?? [];
  const each = entries.flatMap((entry, index): [JSONPath, JsonValue][] => {
    const path = ['hooks', event, index];
    if (!grouped) return [[path, entry]];
    return (entry.get('hooks')?.items() ?? []).map((hook, inner) => [[...path, 'hooks', inner], hook]);
  });
  const ours = new RegExp(`(?:verdict|main\\.[jt]s)['"]? hook ${agent} `);
  return each.filter(([, hook]) => ours.test((hook.get('command') ?? hook.get('bash'))?.string() ?? ''));
}

function expectKind(value: JsonValue | undefined, kind: string, place: string): JsonValue | undefined {
  if (value !== undefined && value.kind !== kind) throw new CliError(EXIT.usage, `expected an ${kind} at ${place}`);
  return value;
}

function isSame(now: JsonValue, hook: Record<string, unknown>): boolean {
  const entries = now.entries();
  return entries.length === Object.keys(hook).length && entries.every(([key, value]) => value.value() === hook[key]);
}

/** Only what is new is laid out: `modify` by itself would lay out the whole lines that it touches. */
function change(text: string, path: JSONPath, value: unknown): string {
  const edits = modify(text, path, value, {});
  const edited = applyEdits(text, edits);
  return edits.reduce((now, { offset, content }) => {
    return applyEdits(now, format(now, { offset, length: content.length }, formatting(text)));
  }, edited);
}

/** As the file has it. */
function formatting(text: string): FormattingOptions {
  const indent = /\n([ \t]+)\S/.exec(text)?.[1] ?? ' '.repeat(DEFAULT_INDENT);
  return { insertSpaces: !indent.startsWith('\t'), tabSize: indent.length, eol: text.includes('\r\n') ? '\r\n' : '\n' };
}
