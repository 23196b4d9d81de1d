import type { HereDocBody, SyntaxNode, Word, WordPart } from 'unbash';
import { expandBraces } from './brace.ts';
import { type Field, plain, UNKNOWN } from './field.ts';
import { openedBy } from './pattern.ts';
import type { Frame, Shell } from './shell.ts';

/** What has to happen to the parts of a word that run something. */
export interface Effects {
  shell: Shell;
  frame: Frame;
  /** Walks the commands in a node, however deep. */
  scan(node: SyntaxNode): void;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const PATTERN = /[*?[\]\\]/;
const MOST_WORDS = 64;

/** The words that a word of the script becomes: none, one, or several. */
export function expandWord(word: Word, effects: Effects): Field[] {
  const parts = word.parts;
  if (parts === undefined) {
    effects.shell.ledger.literal(word.value);
    return [bare(word.text, word.value)];
  }
  if (isWelded(word.text, parts)) {
    effects.scan(word);
    return [UNKNOWN];
  }
  const fields: Field[] = [];
  const rows = alternatives(parts);
  for (const row of rows ?? [parts]) {
    const builder = new Builder(effects, false);
    for (const part of row) builder.add(part, false);
    fields.push(...builder.end());
  }
  return fields;
}

/** A word where the shell makes one of it in any case: an assignment's value, a redirection's target. */
export function expandValue(word: Word, effects: Effects): Field {
  return word.parts === undefined ? bare(word.text, word.value) : joinParts(word.text, word.parts, effects);
}

export function expandHereDoc(body: HereDocBody, stripTabs: boolean, effects: Effects): Field {
  const field = body.parts === undefined ? plain(body.text) : joinParts(body.text, body.parts, effects);
  effects.shell.ledger.literal(field.text);
  return stripTabs ? { ...field, text: field.text.replace(/^\t+/gm, '') } : field;
}

function joinParts(text: string, parts: readonly WordPart[], effects: Effects): Field {
  if (isWelded(text, parts)) {
    for (const part of parts) effects.scan(part);
    return UNKNOWN;
  }
  const builder = new Builder(effects, true);
  for (const part of parts) builder.add(part, true);
  return builder.end()[0] ?? plain('');
}

/**
 * Whether the shell may read a name that goes on where the parser sees its end: a line that is continued within `$NAME`,
 * and braces behind it, are resolved before it is.
 */
function isWelded(text: string, parts: readonly WordPart[]): boolean {
  if (text.includes('\\\n') && /[$`]/.test(text)) return true;
  return parts.some((part, i) => part.type === 'SimpleExpansion' && parts[i + 1]?.type === 'BraceExpansion');
}

function bare(text: string, value: string): Field {
  // `~+` and `~-` are folders that only the run can tell.
  if (/^~[+-]/.test(text)) return { ...UNKNOWN, text: `$${value.slice(2)}` };
  return { ...plain(value), home: text.startsWith('~') };
}

/** Each row of parts that brace expansion makes of a word; undefined if there is none, or it is left to the run. */
function alternatives(parts: readonly WordPart[]): WordPart[][] | undefined {
  if (!parts.some((part) => part.type === 'BraceExpansion')) return undefined;
  let rows: WordPart[][] = [[]];
  for (const part of parts) {
    const words = part.type === 'BraceExpansion' ? expandBraces(part.text) : undefined;
    if (words === undefined) {
      for (const row of rows) row.push(part);
      continue;
    }
    if (rows.length * words.length > MOST_WORDS) return undefined;
    const choices = words.map((value): WordPart => ({ ...part, type: 'Literal', value, text: value }));
    rows = rows.flatMap((row) => choices.map((choice) => [...row, choice]));
  }
  return rows;
}

class Builder {
  private readonly effects: Effects;
  /** Whether the word stays one, so that nothing is split or matched against files. */
  private readonly whole: boolean;
  private readonly fields: Field[] = [];
  private current = plain('');
  /** Whether there is a word even if it is empty. */
  private present = false;
  private chunks: string[] = [];

  constructor(effects: Effects, whole: boolean) {
    this.effects = effects;
    this.whole = whole;
  }

  end(): Field[] {
    this.split();
    return this.fields;
  }

  add(part: WordPart, quoted: boolean): void {
    switch (part.type) {
      case 'Literal':
        if (!quoted || this.whole) this.tilde(part.text);
        this.append(part.value);
        return;
      case 'SingleQuoted':
      case 'AnsiCQuoted':
        this.present = true;
        this.append(part.value);
        return;
      case 'DoubleQuoted':
      case 'LocaleString':
        this.present = true;
        for (const child of part.parts) this.add(child, true);
        return;
      case 'SimpleExpansion':
        this.variable(part.text.slice(1).replaceAll('\\\n', ''), quoted, part);
        return;
      case 'ParameterExpansion': {
        const isPlain = part.prefix === undefined && part.index === undefined && part.operation === undefined;
        if (isPlain) this.variable(part.parameter, quoted, part);
        else this.unknown(part);
        return;
      }
      case 'Glob':
        if (this.whole) this.literal(part);
        else this.unknown(part, openedBy(part.text));
        return;
      case 'BraceExpansion':
        if (this.whole) this.literal(part);
        else this.unknown(part);
        return;
      default:
        this.unknown(part);
        return;
    }
  }

  /** Where neither patterns nor braces are expanded they are plain characters, if they hold nothing else. */
  private literal(part: WordPart): void {
    if (/^[^\\'"`$]*$/.test(part.text)) this.append(part.text);
    else this.unknown(part);
  }

