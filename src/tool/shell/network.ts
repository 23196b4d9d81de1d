import { bareUrlOf, type Named, network, scpOf, sshOf, urlOf } from '../destination.ts';
import { type Field, plain, scriptOf, tail } from './field.ts';
import { readsFiles } from './files.ts';
import { type Options, readOptions } from './options.ts';
import { type Frame, type Shell, touch, within } from './shell.ts';

/** Programs that take a destination without a scheme. */
const CLIENTS =
  /^(curl|wget|wget2|http|https|httpie|xh|aria2c|axel|lynx|links|w3m|elinks|lwp-request|fetch|hurl|websocat|grpcurl|ab|wrk|hey)$/;
const HOST_CLIENTS =
  /^(nc|ncat|netcat|telnet|ping|ping6|dig|nslookup|host|drill|whois|traceroute|tracepath|mtr|ftp|tftp|lftp|nmap|finger|rsh|rlogin|mosh)$/;
const COPIERS = /^(scp|sftp|rsync|git|hg|svn|unison|rclone)$/;
/** Subcommands of `git` that go nowhere. */
const LOCAL_GIT =
  /^(show|diff|log|cat-file|blame|checkout|switch|restore|rev-parse|rev-list|ls-tree|merge|rebase|cherry-pick|branch|tag|reset|describe|shortlog)$/;
/** Programs whose words are text, in which a URL is no destination. */
const TALKERS = /^(echo|printf|:|true|test|\[|export|declare|alias|read|expr|logger|say|wall|write)$/;

/** Options of such programs whose value is no address, though it may look like one. */
const VALUED =
  /^(-[A-Za-z]*[odDcKEHXuAebFmwrCyYQTOP]|--(output|data|data-raw|data-binary|header|user|user-agent|form|json|cookie|output-document|post-data))$/;
/** Options of `curl` and `wget` whose value is a file. */
const FILE_OPTIONS: [RegExp, RegExp, RegExp][] = [
  [
    /^curl$/,
    /^(-[A-Za-z]*o|--output|-D|--dump-header|-c|--cookie-jar|--trace|--trace-ascii|--stderr)$/,
    /^(-[A-Za-z]*T|--upload-file|-K|--config|-E|--cert|--key|--netrc-file)$/,
  ],
  [
    /^wget2?$/,
    /^(-[A-Za-z]*[Oo]|--output-document|--output-file|-P|--directory-prefix|--save-cookies)$/,
    /^(-i|--input-file|--post-file|--body-file|--load-cookies)$/,
  ],
];
const SSH: Options = { bare: '46AaCfGgKkMNnqsTtVvXxYy', valued: 'BbcDEeFIiJLlmOopQRSWwP' };

/** Notes the destinations that a program's words name. */
export function reach(program: string, fields: Field[], shell: Shell, frame: Frame): void {
  if (CLIENTS.test(program)) transfer(program, fields, shell, frame);
  if (program === 'ssh') {
    ssh(fields, shell, frame);
    return;
  }
  if (HOST_CLIENTS.test(program)) {
    hosts(program, fields, shell, frame);
    return;
  }
  if (program === 'socat') {
    for (const field of fields) socat(field, shell);
    return;
  }
  if (program === 'openssl') connectOf(fields, shell);
  if (TALKERS.test(program) || readsFiles(program)) return;
  const refs = program === 'git' ? firstRef(fields) : fields.length;
  fields.forEach((field, i) => {
    const isRef = i >= refs && !fields[i - 1]?.text.startsWith('-');
    const isValue = VALUED.test(fields[i - 1]?.text ?? '');
    const named =
      urlIn(field, CLIENTS.test(program) && !isValue) ??
      (COPIERS.test(program) && !isRef ? scpOf(field.text) : undefined);
    note(named, field, shell, frame);
    if (named !== undefined || !/^(scp|rsync)$/.test(program) || field.text.startsWith('-')) return;
    if (/^-[eiPoFcJlS]$/.test(fields[i - 1]?.text ?? '')) return;
    touch(i === fields.length - 1 ? 'write' : 'read', field, shell, frame);
  });
}

/**
 * From where on the words of `git` name revisions, such as `HEAD:feature`, which look like `host:path`. Only where that is
 * plain: with options before the remote, one of their values might be taken for it.
 */
function firstRef([subcommand, remote, ...rest]: Field[]): number {
  if (subcommand && !subcommand.dynamic && LOCAL_GIT.test(subcommand.text)) return 1;
  const takesRefs = subcommand !== undefined && /^(push|fetch|pull)$/.test(subcommand.text);
  const isPlain = remote !== undefined && !remote.dynamic && /^[A-Za-z0-9_][\w./-]*$/.test(remote.text);
  return takesRefs && isPlain ? 2 : rest.length + 2;
}

/** A URL as a word of its own or behind `--option=`; without a scheme only where a program takes it so. */
function urlIn(field: Field, isBare: boolean): Named {
  const text = field.text.replace(/^-{1,2}[A-Za-z][\w-]*=|^-[A-Za-z](?=[a-z][a-z0-9+.-]{0,20}:\/\/)/i, '');
  return urlOf(text) ?? (isBare && !field.text.startsWith('-') ? bareUrlOf(text) : undefined);
}

function note(named: Named, field: Field, shell: Shell, frame: Frame): void {
  if (named?.kind === 'network') shell.ledger.add({ ...named });
  if (named?.kind === 'file') touch('read', { ...field, text: named.path, home: false }, shell, frame);
}

/** A client that is given a word which only the run can tell may go anywhere. */
function transfer(program: string, fields: Field[], shell: Shell, frame: Frame): void {
  const [, writes, reads] = FILE_OPTIONS.find(([name]) => name.test(program)) ?? [];
  fields.forEach((field, i) => {
    const next = fields[i + 1];
    if (next !== undefined && writes?.test(field.text)) touch('write', next, shell, frame);
    if (next !== undefined && reads?.test(field.text)) touch('read', next, shell, frame);
    const long = /^--[a-z-]+=/.exec(field.text)?.[0];
    if (long !== undefined && writes?.test(long.slice(0, -1))) touch('write', tail(field, long.length), shell, frame);
    if (long !== undefined && reads?.test(long.slice(0, -1))) touch('read', tail(field, long.length), shell, frame);
    // `-d @file`, `-F name=@file`: a file that is sent.
    const sent = /^(-[dF]|--(data|data-binary|data-raw|form|json|data-urlencode)=)?([\w.-]*=)?[@<](?=.)/.exec(
      field.text,
    );
    if (program === 'curl' && sent !== null) touch('read', tail(field, sent[0].length), shell, frame);
    if (field.dynamic && field.text.startsWith('$')) shell.ledger.add(network('$', null));
  });
}

/** `ssh`, and what runs on the other side. */
function ssh(fields: Field[], shell: Shell, frame: Frame): void {
  const reading = readOptions(fields, SSH, true);
  if (!reading.isSure) shell.ledger.opaque('wrapper_option');
  for (const { name, value } of reading.given) {
    if (name === 'i' && value !== undefined) touch('read', value, shell, frame);
    if ((name === 'J' || name === 'W') && value !== undefined) note(sshOf(value.text), value, shell, frame);
  }
  const [host, ...words] = reading.operands;
  if (host !== undefined) note(sshOf(host.text), host, shell, frame);
  // Options may stand behind the host, too.
  const rest = words[0]?.text.startsWith('-') ? readOptions(words, SSH, true).operands : words;
  const inner = within(frame, 'ssh', { stdin: undefined, remote: true });
  if (rest.length > 0) {
    shell.child(scriptOf(rest), inner);
    return;
  }
  if (frame.stdin?.kind === 'text') {
    shell.child(frame.stdin.text, inner);
    return;
  }
  if (frame.stdin?.kind === 'pipe') shell.ledger.opaque('code_from_pipe');
}

function hosts(program: string, fields: Field[], shell: Shell, frame: Frame): void {
  const operands = fields.filter(
    (field, i) => !/^[-+]/.test(field.text) && !/^-[ecspw]$/.test(fields[i - 1]?.text ?? ''),
  );
  const number = Number(operands.find((field) => /^\d{1,5}$/.test(field.text))?.text ?? Number.NaN);
  for (const field of operands) {
    const text = field.text.replace(/^@/, '');
    const isHost = field.dynamic || /[.:]|^localhost$/.test(text) || field === operands[0];
    if (/^\d{1,5}$/.test(text) || !isHost) continue;
    const port = /^(nc|ncat|netcat|telnet)$/.test(program) && !Number.isNaN(number) ? number : null;
    note(urlOf(text) ?? network(text.slice(text.lastIndexOf('@') + 1), port), field, shell, frame);
  }
}

/** `socat` addresses: `TCP:host:port`, `OPENSSL:host:port`, … */
function socat(field: Field, shell: Shell): void {
  const [, host, port] =
    /^(?:tcp|udp|sctp|openssl|ssl|socks4?|socks5|proxy|dtls)[\w-]*:(\[[^\]]*\]|[^:,]+)(?::(\d+))?/i.exec(field.text) ??
    [];
  if (host !== undefined) shell.ledger.add(network(host, port === undefined ? null : Number(port)));
}

