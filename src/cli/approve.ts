import type { Command } from 'commander';
import { type JsonDocument, parse } from '../json/index.ts';
import { CliError, EXIT } from './exit.ts';
import { NoAnswer, post } from './hook-gateway.ts';
import {
  APPROVALS_FILE,
  addGatewayOptions,
  asUsage,
  type GatewayOptions,
  parseTimeout,
  readGateway,
} from './hook-options.ts';
import { type Printer, printable, terminal } from './print.ts';

interface Options extends GatewayOptions {
  json?: boolean;
}

/** A JWT, which is what both ids and approvals are. */
const TOKEN = /^[\w-]{1,4000}\.[\w-]{1,4000}\.[\w-]{1,200}$/;

const HELP = `
The id stands in the message of the call that was refused with APPROVAL_REQUIRED. Whoever approves is not the caller, and has the
role that policy asks for. It is recorded; what is printed then lets the same call of the same caller pass, once.
What the call is, body or arguments included, stands in the record of its decision: see verdict show.

Exit codes: 0 approved; 2 usage; 3 the gateway refused, or gave no answer.

Examples:
  verdict approve eyJhbGciOi… --url https://verdict.example --token-file ~/.config/verdict/token`;

export function register(program: Command, printer: () => Printer = terminal): void {
  const approve = program
    .command('approve')
    .summary('approve of a call that policy escalated')
    .description('Approve of a call for which policy wants the word of somebody else than the caller.')
    .argument('<id>', 'as the message of the refused call gives it')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async (id: string, options: Options) => {
      await run(id, options, printer());
    });
  addGatewayOptions(approve);
}

async function run(id: string, options: Options, printer: Printer): Promise<void> {
  const answer = await ask(id, options);
  const text = (...path: string[]): string => {
    let value = answer.get(path[0] ?? '');
    for (const key of path.slice(1)) value = value?.get(key);
    return value?.string() ?? '';
  };
  const token = text('approval');
  // It is printed for a person to paste into a shell.
  if (!TOKEN.test(token)) throw new CliError(EXIT.unable, 'what answered is no Verdict gateway');
  if (options.json) return void (await printer.line(JSON.stringify(answer.value())));
  const fact = (name: string, value: string): string => `  ${name.padEnd(11)}${printable(value)}`;
  const tool = text('request', 'tool');
  const content = `sha256 ${text('request', 'arguments_sha256')}`;
  const what =
    tool === ''
      ? [fact('request', 'to a model'), fact('body', content)]
      : [fact('tool', tool), fact('arguments', content)];
  const lines = [
    'approved; the call passes once, with the token below',
    ...what,
    fact('caller', `${text('request', 'subject', 'id')} (${text('request', 'subject', 'issuer')})`),
    fact('decision', text('request', 'decision')),
    fact('role', text('request', 'role')),
    fact('until', text('expires')),
    '',
    "The caller sends the same call again, with this header (a coding agent's hook: see below):",
    `x-verdict-approval: ${token}`,
    '',
    "For a coding agent's hook, the caller runs this and has the agent try again:",
    `mkdir -p ~/${APPROVALS_FILE.replace(/\/[^/]*$/, '')} && echo ${token} >> ~/${APPROVALS_FILE}`,
  ];
  for (const line of lines) await printer.line(line);
}

async function ask(id: string, options: Options): Promise<JsonDocument> {
  const question = questionOf(id, options);
  try {
    return parse((await post(question)).body);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    const late = question.signal.aborted;
    throw new CliError(EXIT.unable, late ? `no answer within ${options.timeout}` : error.message);
  }
}

function questionOf(id: string, options: Options) {
  if (!TOKEN.test(id))
    throw new CliError(EXIT.usage, 'expected the whole id, as the message of the refused call gives it');
  return asUsage(() => ({
    ...readGateway(options, `/v1/approvals/${id}`),
    signal: AbortSignal.timeout(parseTimeout(options.timeout)),
  }));
}
