import { tableOf } from '../table.ts';
import { environmentOf } from './environment.ts';
import { type Field, scriptOf, tail } from './field.ts';
import { has, type Options, readOptions, valueGiven } from './options.ts';
import { type Frame, type Shell, touch, within } from './shell.ts';

const SHELLS = new Set([
  'sh',
  'bash',
  'dash',
  'ash',
  'zsh',
  'ksh',
  'mksh',
  'pdksh',
  'rbash',
  'rzsh',
  'lksh',
  'yash',
  'posh',
]);
const DIALECTS = new Set(['fish', 'csh', 'tcsh', 'nu', 'xonsh', 'elvish', 'rc', 'ion', 'oil', 'ysh']);
const SHELL: Options = {
  bare: 'abefhiklmnprstuvxBCDEHPTIdc',
  valued: 'oO',
  names: ['login', 'norc', 'noprofile', 'posix', 'restricted', 'verbose', 'noediting', 'no-rcs'],
  valuedNames: ['rcfile', 'init-file'],
};
/** The standard input by another name. */
const INPUT = /^(-|\/dev\/stdin|\/dev\/fd\/0|\/proc\/(self|thread-self)\/fd\/0)$/;

/** Languages, and the short options by which they take code from their words. */
const LANGUAGES: [RegExp, RegExp][] = [
  [/^(python|pypy|ipython|jython|micropython)[\d.]*$/, /^-[a-zA-Z]*c/],
  [/^(node|nodejs|deno|bun|tsx|ts-node|qjs|d8)$/, /^(-[a-zA-Z]*[ep]|--(eval|print)(=|$)|eval$)/],
  [/^(perl|raku)[\d.]*$/, /^-[a-zA-Z0-9]*[eE]/],
  [/^j?ruby[\d.]*$/, /^-[a-zA-Z]*e/],
  [/^php[\d.]*$/, /^(-[rBRE]|--(run|process-code))/],
  [/^(lua|luajit|texlua)[\d.]*$/, /^-[a-z]*e/],
  [
    /^(rscript|julia|osascript|groovy|scala|elixir|erl|iex|ghc|runghc|swift|racket|guile|sbcl|clojure)$/,
    /^-(e|eval|E|l)|^--(eval|e)/,
  ],
  [/^(tclsh|wish|expect)[\d.]*$/, /^-[cC]/],
  [/^(gdb|lldb)$/, /^(-ex|--eval-command|-o|--one-line|-batch)/],
  [/^(vim|vi|nvim|view|ex|ed|emacs)$/, /^(-c|--cmd|\+|--eval|-es|--batch)/],
  [/^(sqlite3|psql|mysql)$/, /^-(cmd|c)$/],
];
/** Programs that take their code from a file or the input without being told to. */
const READS_CODE =
  /^(python|pypy|ipython|node|nodejs|deno|bun|perl|raku|j?ruby|php|lua|tclsh|expect|rscript|julia|osascript)[\d.]*$/;

export function isShell(program: string): boolean {
  return SHELLS.has(program);
}

/** A shell with `-c`, and the words of it that can be read; undefined if this is none. */
export function scriptIn(program: string, fields: Field[]): Field | undefined {
  if (!SHELLS.has(program)) return undefined;
  const reading = readOptions(withoutPlus(fields), SHELL, true);
  return has(reading, 'c') ? reading.operands[0] : undefined;
}

