import type { Redirection } from 'unbash';
import { setUnknown } from './environment.ts';
import { UNKNOWN } from './field.ts';
import { type Stdin, touch } from './shell.ts';
import { type Effects, expandHereDoc, expandWord } from './word.ts';

/** Notes the files that redirections touch. @returns what the standard input becomes; undefined if it stays */
export function readRedirections(nodes: readonly Redirection[], effects: Effects): { stdin: Stdin } {
  let stdin: Stdin;
  for (const node of nodes) {
    const isInput =
      node.descriptor === undefined || (node.descriptor.type === 'FileDescriptor' && node.descriptor.value === 0);
    if (node.descriptor?.type === 'FileDescriptorVariable')
      setUnknown(node.descriptor.name, effects.shell, effects.frame);
    const input = redirect(node, effects);
    if (isInput && input !== undefined) stdin = input;
  }
  return { stdin };
}

function redirect(node: Redirection, effects: Effects): Stdin {
  if (node.type === 'HereDoc')
    return { kind: 'text', text: expandHereDoc(node.body, node.operator === '<<-', effects) };
  const words = node.target === undefined ? [] : expandWord(node.target, effects);
  const target = words.length === 1 && words[0] !== undefined ? words[0] : UNKNOWN;
  if (node.type === 'HereString') return target.dynamic ? { kind: 'pipe' } : { kind: 'text', text: target };
  const { shell, frame } = effects;
  switch (node.operator) {
    case '<':
    case '<>':
      if (target.stream) return { kind: 'pipe' };
      touch('read', target, shell, frame);
      if (node.operator === '<>') touch('write', target, shell, frame);
      return undefined;
    case '<&':
      return undefined;
    case '>&':
      if (!/^(\d+-?|-)$/.test(target.text)) touch('write', target, shell, frame);
      return undefined;
    default:
      touch('write', target, shell, frame);
      return undefined;
  }
}
