import { randomBytes } from 'node:crypto';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { issueToken, type TokenRecord, TokensError } from '../identity/index.ts';
import { openConfig } from './config-file.ts';
import { CliError, EXIT } from './exit.ts';
import { type Printer, printable, terminal } from './print.ts';
import { readTokenFile, updateTokenFile } from './token-file.ts';

const RANDOM_BYTES = 38;
const UNIT_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

const HELP = `
The gateway takes a changed tokens file into use within a second or two; a revoked token ends then.
Exit codes: 0 done; 2 usage, the configuration or the tokens file; 3 a file cannot be read or written.

Examples:
  verdict token create --subject alice --role developer --expires 30d
  verdict token list
  verdict token revoke 11c2591cf8c1`;

interface Common {
  config: string;
  json?: boolean;
}

interface CreateOptions extends Common {
  subject: string;
  role: string[];
  tenant?: string;
  application?: string;
  expires: Lifetime;
}

type Lifetime = (now: Date) => Date | null;

export function register(program: Command, printer: () => Printer = terminal): void {
  const token = program
    .command('token')
    .summary('make, list and revoke gateway tokens')
    .description('Gateway tokens: what callers send in place of a vendor key.');
  token.addHelpText('after', HELP);
  common(token.command('create'))
    .description('Make a token. It is printed once, and only its SHA-256 is kept.')
    .requiredOption('--subject <id>', 'who calls with it')
    .option('--role <name>', 'a role of theirs; can be repeated', collect, [])
    .option('--tenant <id>', 'on whose behalf')
    .option('--application <id>', 'the application that calls')
    .addOption(
      new Option('--expires <time>', 'after 30m, 12h or 90d, at 2027-01-31T00:00:00Z, or never')
        .argParser(parseLifetime)
        .default(parseLifetime('90d'), '90d'),
    )
    .action((options: CreateOptions) => create(options, printer()));
  common(token.command('list'))
    .description('List the tokens by id; the tokens themselves are not known.')
    .action((options: Common) => list(options, printer()));
  common(token.command('revoke'))
    .description('End a token.')
    .argument('<id>', 'its id: the twelve hex digits after vdt_')
    .action((id: string, options: Common) => revoke(id, options, printer()));
}

function common(command: Command): Command {
  return command
    .option('--config <file>', 'the configuration that names the tokens file', 'verdict.yaml')
    .option('--json', 'print JSON');
}

async function create(options: CreateOptions, printer: Printer): Promise<void> {
  const file = await tokenFile(options);
  const { token, record } = issue(options, new Date());
  await updateTokenFile(file, (tokens) => [...tokens, record]);
  if (options.json) {
    await printer.line(JSON.stringify({ token, ...withoutDigest(record) }));
    return;
  }
  // Alone on standard output, so that a script can take it.
  await printer.line(token);
  note(
    `token ${record.id} for ${printable(record.subject)}, ${record.expires ? `until ${record.expires}` : 'without an end'}.`,
  );
  note('It is shown this once: keep it like a password.');
}

function issue(options: CreateOptions, now: Date): ReturnType<typeof issueToken> {
  const { subject, role, tenant, application, expires } = options;
  const claims = {
    subject,
    roles: role,
    tenant: tenant ?? null,
    application: application ?? null,
    expires: expires(now),
  };
  try {
    return issueToken(randomBytes(RANDOM_BYTES), claims, now);
  } catch (error) {
    if (error instanceof TokensError) throw new CliError(EXIT.usage, error.message);
    throw error;
  }
}

async function list(options: Common, printer: Printer): Promise<void> {
  const tokens = await readTokenFile(await tokenFile(options));
  const now = new Date();
  if (options.json) {
    await printer.line(
      JSON.stringify(tokens.map((record) => ({ ...withoutDigest(record), state: state(record, now) }))),
    );
    return;
  }
  const head = ['ID', 'STATE', 'EXPIRES', 'SUBJECT', 'ROLES', 'TENANT', 'APPLICATION'];
  const rows = tokens.map((record) => [
    record.id,
    state(record, now),
    record.expires ?? 'never',
    record.subject,
    record.roles.join(',') || '-',
    record.tenant ?? '-',
    record.application ?? '-',
  ]);
  for (const line of columns([head, ...rows])) await printer.line(line);
}

async function revoke(id: string, options: Common, printer: Printer): Promise<void> {
  const file = await tokenFile(options);
  // Whoever found a leaked token may give the whole of it; its secret part is not looked at.
  const wanted = /^vdt_([0-9a-f]{12})_/.exec(id)?.[1] ?? id;
  const now = new Date().toISOString();
  const tokens = await updateTokenFile(file, (before) => {
    if (!before.some((record) => record.id === wanted))
      throw new CliError(EXIT.usage, `expected the id of a token in ${file}; see verdict token list`);
    return before.map((record) => (record.id === wanted ? { ...record, revoked: record.revoked ?? now } : record));
  });
  const record = tokens.find((each) => each.id === wanted) as TokenRecord;
  await printer.line(
    options.json ? JSON.stringify(withoutDigest(record)) : `token ${record.id} is revoked since ${record.revoked}`,
  );
}

async function tokenFile({ config: path }: Common): Promise<string> {
  const config = await openConfig(path);
  if (config.identity.tokens === undefined)
    throw new CliError(EXIT.usage, `${path}: expected identity.tokens, the file of tokens`);
  return config.identity.tokens;
}

function state({ revoked, expires }: TokenRecord, now: Date): 'revoked' | 'expired' | 'valid' {
  if (revoked !== null) return 'revoked';
  return expires !== null && Date.parse(expires) <= now.getTime() ? 'expired' : 'valid';
}

/** A digest is no secret, but it is of no use to anybody either. */
function withoutDigest({ sha256: _, ...record }: TokenRecord): Omit<TokenRecord, 'sha256'> {
  return record;
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

function parseLifetime(text: string): Lifetime {
  if (text === 'never') return () => null;
  const [, count, unit] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? [];
  if (count && unit) return (now) => new Date(now.getTime() + Number(count) * (UNIT_MS[unit] ?? 0));
  const time = new Date(text);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(time.getTime())) {
    throw new InvalidArgumentError('Expected 30m, 12h, 90d, never, or a time such as 2027-01-31T00:00:00Z.');
  }
  return (now) => {
    if (time <= now) throw new CliError(EXIT.usage, `--expires: expected a time to come, got ${text}`);
    return time;
  };
}

function columns(rows: string[][]): string[] {
  const shown = rows.map((row) => row.map(printable));
  const widths = (shown[0] ?? []).map((_, column) => Math.max(...shown.map((row) => row[column]?.length ?? 0)));
  return shown.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
