import { forEachChild, type ParsedScript, parse, type Redirection, type SyntaxNode } from 'unbash';
import { Ledger, Overflow } from '../ledger.ts';
import { either, type Ground } from '../place.ts';
import { assign, assignAll } from './assignment.ts';
import { isSetter, redefinesFolder } from './builtins.ts';
import { setUnknown } from './environment.ts';
import { type Field, plain } from './field.ts';
import { redefinesListing } from './listing.ts';
import { readRedirections } from './redirection.ts';
import { run } from './run.ts';
import type { Frame, Shell, Stdin } from './shell.ts';
import { type Doubts, noDoubts, Variables } from './variables.ts';
import { type Effects, expandWord } from './word.ts';

/** What one argument of a program can hold on Linux: no shell is handed a longer script than that. */
const LONGEST = 128 * 1024;
/** Nodes in which the shell does arithmetic, or takes a word for a variable. */
const EVALUATED = /^Arithmetic|^Test/;
const MOST_BRACKETS = 40;
const MOST_HERE_DOCUMENTS = 1_000;
const MOST_COPROCESSES = 16;

/** Parses, in time that grows no faster than the text. @throws Overflow for more than anybody writes */
export function parseScript(text: string, ledger: Ledger): ParsedScript {
  if (text.length > LONGEST) throw new Overflow('too_large');
  ledger.charge(text.length);
  if (isTooDeep(text)) throw new Overflow('too_deep');
  try {
    return parse(text);
  } catch {
    // What ends its stack is nested deeper than it minds.
    throw new Overflow('too_deep');
  }
}

/** A rough count, which quotes and comments only raise: each open bracket costs the parser another look at all the rest. */
function isTooDeep(text: string): boolean {
  let open = 0;
  let documents = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '(' || char === '{') open++;
    else if ((char === ')' || char === '}') && open > 0) open--;
    else if (char === '<' && text[i + 1] === '<') documents++;
    if (open > MOST_BRACKETS) return true;
  }
  return documents > MOST_HERE_DOCUMENTS || text.split('coproc').length > MOST_COPROCESSES;
}

/**
 * Finds what a script would do. It is walked again with less resolved where a walk found that it could not rely on what
 * it had resolved: three times at most.
 *
 * @param walk starts it: with text, or with the words of a command
 */
export function inspect(ground: Ground, walk: (shell: Shell) => void): Ledger {
  const known = noDoubts();
  for (let pass = 0; ; pass++) {
    const ledger = new Ledger();
    const found = noDoubts();
    walk(openShell(ledger, known.folder ? { ...ground, bases: undefined } : ground, known, found));
    const isNew =
      (found.all && !known.all) ||
      (found.folder && !known.folder) ||
      [...found.names].some((name) => !known.names.has(name));
    if (known.all || !isNew) return ledger;
    for (const name of found.names) known.names.add(name);
    known.folder ||= found.folder || pass > 0;
    known.all ||= found.all || pass > 0;
  }
}

function openShell(ledger: Ledger, ground: Ground, known: Doubts, found: Doubts): Shell {
  const shell: Shell = {
    ledger,
    variables: new Variables(known, found),
    ground,
    aliases: new Map(),
    known,
    found,
    listed: undefined,
    script: (text, frame) => {
      if (text.dynamic) shell.variables.setAny();
      new Walk(shell).text(text, frame);
    },
    child: (text, frame) => new Walk(openShell(ledger, shell.ground, known, found)).text(text, frame),
  };
  return shell;
}

/** What a command reads: a redirection may put something else in the place of what the program before it writes. */
function inputOf(redirects: readonly Redirection[], stdin: Stdin, frame: Frame): Stdin {
  if (stdin !== undefined) return stdin;
  const isReplaced = redirects.some(({ operator }) => operator.startsWith('<'));
  return isReplaced && frame.stdin?.kind === 'pipe' ? { kind: 'pipe' } : frame.stdin;
}

/** One walk through the statements of a shell, in the order of their text. */
class Walk {
  private readonly shell: Shell;

  constructor(shell: Shell) {
    this.shell = shell;
  }

  text(text: Field, frame: Frame): void {
    const { ledger } = this.shell;
    if (text.dynamic) ledger.opaque('dynamic_script');
    // A shell passes over a NUL, and so joins what stands beside it.
    if (text.text.includes('\0')) {
      ledger.opaque('shell_syntax');
      return;
    }
    // On their way to a shell, the line ends of Windows are often made plain ones.
    const source = text.text.replaceAll('\r\n', '\n');
    this.script(parseScript(source, ledger), source, frame);
  }

  private script(script: ParsedScript, source: string, frame: Frame): void {
    if ((script.errors?.length ?? 0) > 0) this.shell.ledger.opaque('shell_syntax');
    this.list(script.commands, script.source ?? source, frame);
  }

