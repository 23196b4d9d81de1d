import type { FileAction } from '../../input/index.ts';
import { tableOf } from '../table.ts';
import { type Field, plain, tail } from './field.ts';
import { has, type Options, type Reading, readOptions, valueGiven } from './options.ts';
import { type Frame, type Shell, touch } from './shell.ts';

type Access = FileAction['access'];

/** Which files a program touches, as far as its operands say. */
interface Toucher extends Options {
  /** What happens to its operands; undefined: nothing. */
  all?: Access;
  /** To the last of them, and to the first. */
  last?: Access;
  /** Operands in front that are no files, unless one of `insteadOf` is given. */
  skip?: number;
  insteadOf?: string[];
  /** Options whose value is a file. */
  reads?: string[];
  writes?: string[];
  /** Options with which the operands are written. */
  inPlace?: string[];
  /** Whether it is about the folder where it runs if there is no operand. */
  here?: boolean;
}

const read = (valued = '', more: Partial<Toucher> = {}): Toucher => ({ bare: '', valued, all: 'read', ...more });
const write = (valued = '', more: Partial<Toucher> = {}): Toucher => ({ bare: '', valued, all: 'write', ...more });
const remove = (valued = ''): Toucher => ({ bare: '', valued, all: 'delete' });
const search = (valued: string): Toucher =>
  read(valued, { skip: 1, insteadOf: ['e', 'f', 'regexp', 'file', 'files'], reads: ['f', 'file'] });
const toLast = (all: Access, valued: string): Toucher => ({
  bare: '',
  valued,
  all,
  last: 'write',
  writes: ['t', 'target-directory'],
  valuedNames: ['target-directory', 'suffix'],
});

const TOUCHERS = tableOf<Toucher>({
  'cat tac nl less more most zcat zless bzcat xzcat bat batcat rev stat strings md5sum sha1sum sha224sum sha256sum':
    read(),
  'sha384sum sha512sum b2sum cksum sum base64 base32 basenc cmp comm sdiff colordiff paste tsort view vdir': read(),
  'readelf nm objdump ldd source . mdcat glow pandoc-cat': read(),
  od: read('AjNSt'),
  'hexdump hd': read('efns', { reads: ['f'] }),
  xxd: { bare: '', valued: 'cgloRsn', all: 'read', last: 'write' },
  'fold expand unexpand': read('wt'),
  fmt: read('wgp'),
  pr: read('DhlNoWw'),
  date: { bare: '', valued: 'dfrs', reads: ['f', 'file', 'r', 'reference'] },
  file: read('fmPe', { reads: ['f', 'files-from', 'm', 'magic-file'] }),
  wc: read('', { reads: ['files0-from'] }),
  diff: read('', { reads: ['from-file', 'to-file', 'exclude-from'] }),
  'head tail': read('nc', { valuedNames: ['lines', 'bytes'] }),
  cut: read('bcdf', { valuedNames: ['delimiter', 'fields', 'characters', 'bytes'] }),
  sort: read('kStT', {
    reads: ['files0-from', 'random-source'],
    writes: ['o', 'output'],
    valuedNames: ['key', 'field-separator'],
  }),
  uniq: toLast('read', 'fsw'),
  join: read('12aeijotv'),
  'ls dir tree du exa eza lsd': read('IwLPT', { here: true }),
  'grep egrep fgrep zgrep rgrep': {
    ...search('ABCmefdD'),
    valuedNames: ['regexp', 'file', 'include', 'exclude', 'max-count'],
  },
  'rg ag ack': {
    ...search('ABCmefgtTjMrE'),
    valuedNames: ['regexp', 'file', 'glob', 'type', 'type-not', 'max-count'],
    here: true,
  },
  'sed gsed': read('efl', {
    skip: 1,
    insteadOf: ['e', 'f', 'expression', 'file'],
    reads: ['f', 'file'],
    inPlace: ['i', 'I', 'in-place'],
  }),
  'awk gawk mawk nawk': read('Ffvi', { skip: 1, insteadOf: ['f', 'file'], reads: ['f', 'file', 'i'] }),
  'jq yq': read('fL', { skip: 1, insteadOf: ['f', 'from-file'], reads: ['f', 'from-file', 'L'], inPlace: ['i'] }),
  'tee sponge touch mkdir mkfifo truncate vi vim nvim nano emacs pico ed ex code gzip gunzip bzip2 bunzip2 xz unxz zstd':
    write('dmrst'),
  'chmod chown chgrp chattr setfacl': write('', { skip: 1, insteadOf: ['reference'] }),
  'cp gcp ditto': toLast('read', 'tSZ'),
  'mv gmv': toLast('delete', 'tS'),
  'ln install ginstall': toLast('read', 'tSgmo'),
  'rm unlink rmdir shred srm trash grm del rimraf': remove('ns'),
  zip: { bare: '', valued: 'btn', all: 'read' },
  'unzip 7z 7za': read('dxP', { writes: ['d'] }),
  'split csplit': read('abClnt'),
  'openssl gpg gpg2 age': {
    bare: '',
    valued: 'o',
    reads: ['in', 'inkey'],
    writes: ['o', 'out', 'output'],
    valuedNames: ['output'],
  },
});

const TAR: Options = {
  bare: 'xctruAdzjJvpkmOPSW',
  valued: 'fCTXIbHKgLVN',
  valuedNames: ['file', 'directory', 'exclude', 'files-from'],
};

export const readsFiles = (program: string): boolean => TOUCHERS.get(program)?.all === 'read';