  private variable(name: string, quoted: boolean, part: WordPart): void {
    const { variables, ground, known } = this.effects.shell;
    if (!NAME.test(name)) {
      this.unknown(part);
      return;
    }
    if (name === 'IFS' && variables.isUntouched(name)) {
      if (quoted || this.whole) this.append(' \t\n');
      else this.split();
      return;
    }
    if (name === 'HOME' && this.isEmpty() && variables.isUntouched(name)) {
      this.current.home = true;
      this.append('~');
      return;
    }
    if (name === 'PWD' && ground.bases?.length === 1 && !known.folder && variables.isUntouched(name)) {
      this.value(plain(ground.bases[0] as string), quoted, part);
      return;
    }
    const value = variables.get(name);
    if (value === undefined) this.unknown(part);
    else this.value(value, quoted, part);
  }

  private value(value: Field, quoted: boolean, part: WordPart): void {
    if (value.home && !this.isEmpty()) {
      this.unknown(part);
      return;
    }
    if (value.home) this.current.home = true;
    if (quoted || this.whole) {
      this.present ||= quoted;
      this.append(value.text);
      return;
    }
    // Unquoted, it is split, and matched against files.
    if (PATTERN.test(value.text) || !this.effects.shell.variables.isUntouched('IFS')) {
      this.unknown(part);
      return;
    }
    const words = value.text.split(/[ \t\n]+/);
    words.forEach((word, i) => {
      if (i > 0) this.split();
      this.append(word);
    });
  }

  private unknown(part: WordPart, how: Field['dynamic'] = true): void {
    this.effects.scan(part);
    if (this.current.dynamic !== true) this.current.dynamic = how;
    if (part.type === 'ProcessSubstitution') this.current.stream = true;
    if (this.chunks.at(-1) !== '$') this.append('$');
  }

  private tilde(text: string): void {
    if (text.startsWith('~') && this.isEmpty() && !this.present) this.current.home = true;
  }

  private append(text: string): void {
    if (text === '') return;
    this.effects.shell.ledger.charge(text.length);
    this.chunks.push(text);
  }

  private isEmpty(): boolean {
    return this.chunks.length === 0;
  }

  private split(): void {
    if (this.present || this.chunks.length > 0) {
      const text = this.chunks.join('');
      this.effects.shell.ledger.literal(text);
      this.fields.push({ ...this.current, text });
    }
    this.current = plain('');
    this.chunks = [];
    this.present = false;
  }
}