  private list(nodes: readonly SyntaxNode[], source: string, frame: Frame): void {
    for (const node of nodes) this.node(node, source, frame);
  }

  private node(node: SyntaxNode, source: string, frame: Frame): void {
    switch (node.type) {
      case 'Statement':
        if (node.background === true) this.apart(() => this.node(node.command, source, frame));
        else this.step(() => this.node(node.command, source, frame));
        return;
      case 'AndOr':
        this.chain(node.commands, node.operators, source, frame);
        return;
      case 'Pipeline':
        this.pipeline(node.commands, source, frame);
        return;
      case 'CompoundList':
        this.list(node.commands, source, frame);
        return;
      case 'Script':
        this.script(node as ParsedScript, source, frame);
        return;
      case 'BraceGroup':
        this.node(node.body, source, frame);
        return;
      case 'Subshell':
        this.apart(() => this.node(node.body, source, frame));
        return;
      case 'Command':
        this.command(node, source, frame);
        return;
      case 'Redirected': {
        const redirections = readRedirections(node.redirects, this.effects(source, frame));
        this.node(node.command, source, { ...frame, stdin: inputOf(node.redirects, redirections.stdin, frame) });
        return;
      }
      case 'If':
        this.node(node.clause, source, frame);
        for (const branch of [node.then, ...node.elif, node.else]) {
          if (branch !== undefined) this.branch(() => this.node(branch, source, frame));
        }
        return;
      case 'Elif':
        this.node(node.clause, source, frame);
        this.node(node.then, source, frame);
        return;
      case 'While':
        this.again(() => {
          this.node(node.clause, source, frame);
          this.node(node.body, source, frame);
        });
        return;
      case 'For':
      case 'Select':
        for (const word of node.wordlist ?? []) expandWord(word, this.effects(source, frame));
        setUnknown(node.name.value, this.shell, frame);
        this.again(() => this.node(node.body, source, frame));
        return;
      case 'ArithmeticFor':
        for (const part of [node.initialize, node.test, node.update]) if (part) this.scan(part, source, frame);
        this.again(() => this.node(node.body, source, frame));
        return;
      case 'Case':
        expandWord(node.word, this.effects(source, frame));
        for (const item of node.items) {
          for (const pattern of item.pattern) this.scan(pattern, source, frame);
          this.branch(() => this.node(item.body, source, frame));
        }
        return;
      case 'Function':
        if (redefinesFolder(node.name.value)) this.shell.found.folder = true;
        if (redefinesListing(node.name.value)) this.shell.found.all = true;
        this.again(() => this.node(node.body, source, { ...frame, stdin: undefined }));
        return;
      case 'Coproc':
        setUnknown(node.name?.value ?? 'COPROC', this.shell, frame);
        this.apart(() => this.node(node.body, source, { ...frame, stdin: { kind: 'pipe' } }));
        return;
      default:
        this.scan(node, source, frame);
        return;
    }
  }

