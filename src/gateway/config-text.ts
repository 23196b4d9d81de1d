import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLError,
} from 'yaml';
import { ConfigError, type Place } from './config-error.ts';

/** Keys and indexes on the way to a value. */
export type Steps = readonly (string | number)[];

/** A parsed YAML text that still knows where its values stand. */
export interface ConfigText {
  readonly value: unknown;
  /** Where a value stands, or its key; where there is none, the nearest thing around it. */
  place(steps: Steps, what: 'key' | 'value'): Place;
}

const MAX_BYTES = 1024 * 1024;
const MAX_ALIASES = 100;

/** The parser's own messages quote the text, which may hold a secret; only its codes are used. */
const MESSAGES: Partial<Record<YAMLError['code'], string>> = {
  DUPLICATE_KEY: 'expected each key once in a mapping',
  BAD_INDENT: 'expected the lines of a mapping or list at the same indentation',
  TAB_AS_INDENT: 'expected spaces for indentation, got a tab',
  MULTIPLE_DOCS: 'expected one YAML document, got several',
  MISSING_CHAR: 'expected a closing quote, bracket or colon',
  NON_STRING_KEY: 'expected a text as key',
  TAG_RESOLVE_FAILED: 'expected a value without a tag, or with one of YAML 1.2 core',
};

/** Parses YAML 1.2. Throws ConfigError with the place and what was expected, never quoting the text. */
export function parseConfigText(bytes: Uint8Array, file: string): ConfigText {
  const start = { file, line: 1, column: 1 };
  const text = decode(bytes, start);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true, schema: 'core' });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    throw new ConfigError(
      faults.slice(0, 10).map((fault) => ({
        place: placeAt(fault.pos[0]),
        path: '$',
        message: MESSAGES[fault.code] ?? `expected YAML 1.2 (${fault.code})`,
      })),
    );
  }
  return {
    value: toValue(document, start),
    place: (steps, what) => placeAt(find(document, steps, what)?.range?.[0] ?? 0),
  };
}

function decode(bytes: Uint8Array, start: Place): string {
  if (bytes.byteLength > MAX_BYTES) {
    throw new ConfigError([
      { place: start, path: '$', message: `expected at most ${MAX_BYTES} bytes, got ${bytes.byteLength}` },
    ]);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError([{ place: start, path: '$', message: 'expected UTF-8' }]);
  }
}

function toValue(document: Document, start: Place): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    throw new ConfigError([
      {
        place: start,
        path: '$',
        message: `expected aliases of anchors that stand before them, for at most ${MAX_ALIASES} values`,
      },
    ]);
  }
}

function find(document: Document, steps: Steps, what: 'key' | 'value'): Node | undefined {
  let node: unknown = document.contents;
  let key: unknown;
  let nearest: unknown = node;
  for (const step of steps) {
    const inside = isAlias(node) ? node.resolve(document) : node;
    if (isMap(inside)) {
      const pair = inside.items.find(
        (item: Pair) => isNode(item.key) && 'value' in item.key && String(item.key.value) === step,
      );
      key = pair?.key;
      node = pair?.value;
    } else {
      key = undefined;
      node = isSeq(inside) && typeof step === 'number' ? inside.items[step] : undefined;
    }
    if (!isNode(key) && !isNode(node)) break;
    nearest = what === 'key' && isNode(key) ? key : isNode(node) ? node : key;
  }
  return isNode(nearest) ? nearest : undefined;
}
