import type { Action } from '../input/index.ts';

/** Why something cannot be read; policy decides what follows. */
export type Why =
  /** A member of the arguments is missing or of another type than the tool takes. */
  | 'arguments_unexpected'
  /** No shell script that can be parsed. */
  | 'shell_syntax'
  /** Another shell's language (fish, csh, …). */
  | 'shell_dialect'
  | 'powershell'
  | 'windows_shell'
  /** A program's code comes from another program, or from what only the run can tell. */
  | 'code_from_pipe'
  /** Code in another language than the shell's. */
  | 'inline_code'
  /** Shell text that only the run can tell. */
  | 'dynamic_script'
  /** A wrapper such as `sudo` has an option that is not known, so what it runs may be another word. */
  | 'wrapper_option'
  /** A variable is set by which programs load code or are found. */
  | 'environment'
  /** Keys that are typed into whatever runs in a terminal. */
  | 'terminal_input'
  /** A patch without a file that could be read from it. */
  | 'patch_syntax'
  | 'too_deep'
  | 'too_large';

const MOST_ACTIONS = 2_000;
const MOST_TEXT = 512 * 1024;
/** Characters parsed, expanded and noted, all together: what keeps the time linear where a script says things over and over. */
const MOST_WORK = 2 * 1024 * 1024;

/** Thrown where a bound is passed: nothing of what was found is worth reading then. */
export class Overflow extends Error {
  readonly why: 'too_deep' | 'too_large';

  constructor(why: 'too_deep' | 'too_large') {
    super(`expected a tool call within bounds, it is ${why}`);
    this.why = why;
  }
}

/** The actions that were found, within bounds; the same file, destination or doubt stands in it once. */
export class Ledger {
  readonly actions: Action[] = [];
  private readonly known = new Set<string>();
  private text = 0;
  private work = 0;
  private isLate = false;
  private isEvaluated = false;

  add(action: Action): void {
    if (action.kind !== 'command') {
      const key = JSON.stringify(action);
      if (this.known.has(key)) return;
      this.known.add(key);
    }
    this.text += sizeOf(action);
    if (this.actions.length >= MOST_ACTIONS || this.text > MOST_TEXT) throw new Overflow('too_large');
    this.actions.push(action);
  }

  opaque(why: Why): void {
    this.add({ kind: 'opaque', why });
  }

  /** A literal with a substitution behind a bracket: as an index it is run where a variable's name or a number is evaluated. */
  literal(text: string): void {
    const at = text.indexOf('[');
    if (at < 0 || this.isLate || (text.indexOf('$(', at) < 0 && text.indexOf('`', at) < 0)) return;
    this.isLate = true;
    if (this.isEvaluated) this.opaque('dynamic_script');
  }

  /** Something is evaluated as arithmetic: what, is mostly known only by the run. */
  evaluate(): void {
    if (this.isLate && !this.isEvaluated) this.opaque('dynamic_script');
    this.isEvaluated = true;
  }

  /** @throws Overflow when all work together is too much */
  charge(characters: number): void {
    this.work += characters + 1;
    if (this.work > MOST_WORK) throw new Overflow('too_large');
  }
}

function sizeOf(action: Action): number {
  if (action.kind === 'command') {
    return action.words.reduce((sum, word) => sum + word.length + 4, 64) + action.via.length * 12;
  }
  if (action.kind === 'file') return action.path.length + 48;
  return action.kind === 'network' ? action.host.length + 48 : 48;
}