/** What a shell or an interpreter runs that is not in its words as shell text. */
export function readCode(program: string, fields: Field[], shell: Shell, frame: Frame): void {
  if (/^(pwsh|powershell)(_ise)?$/.test(program)) {
    shell.ledger.opaque('powershell');
    return;
  }
  if (/^(cmd|command\.com|wscript|cscript|mshta|rundll32|regsvr32)$/.test(program)) {
    shell.ledger.opaque('windows_shell');
    return;
  }
  if (
    DIALECTS.has(program) &&
    (frame.stdin !== undefined || fields.some((field) => /^-[a-z]*c|^--command/.test(field.text)))
  ) {
    shell.ledger.opaque('shell_dialect');
    return;
  }
  if (SHELLS.has(program)) {
    readShell(fields, shell, frame);
    return;
  }
  if (/^(g|bsd|b|p)?make$/.test(program)) readMake(fields, shell, frame);
  // What `at` and `crontab` read is run later.
  if (/^(at|batch|crontab)$/.test(program)) {
    readFile(undefined, shell, frame, (text) => shell.child(text, within(frame, program, { stdin: undefined })));
  }
  const inline = LANGUAGES.find(([name]) => name.test(program))?.[1];
  const first = fields.findIndex(
    (field) => !field.text.startsWith('-') && !(field.text === 'eval' || field.text.startsWith('+')),
  );
  const options = fields.slice(0, first < 0 ? undefined : first + 1);
  if (inline !== undefined && options.some((field) => inline.test(field.text))) {
    shell.ledger.opaque('inline_code');
    return;
  }
  if (READS_CODE.test(program) && !options.some((field) => /^(-m|--version|-V|--help|-h)$/.test(field.text))) {
    readFile(first < 0 ? undefined : fields[first], shell, frame, () => shell.ledger.opaque('inline_code'));
  }
  if (/^[gmn]?awk$|^g?sed$/.test(program)) readFilter(program, fields, shell);
}

const MAKE: Options = {
  bare: 'bBdehikLnpqrRsStvwjlO',
  valued: 'fCIoWE',
  foremost: ['eval', 'file', 'makefile', 'directory', 'include-dir'],
};

