import type { FileAction } from '../../input/index.ts';
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

const GROUPS: [string, Toucher][] = [
  [
    'cat tac nl less more most zcat zless bzcat xzcat bat batcat rev file stat strings md5sum sha1sum sha224sum sha256sum',
    read(),
  ],
  [
    'sha384sum sha512sum b2sum cksum sum base64 base32 basenc wc cmp comm diff sdiff colordiff paste tsort view vdir',
    read(),
  ],
  [
    'readelf nm objdump ldd hexdump hd xxd od source . mdcat glow pandoc-cat pr fmt fold expand unexpand',
    read('LlnNcswjtA'),
  ],
  ['head tail', read('nc', { valuedNames: ['lines', 'bytes'] })],
  ['cut', read('bcdf', { valuedNames: ['delimiter', 'fields', 'characters', 'bytes'] })],
  ['sort', read('kStT', { writes: ['o', 'output'], valuedNames: ['key', 'field-separator', 'output'] })],
  ['uniq', { ...toLast('read', 'fsw'), last: 'write' }],
  ['join', read('12aeijotv')],
  ['ls dir tree du exa eza lsd', read('IwLPT', { here: true })],
  [
    'grep egrep fgrep zgrep rgrep',
    { ...search('ABCmefdD'), valuedNames: ['regexp', 'file', 'include', 'exclude', 'max-count'] },
  ],
  [
    'rg ag ack',
    {
      ...search('ABCmefgtTjMrE'),
      valuedNames: ['regexp', 'file', 'glob', 'type', 'type-not', 'max-count'],
      here: true,
    },
  ],
  [
    'sed gsed',
    read('efl', {
      skip: 1,
      insteadOf: ['e', 'f', 'expression', 'file'],
      reads: ['f', 'file'],
      inPlace: ['i', 'I', 'in-place'],
    }),
  ],
  ['awk gawk mawk nawk', read('Ffvi', { skip: 1, insteadOf: ['f', 'file'], reads: ['f', 'file', 'i'] })],
  ['jq yq', read('fL', { skip: 1, insteadOf: ['f', 'from-file'], reads: ['f', 'from-file'], inPlace: ['i'] })],
  [
    'tee sponge touch mkdir mkfifo truncate vi vim nvim nano emacs pico ed ex code gzip gunzip bzip2 bunzip2 xz unxz zstd',
    write('dmrst'),
  ],
  ['chmod chown chgrp chattr setfacl', write('', { skip: 1, insteadOf: ['reference'] })],
  ['cp gcp ditto', toLast('read', 'tSZ')],
  ['mv gmv', toLast('delete', 'tS')],
  ['ln install ginstall', toLast('read', 'tSgmo')],
  ['rm unlink rmdir shred srm trash grm del rimraf', remove('ns')],
  ['zip', { bare: '', valued: 'btn', all: 'read' }],
  ['unzip 7z 7za', read('dxP', { writes: ['d'] })],
  ['split csplit', read('abClnt')],
  [
    'openssl gpg gpg2 age',
    { bare: '', valued: 'o', reads: ['in', 'inkey'], writes: ['o', 'out', 'output'], valuedNames: ['output'] },
  ],
];

const TAR: Options = {
  bare: 'xctruAdzjJvpkmOPSW',
  valued: 'fCTXIbHKgLVN',
  valuedNames: ['file', 'directory', 'exclude', 'files-from'],
};

const TOUCHERS = new Map(
  GROUPS.flatMap(([names, toucher]) => names.split(' ').map((name) => [name, toucher] as const)),
);

export const readsFiles = (program: string): boolean => TOUCHERS.get(program)?.all === 'read';

/** Notes the files that a program's words name. */
export function touchFiles(program: string, fields: Field[], shell: Shell, frame: Frame): void {
  if (program === 'dd') touchByDd(fields, shell, frame);
  if (/^(g|bsd)?tar$/.test(program)) touchByTar(fields, shell, frame);
  const toucher = TOUCHERS.get(program);
  if (toucher === undefined) return;
  const reading = readOptions(fields, toucher, false);
  for (const { name, value } of reading.given) {
    if (value === undefined) continue;
    if (toucher.reads?.includes(name)) touch('read', value, shell, frame);
    if (toucher.writes?.includes(name)) touch('write', value, shell, frame);
  }
  touchOperands(toucher, reading, shell, frame);
}

function touchOperands(toucher: Toucher, reading: Reading, shell: Shell, frame: Frame): void {
  const { all, last, here } = toucher;
  const isReplaced = toucher.insteadOf?.some((name) => reading.given.some((one) => one.name === name)) ?? false;
  const operands = reading.operands.slice(isReplaced ? 0 : (toucher.skip ?? 0)).filter((field) => field.text !== '-');
  if (operands.length === 0 && here) touch('read', plain('.'), shell, frame);
  const isWritten = toucher.inPlace?.some((name) => reading.given.some((one) => one.name === name)) ?? false;
  const hasTarget = last !== undefined && valueGiven(reading, 't', 'target-directory') !== undefined;
  operands.forEach((field, i) => {
    const isLast = i === operands.length - 1 && operands.length > 1 && !hasTarget;
    const access = isLast && last !== undefined ? last : isWritten ? 'write' : all;
    if (access !== undefined) touch(access, field, shell, frame);
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
