import type { Behaviour } from './server.ts';

/** Pieces of a few characters, none of them half a character. */
export function fragments(text: string): string[] {
  return text.match(/[\s\S]{1,5}/gu) ?? [];
}

/** One list after the other; or, if the calls of an answer come interleaved, one of each in turn. */
export function merge<T>(lists: T[][], { interleaved }: Behaviour): T[] {
  if (!interleaved) return lists.flat();
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
}

/** What came of a call's arguments: half of the last one's if the answer breaks off. */
export function received(text: string, index: number, { ending, toolCalls = [] }: Behaviour): string {
  const cut = ending !== undefined && index === toolCalls.length - 1;
  return cut ? text.slice(0, text.length >> 1) : text;
}
