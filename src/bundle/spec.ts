import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { BundleError } from './error.ts';

/** What goes into a bundle: `bundles/<name>.yaml`. Paths are as written, relative to the file. */
export interface Spec {
  name: string;
  revision: string;
  sequence: number;
  sources: string[];
  capabilities: string;
  inputs?: string | undefined;
  entrypoints: string[];
  roots: string[];
  /** Percent of lines that the Rego tests must cover. */
  coverage: number;
  notBefore?: Date | undefined;
  notAfter?: Date | undefined;
}

type Reader = (key: string) => unknown;

const KEYS = [
  ...['name', 'revision', 'sequence', 'sources', 'capabilities', 'inputs'],
  ...['entrypoints', 'roots', 'coverage', 'not_before', 'not_after'],
];
const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const PATH = /^[A-Za-z_][A-Za-z0-9_]*(\/[A-Za-z_][A-Za-z0-9_]*)*$/;

/** @throws BundleError BUNDLE_SPEC_INVALID with line and what was expected */
export function parseSpec(text: string): Spec {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: 'core' });
  const fail = (expected: string, offset = 0): never => {
    throw new BundleError('BUNDLE_SPEC_INVALID', `line ${lines.linePos(offset).line}: ${expected}`);
  };
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) fail(problem.message.split('\n')[0] ?? '', problem.pos[0]);
  const root = isMap(document.contents) ? document.contents : fail('expected a mapping of keys');
  const values = new Map<string, unknown>();
  const offsets = new Map<string, number>();
  for (const { key, value } of root.items) {
    const name = isScalar(key) ? String(key.value) : '';
    const offset = isScalar(key) ? key.range?.[0] : undefined;
    if (!KEYS.includes(name)) fail(`expected one of ${KEYS.join(', ')}, got ${JSON.stringify(name)}`, offset);
    values.set(name, (value as { toJS?(document: unknown): unknown } | null)?.toJS?.(document));
    offsets.set(name, offset ?? 0);
  }
  return readSpec(
    (key) => values.get(key),
    (key, expected) => fail(`expected ${key} as ${expected}`, offsets.get(key)),
  );
}

function readSpec(value: Reader, fail: (key: string, expected: string) => never): Spec {
  const text = (key: string, form?: RegExp): string => {
    const got = value(key);
    return typeof got === 'string' && got !== '' && (form?.test(got) ?? true)
      ? got
      : fail(key, `a text${form ? ` like ${form.source}` : ''}`);
  };
  const texts = (key: string, form?: RegExp): string[] => {
    const got = value(key);
    const fits = (item: unknown): boolean => typeof item === 'string' && item !== '' && (form?.test(item) ?? true);
    return Array.isArray(got) && got.length > 0 && got.every(fits)
      ? got
      : fail(key, `a list of texts${form ? ` like ${form.source}` : ''}`);
  };
  const integer = (key: string, min: number, max: number): number => {
    const got = value(key);
    const fits = Number.isSafeInteger(got) && (got as number) >= min && (got as number) <= max;
    return fits ? (got as number) : fail(key, `an integer from ${min} to ${max}`);
  };
  const moment = (key: string): Date | undefined => {
    if (value(key) === undefined) return undefined;
    const date = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/.test(text(key))
      ? new Date(text(key))
      : new Date(Number.NaN);
    return Number.isNaN(date.getTime()) ? fail(key, 'RFC 3339 in UTC, such as "2027-01-01T00:00:00Z"') : date;
  };
  return {
    name: text('name', NAME),
    revision: text('revision', /^[\x21-\x7e]{1,100}$/),
    sequence: integer('sequence', 1, Number.MAX_SAFE_INTEGER),
    sources: texts('sources'),
    capabilities: text('capabilities'),
    inputs: value('inputs') === undefined ? undefined : text('inputs'),
    entrypoints: texts('entrypoints', PATH),
    roots: texts('roots', PATH),
    coverage: value('coverage') === undefined ? 0 : integer('coverage', 0, 100),
    notBefore: moment('not_before'),
    notAfter: moment('not_after'),
  };
}
