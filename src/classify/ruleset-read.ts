import { ClassifyError } from './error.ts';

/** Reads data that came from JSON or YAML; each step knows its path, so that an error says where. */
export class Reader {
  readonly path: string;
  private readonly value: unknown;

  constructor(value: unknown, path: string) {
    this.value = value;
    this.path = path;
  }

  fail(expected: string): never {
    throw new ClassifyError('RULESET_INVALID', `${this.path}: expected ${expected}`);
  }

  /** The members of an object whose keys are names that somebody chose, in order of the names. */
  entries(most: number): [name: string, entry: Reader][] {
    if (this.value === undefined) return [];
    const members = Object.entries(this.object(`an object of at most ${most} entries by name`));
    if (members.length > most) this.fail(`at most ${most} entries, got ${members.length}`);
    return members
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]): [string, Reader] => {
        const entry = new Reader(value, `${this.path}.${name.slice(0, 64)}`);
        if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(name)) {
          entry.fail('a name of a to z, 0 to 9, "-" and "_", at most 64 characters');
        }
        return [name, entry];
      });
  }

  /** Members by key; any other key is an error, since one that is misspelt would be a rule that isn't there. */
  members<K extends string>(...keys: K[]): Record<K, Reader> {
    const object = this.object(`an object with ${keys.join(', ')}`);
    for (const key of Object.keys(object)) {
      if (!(keys as string[]).includes(key))
        this.fail(`one of ${keys.join(', ')}, got ${JSON.stringify(key.slice(0, 64))}`);
    }
    return Object.fromEntries(keys.map((key) => [key, new Reader(object[key], `${this.path}.${key}`)])) as Record<
      K,
      Reader
    >;
  }

  text(most: number, form?: RegExp, like = `a text of 1 to ${most} characters`): string {
    const { value } = this;
    if (typeof value !== 'string' || value === '' || value.length > most || !value.isWellFormed())
      return this.fail(like);
    return form === undefined || form.test(value) ? value : this.fail(like);
  }

  texts(least: number, most: number, longest: number, form?: RegExp, like?: string): string[] {
    const { value } = this;
    if (!Array.isArray(value) || value.length < least || value.length > most) {
      return this.fail(`a list of ${least} to ${most} texts`);
    }
    return value.map((item, i) => new Reader(item, `${this.path}[${i}]`).text(longest, form, like));
  }

  list(least: number, most: number): Reader[] {
    const { value } = this;
    if (!Array.isArray(value) || value.length < least || value.length > most) {
      return this.fail(`a list of ${least} to ${most} entries`);
    }
    return value.map((item, i) => new Reader(item, `${this.path}[${i}]`));
  }

  /** Hundredths from 0.01 to 1. */
  confidence(): number {
    const { value } = this;
    const fits = typeof value === 'number' && value > 0 && value <= 1 && Math.round(value * 100) / 100 === value;
    return fits ? value : this.fail('a number from 0.01 to 1, in hundredths');
  }

  oneOf<T extends string>(values: readonly T[]): T {
    const found = values.find((value) => value === this.value);
    return found ?? this.fail(`one of ${values.join(', ')}`);
  }

  optional<T>(read: (reader: this) => T): T | undefined {
    return this.value === undefined ? undefined : read(this);
  }

  private object(like: string): Record<string, unknown> {
    const { value } = this;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.fail(like);
    return value as Record<string, unknown>;
  }
}