/** `make` takes rules from its words, and pastes the values there into the scripts of its rules. */
function readMake(fields: Field[], shell: Shell, frame: Frame): void {
  const reading = readOptions(fields, MAKE, false);
  const inline = (): void => shell.ledger.opaque('inline_code');
  for (const { name, value } of reading.given) {
    if (name === 'E' || name === 'eval') inline();
    if (value === undefined) continue;
    if (/^(f|file|makefile)$/.test(name)) readFile(value, shell, frame, inline);
    if (/^(C|I|directory|include-dir)$/.test(name)) touch('read', value, shell, frame);
  }
  for (const field of reading.operands) {
    const at = field.text.indexOf('=');
    if (at < 0) continue;
    const name = /^\w*/.exec(field.text)?.[0] ?? '';
    const value = tail(field, at + 1);
    if (value.dynamic || /[$`;&|<>()'"\\\n]/.test(value.text)) inline();
    environmentOf(name, value, false, shell, frame);
  }
}

function readShell(fields: Field[], shell: Shell, frame: Frame): void {
  const reading = readOptions(withoutPlus(fields), SHELL, true);
  if (!reading.isSure) shell.ledger.opaque('wrapper_option');
  const init = valueGiven(reading, 'rcfile', 'init-file');
  // Of what it runs first nobody knows what it is, even if the file lies outside.
  if (init !== undefined) {
    readFile(init, shell, frame, () => undefined);
    shell.ledger.opaque('inline_code');
  }
  if (has(reading, 'c')) return;
  const file = has(reading, 's') ? undefined : reading.operands[0];
  readFile(file, shell, frame, (text) => shell.child(text, within(frame, 'sh -c', { stdin: undefined })));
}

/** @param onText what happens to code that stands in the script, as a here-document */
function readFile(file: Field | undefined, shell: Shell, frame: Frame, onText: (text: Field) => void): void {
  if (file?.stream) {
    shell.ledger.opaque('code_from_pipe');
    return;
  }
  if (file !== undefined && !INPUT.test(file.text)) {
    touch('read', file, shell, frame);
    return;
  }
  if (frame.stdin?.kind === 'pipe') {
    shell.ledger.opaque('code_from_pipe');
    return;
  }
  if (frame.stdin?.kind === 'text') onText(frame.stdin.text);
}

/** `awk` and `sed` mostly filter; they can run programs and write files, too. */
function readFilter(program: string, fields: Field[], shell: Shell): void {
  const risky = program.endsWith('awk')
    ? /\bsystem\b|\||\bgetline\b|>|@load|@include/
    : /(^|[;{}\n\d$/])[ \t]{0,4}[eEwW](\s|$)|\/[gpIiMm\d]*[ew][gpIiMm\d]*(\s|;|\}|$)/;
  if (fields.some((field) => risky.test(field.text))) shell.ledger.opaque('inline_code');
}

/** `set`-like options that are switched off (`+x`) read like those that are switched on. */
function withoutPlus(fields: Field[]): Field[] {
  return fields.map((field) =>
    /^\+[a-zA-Z]+$/.test(field.text) ? { ...field, text: `-${field.text.slice(1)}` } : field,
  );
}

/** Options of programs that hold a command, by the program. */
const COMMAND_OPTIONS = tableOf<RegExp>({
  'tar gtar bsdtar':
    /^--(to-command|use-compress-program|rsh-command|info-script|new-volume-script|checkpoint-action=exec)=|^-I(?=.)/,
  rsync: /^--(rsh|rsync-path)=|^-e(?=.)/,
  'sort gsort': /^--compress-program=/,
  split: /^--filter=/,
  man: /^--pager=|^-P(?=.)/,
  zip: /^--unzip-command=|^-TT(?=.)/,
  rg: /^--pre=/,
  tcpdump: /^-z(?=.)/,
  'nc ncat netcat': /^-[ec](?=.)|^--(exec|sh-exec)=/,
  socat: /^(exec|system|shell):/i,
  'ssh scp sftp': /^-o\s*(proxycommand|localcommand|knownhostscommand)[= ]/i,
  git: /^(--upload-pack|--receive-pack|--exec|--open-files-in-pager|--extcmd)=|^ext::/,
  'make gmake': /^(SHELL)=|^--eval=/,
  watchexec: /^--shell=/,
});

/** Their long options, which may be given by their beginning. */
const LONG =
  'to-command use-compress-program rsh-command info-script new-volume-script checkpoint-action rsh rsync-path compress-program filter pager unzip-command exec sh-exec upload-pack receive-pack open-files-in-pager extcmd'.split(
    ' ',
  );

/** An option by its whole name, if the program has one that begins so. */
function wholeOption(field: Field, option: RegExp): Field {
  const [, given, rest = ''] = /^--([a-z][a-z-]*)(=.*)?$/s.exec(field.text) ?? [];
  if (given === undefined || LONG.includes(given)) return field;
  const whole = LONG.find((name) => name.startsWith(given) && option.test(`--${name}=exec=`));
  return whole === undefined ? field : { ...field, text: `--${whole}${rest}` };
}

/** Runs what options such as `tar --to-command=…` hold, be it in the same word or in the next. */
export function runOptions(program: string, fields: Field[], shell: Shell, frame: Frame): void {
  const option = COMMAND_OPTIONS.get(program);
  if (option === undefined) return;
  fields.forEach((short, i) => {
    const field = wholeOption(short, option);
    const next = fields[i + 1];
    const own = option.exec(field.text)?.[0].length;
    let value: Field | undefined;
    if (own !== undefined) value = { ...field, text: field.text.slice(own) };
    // The name alone: then its value is the word behind it.
    else if (next !== undefined && field.text.startsWith('-') && option.test(joined(field.text, next.text)))
      value = field.text === '-o' ? { ...next, text: next.text.replace(/^[^= ]*[= ]/, '') } : next;
    if (value !== undefined) shell.child(scriptOf([value]), within(frame, program, { stdin: undefined }));
  });
}

const joined = (option: string, value: string): string =>
  option.startsWith('--') ? `${option}=${value}` : option + value;
