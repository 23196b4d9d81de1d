/** A request target in its one canonical spelling. `query` is what followed `?`, unchanged, or the empty string. */
export interface CanonicalPath {
  path: string;
  query: string;
}

/** A request target that has no canonical spelling, or that two parsers could read differently. It never quotes the target. */
export class PathError extends Error {
  override readonly name = 'PathError';
  readonly code = 'PATH_INVALID';
  readonly expected: string;

  constructor(expected: string) {
    super(`PATH_INVALID: ${expected}`);
    this.expected = expected;
  }
}

/** Longest request target, in characters (all ASCII, so bytes). */
export const MAX_TARGET = 4096;

const UNRESERVED = /^[A-Za-z0-9._~-]$/;
/** RFC 3986 section 3.3 pchar, without `;`: its parameters are cut off by some servers and kept by others. */
const PATH_CHARACTERS = /^[A-Za-z0-9._~!$&'()*+,=:@%/-]*$/;
/** RFC 3986 section 3.4, and `[ ] |`, which browsers and SDKs send as they are. */
const QUERY_CHARACTERS = /^[A-Za-z0-9._~!$&'()*+,;=:@%/?[\]|-]*$/;
const BAD_PERCENT = /%(?![0-9A-Fa-f]{2})/;
const DOUBLE_ENCODED = /%25[0-9A-Fa-f]{2}/;

/**
 * The canonical spelling of an HTTP/1.1 request target in origin form (RFC 9112 section 3.2.1): percent-encodings of
 * unreserved characters decoded, the others in upper-case hex, dot segments resolved (RFC 3986 sections 6.2.2 and 5.2.4).
 * What is matched, judged and forwarded is this spelling, so no server behind us can find another path in it.
 * Throws PathError for whatever could be read in two ways: encoded slashes, empty segments, `;`, `..` above the root.
 */
export function canonicalPath(target: string): CanonicalPath {
  if (target.length > MAX_TARGET) throw new PathError(`expected at most ${MAX_TARGET} bytes`);
  // Absolute form would let the target name another host; `*` and authority form name no resource of ours.
  if (!target.startsWith('/')) throw new PathError('expected a path that starts with a slash');
  const mark = target.indexOf('?');
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : target.slice(mark + 1);
  checkQuery(query);
  return { path: resolveDots(decode(rawPath)), query };
}

function checkQuery(query: string): void {
  if (!QUERY_CHARACTERS.test(query)) throw new PathError('expected only the characters of RFC 3986 in the query');
  if (BAD_PERCENT.test(query)) throw new PathError('expected two hex digits after each % of the query');
}

function decode(path: string): string {
  if (!PATH_CHARACTERS.test(path))
    throw new PathError('expected only the characters of RFC 3986 in the path, and no ";"');
  if (!path.includes('%')) return path;
  if (BAD_PERCENT.test(path)) throw new PathError('expected two hex digits after each % of the path');
  const decoded = path.replace(/%(..)/g, decodeOne);
  // %252e is "." to whoever decodes twice.
  if (DOUBLE_ENCODED.test(decoded)) throw new PathError('expected no percent-encoded percent-encoding');
  return decoded;
}

function decodeOne(encoded: string, hex: string): string {
  const byte = Number.parseInt(hex, 16);
  if (byte < 0x20 || byte >= 0x7f) throw new PathError('expected no percent-encoded control or non-ASCII bytes');
  const character = String.fromCharCode(byte);
  if (UNRESERVED.test(character)) return character;
  if ('/\\;'.includes(character)) throw new PathError('expected no percent-encoded slash, backslash or semicolon');
  return encoded.toUpperCase();
}

function resolveDots(path: string): string {
  const segments = path.slice(1).split('/');
  if (segments.slice(0, -1).includes('')) throw new PathError('expected no empty path segments');
  if (!segments.includes('.') && !segments.includes('..')) return path;
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === '.') continue;
    if (segment !== '..') kept.push(segment);
    else if (kept.pop() === undefined) throw new PathError('expected no ".." above the root');
  }
  const last = segments.at(-1);
  const directory = kept.length > 0 && (last === '.' || last === '..') ? '/' : '';
  return `/${kept.join('/')}${directory}`;
}
