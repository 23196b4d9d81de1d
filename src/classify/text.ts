import type { LabelPlace } from '../input/index.ts';
import { DEFAULT_LIMITS, JsonError, type JsonValue, parse } from '../json/index.ts';
import { type Place, placesIn, type Span, textSpans } from './place.ts';

/** Who speaks a text, as far as the body says. */
export type TextRole = LabelPlace['role'];

/** One text of a body, or of a tool call's arguments. */
export interface Text {
  /** JSON pointer (RFC 6901) to the string in the body; for a key, to its member. */
  pointer: string;
  role: TextRole;
  /** Whether it is a key. */
  isKey: boolean;
  text: string;
  /** Where parts of it stand. What was written in base64 can be replaced as a whole only: each part is the whole then. */
  places(spans: readonly Span[]): Place[];
}

/** What a body holds for people or models to read. */
export interface Texts {
  texts: Text[];
  /** Pointers to parts that cannot be read as text: images, documents, sealed reasoning. */
  opaque: string[];
}

const ROLES: ReadonlyMap<string, TextRole> = new Map<string, TextRole>([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['assistant', 'assistant'],
  ['model', 'assistant'],
  ['tool', 'tool'],
  ['function', 'tool'],
]);
/** Fields at the top of a body whose texts have a role of their own. */
const FIELDS: ReadonlyMap<string, TextRole> = new Map<string, TextRole>([
  ['system', 'system'],
  ['instructions', 'system'],
  ['tools', 'tools'],
  ['functions', 'tools'],
  ['input', 'user'],
  ['prompt', 'user'],
]);
/** What a tool gave back, by its type: `tool_result`, `function_call_output`, `mcp_tool_result`, … */
/** What was handed over to be read. */
const DOCUMENT = /^(?:input_)?(?:document|file|search_result)$/;
const RESULT = /(?:^|_)(?:result|output)$/;
const DATA_URL = /^data:([^,;]*)[^,]{0,200};base64,/i;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const TEXTUAL = /^(?:text\/|application\/(?:json|xml|yaml|x-yaml|javascript|x-sh|sql|x-ndjson)|message\/)/i;
/** Shorter keys name things; longer ones may be things. */
const KEY_LENGTH = 12;
const MOST_NESTED = 4;

/**
 * Every string of a body, long keys included: what a field is called decides nothing, so that nothing hides in one that is
 * not known. Strings that hold JSON with escapes in it, and base64 that says it is text, are read as what they hold.
 */
export function textsOf(body: JsonValue): Texts {
  const found: Texts = { texts: [], opaque: [] };
  new Walk(found).object(body, '', 'other', true);
  return found;
}

class Walk {
  private readonly found: Texts;

  constructor(found: Texts) {
    this.found = found;
  }

  object(object: JsonValue, pointer: string, outer: TextRole, isTop: boolean): void {
    if (object.kind !== 'object') {
      this.value(object, pointer, outer);
      return;
    }
    const role = roleOf(object, outer);
    const isBase64 = object.get('type')?.string() === 'base64';
    for (const [key, value] of object.members()) {
      const name = key.string() ?? '';
      const path = `${pointer}/${escapeToken(name)}`;
      if (name.length >= KEY_LENGTH) this.push(key, name, path, role, true);
      if (isBase64 && name === 'data' && value.kind === 'string') this.base64(value, path, role, mediaTypeOf(object));
      else this.value(value, path, (isTop && FIELDS.get(name)) || role);
    }
  }

  private value(value: JsonValue, pointer: string, role: TextRole): void {
    const { kind } = value;
    if (kind === 'string') this.string(value, pointer, role);
    else if (kind === 'object') this.object(value, pointer, role, false);
    else if (kind === 'array') value.items().forEach((item, i) => void this.value(item, `${pointer}/${i}`, role));
  }

  private string(value: JsonValue, pointer: string, role: TextRole): void {
    const text = value.string() ?? '';
    const url = text.startsWith('data:') ? DATA_URL.exec(text) : null;
    if (url) this.base64(value, pointer, role, url[1] ?? '', url[0].length);
    else this.push(value, text, pointer, role);
  }

  private push(value: JsonValue, text: string, pointer: string, role: TextRole, isKey = false): void {
    if (text === '') return;
    const own: Text = { pointer, role, isKey, text, places: (spans) => placesIn(value, text, spans) };
    this.found.texts.push(...(nestedIn(own, MOST_NESTED) ?? [own]));
  }

  private base64(value: JsonValue, pointer: string, role: TextRole, mediaType: string, from = 0): void {
    const outer = value.string() ?? '';
    const text = decodeBase64(outer.slice(from), mediaType);
    if (text === undefined) {
      this.found.opaque.push(pointer);
      return;
    }
    const whole = { start: 0, end: outer.length };
    const places = (spans: readonly Span[]): Place[] =>
      placesIn(
        value,
        outer,
        spans.map(() => whole),
      );
    this.found.texts.push({ pointer, role, isKey: false, text, places });
  }
}

function roleOf(object: JsonValue, outer: TextRole): TextRole {
  const named = ROLES.get(object.get('role')?.string() ?? '');
  if (named) return named;
  const type = object.get('type')?.string() ?? '';
  return RESULT.test(type) ? 'tool' : DOCUMENT.test(type) && outer !== 'tool' ? 'document' : outer;
}

const mediaTypeOf = (source: JsonValue): string => source.get('media_type')?.string() ?? '';

/** The strings within a string that is JSON itself, where its escapes would hide what it says; undefined if there are none. */
function nestedIn(outer: Text, depth: number): Text[] | undefined {
  const { text, pointer, role, isKey } = outer;
  if (depth === 0 || !/^\s*[[{]/.test(text) || !text.includes('\\')) return undefined;
  const bytes = Buffer.from(text);
  const document = tryParse(bytes);
  if (!document) return undefined;
  return textsOf(document).texts.map((inner) => ({
    ...{ pointer, role, isKey, text: inner.text },
    places: (spans) => {
      const raw = inner.places(spans).map((place) => place.raw);
      return outer.places(textSpans(bytes, raw));
    },
  }));
}

function tryParse(bytes: Buffer): JsonValue | undefined {
  try {
    return parse(bytes, { ...DEFAULT_LIMITS, maxBytes: bytes.length });
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

/** Undefined if it is not base64 of text. */
function decodeBase64(base64: string, mediaType: string): string | undefined {
  if (!TEXTUAL.test(mediaType) || !BASE64.test(base64)) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('utf8');
}

const escapeToken = (key: string): string => (/[~/]/.test(key) ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key);