  private command(node: SyntaxNode & { type: 'Command' }, source: string, frame: Frame): void {
    const effects = this.effects(source, frame);
    const name = node.name?.parts === undefined ? node.name?.text : undefined;
    const alias = name === undefined || frame.expanding.includes(name) ? undefined : this.shell.aliases.get(name);
    if (alias !== undefined && node.name !== undefined) {
      const text = `${alias} ${source.slice(node.name.end, node.end)}`;
      this.text(plain(text), {
        ...frame,
        expanding: [...frame.expanding, name as string],
        via: [...frame.via, 'alias'],
      });
    }
    const words = node.name === undefined ? [] : expandWord(node.name, effects);
    // zsh puts the program's path in the place of `=name`.
    if (/^=./.test(node.name?.text ?? '') && words[0] !== undefined)
      words[0] = { ...words[0], text: '$', dynamic: true };
    let isDeclared = words.some((word) => word.dynamic || isSetter(word));
    for (const argument of node.args) {
      if (argument.type === 'Word') {
        for (const word of expandWord(argument, effects)) {
          // Quoted, `export 'a=b'` sets one as well.
          const set = isDeclared ? /^([A-Za-z_]\w*)(\[.*)?\+?=/s.exec(word.text)?.[1] : undefined;
          if (set !== undefined) this.shell.variables.set(set, undefined);
          isDeclared ||= isSetter(word);
          words.push(word);
        }
      } else words.push(assign(argument, words[0], effects));
    }
    const redirections = readRedirections(node.redirects, effects);
    const prefixes = node.prefix.filter((item) => item.type === 'Assignment');
    assignAll(prefixes, node.name !== undefined, effects);
    run(words, this.shell, { ...frame, stdin: inputOf(node.redirects, redirections.stdin, frame) });
  }

  /** The parts of a pipeline each run in a shell of their own; all but the first read what the one before writes. */
  private pipeline(commands: readonly SyntaxNode[], source: string, frame: Frame): void {
    if (commands.length === 1 && commands[0] !== undefined) {
      this.node(commands[0], source, frame);
      return;
    }
    let names: Field | undefined;
    commands.forEach((command, i) => {
      const stdin: Stdin = i === 0 ? frame.stdin : { kind: 'pipe', ...(names && { names }) };
      this.shell.listed = undefined;
      this.apart(() => this.node(command, source, { ...frame, stdin }));
      // A group may write other names beside them.
      names = command.type === 'Command' && !this.shell.known.all ? this.shell.listed : undefined;
    });
  }

  /** What follows `&&` runs only if what stands before it ran well; what follows `||`, only if not. */
  private chain(commands: readonly SyntaxNode[], operators: readonly string[], source: string, frame: Frame): void {
    const { shell } = this;
    const before = shell.ground;
    let all = before;
    let mark: number | undefined;
    commands.forEach((command, i) => {
      if (operators[i - 1] === '||') {
        if (mark !== undefined) shell.variables.release(mark);
        shell.ground = either(before, all);
      }
      if (i > 0) mark ??= shell.variables.mark();
      this.node(command, source, frame);
      all = either(all, shell.ground);
    });
    if (mark !== undefined) shell.variables.release(mark);
    shell.ground = all;
  }

  /** A statement after which the folder is another only if it went well. */
  private step(walk: () => void): void {
    const before = this.shell.ground;
    walk();
    if (this.shell.ground !== before) this.shell.ground = either(before, this.shell.ground);
  }

  /** What changes nothing in this shell. */
  private apart(walk: () => void): void {
    const { ground, variables } = this.shell;
    const mark = variables.mark();
    walk();
    variables.release(mark);
    this.shell.ground = ground;
  }

  /** What may run or not. */
  private branch(walk: () => void): void {
    const { ground, variables } = this.shell;
    const mark = variables.mark();
    walk();
    variables.release(mark);
    if (this.shell.ground !== ground) this.shell.ground = either(this.shell.ground, ground);
  }

  /** What may run any number of times, or later: the folder that it leaves is one that it may begin in. */
  private again(walk: () => void): void {
    const { ground } = this.shell;
    this.branch(walk);
    if (this.shell.ground !== ground) this.shell.found.folder = true;
  }

  private effects(source: string, frame: Frame): Effects {
    return { shell: this.shell, frame, scan: (node) => this.scan(node, source, frame) };
  }

  /** Walks the scripts that are nested in a node, and notes the variables that it sets. */
  private scan(node: SyntaxNode, source: string, frame: Frame): void {
    const { ledger } = this.shell;
    ledger.charge(1);
    if (EVALUATED.test(node.type)) ledger.evaluate();
    if (node.type === 'Word') ledger.literal(node.value);
    if (node.type === 'Script') {
      if (frame.depth > 30) throw new Overflow('too_deep');
      this.apart(() => this.script(node, source, { ...frame, stdin: undefined, depth: frame.depth + 1 }));
      return;
    }
    if (node.type === 'CommandExpansion' || node.type === 'ProcessSubstitution') {
      if (node.script === undefined && /\S/.test(node.text.slice(2, -1))) ledger.opaque('shell_syntax');
    }
    if (node.type === 'ParameterExpansion') {
      if (node.index !== undefined || node.operation?.type === 'Slice') ledger.evaluate();
      const { operation, parameter } = node;
      if (operation?.type === 'Default' && operation.operator.endsWith('=')) setUnknown(parameter, this.shell, frame);
      // `${x@P}` runs the substitutions that stand in the variable.
      if (operation?.type === 'Transform' && operation.operand.text === 'P') ledger.opaque('dynamic_script');
      // In the pattern of `${x/…/…}` the parser takes a slash within a substitution for its end.
      if (operation?.type === 'Replace' && /[$<>]\(|`|\$\{\s|\$\{\|/.test(operation.pattern.text))
        ledger.opaque('shell_syntax');
      if (operation?.type === 'Unknown') ledger.opaque('shell_syntax');
    }
    if (node.type === 'ArithmeticBinary' && /^[^=!<>]*=$|^(<<|>>)=$/.test(node.operator))
      this.setArithmetic(node.left, frame);
    if (node.type === 'ArithmeticUnary' && /^(\+\+|--)$/.test(node.operator)) this.setArithmetic(node.operand, frame);
    forEachChild(node, (child) => this.scan(child, source, frame));
  }

  private setArithmetic(node: SyntaxNode, frame: Frame): void {
    if (node.type === 'ArithmeticWord') setUnknown(node.value.replace(/\[.*/s, ''), this.shell, frame);
  }
}
