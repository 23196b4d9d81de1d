import { Ajv, type ErrorObject } from 'ajv';
import { ConfigError, type Problem } from './config-error.ts';
import type { ConfigText, Steps } from './config-text.ts';
import schema from './verdict.schema.json' with { type: 'json' };

/** The published JSON Schema of `verdict.yaml`, for editors. */
export const CONFIG_SCHEMA: object = schema;

/** `verdict.yaml` as the schema lets it through, its defaults filled in. */
const validate = new Ajv({ allErrors: true, verbose: true, useDefaults: true, allowUnionTypes: true }).compile(schema);

const MAX_PROBLEMS = 20;

/** Checks a configuration against the published schema and fills in its defaults. Throws ConfigError, its problems in the order of the text. */
export function checkSchema(text: ConfigText): void {
  if (validate(text.value)) return;
  const errors = validate.errors ?? [];
  // A failed choice is told as a whole: the errors of its branches contradict each other, and would quote what stands there.
  const choices = errors.filter(({ keyword }) => keyword === 'oneOf').map(({ instancePath }) => instancePath);
  const told = errors.filter(
    (e) => e.keyword === 'oneOf' || !choices.some((path) => `${e.instancePath}/`.startsWith(`${path}/`)),
  );
  const problems = told.map((error) => problemOf(error, text));
  problems.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
  throw new ConfigError(problems.slice(0, MAX_PROBLEMS));
}

function problemOf(error: ErrorObject, text: ConfigText): Problem {
  const steps = stepsOf(error.instancePath, text.value);
  const path = jsonPath(steps);
  const { params } = error;
  switch (error.keyword) {
    case 'required':
      return {
        place: text.place(steps, 'key'),
        path,
        message: `expected the key "${params.missingProperty}", which is missing`,
      };
    case 'additionalProperties':
      return {
        place: text.place([...steps, params.additionalProperty], 'key'),
        path,
        message: unknownKey(params.additionalProperty, Object.keys(error.parentSchema?.properties ?? {})),
      };
    default:
      return { place: text.place(steps, 'value'), path, message: `expected ${expected(error)}, got ${got(error)}` };
  }
}

function expected({ keyword, params, parentSchema }: ErrorObject): string {
  if (typeof parentSchema?.title === 'string') return parentSchema.title;
  switch (keyword) {
    case 'type':
      return params.type === 'string' ? 'a text' : `${article(params.type)} ${params.type}`;
    case 'enum':
      return list(params.allowedValues.map((value: unknown) => JSON.stringify(value)));
    case 'minimum':
      return `a number of at least ${params.limit}`;
    case 'maximum':
      return `a number of at most ${params.limit}`;
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return `at least ${params.limit} ${UNITS[keyword]}`;
    case 'maxLength':
    case 'maxItems':
      return `at most ${params.limit} ${UNITS[keyword]}`;
    case 'uniqueItems':
      return 'each item once';
    default:
      return 'another value';
  }
}

const UNITS: Record<string, string> = {
  minLength: 'character(s)',
  maxLength: 'characters',
  minItems: 'item(s)',
  maxItems: 'items',
  minProperties: 'key(s)',
};

/** What came, by kind. A value itself only where it can be no secret: a choice among fixed words, a number out of bounds. */
function got({ keyword, data }: ErrorObject): string {
  if (data === null || data === undefined) return 'nothing';
  if (Array.isArray(data)) return `a list of ${data.length}`;
  if (typeof data === 'number' && ['minimum', 'maximum'].includes(keyword)) return String(data);
  if (typeof data === 'string') {
    return keyword === 'enum' && /^[\w.-]{1,40}$/.test(data) ? `"${data}"` : `a text of ${data.length} characters`;
  }
  return `${article(typeof data)} ${typeof data}`;
}

function unknownKey(key: string, known: string[]): string {
  const shown = /^[\w.-]{1,40}$/.test(key) ? `unknown key "${key}"` : 'unknown key';
  const near = known
    .map((name) => ({ name, distance: distance(key.slice(0, 64), name) }))
    .sort((a, b) => a.distance - b.distance)[0];
  if (near && near.distance <= Math.max(2, near.name.length / 3)) return `${shown}; did you mean "${near.name}"?`;
  return `${shown}; expected ${list(known.map((name) => `"${name}"`))}`;
}

/** Levenshtein's: how many characters must be put in, left out or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next[j] = Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1);
    }
    row = next;
  }
  return row[b.length] as number;
}

/** RFC 6901, with indexes of lists as numbers. */
function stepsOf(pointer: string, root: unknown): Steps {
  let value = root;
  const keys = pointer.split('/').slice(1);
  return keys.map((key) => {
    const name = key.replaceAll('~1', '/').replaceAll('~0', '~');
    const step = Array.isArray(value) ? Number(name) : name;
    value = (value as Record<string | number, unknown>)[step];
    return step;
  });
}

export function jsonPath(steps: Steps): string {
  return steps.reduce<string>((path, step) => {
    if (typeof step === 'number') return `${path}[${step}]`;
    return /^\w+$/.test(step) ? `${path}.${step}` : `${path}[${JSON.stringify(step)}]`;
  }, '$');
}

function list(words: string[]): string {
  return words.length < 2 ? (words[0] ?? 'nothing') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function article(word: string): string {
  return /^[aeiou]/.test(word) ? 'an' : 'a';
}
