import type { FileAction } from '../input/index.ts';

/** Where a call works. */
export interface Ground {
  /** Absolute and normalised; undefined if it is not known. */
  workspace: string | undefined;
  /**
   * The folders that a relative path may be relative to, the likeliest last: after `cd x; …` it is either. Undefined if
   * only the run can tell.
   */
  bases: string[] | undefined;
}

const MOST_BASES = 4;

/** The ground under a tool call whose agent names its workspace, or does not. */
export function groundOf(workspace: string | undefined): Ground {
  const root = workspace === undefined ? undefined : forward(workspace);
  if (root === undefined || !isAbsolute(root)) return { workspace: undefined, bases: undefined };
  const normal = normalise(root);
  return { workspace: normal, bases: [normal] };
}

/**
 * Says where a path lies, by its text alone: links are not followed.
 *
 * @param varies whether a part of it is known only by the run
 */
export function locate(path: string, varies: boolean, ground: Ground): Pick<FileAction, 'path' | 'place'> {
  const { workspace, bases } = ground;
  if (varies || workspace === undefined || path === '' || hasControl(path)) return { path, place: 'unknown' };
  const text = isWindows(workspace) ? forward(path) : path;
  if (isAbsolute(text) || isHome(text)) {
    const whole = normalise(text);
    return { path: whole, place: placeOf(whole, workspace) };
  }
  const wholes = bases?.map((base) => join(base, text));
  if (wholes === undefined) return { path, place: 'unknown' };
  const places = new Set(wholes.map((whole) => placeOf(whole, workspace)));
  const [place] = places;
  return { path: wholes.at(-1) as string, place: places.size === 1 && place !== undefined ? place : 'unknown' };
}

/** The ground after a change of the folder. */
export function move(ground: Ground, path: string, varies: boolean): Ground {
  if (varies || path === '') return { ...ground, bases: undefined };
  if (isAbsolute(path) || isHome(path)) return { ...ground, bases: [normalise(path)] };
  return { ...ground, bases: ground.bases && unique(ground.bases.map((base) => join(base, path))) };
}

/** The ground of a tool that is told in which folder to work. */
export function enter(ground: Ground, folder: string | undefined): Ground {
  return folder === undefined ? ground : move(ground, locate(folder, false, ground).path, false);
}

/** The ground where it may be either of two. */
export function either(one: Ground, other: Ground): Ground {
  if (one === other || one.bases?.join('\0') === other.bases?.join('\0')) return one;
  if (one.bases === undefined || other.bases === undefined) return { ...other, bases: undefined };
  return { ...other, bases: unique([...one.bases, ...other.bases]) };
}

function unique(bases: string[]): string[] | undefined {
  const all = [...new Set([...bases].reverse())].reverse();
  return all.length <= MOST_BASES ? all : undefined;
}

function placeOf(whole: string, workspace: string): 'workspace' | 'outside' {
  const [path, root] = isWindows(workspace) ? [whole.toLowerCase(), workspace.toLowerCase()] : [whole, workspace];
  return path === root || path.startsWith(root === '/' ? root : `${root}/`) ? 'workspace' : 'outside';
}

function join(base: string, path: string): string {
  return normalise(`${base}/${path}`);
}

/** Without `.`, `..` and doubled slashes, by the text alone. What climbs out of the home folder stays as it is: outside. */
function normalise(path: string): string {
  const home = isHome(path);
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (home && (parts.length === 1 || parts.at(-1) === '..')) parts.push(part);
    else if (!isDrive(parts.at(-1)) || parts.length > 1) parts.pop();
  }
  const text = parts.join('/');
  return home || isDrive(parts[0]) ? text : `/${text}`;
}

const isAbsolute = (path: string): boolean => path.startsWith('/') || /^[A-Za-z]:\//.test(path);
const isHome = (path: string): boolean => /^~[^/]*(\/|$)/.test(path);
const isWindows = (workspace: string): boolean => isDrive(workspace.slice(0, 2));
const isDrive = (part: string | undefined): boolean => part !== undefined && /^[A-Za-z]:$/.test(part);
const forward = (path: string): string => (/^[A-Za-z]:\\|^[^/]*\\/.test(path) ? path.replaceAll('\\', '/') : path);

/** A NUL or line end in a path is read in as many ways as there are readers. */
function hasControl(path: string): boolean {
  for (let i = 0; i < path.length; i++) if (path.charCodeAt(i) < 32) return true;
  return false;
}