function connectOf(fields: Field[], shell: Shell): void {
  fields.forEach((field, i) => {
    const [, host, port] = /^(.+):(\d+)$/.exec(fields[i + 1]?.text ?? '') ?? [];
    if (field.text === '-connect' && host !== undefined) shell.ledger.add(network(host, Number(port)));
  });
}

/** `git -c name=command` and aliases that run a shell. */
export function gitConfig(fields: Field[], shell: Shell, frame: Frame): void {
  fields.forEach((field, i) => {
    const pair = field.text === '-c' ? fields[i + 1] : undefined;
    const setting =
      pair ??
      (fields[0]?.text === 'config' && i > 0 && fields[i + 1] !== undefined
        ? plain(`${field.text}=${fields[i + 1]?.text}`)
        : undefined);
    const [whole = '', name = ''] = /^([^=]*)=/.exec(setting?.text ?? '') ?? [];
    const value = (setting?.text ?? '').slice(whole.length);
    const runs =
      /(sshcommand|pager|editor|askpass|fsmonitor|hookspath|textconv|external|credential.*helper|gpg.*program|\.cmd|\.(clean|smudge|process)|^pager\.)/i.test(
        name,
      );
    if (/^alias\./i.test(name) ? value.startsWith('!') : runs) {
      shell.child(
        scriptOf([{ ...(pair ?? field), text: value.replace(/^!/, '') }]),
        within(frame, 'git', { stdin: undefined }),
      );
    }
  });
}
