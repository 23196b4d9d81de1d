import type { Assignment } from 'unbash';
import { environmentOf } from './environment.ts';
import { type Field, UNKNOWN } from './field.ts';
import { type Effects, expandValue, expandWord } from './word.ts';

/** An index or arithmetic in which a substitution stands quoted runs it when it is evaluated. */
const LATE = /\$\(|`/;

/** `NAME=value` in front of a command, or by itself. */
export function assignAll(nodes: readonly Assignment[], hasCommand: boolean, effects: Effects): void {
  const { variables } = effects.shell;
  for (const node of nodes) {
    const value = valueIn(node, effects);
    // In front of a command it holds for that command only.
    variables.set(node.name, hasCommand || value === undefined ? undefined : value);
    environmentOf(node.name, value ?? UNKNOWN, hasCommand, effects.shell, effects.frame);
  }
}

/** `NAME=value` among the arguments of `export`, `declare`, `alias` and the like: as the word that these read. */
export function assign(node: Assignment, command: Field | undefined, effects: Effects): Field {
  const value = valueIn(node, effects);
  // What it means for the programs after it is for the command to say, which may be run by another.
  if (command?.text !== 'alias') effects.shell.variables.set(node.name, value);
  if (value === undefined) return { ...UNKNOWN, text: `${node.name}=$` };
  return { ...value, text: `${node.name}${node.append ? '+' : ''}=${value.text}`, home: false };
}

/** The value; undefined if it is none that can be told, such as an array's. */
function valueIn(node: Assignment, effects: Effects): Field | undefined {
  if (node.index !== undefined) {
    effects.shell.ledger.evaluate();
    effects.scan(node.index);
  }
  if (node.value.type === 'ArrayValue') {
    for (const element of node.value.elements) expandWord(element, effects);
    return undefined;
  }
  const value = expandValue(node.value, effects);
  const index = value.text.indexOf('[');
  if (index >= 0 && LATE.test(value.text.slice(index))) effects.shell.ledger.opaque('dynamic_script');
  return node.append || node.index !== undefined ? undefined : value;
}
