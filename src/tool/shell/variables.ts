import type { Field } from './field.ts';

/** What a walk over a script found that it could not rely on; the next walk resolves less. */
export interface Doubts {
  /** Variables that were resolved although something else sets them too. */
  names: Set<string>;
  /** The folder changes where that can't be followed: in a loop, in a function. */
  folder: boolean;
  /** Nothing can be resolved: text that only the run can tell may set any variable. */
  all: boolean;
}

export function noDoubts(): Doubts {
  return { names: new Set(), folder: false, all: false };
}

/**
 * The variables of one shell. One is known if a single assignment in all of the shell's text sets it, to a literal, and
 * that comes before in any case. Whether it is the only one turns out at the end: then the walk starts again, with doubts.
 */
export class Variables {
  private readonly values = new Map<string, Field>();
  private readonly writers = new Map<string, number>();
  private readonly used = new Set<string>();
  /** Names in the order of their assignments, for those of a branch to be forgotten after it. */
  private readonly order: string[] = [];
  private readonly known: Doubts;
  private readonly found: Doubts;

  constructor(known: Doubts, found: Doubts) {
    this.known = known;
    this.found = found;
  }

  get(name: string): Field | undefined {
    if (this.isDoubtful(name)) return undefined;
    const value = this.values.get(name);
    if (value !== undefined) this.used.add(name);
    return value;
  }

  /** Whether nothing in the script sets it: then `HOME` and `IFS` are what they always are. */
  isUntouched(name: string): boolean {
    if (this.isDoubtful(name) || this.writers.has(name)) return false;
    this.used.add(name);
    return true;
  }

  /** @param value the literal; undefined if it is not known */
  set(name: string, value: Field | undefined): void {
    const writers = (this.writers.get(name) ?? 0) + 1;
    this.writers.set(name, writers);
    this.values.delete(name);
    if (this.used.has(name)) this.found.names.add(name);
    if (writers > 1 || value === undefined || value.dynamic) return;
    this.values.set(name, value);
    this.order.push(name);
  }

  /** Text that is not known may set any. */
  setAny(): void {
    this.found.all = true;
  }

  mark(): number {
    return this.order.length;
  }

  /** Forgets what was assigned since the mark. */
  release(mark: number): void {
    while (this.order.length > mark) this.values.delete(this.order.pop() as string);
  }

  private isDoubtful(name: string): boolean {
    return this.known.all || this.known.names.has(name);
  }
}
