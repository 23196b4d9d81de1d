import type { FileAction } from '../../input/index.ts';
import { type Ledger, Overflow } from '../ledger.ts';
import { type Ground, locate } from '../place.ts';
import { type Field, pathOf } from './field.ts';
import { varies } from './pattern.ts';
import type { Doubts, Variables } from './variables.ts';

/**
 * Where a program's standard input comes from, if that says something: another program, and what can be told of the names
 * that it writes, or text in the script.
 */
export type Stdin = { kind: 'pipe'; names?: Field } | { kind: 'text'; text: Field } | undefined;

/** Where in a script a command stands. */
export interface Frame {
  /** What it is run by, outermost first. */
  via: string[];
  stdin: Stdin;
  depth: number;
  /** Whether it runs on another machine, whose files are not ours. */
  remote: boolean;
  /** Aliases that are being expanded: an alias does not expand itself. */
  expanding: string[];
}

/** One shell process, as far as its text tells. */
export interface Shell {
  ledger: Ledger;
  variables: Variables;
  ground: Ground;
  aliases: Map<string, string>;
  /** Doubts that the walks before had. */
  known: Doubts;
  /** Doubts of this walk. */
  found: Doubts;
  /** The names that the command which was walked last writes, as far as can be told. */
  listed: Field | undefined;
  /** Walks text that this very shell runs, as `eval` does. */
  script(text: Field, frame: Frame): void;
  /** Walks text that a shell of its own runs, as `sh -c` does. */
  child(text: Field, frame: Frame): void;
}

const MOST_DEPTH = 32;

/** @throws Overflow when there is too much in one another */
export function within(frame: Frame, name: string, change: Partial<Frame> = {}): Frame {
  if (frame.depth >= MOST_DEPTH) throw new Overflow('too_deep');
  return { ...frame, via: [...frame.via, name], depth: frame.depth + 1, ...change };
}

/** What no file is: where output is dropped, and the standard streams. */
const NO_FILE = /^\/dev\/(null|zero|full|u?random|tty|std(in|out|err)|fd\/\d+)$/;
const SOCKET = /^\/dev\/(?:tcp|udp)\/([^/]+)\/([^/]+)$/;

export function touch(access: FileAction['access'], field: Field, shell: Shell, frame: Frame): void {
  if (frame.remote || field.stream) return;
  const path = pathOf(field);
  const [, host, port] = SOCKET.exec(path) ?? [];
  if (host !== undefined) {
    const number = Number(port);
    shell.ledger.add({ kind: 'network', host: host.toLowerCase(), port: Number.isInteger(number) ? number : null });
  } else if (!NO_FILE.test(path)) {
    shell.ledger.add({ kind: 'file', access, ...locate(path, varies(access, path, field.dynamic), shell.ground) });
  }
}
