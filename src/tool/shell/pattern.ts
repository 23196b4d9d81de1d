import type { FileAction } from '../../input/index.ts';
import type { Field } from './field.ts';

/** Signs that match within one folder, and never a dot that a name begins with. Variables in brackets would be expanded first. */
const SIGNS = /^[*?]+$|^\[[!^]?[\w-]+\]$/;

/** A part of a path that can be neither `..` nor hidden: wherever its signs stand, a pattern matches no dot in front. */
const PART = '[A-Za-z0-9_@+$][\\w.@+$-]*';
/** What holds no secrets, by how it ends. */
const SOURCE =
  '\\.(?:[cm]?[jt]sx?|py|go|rs|rb|java|kt|c|h|cc|cs|cpp|hpp|php|swift|vue|svelte|css|scss|html|sql|proto|md|rst)';
const SOURCES = new RegExp(`^(?:\\.?/)?(?:${PART}/)*${PART}${SOURCE}$`);
/** What lies below a folder that is named. */
const CONTENT = new RegExp(`^(?:\\./)?[A-Za-z0-9_@+][\\w.@+-]*(?:/${PART})+$`);

/** What a sign of a pattern leaves open. */
export const openedBy = (sign: string): Field['dynamic'] => (SIGNS.test(sign) ? 'pattern' : true);

/** Whether only the run can tell where a path lies. A pattern lies where its folders do, if it is plain enough. */
export function varies(access: FileAction['access'], path: string, dynamic: Field['dynamic']): boolean {
  if (dynamic !== 'pattern') return dynamic;
  if (access === 'write') return true;
  return !(access === 'read' ? SOURCES : CONTENT).test(path);
}
