import type { NetworkAction } from '../input/index.ts';

const PORTS = new Map(
  Object.entries({ http: 80, https: 443, ws: 80, wss: 443, ftp: 21, ssh: 22, sftp: 22, git: 9418 }),
);
const URL_START = /^(?:git\+|svn\+|hg\+)?([a-z][a-z0-9+.-]*):\/\//i;
const SCP = /^([^@/:\s]+@)?([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]):(?!\/\/|\\)/;
const HOST_LIKE = /^(?:[A-Za-z0-9_-]+\.)+[A-Za-z0-9-]{1,63}\.?(?=[:/?#]|$)|^localhost(?=[:/?#]|$)|^\[[0-9A-Fa-f:.]+\]/;

/** What a word names: a destination, a file (`file:` URLs), or nothing of the kind. */
export type Named = { kind: 'network'; host: string; port: number | null } | { kind: 'file'; path: string } | undefined;

/** Destination of a URL with a scheme, as browsers read it; undefined if the text is none. */
export function urlOf(text: string): Named {
  const start = URL_START.exec(text);
  const scheme = start?.[1]?.toLowerCase();
  if (start === null || scheme === undefined) return undefined;
  const url = URL.parse(text.slice(start[0].length - scheme.length - 3));
  if (scheme === 'file') return { kind: 'file', path: url === null ? text : decode(url.pathname) };
  if (url === null || url.hostname === '') return { kind: 'network', host: '$', port: null };
  return network(url.hostname, url.port === '' ? (PORTS.get(scheme) ?? null) : Number(url.port));
}

/** Destination of `host`, `host/path`, `host:port`, as `curl` takes it without a scheme. */
export function bareUrlOf(text: string): Named {
  return HOST_LIKE.test(text) ? urlOf(`http://${text}`) : undefined;
}

/** Destination of `user@host:path`, as `scp`, `rsync` and `git` take it. */
export function scpOf(text: string): Named {
  const [, user, host] = SCP.exec(text) ?? [];
  // One letter is a drive of Windows.
  const isDrive = user === undefined && /^[A-Za-z]$/.test(host ?? '');
  return host === undefined || isDrive ? undefined : network(host, 22);
}

/** Destination of `user@host`, `host`, or a URL, as `ssh` takes it. */
export function sshOf(text: string): Named {
  const url = urlOf(text);
  if (url !== undefined) return url;
  const host = text.slice(text.lastIndexOf('@') + 1);
  return host === '' ? undefined : network(host, 22);
}

export function network(host: string, port: number | null): NetworkAction {
  const plain = host.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return { kind: 'network', host: plain.toLowerCase(), port };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