/** Long options whose value may begin like a path, and is none. */
const NO_PATH = /^(regexp|expression|i?glob|include|exclude|exclude-dir|.*delimiter|.*separator|format|label|suffix)$/;
const COMPILERS = /^(go|gcc|cc|g\+\+|c\+\+|clang|clang\+\+|rustc|ld|as)$/;

/** Notes the files that a program's words name. */
export function touchFiles(program: string, fields: Field[], shell: Shell, frame: Frame): void {
  if (program === 'dd') touchByDd(fields, shell, frame);
  if (/^(g|bsd)?tar$/.test(program)) touchByTar(fields, shell, frame);
  if (program === 'git') touchByGit(fields, shell, frame);
  if (COMPILERS.test(program)) touchByCompiler(fields, shell, frame);
  const toucher = TOUCHERS.get(program);
  if (toucher === undefined) return;
  const named = [...(toucher.writes ?? []), ...(toucher.reads ?? [])];
  const foremost = named.filter((name) => name.length > 1);
  const valued = toucher.valued + named.filter((name) => name.length === 1).join('');
  const reading = readOptions(fields, { ...toucher, valued, foremost }, false);
  for (const { name, value } of reading.given) {
    if (value === undefined) continue;
    const isPath = name.length > 1 && !NO_PATH.test(name) && (value.text.startsWith('/') || value.home);
    if (isPath && !toucher.writes?.includes(name)) touch('read', value, shell, frame);
    if (toucher.reads?.includes(name)) touch('read', value, shell, frame);
    if (toucher.writes?.includes(name)) touch('write', value, shell, frame);
  }
  touchOperands(toucher, reading, shell, frame);
}

function touchOperands(toucher: Toucher, reading: Reading, shell: Shell, frame: Frame): void {
  const { all, last, here } = toucher;
  const isReplaced = has(reading, ...(toucher.insteadOf ?? []));
  const operands = reading.operands.slice(isReplaced ? 0 : (toucher.skip ?? 0)).filter((field) => field.text !== '-');
  if (operands.length === 0 && here) touch('read', plain('.'), shell, frame);
  const isWritten = has(reading, ...(toucher.inPlace ?? []));
  const hasTarget = last !== undefined && valueGiven(reading, 't', 'target-directory') !== undefined;
  operands.forEach((field, i) => {
    // A pattern may be several, of which the last is the target.
    const isOneOfMany = operands.length > 1 || field.dynamic !== false;
    const isLast = i === operands.length - 1 && isOneOfMany && !hasTarget;
    const access = isLast && last !== undefined ? last : isWritten ? 'write' : all;
    if (access !== undefined) touch(access, field, shell, frame);
  });
}

/** What `git` reads beside what it keeps. */
function touchByGit(fields: Field[], shell: Shell, frame: Frame): void {
  const isApart = fields.some((field) => /^--no-i/.test(field.text));
  fields.forEach((field, i) => {
    const next = fields[i + 1];
    const [long] = /^--(fi|cont|templ|output|git-dir|work-tree|pathspec-from|exec-path)[a-z-]*=/.exec(field.text) ?? [];
    const access = field.text.startsWith('--output') ? 'write' : 'read';
    if (long !== undefined) touch(access, tail(field, long.length), shell, frame);
    else if (/^(-[a-zA-Z]*F|-C|--(fi|cont|templ|output$|git-dir|work-tree|pathspec-from)[a-z-]*)$/.test(field.text)) {
      if (next !== undefined) touch(access, next, shell, frame);
    } else if (/^-F./.test(field.text)) touch('read', tail(field, 2), shell, frame);
    else if (isApart && i > 0 && !field.text.startsWith('-')) touch('read', field, shell, frame);
  });
}

function touchByCompiler(fields: Field[], shell: Shell, frame: Frame): void {
  fields.forEach((field, i) => {
    const next = fields[i + 1];
    if (/^-o$/.test(field.text) && next !== undefined) touch('write', next, shell, frame);
    const [own] = /^-o=?(?=[./~$])/.exec(field.text) ?? [];
    if (own !== undefined) touch('write', tail(field, own.length), shell, frame);
    if (/^--?(toolexec|exec|vettool)(=|$)/.test(field.text)) shell.ledger.opaque('inline_code');
  });
}

function touchByDd(fields: Field[], shell: Shell, frame: Frame): void {
  for (const field of fields) {
    if (field.text.startsWith('if=')) touch('read', tail(field, 3), shell, frame);
    if (field.text.startsWith('of=')) touch('write', tail(field, 3), shell, frame);
  }
}

/** `tar`'s first word may hold its options without a dash. Its archive is written, or read and its content written. */
function touchByTar(fields: Field[], shell: Shell, frame: Frame): void {
  const [first, ...rest] = fields;
  const dashed =
    first !== undefined && /^[A-Za-z]+$/.test(first.text) ? [{ ...first, text: `-${first.text}` }, ...rest] : fields;
  const reading = readOptions(dashed, TAR, false);
  const isRead = has(reading, 'x', 't', 'd', 'extract', 'get', 'list', 'diff');
  const archive = valueGiven(reading, 'f', 'file');
  if (archive !== undefined) touch(isRead ? 'read' : 'write', archive, shell, frame);
  const folder = valueGiven(reading, 'C', 'directory');
  if (isRead) touch('write', folder ?? plain('.'), shell, frame);
  else for (const field of reading.operands) touch('read', field, shell, frame);
}
