import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CliError, EXIT } from './exit.ts';
import { gatewayUrl, NoAnswer, type Question } from './hook-gateway.ts';

/** What a command needs to ask the gateway. */
export interface GatewayOptions {
  url?: string;
  tokenFile?: string;
  ca?: string;
  timeout: string;
  insecureHttp?: boolean;
}

export interface HookOptions extends GatewayOptions {
  approvalsFile?: string;
}

const TOKEN = /^[\x21-\x7e]{1,16384}$/;
/** Where a developer keeps approvals, from the home folder. */
export const APPROVALS_FILE = '.config/verdict/approvals';

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000 };
const LONGEST_TIMEOUT_MS = 600_000;

export function addGatewayOptions(command: Command): Command {
  return command
    .option('--url <url>', "the gateway's address")
    .option('--token-file <file>', "holds the gateway's token; without it, VERDICT_TOKEN does")
    .option('--ca <file>', "certificates (PEM) to trust instead of the system's")
    .option('--timeout <time>', 'how long to wait for an answer, as 500ms, 10s or 1m', '10s')
    .option('--insecure-http', 'plain HTTP to other machines too');
}

export function addHookOptions(command: Command): Command {
  return addGatewayOptions(command).option(
    '--approvals-file <file>',
    `holds what \`verdict approve\` gave, one a line (default: ~/${APPROVALS_FILE}); VERDICT_APPROVAL may hold some too`,
  );
}

/** A place at the gateway, the token for it, and the certificates to trust. Throws NoAnswer. */
export function readGateway(options: GatewayOptions, path: string): Pick<Question, 'url' | 'token' | 'ca'> {
  return {
    url: gatewayUrl(options.url ?? '', path, options.insecureHttp ?? false),
    token: readToken(options.tokenFile),
    ca: options.ca === undefined ? undefined : readOption('--ca', options.ca),
  };
}

/** For commands that people run: what is wrong with their options is an error of usage. */
export function asUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof NoAnswer) throw new CliError(EXIT.usage, error.message);
    throw error;
  }
}

/** In milliseconds. Throws NoAnswer. */
export function parseTimeout(text: string): number {
  const match = /^(\d{1,6})(ms|s|m)$/.exec(text);
  const timeout = match ? Number(match[1]) * (UNIT_MS[match[2] as string] as number) : 0;
  if (timeout >= 1 && timeout <= LONGEST_TIMEOUT_MS) return timeout;
  throw new NoAnswer('expected --timeout as 500ms, 10s or 1m, up to 10m');
}

/** Throws NoAnswer, which never holds the token. */
function readToken(file: string | undefined): string {
  const token = (file === undefined ? process.env.VERDICT_TOKEN : readOption('--token-file', file).toString())?.trim();
  if (token !== undefined && TOKEN.test(token)) return token;
  throw new NoAnswer('expected a gateway token, from --token-file or VERDICT_TOKEN');
}

/** The file that an option names. Throws NoAnswer. */
export function readOption(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new NoAnswer(`${option} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
