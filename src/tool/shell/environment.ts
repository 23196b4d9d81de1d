import { type Field, plain } from './field.ts';
import { type Frame, type Shell, within } from './shell.ts';

/** Variables by which programs find or load code. */
const LOADERS =
  /^(PATH|BASH_ENV|ENV|ZDOTDIR|SHELLOPTS|BASHOPTS|BASH_FUNC_.*|LD_.*|DYLD_.*|NODE_OPTIONS|NODE_PATH|PYTHON(PATH|STARTUP|HOME)|PERL5(OPT|LIB|DB)|PERLLIB|RUBY(OPT|LIB)|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|GIT_CONFIG.*|GIT_EXEC_PATH|GIT_TEMPLATE_DIR|IFS|PS4|SHELL|GCONV_PATH|TERMINFO|OPENSSL_CONF|(http|https|all)_proxy|(HTTP|HTTPS|ALL)_PROXY)$/;
/** Variables that hold a command which other programs run. */
const COMMANDS =
  /^(.*PAGER|(.*_)?EDITOR|VISUAL|BROWSER|PROMPT_COMMAND|GIT_SSH|GIT_SSH_COMMAND|GIT_EXTERNAL_DIFF|GIT_ASKPASS|SSH_ASKPASS|SUDO_ASKPASS|RSYNC_RSH|CVS_RSH|LESSOPEN|LESSCLOSE|MAKESHELL|CC|CXX|RUSTC_WRAPPER)$/;

/** What it means for the programs after it that a variable is set. */
export function environmentOf(name: string, value: Field, shell: Shell, frame: Frame): void {
  if (name === 'CDPATH') shell.found.folder = true;
  if (LOADERS.test(name)) shell.ledger.opaque('environment');
  if (COMMANDS.test(name) && value.text !== '') shell.child(value, within(frame, name, { stdin: undefined }));
}

/** `NAME=value` among the words of `env` and `sudo`. */
export function environmentWord(field: Field, shell: Shell, frame: Frame): void {
  const at = field.text.indexOf('=');
  environmentOf(
    field.text.slice(0, at),
    { ...field, ...plain(field.text.slice(at + 1)), dynamic: field.dynamic },
    shell,
    frame,
  );
}
