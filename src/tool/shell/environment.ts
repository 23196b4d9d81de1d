import { type Field, plain, UNKNOWN } from './field.ts';
import { type Frame, type Shell, within } from './shell.ts';

/** Variables by which programs find or load code, or are told where to work: said even where they are not exported, as they may be already. */
const LOADERS =
  /^(PATH|HOME|BASH_ENV|ENV|ZDOTDIR|FPATH|SHELLOPTS|BASHOPTS|BASH_FUNC_.*|BASH_LOADABLES_PATH|LD_.*|DYLD_.*|NODE_(OPTIONS|PATH|EXTRA_CA_CERTS|REPL_.*)|PYTHON(PATH|STARTUP|HOME|BREAKPOINT|USERBASE)|PYTEST_(ADDOPTS|PLUGINS)|PERL5(OPT|LIB|DB)|PERLLIB|RUBY(OPT|LIB)|GEM_(HOME|PATH)|BUNDLE_.*|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|CLASSPATH|MAVEN_(OPTS|ARGS)|GRADLE_OPTS|GIT_(CONFIG.*|EXEC_PATH|TEMPLATE_DIR|DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|TRACE.*|ALLOW_PROTOCOL|SSL_.*)|XDG_.*|MAKEFLAGS|GNUMAKEFLAGS|MFLAGS|MAKEFILES|GO(FLAGS|PROXY|PATH|ROOT|ENV|TOOLCHAIN|NOSUMDB|SUMDB)|CARGO_(HOME|BUILD_.*|TARGET_.*)|RUSTFLAGS|RUSTUP_.*|YARN_.*|PIP_.*|UV_.*|LUA_(INIT|PATH|CPATH).*|RIPGREP_CONFIG_PATH|AWKPATH|AWKLIBPATH|INPUTRC|IFS|PS[0-4]|SHELL|GCONV_PATH|LOCPATH|NLSPATH|TERMINFO.*|OPENSSL_.*|SSL_CERT_.*|CURL_HOME|CURL_CA_BUNDLE|WGETRC|TMPDIR|(http|https|all|no)_proxy|(HTTP|HTTPS|ALL|NO)_PROXY|[Nn][Pp][Mm]_[Cc][Oo][Nn][Ff][Ii][Gg]_.*)$/;
/** Variables that hold a command which other programs run. */
const COMMANDS =
  /^(.*PAGER|(.*_)?EDITOR|VISUAL|BROWSER|PROMPT_COMMAND|GIT_SSH|GIT_SSH_COMMAND|GIT_PROXY_COMMAND|GIT_EXTERNAL_DIFF|GIT_ASKPASS|SSH_ASKPASS|SUDO_ASKPASS|RSYNC_RSH|CVS_RSH|LESSOPEN|LESSCLOSE|MAKESHELL|CC|CXX|RUSTC|RUSTDOC|RUSTC_(WORKSPACE_)?WRAPPER)$/;
/** What a program may be told without it doing anything else: of any other variable that can't be said. */
const HARMLESS =
  /^(CI|DEBUG|VERBOSE|LOG_LEVEL|PORT|(NODE|RAILS|RACK|APP|FLASK|MIX|BABEL)_ENV|FLASK_DEBUG|NODE_(DEBUG|NO_WARNINGS)|LANG|LANGUAGE|LC_[A-Z]+|TZ|TERM|COLORTERM|COLUMNS|LINES|(FORCE|NO)_COLOR|CLICOLOR(_FORCE)?|CARGO_TERM_[A-Z]+|RUST_(LOG|BACKTRACE)|PYTHON(UNBUFFERED|DONTWRITEBYTECODE|IOENCODING|HASHSEED|UTF8)|GO(OS|ARCH|MAXPROCS)|CGO_ENABLED|GIT_TERMINAL_PROMPT|GIT_OPTIONAL_LOCKS|GIT_(AUTHOR|COMMITTER)_(NAME|EMAIL|DATE)|DEBIAN_FRONTEND|SOURCE_DATE_EPOCH|UID|GID|USER|_)$/;

/**
 * What it means for the programs after it that a variable is set.
 *
 * @param isExported whether they see it; what the shell keeps to itself matters only under a name with a meaning
 */
export function environmentOf(name: string, value: Field, isExported: boolean, shell: Shell, frame: Frame): void {
  if (name === 'CDPATH') shell.found.folder = true;
  if (COMMANDS.test(name)) {
    if (value.dynamic) shell.ledger.opaque('environment');
    if (value.text !== '') shell.child(value, within(frame, name, { stdin: undefined }));
    return;
  }
  if (LOADERS.test(name) || (isExported && !HARMLESS.test(name))) shell.ledger.opaque('environment');
}

/** A variable is set to what only the run can tell. */
export function setUnknown(name: string, shell: Shell, frame: Frame): void {
  shell.variables.set(name, undefined);
  environmentOf(name, UNKNOWN, false, shell, frame);
}

/** `NAME=value` among the words of `env` and `sudo`. */
export function environmentWord(field: Field, shell: Shell, frame: Frame): void {
  const at = field.text.indexOf('=');
  environmentOf(
    field.text.slice(0, at).replace(/\+$/, ''),
    { ...plain(field.text.slice(at + 1)), dynamic: field.dynamic },
    true,
    shell,
    frame,
  );
}
